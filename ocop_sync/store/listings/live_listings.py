"""Which of some products are on sale at a marketplace, as far as is known."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from ocop_sync.store.listings.coverage import IS_LIVE
from ocop_sync.store.tables import listing

LIVE: Any = select(listing.c.product_id).where(
    listing.c.marketplace == bindparam("of"), listing.c.product_id.in_(IDS), IS_LIVE
)


async def live_of(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> set[str]:
    """Return which of *product_ids* are on sale at *marketplace*."""
    rows = await rows_of(conn, LIVE, product_ids, {"of": marketplace})
    return {row[0] for row in rows}
