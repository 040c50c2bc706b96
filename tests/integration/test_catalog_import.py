"""Importing a feed: products added, updated, left alone and refused.

Later imports, with their histories, counts and missing products, are tested in
test_catalog_import_over_time.py. How cells are read is in
tests/unit/catalog/test_cell.py, how files are in test_csv_feed.py and test_json_feed.py
there; that nothing is lost on the way out and in again, in
tests/properties/test_feed_round_trip.py.
"""

from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.tables import field_change
from catalog.errors import CatalogError, FeedError
from catalog.feed.rows.open_feed import open_feed
from catalog.imports.import_feed import import_feed
from catalog.model.fact import Attested, Fact
from catalog.model.product import Product
from tests.catalog_database import NOW, import_rows

TEA = {"name": "Trà hoa vàng Mẫu", "producer_name": "Cơ sở Mẫu 001"}
RICE = {"name": "Gạo nếp Mẫu", "producer_name": "HTX Mẫu 002"}
HONEY = {"name": "Mật ong Mẫu", "producer_name": "HTX Mẫu 002"}


async def product_of(conn: AsyncConnection, id_: str = "SP-00001") -> Product:
    """Return a product; the first one by default."""
    return (await reader.get(conn, [id_]))[id_][0]


# Identity


async def test_new_products_get_ids_producers_and_skus(conn: AsyncConnection) -> None:
    report = await import_rows(
        conn, {**TEA, "pack": "Hộp 50 g"}, {**TEA, "pack": "Hộp 90 g"}, RICE
    )

    tea, rice = await product_of(conn), await product_of(conn, "SP-00002")
    assert report.created == ["SP-00001", "SP-00002"]
    assert [each.sku for each in tea.variants] == ["SP-00001-1", "SP-00001-2"]
    assert (tea.producer_id, rice.producer_id) == ("CS-0001", "CS-0002")
    assert rice.variants == ()


@pytest.mark.postgresql
async def test_importing_the_same_file_twice_changes_nothing(
    conn: AsyncConnection,
) -> None:
    rows = (
        {**TEA, "pack": "Hộp 50 g", "price_vnd": 90000, "stars": 4, "year": 2025},
        {**TEA, "pack": "Hộp 90 g", "on_hand": 4, "consent": "yes"},
        {**RICE, "food_safety": "yes", "pictures": "https://mau.example/a.jpg"},
    )
    await import_rows(conn, *rows)
    before = await reader.current_revision(conn)
    said = await conn.scalar(select(func.count()).select_from(field_change))

    again = await import_rows(conn, *rows, now=NOW + timedelta(days=3))

    assert (again.created, again.changed, again.problems) == ([], [], [])
    assert await reader.current_revision(conn) == before
    assert await conn.scalar(select(func.count()).select_from(field_change)) == said


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param({"product_id": "SP-00001"}, id="product_id"),
        pytest.param({"sku": "SP-00001-1"}, id="sku"),
        pytest.param({"ocop_code": "QN-77"}, id="ocop_code"),
        pytest.param(TEA, id="producer and name"),
        pytest.param(
            {"name": "TRÀ HOA VÀNG  MẪU", "producer_name": "cơ sở mẫu 001"},
            id="folded names",
        ),
    ],
)
async def test_a_product_is_found_again(
    conn: AsyncConnection, identity: Mapping[str, object]
) -> None:
    await import_rows(conn, {**TEA, "ocop_code": "QN-77", "pack": "Hộp 50 g"}, RICE)

    report = await import_rows(conn, {**identity, "description": "Mới"}, source="khác")

    found = await product_of(conn)
    assert (report.created, report.changed) == ([], ["SP-00001"])
    assert (found.description, found.name) == ("Mới", TEA["name"])
    assert [each.sku for each in found.variants] == ["SP-00001-1"]


async def test_an_id_renames_and_a_name_does_not(conn: AsyncConnection) -> None:
    await import_rows(conn, TEA)
    await import_rows(
        conn,
        {
            "product_id": "SP-00001",
            "name": "TRÀ HOA VÀNG MẪU",
            "producer_id": "CS-0001",
            "producer_name": "CƠ SỞ MẪU 001",
        },
    )

    item, maker = (await reader.get(conn, ["SP-00001"]))["SP-00001"]
    assert item.name == "TRÀ HOA VÀNG MẪU"
    assert maker is not None
    assert maker.name == "CƠ SỞ MẪU 001"


