"""Rows that match nothing exactly and something nearly: a person is asked.

How names are compared is in tests/unit/catalog/test_fuzzy_names.py, exact matches are
in test_catalog_import.py.
"""

from collections.abc import Mapping
from datetime import date
from itertools import permutations

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.feed.cells.cell import show
from catalog.feed.rows.row import ProblemKind
from catalog.feed.write.to_rows import rows_of
from catalog.fiction.generate import generate
from catalog.imports.import_report import ImportReport
from tests.catalog_database import NOW, import_rows

MAKER = "HTX Mẫu 001"
TEA = {"name": "Trà hoa vàng túi lọc", "producer_name": MAKER, "pack": "Hộp 50 g"}
SLIP = {**TEA, "name": "Trà hoa vàngg túi lọc"}
IDS = ("product_id", "sku", "producer_id")


async def names(conn: AsyncConnection) -> list[str]:
    """Return the names of all products."""
    return sorted([each.name async for page in reader.pages(conn) for each, _ in page])


def asked(report: ImportReport) -> list[tuple[int, str]]:
    """Return row and column of each question; there is nothing else."""
    assert {each.kind for each in report.problems} <= {ProblemKind.QUESTION}
    return [(each.row, each.column) for each in report.problems]


async def test_a_slip_is_a_question_and_no_new_product(conn: AsyncConnection) -> None:
    await import_rows(conn, TEA)

    report = await import_rows(conn, SLIP)

    assert asked(report) == [(2, "name")]
    assert "SP-00001" in report.problems[0].vi
    assert "column “Mã sản phẩm”" in report.problems[0].en
    assert report.waits
    assert await names(conn) == [TEA["name"]]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({**SLIP, "producer_name": ""}, id="producer not said"),
        pytest.param({**SLIP, "producer_name": "Hợp tác xã Mẫu 001"}, id="in full"),
        pytest.param({**SLIP, "product_id": "SP-00077"}, id="an id of nobody"),
        pytest.param({**TEA, "name": "Trà hoa vàng túi lọc Mẫu"}, id="more words"),
    ],
)
async def test_it_is_asked_about_the_products_of_its_producer(
    conn: AsyncConnection, row: Mapping[str, object]
) -> None:
    await import_rows(conn, TEA)

    report = await import_rows(conn, row, source="khác")

    assert asked(report) == [(2, "name")]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({**SLIP, "producer_name": "HTX Mẫu 002"}, id="another producer"),
        pytest.param({**TEA, "name": "Trà hoa vàng sấy"}, id="another kind"),
        pytest.param({**SLIP, "ocop_code": "QN-2"}, id="another code"),
        pytest.param({**SLIP, "sku": "MỚI"}, id="said to be new"),
        pytest.param({**SLIP, "product_id": "new"}, id="said to be new, in English"),
    ],
)
async def test_what_differs_enough_is_new(
    conn: AsyncConnection, row: Mapping[str, object]
) -> None:
    await import_rows(conn, {**TEA, "ocop_code": "QN-1"})

    report = await import_rows(conn, row, source="khác")
    again = await import_rows(conn, row, source="khác")

    assert (report.problems, report.created) == ([], ["SP-00002"])
    assert (again.problems, again.created, again.changed) == ([], [], [])


async def test_new_does_not_make_a_second_one_of_what_is_known(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, TEA)

    report = await import_rows(conn, {**TEA, "sku": "MỚI", "pack": "Hộp 90 g"})

    assert (report.problems, report.created, report.changed) == ([], [], ["SP-00001"])


async def test_a_product_of_an_unknown_producer_is_asked_about(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, "producer_name": ""})

    assert asked(await import_rows(conn, SLIP, source="khác")) == [(2, "name")]


async def test_a_slip_in_the_name_of_a_producer_makes_no_second_one(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, "producer_name": "HTX Hoa Vàng Mẫu"})
    other = {**TEA, "name": "Rượu mơ", "producer_name": "HTX Hoa Vàg Mẫu"}

    report = await import_rows(conn, other, source="khác")
    told = await import_rows(conn, {**other, "producer_id": "MỚI"}, source="khác")

    assert asked(report) == [(2, "producer_name")]
    assert "CS-0001" in report.problems[0].vi
    assert (told.problems, told.created) == ([], ["SP-00002"])


