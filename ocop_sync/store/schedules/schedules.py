"""Schedules as rows: when each is due is decided by `ocop_sync.service.schedules`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.schedule_tables import schedule, schedule_run


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """A schedule.

    Attributes:
        id: Its number.
        name: Its name, for people.
        kind: The work that it has done.
        cron: Five fields of cron; "" if it goes by an interval.
        every_s: Seconds from one due time to the next; None if it goes by cron.
        made_at: When it was made, in UTC.
        paused_at: Since when it is paused; None if it is not.
        due_until: All due times up to this one are dealt with.
        skipped: Due times since the last begun run at which that still went on.
    """

    id: int
    name: str
    kind: str
    cron: str
    every_s: int | None
    made_at: datetime
    paused_at: datetime | None
    due_until: datetime
    skipped: int


_ALL = select(schedule).order_by(schedule.c.name)
_NAMED = select(schedule).where(schedule.c.name == bindparam("named"))
_LOCKED = _NAMED.with_for_update()
_LOCKED_ID = select(schedule).where(schedule.c.id == bindparam("of")).with_for_update()
_CHANGE = update(schedule).where(schedule.c.id == bindparam("of"))
_REMOVE_RUNS = delete(schedule_run).where(schedule_run.c.schedule_id == bindparam("of"))
_REMOVE = delete(schedule).where(schedule.c.id == bindparam("of"))


async def all_schedules(conn: AsyncConnection) -> list[ScheduleRow]:
    """Return all schedules by name."""
    return [_schedule(row) for row in await conn.execute(_ALL)]


async def find(conn: AsyncConnection, name: str) -> ScheduleRow | None:
    """Return the schedule *name*, if there is one."""
    return _first((await conn.execute(_NAMED, {"named": name})).all())


async def lock(conn: AsyncConnection, name: str) -> ScheduleRow | None:
    """Return the schedule *name*; nobody else writes to it in this transaction."""
    return _first((await conn.execute(_LOCKED, {"named": name})).all())


async def lock_id(conn: AsyncConnection, schedule_id: int) -> ScheduleRow | None:
    """Return the schedule of that number, locked as by `lock`."""
    return _first((await conn.execute(_LOCKED_ID, {"of": schedule_id})).all())


async def add(
    conn: AsyncConnection,
    *,
    name: str,
    kind: str,
    cron: str,
    every_s: int | None,
    now: datetime,
) -> int:
    """Add a schedule whose due times count from *now* on; return its number."""
    values = {
        "name": name,
        "kind": kind,
        "cron": cron,
        "every_s": every_s,
        "made_at": now,
        "due_until": now,
        "skipped": 0,
    }
    made = insert(schedule).values(values).returning(schedule.c.id)
    return int((await conn.execute(made)).scalar_one())


async def change(conn: AsyncConnection, schedule_id: int, **values: object) -> None:
    """Change columns of a schedule, called as the table calls them."""
    await conn.execute(_CHANGE.values(values), {"of": schedule_id})


async def remove(conn: AsyncConnection, schedule_id: int) -> None:
    """Remove a schedule and its runs."""
    await conn.execute(_REMOVE_RUNS, {"of": schedule_id})
    await conn.execute(_REMOVE, {"of": schedule_id})


def _first(rows: Sequence[Row[Any]]) -> ScheduleRow | None:
    return _schedule(rows[0]) if rows else None


def _schedule(row: Row[Any]) -> ScheduleRow:
    return ScheduleRow(**row._asdict())
