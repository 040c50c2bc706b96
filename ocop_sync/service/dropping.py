"""Write down as sold what shows lower, where a marketplace tells of no sales.

It is done in the transaction that stores what a read has shown, so that it is
counted once. What counts as sold is decided in `ocop_sync.engine.dropped`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog import repository, selling
from catalog.sale import Sale
from ocop_sync.engine.dropped import came_late, dropped, taken_off
from ocop_sync.engine.state import State
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.deployment import Site
from ocop_sync.service.selling import Selling
from ocop_sync.store import records
from ocop_sync.store.records import Record


async def with_drops(
    conn: AsyncConnection,
    site: Site,
    read: Sequence[Record],
    now: datetime,
    selling: Selling,
) -> list[Record]:
    """Write down what is gone of *read*, and return them with that taken off.

    Args:
        conn: A connection in the transaction that stores them.
        site: The marketplace.
        read: What reads have shown, not stored yet.
        now: The present instant, in UTC.
        selling: What is heard of sales: the other accounts have less to offer.
    """
    if site.adapter.capabilities.tells_sales or not read:
        return list(read)
    ids = [record.state.product_id for record in read]
    known = await records.load(conn, site.name, ids)
    gone = {
        id_: lost
        for id_, record in zip(ids, read, strict=True)
        if id_ in known and (lost := dropped(known[id_].state, record.state))
    }
    if gone:
        selling.note_news()
    seen = await _write_down(conn, [r.state for r in read], gone, now)
    return [
        _after(record, known.get(id_), gone.get(id_, {}), seen)
        for id_, record in zip(ids, read, strict=True)
    ]


async def with_capped(
    conn: AsyncConnection, site: Site, known: Mapping[str, Record]
) -> dict[str, Record]:
    """Note of what is not to be raised where nobody tells of sales."""
    if site.adapter.capabilities.tells_sales:
        return dict(known)
    skus = {
        sku
        for record in known.values()
        for sku in record.state.shown.get(Facet.STOCK, ())
    }
    sold = await repository.sold_since_count(conn, sorted(skus))
    return {
        id_: replace(record, state=replace(record.state, capped=capped))
        if (capped := sold.get(record.state.account, frozenset()))
        else record
        for id_, record in known.items()
    }


def _after(
    record: Record, before: Record | None, gone: Mapping[str, int], seen: int
) -> Record:
    state = taken_off(record.state, gone, seen) if gone else record.state
    late = came_late(before.state, state) if before else frozenset()
    state = taken_off(state, late) if late else state
    return record if state is record.state else replace(record, state=state)


async def _write_down(
    conn: AsyncConnection,
    states: Sequence[State],
    gone: Mapping[str, Mapping[str, int]],
    now: datetime,
) -> int:
    """Write sales down; return the number of the last one that is known."""
    by_account: dict[str, list[Sale]] = {}
    for state in states:
        for sku, n in gone.get(state.product_id, {}).items():
            sale = _sale(state, sku, n, state.read_at or now)
            by_account.setdefault(state.account, []).append(sale)
    for account, sales in by_account.items():
        await selling.record_sales(conn, account, sales, now=now)
    skus = sorted({sale.sku for sales in by_account.values() for sale in sales})
    since = min((state.sales_seen for state in states), default=0)
    found = await repository.sales_after(conn, skus, since)
    return max((each.n for each in found), default=0)


def _sale(state: State, sku: str, quantity: int, read_at: datetime) -> Sale:
    """Return what is gone as a sale, as late as it can have been sold."""
    return Sale(
        order_line=f"read/{state.ref}/{sku}/{read_at.isoformat()}",
        sku=sku,
        quantity=min(quantity, selling.MAX_QUANTITY),
        sold_at=read_at,
        is_exact=True,
    )
