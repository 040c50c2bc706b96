"""Rows of one file that say different things: a question about all of them.

That the order of the rows never matters, for any content, is tested in
tests/properties/test_import_again.py.
"""

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.history import Author
from catalog.db.writer import save
from catalog.feed.rows.row import FeedRow, ProblemKind
from catalog.imports.import_feed import import_feed
from catalog.imports.import_report import ImportReport
from catalog.model.certificate import Certificate
from catalog.model.product import Entry, Variant
from catalog.values import replace
from tests.catalog_database import NOW, import_rows

Row = Mapping[str, object]
TEA = {"name": "Trà hoa vàng Mẫu", "producer_name": "Cơ sở Mẫu 001"}
HONEY = {"name": "Mật ong Mẫu", "producer_name": "HTX Mẫu 002"}
DECIDED = {**TEA, "stars": 4, "decision": "7/QĐ-UBND", "body": "tỉnh"}
FIRST = {**DECIDED, "decided_on": "2024-04-03"}
both_orders = pytest.mark.parametrize("order", [1, -1], ids=["forwards", "backwards"])


async def entries(conn: AsyncConnection) -> list[Entry]:
    """Return all products with their producers."""
    return [each async for page in reader.pages(conn) for each in page]


async def packs(conn: AsyncConnection) -> list[Variant]:
    """Return all packs."""
    return [pack for item, _ in await entries(conn) for pack in item.variants]


async def history(conn: AsyncConnection) -> tuple[Certificate, ...]:
    """Return the certificates of the one product."""
    return (await entries(conn))[0][0].certificates


def asked(report: ImportReport) -> list[tuple[int, str]]:
    """Return row and column of each question; there is nothing else."""
    assert {each.kind for each in report.problems} <= {ProblemKind.QUESTION}
    return [(each.row, each.column) for each in report.problems]


async def import_again(conn: AsyncConnection, *rows: Row) -> ImportReport:
    """Import *rows* twice; the second time changes nothing and asks the same."""
    first = await import_rows(conn, *rows)
    before = await reader.current_revision(conn)
    again = await import_rows(conn, *rows)
    assert await reader.current_revision(conn) == before
    assert [str(each) for each in again.problems] == [str(p) for p in first.problems]
    return first


@both_orders
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
@pytest.mark.parametrize(
    "code",
    [
        pytest.param({"ocop_code": "QN-1"}, id="OCOP code"),
        pytest.param({"product_id": "SP-00001"}, id="product id"),
        pytest.param({"sku": "SP-00001-1"}, id="SKU"),
    ],
)
async def test_one_code_with_two_contents_is_a_question_about_both_rows(
    conn: AsyncConnection, code: Row, *, known: bool, order: int
) -> None:
    tea, honey = (
        {**each, **code, "price_vnd": price}
        for each, price in ((TEA, 50_000), (HONEY, 60_000))
    )
    if known:
        await import_rows(conn, tea)
    before = await entries(conn)

    report = await import_again(conn, *[tea, honey][::order])

    columns = [(n, column) for n in (2, 3) for column in ("name", "producer_name")]
    assert asked(report) == columns
    for problem in report.problems:
        assert "dòng 2" in problem.vi
        assert "dòng 3" in problem.vi
    names = report.problems[0]
    assert str(TEA["name"]) in names.vi
    assert str(HONEY["name"]) in names.vi
    assert (await entries(conn), report.missing) == (before, [])


