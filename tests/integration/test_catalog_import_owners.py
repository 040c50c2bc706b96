"""Owners: the fields of a producer that an import may change, and clear."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.update import pause, set_price, set_stock
from catalog.db import reader
from catalog.feed.headings.column import COLUMNS
from catalog.feed.merge.ownership_guard import field_of, owner_of
from catalog.feed.rows.row import ProblemKind
from catalog.imports.import_report import ImportReport
from catalog.model.fact import Fact
from catalog.model.ownership import PRODUCT_FIELDS, VARIANT_FIELDS, Owner
from catalog.model.product import Product
from tests.catalog_database import NOW, import_rows
from tests.factories import person

ROW: Mapping[str, object] = {
    "name": "Trà hoa vàng Mẫu",
    "producer_name": "Cơ sở Mẫu 001",
    "pack": "Hộp 50 g",
    "price_vnd": 90_000,
    "description": "Một",
    "pictures": "https://mau.example/a.jpg",
    "pictures_show_mark": "no",
    "reserved": 2,
    "stars": 4,
    "decision": "7/QĐ",
}
LATER = NOW + timedelta(hours=1)
STAMPS = (None, NOW + timedelta(minutes=30))
"""No stamp, and one before what happened at LATER."""


async def product_of(conn: AsyncConnection) -> Product:
    """Return the one product."""
    return (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]


async def import_later(
    conn: AsyncConnection,
    row: Mapping[str, object],
    *,
    stamp: datetime | None = None,
    source: str = "bảng xuất",
) -> ImportReport:
    """Import *row*, of another source, two hours after the first import."""
    now = NOW + timedelta(hours=2)
    return await import_rows(conn, row, source=source, now=now, stamp=stamp)


def conflicts(report: ImportReport) -> dict[str, str]:
    """Return what stays, by column; there are no other problems."""
    assert {each.kind for each in report.problems} <= {ProblemKind.CONFLICT}
    return {each.column: each.known for each in report.problems}


def test_every_column_has_one_owner() -> None:
    owners = {name: owner_of(column) for name, column in COLUMNS.items()}

    for name in ("name", "stars", "decided_on", "food_safety", "producer_name"):
        assert owners[name] is Owner.DEPARTMENT
    for name in ("price_vnd", "description", "origin", "pictures", "on_hand"):
        assert owners[name] is Owner.PRODUCER
    assert [n for n, o in owners.items() if o is Owner.SALES] == ["reserved"]
    fields = {field_of(column) for column in COLUMNS.values()}
    assert fields >= PRODUCT_FIELDS.keys() | VARIANT_FIELDS.keys()


async def test_what_has_not_changed_since_the_stamp_is_changed(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, ROW)
    row = {**ROW, "description": "Hai", "price_vnd": 95_000, "reserved": 1, "stars": 5}

    report = await import_later(conn, row, stamp=NOW)

    found = await product_of(conn)
    variant = found.variants[0]
    assert report.problems == []
    assert (found.description, found.certificates[0].stars) == ("Hai", 5)
    assert (variant.price_vnd, variant.reserved) == (95_000, 1)


@pytest.mark.parametrize("stamp", STAMPS, ids=["never exported", "exported before"])
async def test_what_was_changed_meanwhile_stays_and_both_values_are_told(
    conn: AsyncConnection, stamp: datetime | None
) -> None:
    await import_rows(conn, ROW)
    await set_price(conn, "SP-00001-1", 99_000, by=person("Bà Mẫu"), now=LATER)
    row = {"sku": "SP-00001-1", "price_vnd": 80_000, "stars": 5, "decision": "7/QĐ"}

    report = await import_later(conn, row, stamp=stamp)

    found = await product_of(conn)
    told = report.problems[0]
    assert conflicts(report) == {"price_vnd": "99000"}
    assert (told.row, told.value) == (2, "80000")
    assert "Bà Mẫu" in told.vi
    assert "24/11/2026 10:00" in told.vi
    assert "2026-11-24 10:00" in told.en
    assert report.waits
    assert found.variants[0].price_vnd == 99_000
    assert found.certificates[0].stars == 5


async def test_only_the_field_that_was_changed_stays(conn: AsyncConnection) -> None:
    await import_rows(conn, ROW)
    await pause(conn, "SP-00001", True, by=person("Bà Mẫu"), now=LATER)
    row = {**ROW, "description": "Hai", "paused": "no"}

    report = await import_later(conn, row, stamp=STAMPS[1])

    found = await product_of(conn)
    assert conflicts(report) == {"paused": "yes"}
    assert (found.description, found.paused) == ("Hai", True)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"description": "Hai"}, "description"),
        ({"pictures": "https://mau.example/b.jpg"}, "pictures"),
        ({"pictures_show_mark": "yes"}, "pictures_show_mark"),
        ({"reserved": 0}, "reserved"),
        ({"price_vnd": 80_000}, "price_vnd"),
        ({"price_vnd": 10}, "price_vnd"),
        ({"price_vnd": "XÓA"}, "price_vnd"),
        ({"paused": "yes"}, "paused"),
        ({"stock_policy": "mirror"}, "stock_policy"),
        ({"sku": "SP-00001-1", "pack": "Gói"}, "pack"),
    ],
)
async def test_a_sheet_without_a_stamp_changes_only_what_it_brought(
    conn: AsyncConnection, cells: Mapping[str, object], column: str
) -> None:
    await import_rows(conn, ROW)
    before = await product_of(conn)
    row = {"name": ROW["name"], "producer_name": ROW["producer_name"], **cells}

    report = await import_later(conn, row)
    assert list(conflicts(report)) == [column]
    assert await product_of(conn) == before

    mine = await import_later(conn, row, source="bảng mẫu")
    assert ProblemKind.CONFLICT not in {each.kind for each in mine.problems}


async def test_a_sheet_without_a_stamp_fills_what_is_empty(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {k: ROW[k] for k in ("name", "producer_name", "pack")})

    report = await import_later(conn, {**ROW, "reserved": ""})

    found = await product_of(conn)
    assert report.problems == []
    assert (found.description, found.variants[0].price_vnd) == ("Một", 90_000)
    assert found.pictures[0].shows_ocop_mark is Fact.NO


async def test_a_sheet_may_correct_itself_but_not_another_of_its_name(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, ROW)
    first = await import_later(conn, {**ROW, "description": "Hai"}, stamp=NOW)
    again = await import_later(conn, {**ROW, "description": "Ba"}, stamp=NOW)
    older = NOW + timedelta(minutes=1)
    other = await import_later(conn, {**ROW, "description": "Bốn"}, stamp=older)

    assert (first.problems, again.problems) == ([], [])
    assert conflicts(other) == {"description": "Ba"}


async def test_a_conflict_is_told_once_for_all_rows_of_a_product(
    conn: AsyncConnection,
) -> None:
    packs = [ROW, {**ROW, "pack": "Hộp 90 g"}]
    await import_rows(conn, *packs)

    changed = [{**each, "description": "Hai", "price_vnd": 80_000} for each in packs]
    report = await import_rows(conn, *changed, source="khác")

    told = [(each.row, each.column) for each in report.problems]
    assert sorted(told) == [(2, "description"), (2, "price_vnd"), (3, "price_vnd")]


async def test_a_pack_spelled_otherwise_is_the_same(conn: AsyncConnection) -> None:
    await import_rows(conn, ROW)

    report = await import_later(conn, {**ROW, "pack": "HỘP 50 g"})

    assert report.problems == []
    assert (await product_of(conn)).variants[0].pack == "Hộp 50 g"


async def test_a_count_says_itself_how_new_it_is(conn: AsyncConnection) -> None:
    await import_rows(conn, ROW)
    await set_stock(conn, "SP-00001-1", 9, LATER, by=person("Bà Mẫu"), now=LATER)
    count: dict[str, Any] = {"sku": "SP-00001-1", "on_hand": 4, "reserved": 0}

    old = await import_later(conn, {**count, "counted_at": NOW.isoformat()})
    assert (old.ignored_counts, old.problems) == (1, [])
    assert (await product_of(conn)).variants[0].on_hand == 9

    new = await import_later(
        conn, {**count, "counted_at": (LATER + timedelta(minutes=1)).isoformat()}
    )
    variant = (await product_of(conn)).variants[0]
    assert new.problems == []
    assert (variant.on_hand, variant.reserved) == (4, 0)


# XÓA


async def test_what_a_sheet_clears_is_empty(conn: AsyncConnection) -> None:
    full = {
        **ROW,
        "on_hand": 4,
        "food_safety": "yes",
        "food_safety_by": "Bà Mẫu",
        "revoked_by": "9/QĐ",
        "revoked_on": "2026-01-01",
        "address": "Thôn Mẫu",
    }
    await import_rows(conn, full)
    cleared = [
        "description",
        "pictures",
        "price_vnd",
        "on_hand",
        "food_safety",
        "revoked_by",
        "revoked_on",
        "address",
        "stars",
        "reserved",
    ]
    identity = ("name", "producer_name", "pack", "decision")
    row = {name: full[name] for name in identity} | dict.fromkeys(cleared, "XÓA")

    report = await import_rows(conn, row)
    again = await import_rows(conn, row)

    item, maker = (await reader.get(conn, ["SP-00001"]))["SP-00001"]
    variant = item.variants[0]
    assert (report.problems, report.changed) == ([], ["SP-00001"])
    assert (item.description, item.pictures) == ("", ())
    assert (variant.price_vnd, variant.on_hand, variant.counted_at) == (None,) * 3
    assert variant.reserved == 0
    assert item.papers[0].held.value is Fact.UNKNOWN
    assert item.papers[0].held.by == ""
    assert [each.stars for each in item.certificates] == [None]
    assert item.certificates[0].revoked_on is None
    assert maker is not None
    assert maker.address.text == ""
    assert (again.changed, again.problems) == ([], [])


async def test_clearing_is_guarded_as_changing_is(conn: AsyncConnection) -> None:
    await import_rows(conn, {**ROW, "on_hand": 4})
    row = {"sku": "SP-00001-1", "on_hand": "XÓA", "description": "XÓA"}

    report = await import_later(conn, row)

    assert conflicts(report) == {"on_hand": "4", "description": "Một"}
    assert (await product_of(conn)).variants[0].on_hand == 4
