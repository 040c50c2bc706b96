"""Each change of the catalog goes to the history, in its transaction.

How imports are shown and taken back by it is in test_import_changes.py and
test_import_undo.py.
"""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import update
from catalog.commands.attest import ProducerFact, attest
from catalog.commands.certify.which import Which
from catalog.commands.edit_text import TextEdit, edit_text
from catalog.commands.offers import OfferEntry, enter_offers
from catalog.commands.own_sale import choose_stock_policy
from catalog.commands.price import PriceEntry
from catalog.commands.sell import record_sales
from catalog.commands.stock import AdjustmentEntry, enter_adjustment
from catalog.db import reader
from catalog.db.field_changes import Change
from catalog.db.history import (
    PLACE,
    VALUES,
    Author,
    change_of,
    erase_old_values,
    erase_values_of,
)
from catalog.db.retention import KEPT_FOR
from catalog.db.tables import act, field_change
from catalog.db.writer import save, save_producers
from catalog.imports.answers import answer_authority
from catalog.model.adjustment import AdjustmentReason
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.model.product import StockPolicy
from catalog.model.reach import WHOLE_CATALOG
from catalog.model.sale import Sale
from tests.catalog_database import NOW, import_rows
from tests.certified import correct_day, restore, revoke, void
from tests.factories import (
    make_certificate,
    make_producer,
    make_product,
    make_variant,
    person,
)

pytestmark = pytest.mark.postgresql

LATER = NOW + timedelta(hours=1)
ONE, SKU = "SP-00001", "SP-00001-1"
LAN = person("Bà Mẫu")
BY: dict[str, Any] = {"by": LAN, "now": LATER}
SAID = {"value": Fact.YES, "on": date(2026, 11, 24), **BY}
OWN = {"reach": WHOLE_CATALOG, **BY}
SEVEN = make_certificate(decision="7/QĐ-UBND", decided_on=date(2025, 5, 10))
WHICH = Which(decision="7/QĐ-UBND")


async def keep_one(conn: AsyncConnection) -> int:
    """Save one product and its producer; return the last number of the history."""
    item = make_product(
        certificates=(SEVEN,),
        variants=(make_variant(price_vnd=50_000, on_hand=9, counted_at=NOW),),
        papers=(),
    )
    await save(conn, [(item, make_producer())], by=Author("thử", NOW))
    return await last(conn)


async def last(conn: AsyncConnection) -> int:
    query = select(func.coalesce(func.max(field_change.c.n), 0))
    return int((await conn.execute(query)).scalar_one())


async def changes(conn: AsyncConnection, after: int = 0) -> list[Change]:
    """Return the changes behind a number, in order."""
    query = select(*PLACE, *VALUES).where(field_change.c.n > after)
    rows = await conn.execute(query.order_by(field_change.c.n))
    return [change_of(row) for row in rows]


def in_short(change: Change) -> tuple[str, str, str]:
    return (change.where.entity.value, change.where.key, change.where.field)


Done = Callable[[AsyncConnection], Awaitable[object]]

