"""Counts of listings and their changes that cost little however large a province is.

Each is found by an index, and looks at a bounded number of rows.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.listings.change_delays import DelayEnd
from ocop_sync.store.tables import change_delay, drift, held, listing

MOST: Final = 5_000
"""Delays that are looked at: the latest ones."""

_DELAYS = (
    select(
        change_delay.c.marketplace, change_delay.c.changed_at, change_delay.c.ended_at
    )
    .where(
        change_delay.c.ended_at > bindparam("since"),
        change_delay.c.outcome == DelayEnd.CONFIRMED.value,
    )
    .order_by(change_delay.c.ended_at.desc())
    .limit(MOST)
)
_DRIFT = (
    select(drift.c.marketplace, drift.c.kind, func.count().label("n"))
    .where(
        drift.c.marketplace.in_(bindparam("names", expanding=True)),
        drift.c.healed_at.is_(None),
    )
    .group_by(drift.c.marketplace, drift.c.kind)
)
_GROUPS = (
    select(
        held.c.marketplace,
        func.count().label("n"),
        func.min(held.c.opened_at).label("oldest"),
    )
    .where(held.c.marketplace.in_(bindparam("names", expanding=True)))
    .where(held.c.state == "open")
    .group_by(held.c.marketplace)
)
# A verdict changes at the end of its certificate at the latest, and that instant has an
# index: the day of the end itself has none.
_ENDS = (
    select(listing.c.account, listing.c.ends_on, func.count().label("n"))
    .where(
        listing.c.account.in_(bindparam("keys", expanding=True)),
        listing.c.until.is_not(None),
        listing.c.until > bindparam("now"),
        listing.c.until <= bindparam("by"),
        listing.c.ends_on != "",
    )
    .group_by(listing.c.account, listing.c.ends_on)
)


async def confirmed_since(conn: AsyncConnection, since: datetime) -> Sequence[Any]:
    """Return the delays that a read has ended after *since*, the latest ones."""
    return (await conn.execute(_DELAYS, {"since": since})).all()


async def open_drift(conn: AsyncConnection, names: Sequence[str]) -> Sequence[Any]:
    """Return how much drift is not healed at marketplaces *names*, by kind."""
    return (await conn.execute(_DRIFT, {"names": list(names)})).all()


async def open_groups(conn: AsyncConnection, names: Sequence[str]) -> Sequence[Any]:
    """Return how many groups wait at marketplaces *names*, and since when."""
    return (await conn.execute(_GROUPS, {"names": list(names)})).all()


async def ends_by(
    conn: AsyncConnection, keys: Sequence[str], now: datetime, by: datetime
) -> Sequence[Any]:
    """Return how many products at accounts *keys* have a claim that ends, by day.

    Those are looked at whose verdict changes by itself after *now*, until *by*.
    """
    values = {"keys": list(keys), "now": now, "by": by}
    return (await conn.execute(_ENDS, values)).all()