async def test_a_price_without_a_pack_is_that_of_the_only_variant(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, "pack": "Hộp 50 g", "price_vnd": 10_000})
    await import_rows(conn, {**TEA, "price_vnd": 20_000})

    found = (await product_of(conn)).variants
    assert [(each.pack, each.price_vnd) for each in found] == [("Hộp 50 g", 20_000)]


async def test_the_same_name_of_two_producers_is_two_products(
    conn: AsyncConnection,
) -> None:
    report = await import_rows(conn, TEA, {**TEA, "producer_name": "Cơ sở Mẫu 009"})

    assert len(report.created) == 2


async def test_another_ocop_code_is_another_product(conn: AsyncConnection) -> None:
    await import_rows(conn, {**TEA, "ocop_code": "A"})
    report = await import_rows(conn, {**TEA, "ocop_code": "B"})

    assert report.created == ["SP-00002"]


async def test_a_code_completes_a_product_that_had_none(conn: AsyncConnection) -> None:
    await import_rows(conn, TEA)
    await import_rows(conn, {**TEA, "ocop_code": "A"})

    assert (await product_of(conn)).ocop_code == "A"


async def test_ids_are_never_given_out_twice(conn: AsyncConnection) -> None:
    await import_rows(conn, {**TEA, "product_id": "SP-00041", "producer_id": "CS-0007"})
    report = await import_rows(conn, {**RICE, "pack": "1 kg"})

    item = await product_of(conn, "SP-00042")
    assert report.created == ["SP-00042"]
    assert (item.producer_id, item.variants[0].sku) == ("CS-0008", "SP-00042-1")


async def test_ids_of_another_form_are_kept_and_count_for_nothing(
    conn: AsyncConnection,
) -> None:
    own = {"product_id": "QN-01", "producer_id": "QN-CS-01"}
    report = await import_rows(conn, {**TEA, **own, "pack": "50 g"}, RICE)

    assert report.created == ["QN-01", "SP-00001"]
    assert (await product_of(conn, "QN-01")).variants[0].sku == "QN-01-1"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        pytest.param({"name": "", "origin": "x"}, "name", id="nothing identifies it"),
        pytest.param({"product_id": "SP-00099"}, "name", id="new without a name"),
        pytest.param(
            {"product_id": "SP-00001", "sku": "SP-00002-1"}, "sku", id="two products"
        ),
        pytest.param(
            {"product_id": "SP-00002", "ocop_code": "A"}, "ocop_code", id="their code"
        ),
        pytest.param({"name": TEA["name"]}, "name", id="a name without its producer"),
        pytest.param(
            {**RICE, "producer_id": "CS-0099", "producer_name": ""},
            "producer_id",
            id="unknown producer",
        ),
        pytest.param(
            {"name": "Muối Mẫu", "address": "Thôn Mẫu"},
            "producer_name",
            id="an address of nobody",
        ),
        pytest.param(
            {"product_id": "SP-00001", "price_vnd": 5_000},
            "pack",
            id="which of two packs",
        ),
    ],
)
async def test_a_row_that_could_be_about_something_else_is_refused(
    conn: AsyncConnection, row: Mapping[str, object], column: str
) -> None:
    packs = ({**TEA, "pack": "A", "ocop_code": "A"}, {**TEA, "pack": "B"})
    await import_rows(conn, *packs, RICE)
    before = await reader.current_revision(conn)

    report = await import_rows(conn, row, source="khác")

    assert [each.column for each in report.problems] == [column]
    assert await reader.current_revision(conn) == before


async def test_a_product_whose_producer_was_unknown_is_not_guessed(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {"name": TEA["name"]})

    report = await import_rows(conn, TEA)
    by_hand = await import_rows(conn, {**TEA, "product_id": "SP-00001"})

    assert "SP-00001" in report.problems[0].vi
    assert by_hand.problems == []
    assert (await product_of(conn)).producer_id == "CS-0001"


# Values


async def test_an_empty_cell_and_a_missing_column_leave_the_value(
    conn: AsyncConnection,
) -> None:
    full = {
        **TEA,
        "description": "Mô tả",
        "price_vnd": 90000,
        "food_safety": "yes",
        "food_safety_by": "Phòng Mẫu",
        "address": "Thôn Mẫu",
        "origin": "Việt Nam",
        "pictures": "https://mau.example/a.jpg",
    }
    await import_rows(conn, full)
    before = await reader.get(conn, ["SP-00001"])

    await import_rows(conn, TEA)
    await import_rows(conn, {**dict.fromkeys(full, ""), **TEA})

    assert await reader.get(conn, ["SP-00001"]) == before


