"""An import is a state, not an act: twice is once, and rows have no order.

That nothing is lost on the way out and in again is in test_feed_round_trip.py.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.db.reader import current_revision, pages
from catalog.model.product import Entry
from catalog.values import replace
from tests.catalog_database import NOW, import_rows, open_catalog

Row = dict[str, object]

NAMES = ("Trà hoa vàng", "Trà hoa vàng túi lọc", "Mứt dừa", "Mứt dâu", "Rượu mơ 29 độ")
prices = st.sampled_from(["", "XÓA", 500, 40_000, 50_000, 150_000])
texts = st.sampled_from(["", "XÓA", "Một", "Hai"])
makers = st.sampled_from(["HTX Mẫu 001", "Cơ sở Mẫu 002"])


@st.composite
def sheets(draw: st.DrawFn) -> list[Row]:
    """Draw a sheet whose rows do not contradict each other."""
    made = draw(
        st.lists(
            st.tuples(makers, st.sampled_from(NAMES)),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    found: list[Row] = []
    for maker, name in made:
        product = {
            "name": name,
            "producer_name": maker,
            "description": draw(texts),
            "food_safety": draw(st.sampled_from(["", "yes", "no", "XÓA"])),
        }
        packs = draw(st.sets(st.sampled_from(["A", "B"]), min_size=1))
        found += [
            {**product, "pack": pack, "price_vnd": draw(prices)}
            for pack in sorted(packs)
        ]
    return found


async def state(sheets: Sequence[Sequence[Row]]) -> tuple[list[bool], list[Any]]:
    """Import *sheets* in turn; return which moved, and what the catalog holds then."""
    async with open_catalog() as conn:
        moved: list[bool] = []
        for sheet in sheets:
            before = await current_revision(conn)
            report = await import_rows(conn, *sheet, now=NOW)
            moved.append(before != await current_revision(conn))
            said = report.written and bool(report.created or report.changed)
            assert said is moved[-1]
        return moved, sorted([_plain(e) async for page in pages(conn) for e in page])


def _plain(entry: Entry) -> Any:
    """Return what is known of a product, whatever ids it was given."""
    item, maker = entry
    assert maker is not None
    packs = [repr(replace(each, sku="")) for each in item.variants]
    history = tuple(sorted(item.certificates, key=repr))  # it has no order
    bare = replace(
        item, id="", producer_id="", variants=(), certificates=history, revision=0
    )
    return (maker.name, item.name, sorted(packs), repr(bare))


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(first=sheets(), second=sheets(), data=st.data())
def test_twice_is_once_and_rows_have_no_order(
    first: list[Row], second: list[Row], data: st.DataObject
) -> None:
    other = [data.draw(st.permutations(each)) for each in (first, second)]

    moved, once = asyncio.run(state([first, second, second]))
    _, shuffled = asyncio.run(state(other))

    assert not moved[2]
    assert shuffled == once


codes = st.sampled_from(["", "QN-1", "QN–1", "QN-2"])
decisions = st.sampled_from(["", "7/QĐ-UBND", "8/QĐ-UBND"])
days = st.sampled_from(["", "2024-04-03", "2024-05-03", "2025-05-03"])
times = st.sampled_from(["", "2026-11-20T08:00:00Z", "2026-11-21T08:00:00Z"])


@st.composite
def free_rows(draw: st.DrawFn) -> Row:
    """Draw a row that may contradict any other."""
    row: Row = {
        "ocop_code": draw(codes),
        "name": draw(st.sampled_from(["Mứt dừa", "MỨT DỪA", "Rượu mơ 29 độ"])),
        "producer_name": draw(makers),
        "pack": draw(st.sampled_from(["", "1 kg", "1kg", "B"])),
        "description": draw(texts),
        "consent": draw(st.sampled_from(["", "yes", "no"])),
        "on_hand": draw(st.sampled_from(["5", "7"])),
        "counted_at": draw(times),
    }
    if number := draw(decisions):
        row |= {"decision": number, "decided_on": draw(days), "body": "tỉnh"}
        row["stars"] = draw(st.sampled_from([3, 4]))
    return row


async def asked_of(rows: Sequence[Row]) -> tuple[Any, Any]:
    """Import *rows*, twice; return what the catalog holds, and what was asked."""
    async with open_catalog() as conn:
        report = await import_rows(conn, *rows, now=NOW)
        held = sorted([_plain(e) async for page in pages(conn) for e in page])
        before = await current_revision(conn)
        again = await import_rows(conn, *rows, now=NOW)
        assert await current_revision(conn) == before
        told = [_told(rows[each.row - 2], each.column) for each in report.problems]
        again_told = [_told(rows[p.row - 2], p.column) for p in again.problems]
        assert again_told == told
        return held, sorted(told)


def _told(row: Row, column: str) -> tuple[str, str, str]:
    """Return what a person is asked, whichever row of the same value is named."""
    cell = str(row.get(column, ""))
    if column == "counted_at":  # rows disagree on whether there is a time
        cell = str(bool(cell))
    return column, cell, str(row["producer_name"])


@settings(max_examples=12, deadline=None)
@given(rows=st.lists(free_rows(), min_size=2, max_size=4), data=st.data())
def test_rows_that_contradict_each_other_have_no_order_either(
    rows: list[Row], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))

    assert asyncio.run(asked_of(shuffled)) == asyncio.run(asked_of(rows))


def test_a_row_that_may_mean_several_new_products_contradicts_others() -> None:
    row: Row = {"name": "Mứt dừa", "producer_name": "Cơ sở Mẫu 002"}
    rows = [
        row | {"consent": "yes"},
        row | {"ocop_code": "QN-1"},
        row | {"ocop_code": "QN-2", "consent": "no"},
    ]

    held, asked = asyncio.run(asked_of(rows))
    shuffled = asyncio.run(asked_of(rows[::-1]))

    assert shuffled == (held, asked)
    assert [column for column, *_ in asked] == ["consent", "consent", "name"]