@both_orders
@pytest.mark.parametrize(
    ("one", "other", "column"),
    [
        ({"description": "Một"}, {"description": "Khác"}, "description"),
        ({"food_safety": "yes"}, {"food_safety": "no"}, "food_safety"),
        (
            {"pictures": "https://mau.example/a.jpg"},
            {"pictures": "https://mau.example/b.jpg"},
            "pictures",
        ),
        ({"price_vnd": 50_000}, {"price_vnd": 60_000}, "price_vnd"),
        ({"consent": "yes"}, {"consent": "no"}, "consent"),
        ({"producer_kind": "HTX"}, {"producer_kind": "DN"}, "producer_kind"),
        ({"address": "Thôn Một"}, {"address": "Thôn Hai"}, "address"),
    ],
)
async def test_what_two_rows_disagree_on_stays_and_the_rest_goes_in(
    conn: AsyncConnection, one: Row, other: Row, column: str, order: int
) -> None:
    stored = {**TEA, "pack": "A", "food_safety": "yes"}
    await import_rows(conn, stored)
    before = await entries(conn)
    rows = [{**TEA, "pack": "A", **one}, {**TEA, "pack": "A", **other, "gtin": ""}]

    report = await import_again(conn, *rows[::order])
    rest = await import_rows(conn, *({**each, "origin": "Mẫu"} for each in rows))

    assert asked(report) == asked(rest) == [(2, column), (3, column)]
    values = [str(each[column]) for each in (one, other)]
    assert all(value in problem.vi for value in values for problem in report.problems)
    (item, maker), (was, maker_was) = (await entries(conn))[0], before[0]
    assert (maker, item.variants, item.papers) == (maker_was, was.variants, was.papers)
    assert (item.description, item.pictures) == (was.description, was.pictures)
    assert item.label.origin == "Mẫu"


@both_orders
async def test_a_producer_of_many_products_is_asked_about_once_for_each_value(
    conn: AsyncConnection, order: int
) -> None:
    rows = [
        {**HONEY, "name": f"Món Mẫu {n}", "consent": "no" if n == 2 else "yes"}
        for n in range(5)
    ]

    report = await import_again(conn, *rows[::order])

    assert len(report.created) == 5
    assert asked(report) == [(2, "consent"), (4, "consent")]
    assert "dòng 4" in report.problems[0].vi


@both_orders
async def test_a_pack_is_the_same_by_its_sku_and_by_its_name(
    conn: AsyncConnection, order: int
) -> None:
    await import_rows(conn, {**TEA, "pack": "Hộp 50 g", "price_vnd": 40_000})
    by_sku = {"sku": "SP-00001-1", "price_vnd": 50_000}
    by_name = {**TEA, "pack": "hộp 50g", "price_vnd": 60_000}

    report = await import_again(conn, *[by_sku, by_name][::order])

    assert asked(report) == [(2, "price_vnd"), (3, "price_vnd")]
    assert [each.price_vnd for each in await packs(conn)] == [40_000]


@both_orders
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
async def test_a_row_without_a_pack_means_the_only_one(
    conn: AsyncConnection, *, known: bool, order: int
) -> None:
    if known:
        await import_rows(conn, {**TEA, "pack": "1 kg"})
    rows: list[Row] = [{**TEA, "pack": "1 kg"}, {**TEA, "price_vnd": 50_000}]

    report = await import_again(conn, *rows[::order])

    assert asked(report) == []
    found = [(each.pack, each.price_vnd) for each in await packs(conn)]
    assert found == [("1 kg", 50_000)]


@both_orders
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
async def test_a_row_without_a_pack_is_asked_about_where_there_are_several(
    conn: AsyncConnection, *, known: bool, order: int
) -> None:
    if known:
        await import_rows(conn, {**TEA, "pack": "1 kg"})
    named = [{**TEA, "pack": pack} for pack in ("1 kg", "2 kg")]
    rows: list[Row] = [*named, {**TEA, "price_vnd": 5_000}]

    report = await import_rows(conn, *rows[::order])
    again = await import_rows(conn, *rows[::order])

    assert asked(report) == asked(again) == [(4 if order == 1 else 2, "pack")]
    found = {(each.pack, each.price_vnd) for each in await packs(conn)}
    assert found == {("1 kg", None), ("2 kg", None)}


async def test_rows_of_several_sheets_are_named_with_their_sheets(
    conn: AsyncConnection,
) -> None:
    rows = [
        FeedRow(number=2, sheet=sheet, cells={**TEA, "description": sheet})
        for sheet in ("Ba Chẽ", "Cô Tô")
    ]

    report = await import_feed(conn, rows, now=NOW, source="bảng mẫu")

    assert asked(report) == [(2, "description"), (2, "description")]
    assert "dòng Ba Chẽ!2" in report.problems[1].vi


