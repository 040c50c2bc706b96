"""How many runs have ended and changes were sent, since the database began.

Counted in the transactions that write these down, so that no restart and no second
process is in between. A count never falls: monitoring systems work rates out of it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.upsert import insert_in
from ocop_sync.store.tables import work_count


class Counted(StrEnum):
    """What is counted."""

    RUN = "run"
    """Runs that have ended, by how."""
    SENT = "sent"
    """Changes that were sent; they have no outcome yet."""
    OUTCOME = "outcome"
    """Outcomes of changes. One without an answer is unknown, and has another outcome
    once a read has told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCount:
    """How many there were at one account, of one outcome.

    Attributes:
        outcome: How it ended; "" for what is only sent.
    """

    counted: str
    account: str
    marketplace: str
    outcome: str
    n: int


_ALL = select(work_count)


async def add(
    conn: AsyncConnection, counted: Counted, ended: Iterable[tuple[str, str, str]]
) -> None:
    """Count what is named: account, marketplace and outcome of each."""
    counts = Counter(ended)
    if not counts:
        return
    rows = [
        {
            "counted": counted.value,
            "account": account,
            "marketplace": marketplace,
            "outcome": outcome,
            "n": n,
        }
        for (account, marketplace, outcome), n in sorted(counts.items())
    ]
    await conn.execute(_add(conn.dialect.name), rows)


@cache
def _add(dialect: str) -> Executable:
    insert = insert_in(dialect, work_count)
    insert = insert.values({each.name: bindparam(each.name) for each in work_count.c})
    return insert.on_conflict_do_update(
        index_elements=list(work_count.primary_key),
        set_={"n": work_count.c.n + insert.excluded.n},
    )


async def all_counts(conn: AsyncConnection) -> Sequence[WorkCount]:
    """Return all counts: some for each account that there is, or once was."""
    return [WorkCount(**row._asdict()) for row in await conn.execute(_ALL)]
