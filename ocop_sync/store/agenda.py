"""Find what is open at accounts: due, ended, in review, not answered, not read.

Each is under an index of its own, so that finding it takes no longer the more
there is that is not open.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, bindparam, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.decide import Found
from ocop_sync.engine.hold import Hold
from ocop_sync.store.records import Record, to_record
from ocop_sync.store.tables import account, listing

_DUE = (
    select(listing.c.product_id)
    .where(
        listing.c.account == bindparam("via"),
        listing.c.urgency.is_not(None),
    )
    .order_by(listing.c.urgency, listing.c.waiting_since, listing.c.product_id)
    .limit(bindparam("size"))
)
_OLDEST = (
    select(listing.c.product_id)
    .where(listing.c.account == bindparam("via"), listing.c.urgency.is_not(None))
    .order_by(listing.c.waiting_since, listing.c.product_id)
    .limit(bindparam("size"))
)
_IN_REVIEW = select(listing).where(
    listing.c.account == bindparam("via"), listing.c.found == Found.IN_REVIEW.value
)
_AWAITING = select(listing).where(
    listing.c.account == bindparam("via"), listing.c.awaiting.is_not(None)
)
_IS_UNREAD = and_(
    listing.c.found.in_([Found.LIVE.value, Found.REFUSED.value]),
    listing.c.read_at.is_(None),
    listing.c.ref != "",
)
_UNREAD = select(listing).where(listing.c.account == bindparam("via"), _IS_UNREAD)
_NOT_WITHDRAWN = (
    select(listing)
    .where(
        listing.c.marketplace == bindparam("of"),
        # As the index has it: a value that is bound would not be known to fit.
        text("decision = 'withdraw' AND hold IS NOT NULL"),
        listing.c.hold.in_([Hold.CHANGE_REFUSED.value, Hold.QUARANTINED.value]),
        listing.c.found.in_([Found.LIVE.value, Found.IN_REVIEW.value]),
    )
    .order_by(listing.c.product_id)
    .limit(bindparam("size"))
)
_ENDED = (
    select(listing.c.product_id)
    .where(
        listing.c.account == bindparam("via"),
        listing.c.until.is_not(None),
        listing.c.until <= bindparam("now"),
    )
    .order_by(listing.c.until)
    .limit(bindparam("size"))
)
_FIRST_END = (
    select(listing.c.until)
    .where(listing.c.account == account.c.key, listing.c.until > bindparam("since"))
    .order_by(listing.c.until)
    .limit(1)
    .scalar_subquery()
)
# One look into the index for each account, however much ends later.
_NEXT_END = select(func.min(_FIRST_END)).where(
    account.c.key.in_(bindparam("keys", expanding=True))
)
_WITH_ENDS = select(account.c.key).where(
    account.c.key.in_(bindparam("keys", expanding=True)),
    exists().where(
        listing.c.account == account.c.key, listing.c.until <= bindparam("now")
    ),
)


class Open(StrEnum):
    """What may be open at an account, each under an index of its own."""

    DUE = "due"
    IN_REVIEW = "in_review"
    AWAITING = "awaiting"
    UNREAD = "unread"


_OPEN = {
    Open.DUE: listing.c.urgency.is_not(None),
    Open.IN_REVIEW: listing.c.found == Found.IN_REVIEW.value,
    Open.AWAITING: listing.c.awaiting.is_not(None),
    Open.UNREAD: _IS_UNREAD,
}


async def due(conn: AsyncConnection, account: str, size: int) -> list[str]:
    """Return at most *size* products due at *account*, the most urgent first."""
    rows = await conn.execute(_DUE, {"via": account, "size": size})
    return [id_ for (id_,) in rows.all()]


async def oldest(conn: AsyncConnection, account: str, size: int) -> list[str]:
    """Return at most *size* products that have waited longest at *account*."""
    rows = await conn.execute(_OLDEST, {"via": account, "size": size})
    return [id_ for (id_,) in rows.all()]


async def accounts_with(conn: AsyncConnection, what: Open) -> set[str]:
    """Return the accounts at which something is open."""
    rows = await conn.execute(select(listing.c.account).where(_OPEN[what]).distinct())
    return {key for (key,) in rows.all()}


async def count_due(conn: AsyncConnection, account: str) -> int:
    """Return at how many products something is due at *account*."""
    found = await conn.scalar(
        select(func.count())
        .select_from(listing)
        .where(listing.c.account == account, listing.c.urgency.is_not(None))
    )
    return int(found or 0)


async def in_review(conn: AsyncConnection, account: str) -> list[Record]:
    """Return the records whose submission is followed."""
    rows = await conn.execute(_IN_REVIEW, {"via": account})
    return [to_record(row) for row in rows.all()]


async def not_withdrawn(
    conn: AsyncConnection, marketplace: str, size: int
) -> list[Record]:
    """Return at most *size* listings on sale whose withdrawal is refused, or fails."""
    rows = await conn.execute(_NOT_WITHDRAWN, {"of": marketplace, "size": size})
    return [to_record(row) for row in rows.all()]


async def unread(conn: AsyncConnection, account: str) -> list[Record]:
    """Return the records that should be live, or were corrected, and not read since."""
    rows = await conn.execute(_UNREAD, {"via": account})
    return [to_record(row) for row in rows.all()]


async def awaiting(conn: AsyncConnection, account: str) -> list[Record]:
    """Return the records with something sent and no outcome."""
    rows = await conn.execute(_AWAITING, {"via": account})
    return [to_record(row) for row in rows.all()]


async def last_sent(conn: AsyncConnection, account: str) -> datetime | None:
    """Return when something was last sent, or answered, at *account*; in UTC."""
    found: datetime | None = await conn.scalar(
        select(func.max(listing.c.sent_at)).where(listing.c.account == account)
    )
    return found


async def ended(
    conn: AsyncConnection, account: str, now: datetime, size: int
) -> list[str]:
    """Return products whose verdict may have changed by itself by *now*."""
    rows = await conn.execute(_ENDED, {"via": account, "now": now, "size": size})
    return [id_ for (id_,) in rows.all()]


async def with_ends(
    conn: AsyncConnection, keys: Sequence[str], now: datetime
) -> set[str]:
    """Return the accounts of *keys* where a verdict may have changed by itself."""
    rows = await conn.execute(_WITH_ENDS, {"keys": list(keys), "now": now})
    return {key for (key,) in rows.all()}


async def next_end(
    conn: AsyncConnection, keys: Sequence[str], since: datetime
) -> datetime | None:
    """Return the first moment after *since* at which a verdict may change by itself.

    Args:
        conn: A connection.
        keys: The accounts to look at.
        since: The moment from which it counts, itself left out, in UTC.
    """
    found: datetime | None = await conn.scalar(
        _NEXT_END, {"keys": list(keys), "since": since}
    )
    return found