async def test_rows_that_disagree_are_counted_once_each(conn: AsyncConnection) -> None:
    price = [{**TEA, "price_vnd": n} for n in (50_000, 60_000)]
    code = [{**each, "ocop_code": "QN-1"} for each in (TEA, HONEY)]

    report = await import_rows(conn, *price, *code)

    counted = report.counted
    assert (counted.new, counted.repeated, counted.waiting) == (2, 0, 2)


async def test_other_packs_and_repeated_rows_are_no_contradiction(
    conn: AsyncConnection,
) -> None:
    rows = [{**TEA, "pack": f"{n} kg", "price_vnd": n * 10_000} for n in (1, 2, 2)]

    report = await import_again(conn, *rows)

    assert asked(report) == []
    assert [each.pack for each in await packs(conn)] == ["1 kg", "2 kg"]


# Counts


def counted(on_hand: int, hour: int | None) -> Row:
    """Return a row with a count."""
    time = "" if hour is None else f"2026-11-20T{hour:02}:00:00+07:00"
    return {**TEA, "pack": "A", "on_hand": on_hand, "counted_at": time}


@both_orders
async def test_of_two_counts_in_a_file_the_newer_one_counts(
    conn: AsyncConnection, order: int
) -> None:
    report = await import_again(conn, *[counted(5, 8), counted(7, 9)][::order])

    assert asked(report) == []
    assert [each.on_hand for each in await packs(conn)] == [7]


@both_orders
@pytest.mark.parametrize(
    ("rows", "column"),
    [
        pytest.param([counted(5, 8), counted(7, 8)], "on_hand", id="one time"),
        pytest.param([counted(5, None), counted(7, None)], "on_hand", id="no time"),
        pytest.param([counted(5, 8), counted(7, None)], "counted_at", id="one without"),
    ],
)
async def test_counts_of_which_none_is_the_newer_are_asked_about(
    conn: AsyncConnection, rows: list[Row], column: str, order: int
) -> None:
    report = await import_again(conn, *rows[::order])

    assert asked(report) == [(2, column), (3, column)]
    assert [each.on_hand for each in await packs(conn)] == [None]


@both_orders
async def test_a_count_that_changes_while_its_time_stays_is_asked_about(
    conn: AsyncConnection, order: int
) -> None:
    await import_rows(conn, counted(5, 8))
    known = await packs(conn)
    changed = {**counted(7, 8), "origin": "Mẫu"}

    report = await import_again(conn, *[changed, changed][::order])
    item = (await entries(conn))[0][0]
    anew = await import_rows(conn, {**counted(7, 9)})

    assert asked(report) == [(2, "on_hand")]
    assert "20/11/2026 08:00" in report.problems[0].vi
    assert (item.variants, item.label.origin) == (tuple(known), "Mẫu")
    assert asked(anew) == []
    assert [each.on_hand for each in await packs(conn)] == [7]


async def test_a_repeated_count_may_have_another_number_reserved(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, counted(5, 8))

    report = await import_rows(conn, {**counted(5, 8), "reserved": 2})

    assert asked(report) == []
    assert [each.reserved for each in await packs(conn)] == [2]


# Certificates


@both_orders
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
@pytest.mark.parametrize(
    ("other", "column"),
    [
        pytest.param({"decided_on": "2024-06-01"}, "decided_on", id="day"),
        pytest.param({"stars": 3}, "stars", id="stars"),
        pytest.param({"decided_on": "2023-04-03"}, "decided_on", id="year"),
        pytest.param({"decision": "8/QĐ-UBND"}, "decision", id="number"),
    ],
)
async def test_two_rows_about_one_decision_are_a_question_about_both(
    conn: AsyncConnection, other: Row, column: str, *, known: bool, order: int
) -> None:
    if known:
        await import_rows(conn, FIRST)
    before = await history(conn) if known else ()
    rows = [FIRST, {**FIRST, **other}][::order]

    report = await import_again(conn, *rows)

    near = known and column != "stars" and other != {"decided_on": "2024-06-01"}
    both = [(2, column), (3, column)]
    assert asked(report) == ([both[order == 1]] if near else both)
    assert await history(conn) == before


