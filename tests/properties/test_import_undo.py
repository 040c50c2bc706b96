"""Two sheets of any content: the changes of the second go back, and come again."""

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.provenance import provenance_of
from catalog.db.reader import pages
from catalog.db.source_products import named_by
from catalog.eligibility import load_rules
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_report import ImportReport
from catalog.undo.undo import undo_import
from catalog.values import replace
from tests.catalog_database import NOW, import_rows, open_catalog
from tests.factories import person

Row = dict[str, object]

RULES = load_rules()
NAMES = ("Trà hoa vàng", "Mứt dừa", "Mật ong rừng", "Rượu mơ")
DAYS = ("2021-04-06", "2025-05-10", "2026-06-01")

products = st.fixed_dictionaries(
    {"producer_name": st.sampled_from(["HTX Mẫu 001", "Cơ sở Mẫu 002"])},
    optional={
        "description": st.sampled_from(["XÓA", "Một", "Hai"]),
        "food_safety": st.sampled_from(["yes", "no", "XÓA"]),
        "food_safety_expires_on": st.sampled_from(["2026-11-01", "2027-05-01"]),
        "paused": st.sampled_from(["yes", "no"]),
        "set_code": st.sampled_from(["I.1.a", "I.1.b"]),
        "decision": st.sampled_from(["1/QĐ-UBND", "2/QĐ-UBND"]),
        "decided_on": st.sampled_from(DAYS),
        "stars": st.sampled_from([3, 4]),
        "decision_is": st.sampled_from(["đính chính", "mới"]),
        "revoked_by": st.sampled_from(["9/QĐ-UBND", "XÓA"]),
        "revoked_on": st.sampled_from(["2026-11-01", "XÓA"]),
        "alcohol_percent": st.sampled_from([29, 30]),
    },
)
packs = st.fixed_dictionaries(
    {"pack": st.sampled_from(["A", "B"])},
    optional={
        "price_vnd": st.sampled_from([40_000, 50_000, "XÓA"]),
        "buffer": st.sampled_from([0, 2]),
        "gtin": st.sampled_from(["", "8936012345677"]),
    },
)


@st.composite
def sheets(draw: st.DrawFn) -> list[Row]:
    """Draw a sheet; rows that contradict what is known are left out by the import."""
    found: list[Row] = []
    consents = {
        maker: draw(st.sampled_from(["", "yes", "no"]))
        for maker in ("HTX Mẫu 001", "Cơ sở Mẫu 002")
    }
    for name in draw(st.sets(st.sampled_from(NAMES), min_size=1)):
        product = {"name": name, **draw(products)}
        product["consent"] = consents[str(product["producer_name"])]
        some = draw(
            st.lists(packs, min_size=1, max_size=2, unique_by=lambda p: p["pack"])
        )
        on_hand = draw(st.sampled_from(["", 0, 5, 9]))
        found += [{**product, **pack, "on_hand": on_hand} for pack in some]
    return found


async def take_in(conn: AsyncConnection, sheet: list[Row], hours: int) -> ImportReport:
    """Import *sheet*, and confirm all that it asks."""
    at = NOW + timedelta(hours=hours)
    rows = [
        {**row, "counted_at": at.isoformat()} if row["on_hand"] != "" else row
        for row in sheet
    ]
    looked = await import_rows(conn, *rows, now=at, check=True)
    word = (
        Confirmation(token=looked.token, by=person("Bà Mẫu")) if looked.token else None
    )
    return await import_rows(conn, *rows, now=at, confirmed=word)


async def state(conn: AsyncConnection) -> dict[str, Any]:
    """Return what the catalog holds, bar revisions and times of counting."""
    found: dict[str, Any] = {}
    async for page in pages(conn):
        for item, maker in page:
            variants = tuple(replace(e, counted_at=None) for e in item.variants)
            found[item.id] = (replace(item, revision=0, variants=variants), maker)
    touches = (await provenance_of(conn, sorted(found))).by_product()
    rows = [row for some in touches.values() for row in some]
    return {
        "entries": found,
        "named": await named_by(conn, sorted(found)),
        "touched": _touched({key: touch.by for key, touch in rows}),
    }


def _touched(by: dict[Any, str]) -> dict[Any, str]:
    """Return by whom fields were changed, where that is not who made the whole."""
    return {
        (id_, sku, field): who
        for (id_, sku, field), who in by.items()
        if not field or who != by.get((id_, sku, ""))
    }


def of_known(after: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return what *after* says of the products and packs of *before*."""
    skus = {
        each.sku for item, _ in before["entries"].values() for each in item.variants
    }
    entries = {}
    for id_, (item, maker) in after["entries"].items():
        if id_ in before["entries"]:
            known = tuple(each for each in item.variants if each.sku in skus)
            entries[id_] = (replace(item, variants=known), maker)
    touched = {
        (id_, sku, field): by
        for (id_, sku, field), by in after["touched"].items()
        if id_ in entries and (not sku or sku in skus)
    }
    named = {key: day for key, day in after["named"].items() if key[1] in entries}
    return {"entries": entries, "named": named, "touched": touched}


@settings(max_examples=20, deadline=None)
@given(first=sheets(), second=sheets())
def test_what_a_sheet_did_goes_back_and_comes_again(
    first: list[Row], second: list[Row]
) -> None:
    asyncio.run(_there_and_back(first, second))


async def _there_and_back(first: list[Row], second: list[Row]) -> None:
    async with open_catalog() as conn:
        await take_in(conn, first, 0)
        before = await state(conn)
        report = await take_in(conn, second, 1)
        after = await state(conn)
        if report.import_id is None:
            return  # it has changed nothing
        at = NOW + timedelta(hours=2)
        number = report.import_id
        seen = await undo_import(conn, number, now=at, rules=RULES)
        word = Confirmation(token=seen.token, by=person("Bà Mẫu"))
        await undo_import(conn, number, now=at, rules=RULES, confirmed=word)

        back = await state(conn)
        assert seen.stays == []
        assert of_known(back, before) == before
        new = back["entries"].keys() - before["entries"].keys()
        assert {back["entries"][id_][0].undone_import for id_ in new} <= {number}
        assert set(seen.created) == new

        await take_in(conn, second, 3)
        assert await state(conn) == after
