"""Give a schedule other times, in its place: its runs and its name stay.

What was due by its former times is not lost by that, and none is run a second time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.model.actor import Actor
from catalog.values import replace
from ocop_sync.errors import NoSuchScheduleError
from ocop_sync.service.schedules.claim import settle_due
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.schedules import (
    Office,
    WantedSchedule,
    checked_schedule,
    record,
    timing_of,
    upon,
)
from ocop_sync.store.schedules import schedules
from ocop_sync.store.schedules.schedules import ScheduleRow


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTimes:
    """The times that a schedule is to have; one of the two is given.

    Attributes:
        cron: Five fields of cron, in Vietnam's time; "" for an interval.
        every: The time from one run to the next, counted from when the schedule was
            added; None for cron.
    """

    cron: str = ""
    every: timedelta | None = None


def _whatever(version: str) -> None:
    """Take any version that is there."""


def version_of(cron: str, every_s: int | None) -> str:
    """Return what becomes another with other times."""
    return f"{cron}|{every_s}"


async def edit_schedule(
    office: Office,
    name: str,
    times: NewTimes,
    *,
    by: Actor,
    ensure_seen: Callable[[str], None] = _whatever,
) -> bool:
    """Let a schedule go by other times from now on.

    What is due by the former ones runs once, late, or is skipped and counted, as ever.

    Args:
        office: Where it is kept.
        name: Its name.
        times: The times that it is to have.
        by: Who wants that.
        ensure_seen: Raises an error if the version that it is given, that of the
            present times, is not the one that *by* has seen.

    Returns:
        Whether they are others than before.

    Raises:
        NoSuchScheduleError: There is none of that name.
        PlanError: There can be no such times; the message says why.
    """
    now = office.clock()

    async def edit(conn: AsyncConnection, row: ScheduleRow) -> bool:
        ensure_seen(version_of(row.cron, row.every_s))
        wanted = _as_kept(row, times)
        if (wanted.cron, wanted.every_s) == (row.cron, row.every_s):
            return False
        await settle_due(conn, row, now)
        await schedules.change(conn, row.id, cron=wanted.cron, every_s=wanted.every_s)
        await record(conn, "edit_schedule", name, by, now)
        return True

    return await upon(office, name, by, edit)


async def times_once_edited(
    office: Office, name: str, times: NewTimes, most: int
) -> list[datetime]:
    """Return the first due times of a schedule, had it these *times*; changes nothing.

    Raises:
        NoSuchScheduleError, PlanError: As for `edit_schedule`.
    """
    now = office.clock()
    row = await office.database.fetch(schedules.find, name)
    if row is None:
        raise NoSuchScheduleError(name)
    return timing_of(_as_kept(row, times)).next_times(now, most)


def _as_kept(row: ScheduleRow, times: NewTimes) -> ScheduleRow:
    """Return *row* with other times, as they are kept."""
    wanted = checked_schedule(
        WantedSchedule(
            name=row.name,
            kind=ScheduleKind(row.kind),
            cron=times.cron,
            every=times.every,
        )
    )
    every = wanted.every
    every_s = None if every is None else int(every.total_seconds())
    return replace(row, cron=wanted.cron, every_s=every_s)
