"""How many runs and changes there were lately, by account and outcome.

Only the latest `MOST` of each are counted: so a question costs the same after the first
sync of a province, and says how far back it went.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.tables import change, run

MOST: Final = 10_000
"""Rows that are looked at: some ten milliseconds of SQLite."""

OPEN: Final = "open"
"""The outcome of a change that has none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many there were at one account, of one outcome."""

    account: str
    marketplace: str
    outcome: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentWork:
    """What there was since an instant.

    Attributes:
        since: Since when, in UTC: later than asked for if there were too many.
        tallies: How many, by account and outcome.
    """

    since: datetime
    tallies: Sequence[Tally]


def _counted(latest: Select[Any]) -> Select[Any]:
    """Return the query that counts the rows of *latest*."""
    found = latest.limit(bindparam("most")).subquery("latest_rows")
    keys = (found.c.account, found.c.marketplace, found.c.outcome)
    return select(
        *keys, func.count().label("n"), func.min(found.c.at).label("earliest")
    ).group_by(*keys)


_CHANGES = _counted(
    select(
        change.c.account,
        change.c.marketplace,
        func.coalesce(change.c.outcome, OPEN).label("outcome"),
        change.c.sent_at.label("at"),
    )
    .where(change.c.sent_at > bindparam("since"))
    .order_by(change.c.sent_at.desc())
)
_RUNS = _counted(
    select(
        run.c.account,
        run.c.marketplace,
        run.c.outcome,
        run.c.started_at.label("at"),
    )
    .where(run.c.started_at > bindparam("since"))
    .order_by(run.c.started_at.desc())
)


async def changes_since(
    conn: AsyncConnection, since: datetime, most: int = MOST
) -> RecentWork:
    """Return how many changes were sent after *since*, by what became of them."""
    return await _since(conn, _CHANGES, since, most)


async def runs_since(
    conn: AsyncConnection, since: datetime, most: int = MOST
) -> RecentWork:
    """Return how many runs of the ledger have begun after *since*, by their ends."""
    return await _since(conn, _RUNS, since, most)


async def _since(
    conn: AsyncConnection, statement: Select[Any], since: datetime, most: int
) -> RecentWork:
    rows = (await conn.execute(statement, {"since": since, "most": most})).all()
    tallies = [
        Tally(
            account=row.account,
            marketplace=row.marketplace,
            outcome=row.outcome,
            n=row.n,
        )
        for row in rows
    ]
    if sum(each.n for each in tallies) >= most:
        since = min(row.earliest for row in rows)
    return RecentWork(since=since, tallies=tallies)
