"""Record missing stock as sold, where a marketplace tells of no sales.

It is done in the transaction that stores the read, so that it is counted once. The
amount that counts as sold is decided in `ocop_sync.engine.state.inferred_sales`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import sell
from catalog.db import reader
from catalog.model.sale import Sale
from catalog.values import replace
from ocop_sync.engine.state.inferred_sales import (
    came_late,
    dropped,
    dropped_there,
    taken_off,
)
from ocop_sync.engine.state.state import State
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.deployment import Site
from ocop_sync.service.evaluate.event_feed import InferredSale, Sales
from ocop_sync.store.listings import records
from ocop_sync.store.listings.other_account_doubles import OtherAccountDouble
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs.inferred_sales import INFERRED_LINE


async def with_inferred_sales(
    conn: AsyncConnection,
    site: Site,
    read: Sequence[Record],
    now: datetime,
    sales: Sales,
) -> list[Record]:
    """Record the missing stock of *read* as sold, and return them without it.

    They are the records after a read, not stored yet. *sales* are those of this run:
    the other accounts have less to offer.
    """
    if site.adapter.capabilities.tells_sales or not read:
        return list(read)
    ids = [record.state.product_id for record in read]
    known = await records.load(conn, site.name, ids)
    pairs = [
        (known[id_].state, record.state)
        for id_, record in zip(ids, read, strict=True)
        if id_ in known
    ]
    lines = [line for before, after in pairs for line in _lines(before, after, now)]
    sales.note_inferred(lines)
    await _record(conn, lines, now)
    skus = sorted({sale.sku for _, _, sale in lines})
    since = min(record.state.sales_seen for record in read)
    found = await reader.sales_after(conn, skus, since)
    seen = max((each.n for each in found), default=0)
    # Else a sale at a double would be taken off the first one as well.
    sold = {product_id for _, product_id, _ in lines}
    return [
        _without(record, known[id_].state, seen if id_ in sold else None)
        if id_ in known
        else record
        for id_, record in zip(ids, read, strict=True)
    ]


def _lines(before: State, after: State, now: datetime) -> list[InferredSale]:
    """Return the missing stock of a product's listings at its account."""
    doubles = {double.ref: double for double in before.doubles}
    gone = [(after.ref, dropped(before, after))]
    gone += [
        (double.ref, dropped_there(doubles[double.ref], double))
        for double in after.doubles
        if double.ref in doubles
    ]
    at = after.read_at or now
    return [
        (after.account, after.product_id, _sale(ref, sku, n, at))
        for ref, packs in gone
        for sku, n in packs.items()
    ]


async def note_inferred_at_other_accounts(
    conn: AsyncConnection,
    site: Site,
    pairs: Sequence[tuple[OtherAccountDouble, OtherAccountDouble]],
    now: datetime,
    sales: Sales,
) -> None:
    """Record the missing stock of doubles at other accounts as sold.

    *pairs* are each listing before and after a read.
    """
    if site.adapter.capabilities.tells_sales:
        return
    lines = [
        (after.double.account, after.product_id, _sale(after.double.ref, sku, n, now))
        for before, after in pairs
        for sku, n in dropped_there(before.double, after.double).items()
    ]
    sales.note_inferred(lines)
    await _record(conn, lines, now)


async def with_capped(
    conn: AsyncConnection, site: Site, known: Mapping[str, Record]
) -> dict[str, Record]:
    """Note the packs that are not to be raised where nobody tells of sales."""
    if site.adapter.capabilities.tells_sales:
        return dict(known)
    skus = {
        sku
        for record in known.values()
        for sku in record.state.shown.get(Facet.STOCK, ())
    }
    sold = await reader.sold_since_count(conn, sorted(skus))
    return {
        id_: replace(record, state=replace(record.state, capped=capped))
        if (capped := sold.get(record.state.account, frozenset()))
        else record
        for id_, record in known.items()
    }


def _without(record: Record, before: State, seen: int | None) -> Record:
    """Return *record* without its missing stock, if that was recorded up to *seen*."""
    state = record.state
    if seen is not None:
        state = taken_off(state, dropped(before, state), seen)
    late = came_late(before, state)
    state = taken_off(state, late) if late else state
    return record if state is record.state else replace(record, state=state)


async def _record(
    conn: AsyncConnection, lines: Sequence[InferredSale], now: datetime
) -> None:
    by_account: dict[str, list[Sale]] = {}
    for account, _, sale in lines:
        by_account.setdefault(account, []).append(sale)
    for account, some in by_account.items():
        await sell.record_sales(conn, account, some, now=now)


def _sale(ref: str, sku: str, quantity: int, read_at: datetime) -> Sale:
    """Return missing stock as a sale, as late as it can have been sold."""
    return Sale(
        order_line=f"{INFERRED_LINE}{ref}/{sku}/{read_at.isoformat()}",
        sku=sku,
        quantity=min(quantity, sell.MAX_QUANTITY),
        sold_at=read_at,
        is_exact=True,
    )
