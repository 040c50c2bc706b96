"""Write one value of a product or a pack, and nothing else of it.

Rights, refusals and consequences are decided in `catalog.commands.update`.
Functions over a connection in a transaction of the caller; none of them commits.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.tables import product, variant


async def set_paused(conn: AsyncConnection, product_id: str, paused: bool) -> None:
    """Write whether the sale of a product is stopped."""
    change = update(product).where(product.c.id == product_id)
    await conn.execute(change.values(paused=paused))


async def set_price_of(conn: AsyncConnection, sku: str, price_vnd: int) -> bool:
    """Write the price of a pack; return whether it was another."""
    return await _set(conn, sku, {"price_vnd": price_vnd})


async def set_count_of(
    conn: AsyncConnection, sku: str, on_hand: int, counted_at: datetime
) -> bool:
    """Write a count of a pack, unless a newer one stands; return whether it differs."""
    known = variant.c.counted_at
    newer = or_(known.is_(None), known <= counted_at)
    return await _set(conn, sku, {"on_hand": on_hand, "counted_at": counted_at}, newer)


async def _set(
    conn: AsyncConnection,
    sku: str,
    values: Mapping[str, int | datetime],
    *conditions: ColumnElement[bool],
) -> bool:
    differs = [variant.c[name].is_distinct_from(new) for name, new in values.items()]
    change = update(variant).where(variant.c.sku == sku, or_(*differs), *conditions)
    return bool((await conn.execute(change.values(**values))).rowcount)
