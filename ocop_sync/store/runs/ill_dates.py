"""Correct instants in the future, which a wrong clock has written.

A listing that was sent "in 2035" would be read back in 2035, and due work would be due
then. Nobody knows when it really was, but it was not later than now: so now counts,
which asks for everything to be looked at soon.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.tables import account, elsewhere, last_run, listing, named

FARTHEST_DUE = timedelta(days=2)
"""Nothing is put off for longer: the longest rest of a change is a day."""

_OF_LISTING = (
    "read_at",
    "sent_at",
    "look_at",
    "waiting_since",
    "ends_seen_at",
    "next_try_at",
)
_DATES: tuple[tuple[Table, Column[Any], tuple[str, ...]], ...] = (
    (account, account.c.key, ("read_whole_at", "down_since", "sales_known_at")),
    (listing, listing.c.account, _OF_LISTING),
    (elsewhere, elsewhere.c.account, ("read_at", "sent_at", "look_at")),
    (named, named.c.account, ("shows_from",)),
    (last_run, last_run.c.account, ("began_at", "failing_since", "worked_at")),
)
"""The columns with the time of an event, or of due work; ends of certificates stay."""


async def put_right(
    conn: AsyncConnection, keys: Collection[str], now: datetime
) -> None:
    """Let no date of accounts *keys* lie far in the future.

    The clock that says *now* must be believed.
    """
    for table, of, names in _DATES:
        for name in names:
            column = table.c[name]
            is_ill = of.in_(list(keys)) & (column > now + FARTHEST_DUE)
            await conn.execute(update(table).where(is_ill).values({name: now}))