ACTS: dict[str, tuple[Done, list[tuple[str, str, str]]]] = {
    "set_price": (
        lambda conn: update.set_price(conn, SKU, 60_000, **BY),
        [("variant", SKU, "price_vnd")],
    ),
    "set_stock": (
        lambda conn: update.set_stock(conn, SKU, 4, LATER, **BY),
        [("variant", SKU, "count")],
    ),
    "pause": (
        lambda conn: update.pause(conn, ONE, paused=True, **BY),
        [("product", "", "paused")],
    ),
    "revoke": (
        lambda conn: revoke(conn, [ONE], "9/QĐ-UBND", date(2026, 11, 1), **BY),
        [("certificate", "0", "revocation")],
    ),
    "attest": (
        lambda conn: attest(
            conn,
            what=[ProducerFact.IDENTITY_READY, PaperKind.AGE_GATE],
            product_ids=[ONE],
            **SAID,
        ),
        [("producer", "", "identity_ready"), ("paper", "age_gate", "")],
    ),
    "correct_certificate": (
        lambda conn: correct_day(conn, ONE, WHICH, date(2025, 6, 1), **BY),
        [("certificate", "0", "recognition")],
    ),
    "void_certificate": (
        lambda conn: void(conn, ONE, WHICH, reason="nhầm", **BY),
        [("certificate", "0", "void")],
    ),
    "edit_text": (
        lambda conn: edit_text(
            conn, ONE, TextEdit(product={"description": "Mới"}), **OWN
        ),
        [("product", "", "description")],
    ),
    "stock_policy": (
        lambda conn: choose_stock_policy(conn, ONE, StockPolicy.MIRROR, **OWN),
        [("product", "", "stock_policy")],
    ),
    "adjust_stock": (
        lambda conn: enter_adjustment(
            conn,
            AdjustmentEntry(sku=SKU, quantity=2, reason=AdjustmentReason.MADE),
            **OWN,
        ),
        [("variant", SKU, "adjustment")],
    ),
    "enter_offers": (
        lambda conn: enter_offers(
            conn,
            [OfferEntry(sku=SKU, price=PriceEntry(sku=SKU, price_vnd=55_000))],
            **OWN,
        ),
        [("variant", SKU, "price_vnd")],
    ),
}
"""Acts by the names that the audit gives them, and the fields that each changes."""


@pytest.mark.parametrize("kind", ACTS)
async def test_an_act_writes_the_fields_that_it_changes_with_its_number(
    conn: AsyncConnection, kind: str
) -> None:
    do, expected = ACTS[kind]
    before = await keep_one(conn)

    await do(conn)

    assert [in_short(each) for each in await changes(conn, before)] == expected
    (number,) = await conn.execute(select(act.c.n).where(act.c.kind == kind))
    rows = await conn.execute(select(field_change).where(field_change.c.n > before))
    item = (await reader.get(conn, [ONE]))[ONE][0]
    for row in rows:
        assert (row.act, row.import_id, row.changed_at) == (number.n, None, LATER)
        assert row.changed_by == ""
        # A producer's is that which its only product had from it; the act has changed
        # the product itself after that.
        of_producer = item.revision - 1
        assert row.revision == (item.revision if row.subject == ONE else of_producer)


async def test_a_restored_certificate_is_a_change_back(conn: AsyncConnection) -> None:
    before = await keep_one(conn)

    await void(conn, ONE, WHICH, reason="nhầm", **BY)
    await restore(conn, ONE, WHICH, reason="đúng", **BY)

    voided, restored = await changes(conn, before)
    assert voided.after["void_reason"] == "nhầm"
    assert (restored.before, restored.after) == (voided.after, voided.before)


async def test_an_answered_authority_is_a_change_of_each_certificate(
    conn: AsyncConnection,
) -> None:
    decided = {"decision": "8/QĐ-UBND", "decided_on": "2024-04-03", "stars": 3}
    await import_rows(conn, {"name": "Trà Mẫu", **decided}, {"name": "Gạo", **decided})
    before = await last(conn)

    await answer_authority(conn, "8/QĐ-UBND", date(2024, 4, 3), "huyện", **BY)

    found = await changes(conn, before)
    assert [each.where.subject for each in found] == ["SP-00001", "SP-00002"]
    for each in found:
        assert (each.before["body"], each.after["body"]) == ("", "huyện")


async def test_values_stand_there_as_they_were_before_and_after(
    conn: AsyncConnection,
) -> None:
    before = await keep_one(conn)

    await update.set_price(conn, SKU, 60_000, **BY)
    await update.set_stock(conn, SKU, 4, LATER, **BY)

    price, count = await changes(conn, before)
    assert (price.before, price.after) == (50_000, 60_000)
    assert count.before == {"on_hand": 9, "counted_at": NOW.isoformat()}
    assert count.after == {"on_hand": 4, "counted_at": LATER.isoformat()}


