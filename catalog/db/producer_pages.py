"""Producers page by page, and how many products each has.

Functions over a connection that the caller opened; none of them commits.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from catalog.db.tables import producer, product

_AFTER: Any = (
    select(producer.c.id)
    .where(producer.c.id > bindparam("after"))
    .order_by(producer.c.id)
    .limit(bindparam("size"))
)
_COUNTED: Any = (
    select(product.c.producer_id, func.count())
    .where(product.c.producer_id.in_(IDS))
    .group_by(product.c.producer_id)
)


async def producer_ids_after(
    conn: AsyncConnection, after: str, size: int
) -> Sequence[str]:
    """Return at most *size* ids of producers behind *after*, "" for the first."""
    rows = await conn.execute(_AFTER, {"after": after, "size": size})
    return [row[0] for row in rows]


async def count_products(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, int]:
    """Return how many products each of the producers *ids* has; none is left out."""
    return {row[0]: row[1] for row in await rows_of(conn, _COUNTED, ids)}
