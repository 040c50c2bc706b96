"""The schedules as people see them: when each is due, how its last run went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.errors import NoSuchScheduleError
from ocop_sync.service.claims.claimant import is_dead
from ocop_sync.service.schedules.claim import LATE
from ocop_sync.service.schedules.schedules import NEXT, Office, timing_of
from ocop_sync.store.schedules import runs, schedules
from ocop_sync.store.schedules.runs import RunOutcome, RunRow
from ocop_sync.store.schedules.schedules import ScheduleRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRun:
    """A run of a schedule, ended or open.

    Attributes:
        due_at: The due time that it is for; when a person has asked for it, if
            *by_hand*.
        by_hand: A person has asked for it.
        missed: Earlier due times, when nothing ran, that it stands for as well.
        began_at: When it began; None while it waits for a worker.
        is_late: It began well after its due time, or stands for missed ones.
        ended_at: When it ended; None while it is open.
        outcome: How; None while it is open.
        reason: Why it failed, or what waits; "" if there is nothing to say.
        tries: How many processes have begun it: above 1, those before have died.
        is_dead: It is open, and its process shows no sign of life any more.
    """

    due_at: datetime
    by_hand: bool
    missed: int
    began_at: datetime | None
    is_late: bool
    ended_at: datetime | None
    outcome: RunOutcome | None
    reason: str
    tries: int
    is_dead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSchedule:
    """A schedule as it stands.

    Attributes:
        name: Its name.
        kind: The work.
        cron: Five fields of cron; "" if it goes by an interval.
        every_s: Seconds of its interval; None if it goes by cron.
        made_at: When it was added.
        paused_at: Since when it is paused; None if it is not.
        next: The next due times; none while it is paused.
        overdue_since: The earliest due time that no worker has dealt with; None if
            there is none.
        running: The run that goes on, or waits; None if there is none.
        last: The last run that has ended; None if there was none.
        skipped: Due times since the last begun run at which that still went on.
    """

    name: str
    kind: str
    cron: str
    every_s: int | None
    made_at: datetime
    paused_at: datetime | None
    next: Sequence[datetime]
    overdue_since: datetime | None
    running: SeenRun | None
    last: SeenRun | None
    skipped: int


@dataclass(frozen=True, slots=True)
class SeenSchedules:
    """All schedules, by name."""

    schedules: Sequence[SeenSchedule]


async def list_schedules(office: Office) -> SeenSchedules:
    """Return all schedules, by name."""
    now = office.clock()

    async def read(conn: AsyncConnection) -> SeenSchedules:
        rows = await schedules.all_schedules(conn)
        return SeenSchedules(await _seen(conn, rows, now))

    return await office.database.fetch(read)


async def see_schedule(office: Office, name: str) -> SeenSchedule:
    """Return one schedule.

    Raises:
        NoSuchScheduleError: There is none of that name.
    """
    found = await list_schedules(office)
    for each in found.schedules:
        if each.name == name:
            return each
    raise NoSuchScheduleError(name)


async def _seen(
    conn: AsyncConnection, rows: Sequence[ScheduleRow], now: datetime
) -> list[SeenSchedule]:
    last, open_ = await runs.last_runs(conn), await runs.open_runs(conn)
    return [_schedule(row, last, open_, now) for row in rows]


def _schedule(
    row: ScheduleRow,
    last: Mapping[int, RunRow],
    open_: Mapping[int, RunRow],
    now: datetime,
) -> SeenSchedule:
    timing, is_paused = timing_of(row), row.paused_at is not None
    first = None if is_paused else timing.next_after(row.due_until)
    is_overdue = first is not None and now - first > LATE
    return SeenSchedule(
        name=row.name,
        kind=row.kind,
        cron=row.cron,
        every_s=row.every_s,
        made_at=row.made_at,
        paused_at=row.paused_at,
        next=() if is_paused else timing.next_times(max(now, row.due_until), NEXT),
        overdue_since=first if is_overdue else None,
        running=_run(open_.get(row.id), now),
        last=_run(last.get(row.id), now),
        skipped=row.skipped,
    )


def _run(run: RunRow | None, now: datetime) -> SeenRun | None:
    if run is None:
        return None
    return SeenRun(
        due_at=run.due_at,
        by_hand=run.by_hand,
        missed=run.missed,
        began_at=run.began_at,
        is_late=is_late(run),
        ended_at=run.ended_at,
        outcome=run.outcome,
        reason=run.reason,
        tries=run.tries,
        is_dead=is_dead(run, now),
    )


def is_late(run: RunRow) -> bool:
    """Say whether a run began well after its due time, or stands for missed ones."""
    began = run.began_at
    return run.missed > 0 or (began is not None and began - run.due_at > LATE)