async def test_an_id_with_the_name_of_another_product_is_asked_about(
    conn: AsyncConnection,
) -> None:
    wine = {**TEA, "name": "Rượu mơ"}
    await import_rows(conn, TEA, wine)

    report = await import_rows(conn, {**wine, "sku": "SP-00001-1"}, source="khác")

    assert asked(report) == [(2, "name")]
    assert await names(conn) == ["Rượu mơ", TEA["name"]]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_kinds_of_one_producer_in_one_sheet_are_not_asked_about(
    conn: AsyncConnection, order: tuple[int, ...]
) -> None:
    kinds = ("Trà hoa vàng", "Trà hoa vàng túi lọc", "Trà hoa vàng sấy")
    rows = [{**TEA, "name": kinds[n]} for n in order]

    assert (await import_rows(conn, *rows)).problems == []
    assert (await import_rows(conn, *rows)).problems == []


@pytest.mark.parametrize("first", [0, 1])
async def test_what_was_left_out_is_not_asked_about_once_it_is_mended(
    conn: AsyncConnection, first: int
) -> None:
    short, long = {**TEA, "name": "Trà hoa vàng"}, TEA
    bad = [short, {**long, "price_vnd": "liên hệ"}]
    await import_rows(conn, *bad)

    rows = [short, long]
    report = await import_rows(conn, rows[first], rows[1 - first])

    assert (report.problems, report.created, report.rows) == ([], ["SP-00002"], 2)


async def test_of_two_slips_of_a_sheet_the_first_stands(
    conn: AsyncConnection,
) -> None:
    report = await import_rows(conn, TEA, SLIP)

    assert (asked(report), report.created) == ([(3, "name")], ["SP-00001"])


@pytest.mark.postgresql
async def test_what_is_asked_about_is_not_missing(conn: AsyncConnection) -> None:
    wine = {**TEA, "name": "Rượu mơ"}
    await import_rows(conn, TEA, wine)

    report = await import_rows(conn, SLIP, wine)

    assert asked(report) == [(2, "name")]
    assert (report.missing, report.changed) == ([], [])
    assert await reader.products_by_source(conn, "bảng mẫu") == [
        "SP-00001",
        "SP-00002",
    ]


async def test_a_province_without_ids_raises_no_question_but_its_split_communes(
    conn: AsyncConnection,
) -> None:
    entries = generate(count=267, seed=267, today=date(2026, 11, 24))
    rows = [
        {name: show(value) for name, value in row.items() if name not in IDS}
        for row in rows_of(entries)
    ]

    first = await import_rows(conn, *rows)
    again = await import_rows(conn, *rows)

    assert {each.column for each in first.problems} == {"old_commune_code"}
    assert len(first.created) == 267
    assert asked(again) == asked(first)
    assert (again.created, again.changed) == ([], [])


