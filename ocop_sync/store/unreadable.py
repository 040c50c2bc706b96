"""Find what reads have shown and nobody could read, as the last ones left it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.tables import account, listing


@dataclass(frozen=True, slots=True, kw_only=True)
class OddListing:
    """A listing of ours that cannot be read.

    Attributes:
        marketplace: Where.
        account: Key of the account.
        product_id: Of which product.
        ref: The marketplace's own identifier, or "".
        reason: What is wrong with it.
    """

    marketplace: str
    account: str
    product_id: str
    ref: str
    reason: str


_IS_ODD = listing.c.unreadable.is_not(None)
_IS_ODD_REVIEW = listing.c.review_unreadable.is_not(None)


async def of_ours(conn: AsyncConnection, size: int) -> Sequence[OddListing]:
    """Return the first *size* listings of ours that cannot be read."""
    rows = await conn.execute(
        select(
            listing.c.marketplace,
            listing.c.account,
            listing.c.product_id,
            listing.c.ref,
            listing.c.unreadable.label("reason"),
        )
        .where(_IS_ODD)
        .order_by(listing.c.marketplace, listing.c.product_id)
        .limit(size)
    )
    return [OddListing(**row) for row in rows.mappings().all()]


async def reviews(conn: AsyncConnection, size: int) -> Sequence[OddListing]:
    """Return the first *size* listings in review of which nobody could read the end."""
    rows = await conn.execute(
        select(
            listing.c.marketplace,
            listing.c.account,
            listing.c.product_id,
            listing.c.ref,
            listing.c.review_unreadable.label("reason"),
        )
        .where(_IS_ODD_REVIEW)
        .order_by(listing.c.marketplace, listing.c.product_id)
        .limit(size)
    )
    return [OddListing(**row) for row in rows.mappings().all()]


async def count_reviews(conn: AsyncConnection) -> int:
    """Return of how many listings in review nobody could read the end."""
    counted = select(func.count()).select_from(listing).where(_IS_ODD_REVIEW)
    return int(await conn.scalar(counted) or 0)


async def count_ours(conn: AsyncConnection) -> int:
    """Return how many listings of ours cannot be read."""
    found = await conn.scalar(select(func.count()).select_from(listing).where(_IS_ODD))
    return int(found or 0)


async def count_others(conn: AsyncConnection) -> dict[str, int]:
    """Return how many others could not be read when accounts were last read whole.

    By account; those without any are left out.
    """
    rows = await conn.execute(
        select(account.c.key, account.c.unreadable).where(account.c.unreadable > 0)
    )
    return {row.key: row.unreadable for row in rows.all()}
