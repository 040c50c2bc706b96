"""What is told of a run while it goes on, for whoever follows it.

Events of a run are numbered in the order in which they are committed: whoever has read
up to a number misses none.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from ocop_sync.store.rows import values_of
from ocop_sync.store.run_event_tables import run_event


class EventKind(StrEnum):
    """What an event tells."""

    BEGUN = "begun"
    """A run has begun to read or to send at an account."""
    PROGRESS = "progress"
    """Some changes were sent there."""
    ENDED = "ended"
    """The run there has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """An event of a run.

    Attributes:
        run: The run, or the sync, as the ledger calls it before the first ":".
        n: Its number in the run.
        at: When, in UTC.
        kind: What it tells.
        account: At which account.
        data: The rest, as JSON's values.
    """

    run: str
    n: int
    at: datetime
    kind: EventKind
    account: str
    data: dict[str, Any] = field(default_factory=dict)


_c = run_event.c
_LAST = select(func.max(_c.n)).where(_c.run == bindparam("of"))
_AFTER = (
    select(run_event)
    .where(_c.run == bindparam("of"), _c.n > bindparam("after"))
    .order_by(_c.n)
    .limit(bindparam("most"))
)
_LAST_OF_EACH = (
    select(run_event)
    .where(
        _c.run == bindparam("of"),
        _c.n.in_(
            select(func.max(_c.n)).where(_c.run == bindparam("of")).group_by(_c.account)
        ),
    )
    .order_by(_c.account)
)
_ADD = insert(run_event)
_FORGET = delete(run_event).where(_c.at < bindparam("before"))


async def last_number(conn: AsyncConnection, run: str) -> int:
    """Return the number of the last event of a run; 0 if it has none."""
    return int(await conn.scalar(_LAST, {"of": run}) or 0)


async def add(conn: AsyncConnection, events: Iterable[RunEvent]) -> None:
    """Add events, numbered by whoever runs."""
    rows = (values_of(each) | {"kind": each.kind.value} for each in events)
    await execute_each(conn, _ADD, rows)


async def after(
    conn: AsyncConnection, run: str, number: int, most: int
) -> list[RunEvent]:
    """Return at most *most* events of a run behind *number*, in order."""
    rows = await conn.execute(_AFTER, {"of": run, "after": number, "most": most})
    return [_event(row) for row in rows.all()]


async def last_of_each(conn: AsyncConnection, run: str) -> list[RunEvent]:
    """Return the last event of each account of a run, by account."""
    rows = await conn.execute(_LAST_OF_EACH, {"of": run})
    return [_event(row) for row in rows.all()]


async def forget_before(conn: AsyncConnection, before: datetime) -> None:
    """Forget events of before *before*."""
    await conn.execute(_FORGET, {"before": before})


def _event(row: Row[Any]) -> RunEvent:
    return RunEvent(**row._asdict() | {"kind": EventKind(row.kind)})