@both_orders
async def test_two_decisions_that_a_person_tells_apart_are_taken(
    conn: AsyncConnection, order: int
) -> None:
    other = {**FIRST, "decided_on": "2021-04-03", "decision_is": "mới"}

    report = await import_rows(conn, *[FIRST, other][::order])
    again = await import_rows(conn, *[FIRST, other][::order])

    assert (asked(report), asked(again), again.changed) == ([], [], [])
    assert len(await history(conn)) == 2


MAY = {**FIRST, "decided_on": "2024-05-03"}
EIGHT = {**MAY, "decision": "8/QĐ-UBND"}


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_decision_beside_one_of_two_rows_that_disagree_is_asked_about_too(
    conn: AsyncConnection, order: Sequence[int]
) -> None:
    rows = [[FIRST, MAY, EIGHT][n] for n in order]

    report = await import_again(conn, *rows)

    where = [order.index(n) + 2 for n in range(3)]
    first, second = sorted(where[:2])
    days = [(first, "decided_on"), (second, "decided_on")]
    numbers = [(first, "decision"), (where[2], "decision")]
    assert sorted(asked(report)) == sorted(days + numbers)
    assert await history(conn) == ()


@both_orders
async def test_rows_that_disagree_do_so_beside_a_stored_decision_of_the_same_day(
    conn: AsyncConnection, order: int
) -> None:
    await import_rows(conn, EIGHT)

    report = await import_again(conn, *[FIRST, MAY][::order])

    assert asked(report) == [(2, "decided_on"), (3, "decided_on")]
    assert [each.decision for each in await history(conn)] == ["8/QĐ-UBND"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_row_that_may_mean_two_decisions_of_its_file_is_asked_for_the_day(
    conn: AsyncConnection, order: Sequence[int]
) -> None:
    other = {**FIRST, "decided_on": "2021-04-03", "decision_is": "mới"}
    rows = [[FIRST, other, {**DECIDED, "stars": 3}][n] for n in order]

    report = await import_rows(conn, *rows)
    before = await history(conn)
    again = await import_rows(conn, *rows)

    where = [(order.index(2) + 2, "decided_on")]
    assert asked(report) == where
    assert [(each.row, each.column) for each in again.problems] == where
    assert {each.stars for each in before} == {4}
    assert await history(conn) == before


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_row_means_what_other_rows_say_of_its_decision_in_any_order(
    conn: AsyncConnection, order: Sequence[int]
) -> None:
    district = {**DECIDED, "body": "huyện", "year": 2025, "stars": 3}
    silent = {**DECIDED, "description": "Một"}
    rows = [[FIRST, silent, district][n] for n in order]

    report = await import_again(conn, *rows)

    assert asked(report) == []
    found = {(each.body, each.of_year, each.stars) for each in await history(conn)}
    assert found == {("tỉnh", 2024, 4), ("huyện", 2025, 3)}


@both_orders
async def test_a_row_that_completes_a_stored_decision_settles_a_doubt_in_any_order(
    conn: AsyncConnection, order: int
) -> None:
    await import_rows(conn, {**FIRST, "body": "", "stars": ""})
    later = {**FIRST, "decided_on": "2025-05-03", "body": "huyện", "stars": 3}

    report = await import_again(conn, *[FIRST, later][::order])

    assert asked(report) == []
    found = {(each.body, each.of_year, each.stars) for each in await history(conn)}
    assert found == {("tỉnh", 2024, 4), ("huyện", 2025, 3)}


@both_orders
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
async def test_one_decision_in_two_spellings_is_one(
    conn: AsyncConnection, *, known: bool, order: int
) -> None:
    if known:
        await import_rows(conn, {**FIRST, "pack": "A"})
    other = {**FIRST, "pack": "B", "decision": "07/QĐ-UBND"}

    report = await import_again(conn, *[{**FIRST, "pack": "A"}, other][::order])

    assert asked(report) == []
    assert [each.decision for each in await history(conn)] == ["07/QĐ-UBND"]


@both_orders
async def test_one_row_voids_a_new_decision_for_all_packs(
    conn: AsyncConnection, order: int
) -> None:
    said = {"voided_by": "Bà Mẫu", "void_reason": "nhầm"}
    rows: list[Row] = [{**FIRST, "pack": "A", **said}, {**FIRST, "pack": "B"}]

    report = await import_again(conn, *rows[::order])

    assert asked(report) == []
    assert [each.voided for each in await history(conn)] == [True]


# Codes and names


@both_orders
async def test_one_code_for_two_known_products_is_asked_about(
    conn: AsyncConnection, order: int
) -> None:
    await import_rows(conn, TEA, HONEY)
    ids = [{"product_id": id_} for id_ in ("SP-00001", "SP-00002")][::order]
    rows = [{**each, "ocop_code": "QN-1"} for each in ids]

    report = await import_again(conn, *rows)

    assert asked(report) == [(2, "ocop_code"), (3, "ocop_code")]
    assert [item.ocop_code for item, _ in await entries(conn)] == ["", ""]


@both_orders
async def test_two_codes_for_one_known_product_are_asked_about(
    conn: AsyncConnection, order: int
) -> None:
    await import_rows(conn, TEA)
    rows = [{**TEA, "ocop_code": code} for code in ("QN-1", "QN-2")][::order]

    report = await import_again(conn, *rows)

    assert asked(report) == [(2, "ocop_code"), (3, "ocop_code")]
    assert [item.ocop_code for item, _ in await entries(conn)] == [""]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_row_that_is_asked_about_still_contradicts_the_others_of_its_file(
    conn: AsyncConnection, order: Sequence[int]
) -> None:
    # Once the tea of the second row is stored, a person is asked about the first.
    nobodys = {"name": TEA["name"], "ocop_code": "QN-1", "pack": "A"}
    rows: list[Row] = [nobodys, TEA, {"name": "Rượu mơ Mẫu", "ocop_code": "QN-1"}]
    rows = [rows[n] for n in order]

    report = await import_again(conn, *rows)

    both = sorted(order.index(n) + 2 for n in (0, 2))
    assert asked(report) == [(n, "name") for n in both]
    assert [item.name for item, _ in await entries(conn)] == [TEA["name"]]


async def test_a_name_that_several_codes_have_is_asked_for_its_code(
    conn: AsyncConnection,
) -> None:
    rows = [{**TEA, "ocop_code": code} for code in ("", "QN-1", "QN-2")]

    report = await import_rows(conn, *rows)

    assert asked(report) == [(2, "name")]
    assert "3, 4" in report.problems[0].vi
    assert len(report.created) == 2


@both_orders
async def test_two_names_for_one_producer_are_asked_about(
    conn: AsyncConnection, order: int
) -> None:
    await import_rows(conn, TEA, {**TEA, "name": "Rượu mơ"})
    rows: list[dict[str, Any]] = [
        {
            "producer_id": "CS-0001",
            "product_id": "SP-00001",
            "producer_name": "HTX Một",
        },
        {
            "producer_id": "CS-0001",
            "product_id": "SP-00002",
            "producer_name": "HTX Hai",
        },
    ]

    report = await import_again(conn, *rows[::order])

    assert asked(report) == [(2, "producer_name"), (3, "producer_name")]
    assert {maker and maker.name for _, maker in await entries(conn)} == {
        TEA["producer_name"]
    }


async def test_a_known_code_with_another_name_and_another_producer_is_asked_about(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, "ocop_code": "QN-1", "pack": "A"})
    await import_rows(conn, HONEY, source="khác")
    before = await entries(conn)

    for code in ({"ocop_code": "QN-1"}, {"sku": "SP-00001-1"}):
        for maker in ("HTX Mẫu 002", "Tổ hợp tác Mẫu 003"):
            other = {**code, "name": "Rượu mơ Mẫu", "producer_name": maker}
            report = await import_again(conn, other)

            assert asked(report) == [(2, next(iter(code)))]
            assert "SP-00001" in report.problems[0].vi
    assert await entries(conn) == before


