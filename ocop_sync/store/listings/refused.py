"""The listings that a marketplace refuses, each with the time of the change."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.terms import Found
from ocop_sync.store.tables import listing

_REFUSED = select(listing.c.marketplace, listing.c.product_id, listing.c.sent_at).where(
    listing.c.found == Found.REFUSED.value
)


class Refusal(NamedTuple):
    """A listing that is refused; sent once more, it is another refusal."""

    marketplace: str
    product_id: str
    sent_at: datetime | None


async def refused(conn: AsyncConnection) -> set[Refusal]:
    """Return all that is refused now, at any marketplace."""
    rows = await conn.execute(_REFUSED)
    return {Refusal(*row) for row in rows.all()}