async def test_rows_that_wait_are_bounded(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.feed.merge.row_importer._LATER", 1)
    await import_rows(conn, {**TEA, "name": "Trà hoa vàng"})
    kinds = [{**TEA, "name": f"Trà hoa vàng {kind}"} for kind in ("sấy", "túi lọc")]

    report = await import_rows(conn, *kinds, source="khác", now=NOW)

    assert asked(report) == [(2, "name"), (3, "name")]


CANDY = {"producer_name": MAKER, "pack": "Gói 100 g", "price_vnd": 30_000}
COCONUT = {**CANDY, "name": "Kẹo dừa Mẫu"}
PINEAPPLE = {**CANDY, "name": "Kẹo dứa Mẫu", "price_vnd": 40_000}
MELON = {**CANDY, "name": "Kẹo dưa Mẫu"}
UNACCENTED = {**CANDY, "name": "Keo dua Mau"}


@pytest.mark.parametrize("rows", list(permutations((COCONUT, PINEAPPLE))))
async def test_other_accents_are_asked_about_within_a_sheet(
    conn: AsyncConnection, rows: tuple[dict[str, object], ...]
) -> None:
    first, second = rows

    report = await import_rows(conn, first, second)

    assert asked(report) == [(3, "name")]
    assert f"dòng 2 “{first['name']}”" in report.problems[0].vi
    assert await names(conn) == [first["name"]]


@pytest.mark.parametrize("rows", list(permutations((COCONUT, PINEAPPLE))))
async def test_other_accents_are_asked_about_against_the_catalog(
    conn: AsyncConnection, rows: tuple[dict[str, object], ...]
) -> None:
    first, second = rows
    await import_rows(conn, first)

    report = await import_rows(conn, second, source="khác")

    assert asked(report) == [(2, "name")]
    assert "SP-00001" in report.problems[0].vi
    assert await names(conn) == [first["name"]]


async def test_other_accents_are_answered_as_any_near_name(
    conn: AsyncConnection,
) -> None:
    answered = [COCONUT, {**PINEAPPLE, "product_id": "MỚI"}]
    answered.append({**MELON, "product_id": "MỚI"})

    first = await import_rows(conn, *answered)
    again = await import_rows(conn, *answered)
    bare = await import_rows(conn, COCONUT, PINEAPPLE, MELON)

    assert asked(first) == asked(again) == asked(bare) == []
    rows = (COCONUT, PINEAPPLE, MELON)
    assert await names(conn) == sorted(str(each["name"]) for each in rows)


async def test_an_id_is_the_answer_where_other_accents_are_a_misspelling(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, COCONUT)

    report = await import_rows(conn, {**PINEAPPLE, "product_id": "SP-00001"})

    assert asked(report) == []
    assert await names(conn) == ["Kẹo dứa Mẫu"]


@pytest.mark.parametrize("rows", list(permutations((COCONUT, UNACCENTED))))
async def test_a_name_without_accents_is_the_same(
    conn: AsyncConnection, rows: tuple[dict[str, object], ...]
) -> None:
    within = await import_rows(conn, *rows)
    against = await import_rows(conn, rows[1], source="khác")

    assert asked(within) == asked(against) == []
    assert await names(conn) == ["Kẹo dừa Mẫu"]


@pytest.mark.parametrize("rows", list(permutations((COCONUT, PINEAPPLE, UNACCENTED))))
async def test_a_name_without_accents_that_may_be_two_new_ones_is_asked_about(
    conn: AsyncConnection, rows: tuple[dict[str, object], ...]
) -> None:
    report = await import_rows(conn, *rows)

    found = {row for row, _ in asked(report)}
    accented = [n for n, each in enumerate(rows, 2) if each is not UNACCENTED]
    assert found == {2 + rows.index(UNACCENTED), accented[1]}
    assert await names(conn) == [rows[accented[0] - 2]["name"]]


@pytest.mark.parametrize("rows", list(permutations((COCONUT, PINEAPPLE))))
async def test_two_accented_names_of_what_is_stored_without_are_asked_about(
    conn: AsyncConnection, rows: tuple[dict[str, object], ...]
) -> None:
    await import_rows(conn, UNACCENTED)

    report = await import_rows(conn, *rows)

    assert asked(report) == [(2, "name"), (3, "name")]
    assert await names(conn) == [UNACCENTED["name"]]

    await import_rows(conn, {**rows[0], "product_id": "SP-00001"})
    answered = await import_rows(conn, rows[0], {**rows[1], "product_id": "MỚI"})

    assert asked(answered) == []
    assert await names(conn) == sorted(str(each["name"]) for each in rows)


async def test_a_name_with_the_accents_of_another_product_than_its_id_is_asked_about(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, COCONUT, {**PINEAPPLE, "product_id": "MỚI"})

    report = await import_rows(conn, {**PINEAPPLE, "product_id": "SP-00001"})

    assert asked(report) == [(2, "name")]
    assert len(await names(conn)) == 2


async def test_an_id_renames_to_accents_that_no_other_product_has(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, COCONUT, {**PINEAPPLE, "product_id": "MỚI"})

    report = await import_rows(conn, {**MELON, "product_id": "SP-00001"})

    assert asked(report) == []
    assert await names(conn) == sorted([str(MELON["name"]), str(PINEAPPLE["name"])])


@pytest.mark.parametrize("rows", list(permutations((COCONUT, PINEAPPLE))))
async def test_the_first_accents_of_a_name_without_any_are_its_own(
    conn: AsyncConnection, rows: tuple[dict[str, object], ...]
) -> None:
    first, second = ({**each, "price_vnd": ""} for each in rows)
    coded = {**UNACCENTED, "ocop_code": "OCOP-01"}

    report = await import_rows(conn, coded, first, second)

    assert asked(report) == [(4, "name")]
    assert await names(conn) == [UNACCENTED["name"]]


async def test_the_same_accents_come_before_a_name_without_any(
    conn: AsyncConnection,
) -> None:
    coded = {**UNACCENTED, "ocop_code": "OCOP-01", "price_vnd": ""}
    coconut, pineapple = ({**each, "price_vnd": ""} for each in (COCONUT, PINEAPPLE))
    new = await import_rows(conn, coded, coconut, {**pineapple, "product_id": "MỚI"})

    again = await import_rows(conn, PINEAPPLE, source="khác")

    assert asked(new) == asked(again) == []
    assert await names(conn) == [UNACCENTED["name"], PINEAPPLE["name"]]


async def test_other_accents_are_asked_about_however_common_the_words_are(
    conn: AsyncConnection,
) -> None:
    many = [{**TEA, "name": f"Kẹo dừa Mẫu {n:02}"} for n in range(52)]
    await import_rows(conn, COCONUT, *many)

    report = await import_rows(conn, PINEAPPLE, source="khác")

    assert asked(report) == [(2, "name")]