async def test_a_known_code_may_change_its_name_and_then_its_producer(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, "ocop_code": "QN-1"})
    other = {"ocop_code": "QN-1", "name": "Rượu mơ Mẫu", "producer_name": "HTX Mẫu 002"}

    await import_rows(conn, {**other, "producer_name": TEA["producer_name"]})
    report = await import_rows(conn, other)

    (item, maker), *others = await entries(conn)
    assert (asked(report), others) == ([], [])
    assert (item.name, maker and maker.name) == ("Rượu mơ Mẫu", "HTX Mẫu 002")


# Spelling


@both_orders
async def test_a_pack_that_differs_in_spaces_dashes_or_case_is_the_same(
    conn: AsyncConnection, order: int
) -> None:
    spelled = ["1 kg", "1kg", "1 KG", "1-kg"]
    await import_rows(conn, {**TEA, "pack": "1 kg", "price_vnd": 50_000})

    rows = [{**TEA, "pack": pack} for pack in spelled][::order]
    report = await import_rows(conn, *rows, {"sku": "SP-00001-1", "pack": "1KG"})

    assert (asked(report), report.changed) == ([], [])
    assert [each.pack for each in await packs(conn)] == ["1 kg"]


async def test_numbers_of_a_pack_stay_apart(conn: AsyncConnection) -> None:
    await import_rows(
        conn, *({**TEA, "pack": p} for p in ("1-2 kg", "12 kg", "1 2 kg"))
    )

    assert len(await packs(conn)) == 3


