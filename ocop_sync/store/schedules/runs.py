"""The runs of schedules: who has claimed which due time, and how it ended.

A claim is a row under (schedule, due time), of the form of `ocop_sync.store.claims`. At
most one row of a schedule is open: the database sees to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Executable,
    Row,
    Select,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.columns import UtcDateTime
from catalog.db.upsert import insert_in
from ocop_sync.store.claims import Claimable, Claims
from ocop_sync.store.rows import values_of
from ocop_sync.store.schedule_tables import schedule, schedule_run

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class RunOutcome(StrEnum):
    """How a run of a schedule has ended."""

    DONE = "done"
    FAILED = "failed"
    """It has an error, or left something undone."""
    SKIPPED = "skipped"
    """It was due while the run before still went on."""
    DIED = "died"
    """Every process that carried it out has died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow(Claimable):
    """A run of a schedule.

    Attributes:
        schedule_id: The schedule.
        due_at: The due time that it is for, in UTC.
        by_hand: A person has asked for it; *due_at* is when.
        missed: Earlier due times that it stands for, too.
        outcome: How it has ended; None while it is open.
    """

    schedule_id: int
    due_at: datetime
    by_hand: bool = False
    missed: int = 0
    outcome: RunOutcome | None = None


_run = schedule_run.c
_IS_OPEN = _run.ended_at.is_(None)
_OF = _run.schedule_id == bindparam("of")
_OPEN = select(schedule_run).where(_IS_OPEN)
_OPEN_OF = _OPEN.where(_OF)
_LAST_RUN = (
    select(_run.due_at)
    .where(
        _run.schedule_id == schedule.c.id,
        _run.ended_at.is_not(None),
        _run.outcome != RunOutcome.SKIPPED.value,
    )
    .order_by(_run.due_at.desc())
    .limit(1)
    .correlate(schedule)
    .scalar_subquery()
)
_LAST: Select[Any] = select(schedule_run).join(
    schedule, (schedule.c.id == _run.schedule_id) & (_run.due_at == _LAST_RUN)
)
_done, _bad = schedule_run.alias("done").c, schedule_run.alias("bad").c
_LAST_DONE = (
    select(_done.due_at)
    .where(_done.schedule_id == schedule.c.id, _done.outcome == RunOutcome.DONE.value)
    .order_by(_done.due_at.desc())
    .limit(1)
    .correlate(schedule)
    .scalar_subquery()
)
_N_FAILING = (
    select(func.count())
    .where(
        _bad.schedule_id == schedule.c.id,
        _bad.due_at > func.coalesce(_LAST_DONE, bindparam("ever", _NEVER, UtcDateTime)),
        _bad.outcome.in_([RunOutcome.FAILED.value, RunOutcome.DIED.value]),
    )
    .correlate(schedule)
    .scalar_subquery()
)
_FAILING = select(schedule.c.id, _N_FAILING.label("n")).order_by(schedule.c.name)
CLAIMS: Final = Claims(schedule_run, _OF)
"""Of each schedule one run at most is open: "of" is its number."""
_FORGET = delete(schedule_run).where(
    _OF, _run.due_at < bindparam("before"), _run.ended_at.is_not(None)
)
_FORGET_LATER = delete(schedule_run).where(
    _OF, _run.due_at > bindparam("after"), _run.ended_at.is_not(None)
)


async def open_runs(conn: AsyncConnection) -> dict[int, RunRow]:
    """Return the open run of each schedule that has one."""
    found = [_row(each) for each in await conn.execute(_OPEN)]
    return {each.schedule_id: each for each in found}


async def open_run(conn: AsyncConnection, schedule_id: int) -> RunRow | None:
    """Return the open run of a schedule, if it has one."""
    rows: Sequence[Row[Any]] = (await conn.execute(_OPEN_OF, {"of": schedule_id})).all()
    return _row(rows[0]) if rows else None


async def last_runs(conn: AsyncConnection) -> dict[int, RunRow]:
    """Return the last run of each schedule that has ended; not a skipped one."""
    found = [_row(each) for each in await conn.execute(_LAST)]
    return {each.schedule_id: each for each in found}


async def failing_runs(conn: AsyncConnection) -> dict[int, int]:
    """Return how many runs of each schedule have failed or died since one worked."""
    return {each.id: each.n for each in await conn.execute(_FAILING)}


async def add(conn: AsyncConnection, run: RunRow) -> bool:
    """Add a run; say whether its due time had none before."""
    values = values_of(run) | {"outcome": run.outcome.value if run.outcome else ""}
    rows = await conn.execute(_add(conn.dialect.name), values)
    return rows.first() is not None


@cache
def _add(dialect: str) -> Executable:
    insert = insert_in(dialect, schedule_run).values(
        {each.name: bindparam(each.name) for each in _run}
    )
    return insert.on_conflict_do_nothing(
        index_elements=[_run.schedule_id, _run.due_at]
    ).returning(_run.due_at)


async def forget_before(
    conn: AsyncConnection, schedule_id: int, before: datetime
) -> None:
    """Forget ended runs of due times before *before*."""
    await conn.execute(_FORGET, {"of": schedule_id, "before": before})


async def forget_after(conn: AsyncConnection, schedule_id: int, after: datetime) -> int:
    """Forget ended runs of due times after *after*; return how many there were."""
    return (
        await conn.execute(_FORGET_LATER, {"of": schedule_id, "after": after})
    ).rowcount


def _row(row: Row[Any]) -> RunRow:
    outcome = RunOutcome(row.outcome) if row.outcome else None
    return RunRow(**row._asdict() | {"outcome": outcome})