async def test_an_act_that_changes_nothing_writes_nothing(
    conn: AsyncConnection,
) -> None:
    before = await keep_one(conn)

    assert not await update.set_price(conn, SKU, 50_000, **BY)
    assert not await update.set_stock(conn, SKU, 3, NOW - KEPT_FOR, **BY)
    assert not await update.pause(conn, ONE, paused=False, **BY)

    assert await last(conn) == before
    assert (await conn.execute(select(act))).all() == []


async def test_a_new_product_is_one_row(conn: AsyncConnection) -> None:
    await keep_one(conn)

    found = await changes(conn)

    assert [in_short(each) for each in found] == [
        ("producer", "", ""),
        ("product", "", ""),
    ]
    rows = await conn.execute(select(*field_change.c["act", "changed_by"]))
    assert [tuple(row) for row in rows] == [(None, "thử"), (None, "thử")]


async def test_changes_of_an_import_name_it_and_its_act(conn: AsyncConnection) -> None:
    tea = {"name": "Trà Mẫu", "producer_name": "HTX Mẫu", "price_vnd": 50_000}
    await import_rows(conn, tea)
    before = await last(conn)

    await import_rows(conn, {**tea, "price_vnd": 60_000}, now=LATER, by=LAN)

    (row,) = await conn.execute(select(field_change).where(field_change.c.n > before))
    (done,) = await conn.execute(select(act.c.refs).where(act.c.n == row.act))
    assert (row.import_id, done.refs) == (2, {"import": "2"})
    assert (row.field, row.before, row.after) == ("price_vnd", 50_000, 60_000)


async def test_sales_change_no_field(conn: AsyncConnection) -> None:
    before = await keep_one(conn)

    sale = Sale(order_line="1", sku=SKU, quantity=2, sold_at=LATER)
    await record_sales(conn, "m", [sale], now=LATER)

    assert await last(conn) == before


async def test_values_about_a_person_are_erased_at_once_where_that_is_asked(
    conn: AsyncConnection,
) -> None:
    await keep_one(conn)
    maker = make_producer(name="Hộ bà Mẫu")
    await save_producers(conn, [maker], by=Author("thử", LATER))
    other = make_producer(id="CS-0002", name="Hộ khác Mẫu")
    await save_producers(conn, [other], by=Author("thử", LATER))

    await erase_values_of(conn, ["CS-0001"], LATER)
    await erase_values_of(conn, ["CS-0001"], LATER + KEPT_FOR)

    rows = await conn.execute(select(field_change).order_by(field_change.c.n))
    left = {
        (row.subject, row.field): (row.personal_before, row.personal_after)
        for row in rows
        if row.entity == "producer"
    }
    assert left == {
        ("CS-0001", ""): (None, None),
        ("CS-0001", "name"): (None, None),
        ("CS-0002", ""): (None, {"name": "Hộ khác Mẫu"}),
    }
    erased = await conn.execute(select(field_change.c.erased_at).distinct())
    assert set(erased.scalars()) == {None, LATER}


async def test_prices_stay_for_good_and_names_do_not(conn: AsyncConnection) -> None:
    before = await keep_one(conn)
    await update.set_price(conn, SKU, 60_000, **BY)
    maker = make_producer(name="Hộ bà Mẫu")
    await save_producers(conn, [maker], by=Author("thử", LATER))

    await erase_old_values(conn, LATER + KEPT_FOR - timedelta(seconds=1))
    kept = await changes(conn, before)
    await erase_old_values(conn, LATER + KEPT_FOR)
    price, name = await changes(conn, before)

    assert [each.erased for each in kept] == [False, False]
    assert (price.before, price.after, price.erased) == (50_000, 60_000, False)
    assert (name.before, name.after, name.erased) == (None, None, True)
