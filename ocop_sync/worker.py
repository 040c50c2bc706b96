"""Sync at regular times, and when a run is due by itself, until told to stop.

The start of a sync is decided here; its work, by the caller. Syncs never overlap, one
that is late is made up for once, and one that fails does not stop the next.

The clock is looked at every `LOOK_S` seconds at least: a computer that was asleep, or
whose clock was put right, is noticed. One that was put back makes syncs since then
doubtful: it is synced at once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from ocop_sync.calls.stop import Stop
from ocop_sync.clock import Clock
from ocop_sync.errors import OcopSyncError, StoppedError
from ocop_sync.store.runs.heartbeats import Doing

LOOK_S = 20.0
"""Longest time between two looks at the clock, in seconds."""

_JOB = "sync"

_log = logging.getLogger(__name__)


class Wake:
    """Wakes a worker in this process: something may have changed."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Have the worker sync what has changed, as soon as it can."""
        self._asked.set()

    def take(self) -> bool:
        """Say whether somebody has asked since this was called last."""
        asked = self._asked.is_set()
        self._asked.clear()
        return asked

    async def asked(self) -> None:
        """Wait until somebody asks."""
        await self._asked.wait()

    async def asked_within(self, pause: Awaitable[None]) -> None:
        """Wait until somebody asks, but no longer than *pause* does."""
        waits = [asyncio.ensure_future(each) for each in (pause, self.asked())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChange:
    """The work of a worker between its regular times.

    Attributes:
        wake: Asked for it.
        sync: Syncs what has changed.
    """

    wake: Wake
    sync: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When a worker syncs, and how it knows.

    Attributes:
        every: The time from one start to the next.
        next_due: Returns the next moment, after the one it is given, at which a run
            is due by itself, in UTC; None if none is. A verdict ends then, a listing
            is to be looked up, or a change to be tried again.
        clock: The present instant, in UTC.
        sleep: Waits for some seconds.
    """

    every: timedelta
    next_due: Callable[[datetime], Awaitable[datetime | None]]
    clock: Clock
    sleep: Callable[[float], Awaitable[None]]


class Heart(Protocol):
    """Has heartbeats, for whoever watches over the worker."""

    def turn_to(self, doing: Doing) -> None:
        """Note the activity of the worker from now on."""

    async def beat(self) -> None:
        """Write down that the worker lives, and its activity; never fails."""


async def work_regularly(
    sync: Callable[[], Awaitable[object]],
    times: Times,
    stop: Stop,
    heart: Heart | None = None,
    on_change: OnChange | None = None,
) -> None:
    """Call *sync* now, at regular times and when it is due, until told to stop.

    A sync that is running then is awaited: it asks *stop* itself.

    Args:
        sync: The work; its errors are logged.
        times: When.
        stop: Ends it.
        heart: Told of each new activity; the beats in between are the caller's.
        on_change: The work in between; its errors are logged, too.
    """
    if heart is None:
        await _Worker(sync, times, stop, _noted_by_nobody, on_change).run()
        return

    async def note(doing: Doing) -> None:
        heart.turn_to(doing)
        await heart.beat()

    await _Worker(sync, times, stop, note, on_change).run()
    await note(Doing.ENDED)


async def _noted_by_nobody(doing: Doing) -> None:
    del doing


class _Worker:
    def __init__(
        self,
        sync: Callable[[], Awaitable[object]],
        times: Times,
        stop: Stop,
        note: Callable[[Doing], Awaitable[None]],
        on_change: OnChange | None,
    ) -> None:
        self._note = note
        self._on_change = on_change
        self._is_for_changes = False
        self._whole_waits = False
        self._sync = sync
        self._times = times
        self._stop = stop
        self._idle = asyncio.Event()
        self._idle.set()
        self._began = times.clock()
        self._left_out = 0
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    async def run(self) -> None:
        # The scheduler goes by the computer's time, whatever clock we are given.
        now = datetime.now(UTC)
        await self._once()
        self._scheduler.add_job(
            self._once,
            self._trigger(),
            id=_JOB,
            next_run_time=now + self._times.every,
            coalesce=True,
            # The second one ends at once: `_once` reports the sync that was left out,
            # and why.
            max_instances=2,
            # The default drops a sync that is a second late.
            misfire_grace_time=None,
        )
        self._scheduler.start()
        try:
            with suppress(StoppedError):
                await self._watch()
            # Shutting the scheduler down cancels a running sync, so that must end
            # first.
            await self._idle.wait()
        finally:
            self._scheduler.shutdown(wait=False)

    def _trigger(self) -> IntervalTrigger:
        seconds = self._times.every.total_seconds()
        return IntervalTrigger(seconds=seconds, timezone=UTC)

    async def _once(self) -> None:
        if self._stop.reason:
            return
        while not self._idle.is_set():
            if not self._is_for_changes or self._whole_waits:
                self._leave_out()
                return
            self._whole_waits = True
            await self._idle.wait()
            self._whole_waits = False
        self._left_out = 0
        self._began = self._times.clock()
        await self._carry_out(self._sync)

    async def _carry_out(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do *work* while nothing else is begun; its errors are logged."""
        self._idle.clear()
        try:
            await self._note(Doing.SYNCING)
            await work()
        except Exception:  # noqa: BLE001  (logged; the next one may work)
            _log.exception("sync failed")
        finally:
            await self._note(Doing.IDLE)
            self._idle.set()

    def _leave_out(self) -> None:
        """Say that a sync is left out, the first time while one runs."""
        self._left_out += 1
        if self._left_out == 1:
            _log.info(
                "the last sync still runs, so this one is left out",
                extra={"since": self._began.isoformat()},
            )

    async def _watch(self) -> None:
        """Sync when a run is due by itself, until told to stop.

        Raises:
            StoppedError: Told to stop.
        """
        while True:
            self._stop.ensure_going()
            await self._sync_changes()
            wait_s = await self._seconds_left()
            if wait_s > 0:
                pause = self._times.sleep(min(wait_s, LOOK_S))
                await self._stop.while_going(self._or_woken(pause))
            else:
                # One that runs may have evaluated before the moment: look again then.
                await (self._once() if self._idle.is_set() else self._idle.wait())

    async def _sync_changes(self) -> None:
        """Sync what has changed, if somebody has asked and nothing else runs.

        A whole sync that waits goes first: it would wait for ever if changes never end.
        """
        on_change = self._on_change
        if on_change is None or not self._idle.is_set() or self._whole_waits:
            return
        if on_change.wake.take():
            self._is_for_changes = True
            await self._carry_out(on_change.sync)
            self._is_for_changes = False

    async def _or_woken(self, pause: Awaitable[None]) -> None:
        """Wait for *pause*, but no longer than until there may be changes to sync."""
        if self._on_change is None:
            await pause
            return
        is_idle = self._idle.is_set()
        woken = self._on_change.wake.asked() if is_idle else self._idle.wait()
        waits = [asyncio.ensure_future(each) for each in (pause, woken)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _seconds_left(self) -> float:
        """Return the seconds to wait at most; 0 or less means to sync now."""
        now = self._times.clock()
        if now < self._began:
            # The scheduler counts by the clock as well, and would wait for an instant
            # of the old time.
            self._scheduler.reschedule_job(_JOB, trigger=self._trigger())
            return 0
        try:
            due = await self._times.next_due(self._began)
        except OcopSyncError as error:  # the database may be back soon
            _log.warning("the next end is not known", extra={"reason": str(error)})
            return LOOK_S
        except Exception:  # noqa: BLE001  (logged; it may be known soon)
            _log.exception("the next end of a certificate could not be read")
            return LOOK_S
        return LOOK_S if due is None else (due - now).total_seconds()
