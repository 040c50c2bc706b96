"""Run what people have scheduled, in every worker: look, claim, carry out.

Whether a run is due, and whose it is, is decided by the database
(`ocop_sync.service.schedules.claim`), which any number of processes ask. Here stands
when one looks, and what becomes of a claim: its end is stored, and a process that is
told to stop hands it back.

Only the arithmetic of cron is APScheduler's: its own scheduler goes by the computer's
clock, keeps what is due in memory, and fires twice with two processes on one store.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.telling import Told, can_tell, tell
from ocop_sync.calls.stop import Stop
from ocop_sync.errors import ClaimLostError, StoppedError
from ocop_sync.service.claims.claimant import LEASE, Claimant
from ocop_sync.service.claims.held_claim import HeldClaim
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.notices.kinds import Trouble
from ocop_sync.service.notices.record import record_schedule
from ocop_sync.service.schedules.claim import Claim, claim, is_to_do, next_look
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.show import is_late
from ocop_sync.service.schedules.works import WORKS, AtWork, Work, WorkEnd, ending_of
from ocop_sync.store.db.listening import listening
from ocop_sync.store.schedules import runs, schedules
from ocop_sync.store.schedules.runs import RunOutcome, RunRow
from ocop_sync.store.schedules.schedules import ScheduleRow
from ocop_sync.worker import Wake

LOOK_S: Final = 5.0
"""Longest time between two looks, in seconds: a change that nobody has told of, or a
clock that jumps, is noticed by then."""

_log = logging.getLogger(__name__)


class Scheduler:
    """Runs the schedules of a deployment, beside others in other processes.

    Args:
        at: What works are given.
        wake: Asked when a schedule may have changed.
        works: The work of each kind.
        lease: How long a claim holds without a sign of life.
    """

    def __init__(
        self,
        at: AtWork,
        wake: Wake,
        works: Mapping[ScheduleKind, Work] = WORKS,
        lease: timedelta = LEASE,
    ) -> None:
        self._at = at
        self._deployment = at.deployment
        self._wake = wake
        self._works = works
        self._lease = lease
        self._running: set[asyncio.Task[None]] = set()
        self._is_lost = False

    async def run(self) -> None:
        """Look again and again, until told to stop; runs that go on are awaited."""
        stop = self._deployment.stop
        try:
            with suppress(StoppedError):
                while True:
                    stop.ensure_going()
                    self._wake.take()
                    wait_s = await self.look()
                    pause = self._deployment.sleep(wait_s)
                    await stop.while_going(self._wake.asked_within(pause))
        finally:
            await self.finished()

    async def finished(self) -> None:
        """Wait until no run goes on in this process."""
        while self._running:
            await asyncio.wait(self._running)

    async def look(self) -> float:
        """Begin what is to be done; return the seconds to the next look."""
        try:
            found = await self._deployment.database.fetch(_all)
        except Exception as error:  # noqa: BLE001  (the database may be back soon)
            if not self._is_lost:
                more = {"reason": type(error).__name__}
                _log.warning("schedules could not be read", extra=more)
            self._is_lost = True
            return LOOK_S
        self._is_lost = False
        later = [await self._look_at(*each) for each in found]
        return min([LOOK_S, *(each for each in later if each is not None)])

    async def _look_at(self, row: ScheduleRow, open_run: RunRow | None) -> float | None:
        """Begin one schedule if it is due; return the seconds to its next time.

        A fault stops no other.
        """
        claimant = self._claimant()
        try:
            if is_to_do(row, open_run, claimant):
                await self._try(row, claimant)
            later = next_look(row, open_run, claimant)
        except Exception:  # noqa: BLE001  (logged; the next look tries again)
            _log.exception(
                "a schedule could not be begun", extra={"schedule": row.name}
            )
            return None
        # What has been due was tried now: if that failed, it may wait.
        if later is None or later <= claimant.now:
            return None
        return (later - claimant.now).total_seconds()

    def _claimant(self) -> Claimant:
        return Claimant(
            holder=self._deployment.holder,
            token=token_hex(16),
            now=self._deployment.clock(),
            lease=self._lease,
        )

    async def _try(self, row: ScheduleRow, claimant: Claimant) -> None:
        """Claim a run of a schedule, if it is ours, and begin it."""
        if self._deployment.stop.reason or row.kind not in self._works:
            return
        work = partial(
            claim,
            schedule_id=row.id,
            claimant=claimant,
            deployment=self._deployment,
        )
        claimed = await self._deployment.database.write(work)
        if claimed is not None:
            _tell_begun(claimed)
            task = asyncio.create_task(self._carry_out(claimed))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _carry_out(self, claimed: Claim) -> None:
        work = self._works[ScheduleKind(claimed.schedule.kind)]
        run, more = claimed.run, {"schedule": claimed.schedule.name}
        claim_ = HeldClaim(
            deployment=self._deployment,
            lease=self._lease,
            until=run.lease_until or run.due_at,
            renew=partial(_renew, run),
            about=more,
        )
        at = self._at.of(claim_, schedule=claimed.schedule.name, due_at=run.due_at)
        try:
            ended = await claim_.carry_out(work(at))
        except ClaimLostError:
            _log.warning("a run has lost its claim, and is broken off", extra=more)
        except Exception as error:  # noqa: BLE001  (stored, and logged)
            await self._failed(claimed, error)
        else:
            await self._end(claimed, ended)

    async def _failed(self, claimed: Claim, error: Exception) -> None:
        """Hand a run back if the process stops; else store that it has failed."""
        more = {"schedule": claimed.schedule.name}
        try:
            ended = ending_of(error)
        except StoppedError:
            _log.info("a run of a schedule is handed back", extra=more)
            await self._store(claimed, self._release)
            return
        _log.error("a run of a schedule failed", exc_info=error, extra=more)
        await self._end(claimed, ended)

    async def _end(self, claimed: Claim, ended: WorkEnd) -> None:
        is_held = await self._store(
            claimed, partial(self._note, claimed.schedule, ended)
        )
        level = logging.INFO if ended.outcome is RunOutcome.DONE else logging.WARNING
        more = {
            "schedule": claimed.schedule.name,
            "outcome": ended.outcome.value,
            "reason": ended.reason,
            "stored": is_held,
        }
        _log.log(level, "a run of a schedule has ended", extra=more)

    async def _note(
        self,
        row: ScheduleRow,
        ended: WorkEnd,
        conn: AsyncConnection,
        schedule_id: int,
        token: str,
    ) -> bool:
        """Store how a run has ended, and have it told if that was badly."""
        is_held = await runs.CLAIMS.end(
            conn,
            schedule_id,
            token,
            now=self._deployment.clock(),
            outcome=ended.outcome,
            reason=ended.reason,
        )
        if is_held:
            failed = ended.outcome is RunOutcome.FAILED
            trouble = Trouble.FAILED if failed else None
            await record_schedule(conn, self._deployment, row, trouble)
        return is_held

    async def _store(self, claimed: Claim, act: Callable[..., Awaitable[bool]]) -> bool:
        """Write to the claimed run; say whether the claim was still held."""
        run = claimed.run
        work = partial(act, schedule_id=run.schedule_id, token=run.token)
        try:
            return await self._deployment.database.write(work)
        except Exception:  # noqa: BLE001  (its lease ends, and it is taken over)
            more = {"schedule": claimed.schedule.name}
            _log.exception("the end of a run could not be stored", extra=more)
            return False

    async def _release(
        self, conn: AsyncConnection, schedule_id: int, token: str
    ) -> bool:
        is_held = await runs.CLAIMS.release(conn, schedule_id, token)
        await tell(conn, Told.SCHEDULES)
        return is_held


@asynccontextmanager
async def scheduling(scheduler: Scheduler, stop: Stop) -> AsyncIterator[None]:
    """Run schedules during any work inside; at its end *stop* is asked, if it is not.

    Runs that go on are awaited: they stop in order, and are handed back.
    """
    task = asyncio.ensure_future(scheduler.run())
    try:
        yield
    finally:
        stop.ask("worker dừng / the worker ends")
        await task


@asynccontextmanager
async def told_by_others(
    deployment: Deployment, wake: Wake | None = None, runs: Wake | None = None
) -> AsyncIterator[tuple[Wake | None, Wake]]:
    """Hear during any work inside what other processes tell.

    *runs* is asked when a person has asked for a run.

    Yields:
        Asked when products have changed: *wake*, or one of its own where others can
        tell of it; and asked when schedules have.
    """
    if wake is None and can_tell(deployment.database.dialect):
        wake = Wake()
    schedules = Wake()

    def hear(what: Told) -> None:
        wakes = {Told.SCHEDULES: schedules, Told.CHANGES: wake, Told.RUNS: runs}
        woken = wakes.get(what)
        if woken is not None:
            woken.ask()

    async with listening(deployment.database, hear, deployment.sleep):
        yield wake, schedules


async def _all(conn: AsyncConnection) -> list[tuple[ScheduleRow, RunRow | None]]:
    """Return all schedules, each with its open run."""
    rows, open_ = await schedules.all_schedules(conn), await runs.open_runs(conn)
    return [(row, open_.get(row.id)) for row in rows]


async def _renew(run: RunRow, conn: AsyncConnection, until: datetime) -> bool:
    """Renew a claim; say whether it was still held."""
    if await runs.CLAIMS.renew(conn, run.schedule_id, run.token, until):
        return True
    # A schedule that was removed leaves its run to nobody else.
    return await schedules.lock_id(conn, run.schedule_id) is None


def _tell_begun(claimed: Claim) -> None:
    run = claimed.run
    more = {
        "schedule": claimed.schedule.name,
        "kind": claimed.schedule.kind,
        "due_at": run.due_at.isoformat(),
    }
    if is_late(run):
        _log.warning("a schedule runs late", extra=more | {"missed": run.missed})
    else:
        _log.info("a schedule runs", extra=more)