@pytest.mark.parametrize("code", ["QN–01", "QN\u201101", "qn - 01"])
async def test_a_code_with_another_dash_is_the_same(
    conn: AsyncConnection, code: str
) -> None:
    await import_rows(conn, {**TEA, "ocop_code": "QN-01"})

    report = await import_rows(conn, {**TEA, "ocop_code": code, "origin": "Mẫu"})

    assert (report.created, report.changed) == ([], ["SP-00001"])
    assert [item.ocop_code for item, _ in await entries(conn)] == ["QN-01"]


async def test_what_is_stored_twice_is_said_and_not_merged(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, "ocop_code": "QN-1"}, {**HONEY, "ocop_code": "B"})
    (tea, maker), (honey, other) = await entries(conn)
    packs_of_tea = [
        Variant(sku=f"SP-00001-{n}", pack=pack)
        for n, pack in enumerate(["1 kg", "1kg", "2 kg"], start=1)
    ]
    stored = [
        (replace(tea, variants=tuple(packs_of_tea)), maker),
        (replace(honey, ocop_code="QN–1"), other),
    ]
    await save(conn, stored, by=Author("Bà Mẫu", NOW))

    one = {"ocop_code": "QN-1", "pack": "1kg", "price_vnd": 50_000}
    report = await import_rows(conn, one)
    doubtful = await import_rows(conn, {**one, "pack": "1-KG"})
    code = await import_rows(conn, {**one, "ocop_code": "qn-1"})

    both = await import_rows(conn, one, {"ocop_code": "QN–1", "origin": "Mẫu"})

    told = [note for note in report.notes if "không tự gộp" in note.vi]
    assert [("SP-00001-2" in n.en, "SP-00002" in n.en) for n in told] == [
        (True, False),
        (False, True),
    ]
    assert "2 kg" not in told[0].en
    assert asked(report) == []
    assert (asked(both), both.changed) == ([], ["SP-00002"])
    assert (asked(doubtful), asked(code)) == ([(2, "pack")], [(2, "ocop_code")])
    assert [each.price_vnd for each in await packs(conn)] == [None, 50_000, None]


@pytest.mark.parametrize("dash", ["–", "\u2011", "—"])
async def test_ids_and_numbers_of_decisions_may_have_other_dashes(
    conn: AsyncConnection, dash: str
) -> None:
    await import_rows(conn, {**FIRST, "pack": "A"})
    typed = {
        "product_id": "SP-00001".replace("-", dash),
        "sku": "SP-00001-1".replace("-", dash),
        "decision": "7/QĐ-UBND".replace("-", dash),
        "decided_on": "2024-04-03",
    }

    report = await import_rows(conn, typed)

    assert (asked(report), report.created, report.changed) == ([], [], [])
