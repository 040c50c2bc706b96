"""Find the unreadable listings of the last reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.tables import account, listing


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableListing:
    """A listing of ours that cannot be read.

    Attributes:
        marketplace: Where.
        product_id: Of which product.
        ref: The marketplace's own identifier, or "".
        reason: Its fault.
    """

    marketplace: str
    account: str
    product_id: str
    ref: str
    reason: str

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {
            "marketplace": self.marketplace,
            "account": self.account,
            "product": self.product_id,
            "ref": self.ref,
            "reason": self.reason,
        }


async def of_ours(conn: AsyncConnection, size: int) -> Sequence[UnreadableListing]:
    """Return the first *size* listings of ours that cannot be read."""
    return await _first(conn, listing.c.unreadable, size)


async def reviews(conn: AsyncConnection, size: int) -> Sequence[UnreadableListing]:
    """Return the first *size* listings in review of which nobody could read the end."""
    return await _first(conn, listing.c.review_unreadable, size)


async def _first(
    conn: AsyncConnection, reason: Column[str], size: int
) -> Sequence[UnreadableListing]:
    rows = await conn.execute(
        select(
            listing.c.marketplace,
            listing.c.account,
            listing.c.product_id,
            listing.c.ref,
            reason.label("reason"),
        )
        .where(reason.is_not(None))
        .order_by(listing.c.marketplace, listing.c.product_id)
        .limit(size)
    )
    return [UnreadableListing(**row) for row in rows.mappings().all()]


async def count_reviews(conn: AsyncConnection) -> int:
    """Return of how many listings in review nobody could read the end."""
    return await _count(conn, listing.c.review_unreadable)


async def count_ours(conn: AsyncConnection) -> int:
    """Return how many listings of ours cannot be read."""
    return await _count(conn, listing.c.unreadable)


async def _count(conn: AsyncConnection, reason: Column[str]) -> int:
    counted = select(func.count()).select_from(listing).where(reason.is_not(None))
    return int(await conn.scalar(counted) or 0)


async def count_others(conn: AsyncConnection) -> dict[str, int]:
    """Return how many others could not be read when accounts were last read whole.

    By account; those without any are left out.
    """
    rows = await conn.execute(
        select(account.c.key, account.c.unreadable).where(account.c.unreadable > 0)
    )
    return {row.key: row.unreadable for row in rows.all()}
