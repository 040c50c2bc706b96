"""Write one value of a product or a pack, and nothing else of it.

Its product gets a new revision, and the change goes to the history. Rights, refusals
and consequences are decided in `catalog.commands.update`. Functions over a connection
in a transaction of the caller, which holds the catalog's lock; none of them commits.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.field_changes import (
    FIELDS,
    Change,
    ChangedField,
    Entity,
    value_of,
)
from catalog.db.history import Author, keep_changes
from catalog.db.tables import product, variant
from catalog.db.writer import revise

_OFFER = select(*variant.c["product_id", "sku", "price_vnd", "on_hand", "counted_at"])
_OFFER = _OFFER.where(variant.c.sku == bindparam("sku"))


class Offer(NamedTuple):
    """A pack as it is offered, with its product."""

    product_id: str
    sku: str
    price_vnd: int | None
    on_hand: int | None
    counted_at: datetime | None


async def offer_of(conn: AsyncConnection, sku: str) -> Offer | None:
    """Return the price and the count of a pack; None if there is no such SKU."""
    row = (await conn.execute(_OFFER, {"sku": sku})).first()
    return None if row is None else Offer(*row)


async def set_paused(
    conn: AsyncConnection, product_id: str, *, was: bool, paused: bool, by: Author
) -> None:
    """Write whether the sale of a product is stopped; one that *was* may be so again.

    Then a person stands for it.
    """
    change = update(product).where(product.c.id == product_id)
    await conn.execute(change.values(paused=paused))
    where = ChangedField(Entity.PRODUCT, product_id, "", "paused")
    await _keep(conn, Change(where, was, paused), by)


async def set_price_of(
    conn: AsyncConnection, known: Offer, price_vnd: int, by: Author
) -> None:
    """Write the price of a pack, which is another one than before."""
    await _set(conn, known, "price_vnd", by, price_vnd=price_vnd)


async def set_count_of(
    conn: AsyncConnection, known: Offer, on_hand: int, counted_at: datetime, by: Author
) -> None:
    """Write a count of a pack, which is another one than before."""
    await _set(conn, known, "count", by, on_hand=on_hand, counted_at=counted_at)


async def _set(
    conn: AsyncConnection, known: Offer, field: str, by: Author, **values: Any
) -> None:
    change = update(variant).where(variant.c.sku == known.sku)
    await conn.execute(change.values(**values))
    columns = dict(FIELDS[Entity.VARIANT])[field]
    rows = known._asdict(), known._replace(**values)._asdict()
    before, now = (value_of(row, columns) for row in rows)
    where = ChangedField(Entity.VARIANT, known.product_id, known.sku, field)
    await _keep(conn, Change(where, before, now), by)


async def _keep(conn: AsyncConnection, change: Change, by: Author) -> None:
    await revise(conn, [change.where.subject])
    await keep_changes(conn, [change], by)