async def test_bad_rows_are_left_out_whole_and_all_problems_are_told(
    conn: AsyncConnection,
) -> None:
    report = await import_rows(
        conn,
        {**TEA, "price_vnd": "90.5", "stars": "6"},
        {**RICE, "price_vnd": 35000},
        {**HONEY, "decided_on": "06/04/21"},
    )

    assert report.created == ["SP-00001"]
    told = [(each.row, each.column, each.value) for each in report.problems]
    assert told == [
        (2, "price_vnd", "90.5"),
        (2, "stars", "6"),
        (4, "decided_on", "06/04/21"),
    ]
    assert "dòng 4" in str(report.problems[2])
    assert "row 4" in str(report.problems[2])


async def test_a_column_with_a_slip_is_asked_about_once(conn: AsyncConnection) -> None:
    report = await import_rows(
        conn, {**TEA, "prce_vnd": "1"}, {**RICE, "prce_vnd": "2"}
    )

    asked = [(each.row, each.column, each.place.heading) for each in report.problems]
    assert asked == [(0, "price_vnd", "prce_vnd")]
    assert len(report.created) == 2


async def test_a_new_answer_forgets_who_stood_for_the_old_one(
    conn: AsyncConnection,
) -> None:
    said = {"consent": "yes", "consent_by": "Bà Mẫu", "consent_on": "2026-01-02"}
    await import_rows(conn, {**TEA, **said})
    await import_rows(conn, {**TEA, "consent": "no"})

    maker = (await reader.get_producers(conn, ["CS-0001"]))["CS-0001"]
    assert maker.consent == Attested(value=Fact.NO)


@pytest.mark.parametrize("column", ["consent_by", "food_safety_by"])
async def test_a_name_without_an_answer_is_refused(
    conn: AsyncConnection, column: str
) -> None:
    report = await import_rows(conn, {**TEA, column: "Bà Mẫu"})

    assert report.created == []
    assert [each.column for each in report.problems] == [column.removesuffix("_by")]


async def test_pictures_keep_what_is_known_of_their_mark(conn: AsyncConnection) -> None:
    one, two = "https://mau.example/1.jpg", "https://mau.example/2.jpg"
    await import_rows(conn, {**TEA, "pictures": one, "pictures_show_mark": "no"})
    await import_rows(conn, {**TEA, "pictures": f"{two} {one}"})
    report = await import_rows(conn, {**TEA, "pictures_show_mark": "yes"})

    found = (await product_of(conn)).pictures
    assert [(each.url, each.shows_ocop_mark) for each in found] == [
        (two, Fact.UNKNOWN),
        (one, Fact.NO),
    ]
    assert [each.column for each in report.problems] == ["pictures_show_mark"]


async def test_pictures_keep_what_is_known_of_their_size(conn: AsyncConnection) -> None:
    one, two = "https://mau.example/1.jpg", "https://mau.example/2.jpg"
    await import_rows(conn, {**TEA, "pictures": one, "pictures_px": "800x600"})
    await import_rows(conn, {**TEA, "pictures": f"{two} {one}"})
    kept = (await product_of(conn)).pictures
    report = await import_rows(conn, {**TEA, "pictures_px": "640x480"})
    await import_rows(conn, {**TEA, "pictures_px": "640x480 -"})

    assert [str(each.size) for each in kept] == ["None", "800x600"]
    assert [each.column for each in report.problems] == ["pictures_px"]
    found = (await product_of(conn)).pictures
    assert [str(each.size) for each in found] == ["640x480", "None"]


# Whole feeds


async def test_a_feed_cut_off_in_the_middle_raises(conn: AsyncConnection) -> None:
    cut = BytesIO(b'name\nTra Mau\n"Gao Mau')

    with pytest.raises(FeedError, match="dòng văn bản 3"):
        await import_feed(conn, open_feed(cut).rows, now=NOW, source="bảng mẫu")


@pytest.mark.parametrize("source", ["", "  ", "x" * 201])
async def test_a_source_needs_a_name(conn: AsyncConnection, source: str) -> None:
    with pytest.raises(CatalogError):
        await import_rows(conn, TEA, source=source)


async def test_a_product_whose_rows_lie_far_apart_is_one(conn: AsyncConnection) -> None:
    many = [{"name": f"Món Mẫu {n}", "producer_name": "HTX Mẫu"} for n in range(600)]
    first, last = {**TEA, "pack": "A"}, {**TEA, "pack": "B"}
    report = await import_rows(conn, first, *many, last, {**TEA, "description": "x"})

    found = await product_of(conn)
    assert len(report.created) == 601
    assert [each.pack for each in found.variants] == ["A", "B"]
    assert found.description == "x"
