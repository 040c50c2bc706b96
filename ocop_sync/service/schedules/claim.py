"""Claim the run of a schedule for a process: the due one, a waiting, or a dead one.

All of it is decided in one transaction that holds the schedule's row, so that any
number of processes agree. What a run does is decided elsewhere.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.service.claims.claimant import WORDS_DIED, Claimant, is_worn_out
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.notices.kinds import Trouble
from ocop_sync.service.notices.record import record_schedule
from ocop_sync.service.schedules.schedules import timing_of
from ocop_sync.service.schedules.timing import DueTimes
from ocop_sync.store.schedules import runs, schedules
from ocop_sync.store.schedules.runs import RunOutcome, RunRow
from ocop_sync.store.schedules.schedules import ScheduleRow

LATE: Final = timedelta(minutes=1)
"""A run that begins later than this after its due time is called late."""
CLOCK_BACK: Final = timedelta(minutes=5)
"""A due time that was dealt with, and is farther ahead than this, was dealt with while
a clock was wrong. Clocks of two computers may differ by less."""
_KEPT: Final = timedelta(days=30)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A run that this process has to carry out.

    Attributes:
        schedule: Its schedule.
        run: The run, as claimed.
    """

    schedule: ScheduleRow
    run: RunRow


def is_to_do(row: ScheduleRow, open_run: RunRow | None, claimant: Claimant) -> bool:
    """Say whether there is anything to be claimed or noted, without the lock."""
    now = claimant.now
    if open_run is not None and not claimant.sees_alive(open_run):
        return True
    if row.due_until > now + CLOCK_BACK:
        return True
    due = timing_of(row).next_after(row.due_until)
    return row.paused_at is None and due is not None and due <= now


def next_look(
    row: ScheduleRow, open_run: RunRow | None, claimant: Claimant
) -> datetime | None:
    """Return when there may be something to do next; None if nothing is foreseen."""
    due = None
    if row.paused_at is None:
        due = timing_of(row).next_after(max(row.due_until, claimant.now))
    lease = open_run.lease_until if open_run is not None else None
    return min((at for at in (due, lease) if at is not None), default=None)


async def claim(
    conn: AsyncConnection,
    schedule_id: int,
    claimant: Claimant,
    deployment: Deployment,
) -> Claim | None:
    """Claim the run of a schedule that is to be carried out now, if there is one.

    A due time at which the run before still goes on is skipped, and counted. What was
    missed while nothing ran is run once, for its last due time. Of a run whose process
    has died it is told, whether it is taken over or given up.
    """
    row = await schedules.lock_id(conn, schedule_id)
    if row is None:
        return None
    open_run = await runs.open_run(conn, row.id)
    if open_run is not None and not claimant.sees_alive(open_run):
        taken = await _take_over(conn, row, open_run, claimant)
        if open_run.token:
            trouble = Trouble.DIED if taken is not None else Trouble.GIVEN_UP
            await record_schedule(conn, deployment, row, trouble)
        if taken is not None:
            return taken
        open_run = None
    due = await _due(conn, row, claimant.now)
    if due is None:
        return None
    if open_run is not None:
        await _skip(conn, row, due, open_run)
        return None
    return await _begin(conn, row, due, claimant)


async def settle_due(conn: AsyncConnection, row: ScheduleRow, now: datetime) -> None:
    """Deal with what is due by *now*, as the times of a locked schedule are to change.

    It waits for a worker, and is run once, late; while a run goes on it is skipped, and
    counted. What is due by the new times then comes after *now*.
    """
    if row.due_until > now + CLOCK_BACK:
        return  # the next worker finds that the clock was put back
    due = None if row.paused_at else timing_of(row).passed(row.due_until, now)
    if due is not None:
        open_run = await runs.open_run(conn, row.id)
        if open_run is not None:
            await _skip(conn, row, due, open_run)
        else:
            waits = RunRow(schedule_id=row.id, due_at=due.last, missed=due.count - 1)
            await runs.add(conn, waits)
    await schedules.change(conn, row.id, due_until=now)


async def _due(
    conn: AsyncConnection, row: ScheduleRow, now: datetime
) -> DueTimes | None:
    """Return the due times that are to be dealt with; a clock put back makes one."""
    if row.due_until > now + CLOCK_BACK:
        forgotten = await runs.forget_after(conn, row.id, now)
        more = {"schedule": row.name, "dealt_with_until": row.due_until.isoformat()}
        _log.warning(
            "the clock was put back: what a schedule has done since is doubted",
            extra=more | {"forgotten": forgotten},
        )
        await schedules.change(conn, row.id, due_until=now)
        return None if row.paused_at else DueTimes(now, 1)
    if row.paused_at is not None:
        return None
    return timing_of(row).passed(row.due_until, now)


async def _begin(
    conn: AsyncConnection, row: ScheduleRow, due: DueTimes, claimant: Claimant
) -> Claim | None:
    run = RunRow(
        schedule_id=row.id,
        due_at=due.last,
        missed=due.count - 1,
        began_at=claimant.now,
        holder=claimant.holder,
        token=claimant.token,
        lease_until=claimant.until,
        tries=1,
    )
    is_new = await runs.add(conn, run)
    await schedules.change(conn, row.id, due_until=due.last, skipped=0)
    await runs.forget_before(conn, row.id, claimant.now - _KEPT)
    return Claim(schedule=row, run=run) if is_new else None


async def _skip(
    conn: AsyncConnection, row: ScheduleRow, due: DueTimes, open_run: RunRow
) -> None:
    """Note that a schedule was due while its last run still went on."""
    skipped = RunRow(
        schedule_id=row.id,
        due_at=due.last,
        missed=due.count - 1,
        ended_at=due.last,
        outcome=RunOutcome.SKIPPED,
    )
    await runs.add(conn, skipped)
    count = row.skipped + due.count
    await schedules.change(conn, row.id, due_until=due.last, skipped=count)
    if row.skipped == 0:
        began = open_run.began_at or open_run.due_at
        more = {"schedule": row.name, "since": began.isoformat()}
        _log.warning("the last run still goes on, so this one is skipped", extra=more)


async def _take_over(
    conn: AsyncConnection, row: ScheduleRow, run: RunRow, claimant: Claimant
) -> Claim | None:
    """Claim a run that waits, or whose process has died; None if it is given up."""
    if is_worn_out(run):
        await runs.CLAIMS.end(
            conn,
            row.id,
            run.token,
            now=claimant.now,
            outcome=RunOutcome.DIED,
            reason=WORDS_DIED,
        )
        _log.error("a run of a schedule is given up", extra={"schedule": row.name})
        return None
    if run.token:
        more = {"schedule": row.name, "holder": run.holder, "tries": run.tries}
        _log.warning("a run of a schedule has died, and is taken over", extra=more)
    taken = await claimant.take(conn, runs.CLAIMS, row.id, run)
    return Claim(schedule=row, run=taken)
