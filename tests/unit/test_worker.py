"""When the worker syncs, and how it ends. A sync itself is tested elsewhere.

Intervals pass by the real clock, in milliseconds; ends come by a clock of the test.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ocop_sync.calls.stop import Stop
from ocop_sync.service.run.heartbeat import BEAT_S, beating
from ocop_sync.store.runs.heartbeats import Doing
from ocop_sync.worker import LOOK_S, OnChange, Times, Wake, work_regularly

SOON = timedelta(milliseconds=5)
NEVER = timedelta(days=1)
NOON = datetime(2024, 3, 1, 5, tzinfo=UTC)


class Clock:
    """A clock that moves when somebody sleeps; things end at *ends*."""

    def __init__(self, *ends: datetime) -> None:
        self.now = NOON
        self.ends = ends
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    async def next_due(self, since: datetime) -> datetime | None:
        return min((end for end in self.ends if end > since), default=None)

    def times(self, every: timedelta = NEVER) -> Times:
        return Times(every=every, next_due=self.next_due, clock=self, sleep=self.sleep)


async def work(
    sync: Callable[[], Awaitable[object]], stop: Stop, times: Times | None = None
) -> None:
    async with asyncio.timeout(10):
        await work_regularly(sync, times or Clock().times(), stop)


async def nothing() -> None:
    """Sync nothing."""


class Syncs:
    """Notes when it was called, and asks to stop after *most* times."""

    def __init__(self, clock: Clock, most: int) -> None:
        self.at: list[datetime] = []
        self.stop = Stop()
        self._clock = clock
        self._most = most

    async def __call__(self) -> None:
        self.at.append(self._clock.now)
        if len(self.at) == self._most:
            self.stop.ask("SIGTERM")


async def test_the_first_sync_starts_at_once() -> None:
    syncs = Syncs(Clock(), most=1)

    await work(syncs, syncs.stop)

    assert syncs.at == [NOON]


async def test_syncs_follow_each_other_until_told_to_stop() -> None:
    clock = Clock()
    syncs = Syncs(clock, most=3)

    await work(syncs, syncs.stop, clock.times(SOON))

    assert len(syncs.at) == 3


async def test_a_sync_that_runs_is_awaited_before_the_worker_ends() -> None:
    stop, release, started = Stop(), asyncio.Event(), asyncio.Event()
    finished: list[str] = []

    async def sync() -> None:
        started.set()
        await release.wait()
        finished.append("sync")

    worker = asyncio.create_task(work(sync, stop))
    await started.wait()
    stop.ask("SIGTERM")
    for _ in range(10):
        await asyncio.sleep(0)
    ended_early = worker.done()
    release.set()
    await worker

    assert not ended_early
    assert finished == ["sync"]


async def test_a_sync_that_fails_is_logged_and_the_next_one_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop, syncs = Stop(), list[int]()

    async def sync() -> None:
        syncs.append(len(syncs))
        if len(syncs) == 2:
            stop.ask("SIGTERM")
        message = "sàn sập"
        raise RuntimeError(message)

    with caplog.at_level(logging.ERROR):
        await work(sync, stop, Clock().times(SOON))

    failed = [r for r in caplog.records if r.message == "sync failed"]
    assert len(failed) == 2
    assert "sàn sập" in caplog.text


async def test_syncs_that_are_left_out_while_one_runs_are_said_once_in_our_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop, release = Stop(), asyncio.Event()

    class Noted(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "left out" in record.getMessage() or "skipped" in record.getMessage():
                asyncio.get_running_loop().call_later(0.03, release.set)

    syncs = list[int]()

    async def sync() -> None:
        syncs.append(len(syncs))
        if len(syncs) == 2:  # the first one runs before there is any other time
            await release.wait()
            stop.ask("SIGTERM")

    root, noted = logging.getLogger(), Noted()
    root.addHandler(noted)
    try:
        with caplog.at_level(logging.INFO):
            await work(sync, stop, Clock().times(SOON))
    finally:
        root.removeHandler(noted)

    said = [r for r in caplog.records if r.message.startswith("the last sync still")]
    assert len(said) == 1
    assert datetime.fromisoformat(vars(said[0])["since"]) > NOON
    assert "maximum number of running instances" not in caplog.text


async def test_it_syncs_at_the_very_moment_at_which_something_ends() -> None:
    first, second = NOON + timedelta(hours=5), NOON + timedelta(hours=5, seconds=1)
    clock = Clock(second, first)
    syncs = Syncs(clock, most=3)

    await work(syncs, syncs.stop, clock.times())

    assert syncs.at == [NOON, first, second]
    assert max(clock.slept) == LOOK_S


async def test_what_has_ended_is_synced_once_even_if_the_sync_fails() -> None:
    clock = Clock(NOON + timedelta(seconds=30))
    syncs = Syncs(clock, most=99)

    async def sync() -> None:
        await syncs()
        raise RuntimeError

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        if clock.now > NOON + timedelta(hours=1):
            syncs.stop.ask("SIGTERM")

    times = Times(every=NEVER, next_due=clock.next_due, clock=clock, sleep=sleep)
    await work(sync, syncs.stop, times)

    assert syncs.at == [NOON, NOON + timedelta(seconds=30)]


async def test_a_clock_that_jumps_ahead_over_an_end_is_noticed_at_the_next_look() -> (
    None
):
    clock = Clock(NOON + timedelta(days=200))
    syncs = Syncs(clock, most=2)

    async def sleep(seconds: float) -> None:
        clock.now += timedelta(days=300)
        await clock.sleep(seconds)

    times = Times(every=NEVER, next_due=clock.next_due, clock=clock, sleep=sleep)
    await work(syncs, syncs.stop, times)

    assert syncs.at == [NOON, NOON + timedelta(days=300, seconds=LOOK_S)]


async def test_a_clock_that_was_put_back_has_all_synced_again_at_once() -> None:
    clock = Clock()
    syncs = Syncs(clock, most=2)

    async def sleep(seconds: float) -> None:
        clock.now -= timedelta(days=10)
        await clock.sleep(seconds)

    times = Times(every=NEVER, next_due=clock.next_due, clock=clock, sleep=sleep)
    await work(syncs, syncs.stop, times)

    assert syncs.at == [NOON, NOON - timedelta(days=10) + timedelta(seconds=LOOK_S)]


async def test_an_end_during_a_sync_has_another_one_follow() -> None:
    clock = Clock(NOON + timedelta(minutes=1))
    syncs = Syncs(clock, most=2)

    async def sync() -> None:
        await syncs()
        clock.now += timedelta(minutes=5)

    await work(sync, syncs.stop, clock.times())

    assert syncs.at == [NOON, NOON + timedelta(minutes=5)]


async def test_a_database_that_is_away_does_not_end_the_worker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock(NOON + timedelta(minutes=1))
    syncs, asked = Syncs(clock, most=2), list[datetime]()

    async def next_due(since: datetime) -> datetime | None:
        asked.append(since)
        if len(asked) == 1:
            raise OSError
        return await clock.next_due(since)

    times = Times(every=NEVER, next_due=next_due, clock=clock, sleep=clock.sleep)
    await work(syncs, syncs.stop, times)

    assert syncs.at == [NOON, NOON + timedelta(minutes=1)]
    assert "could not be read" in caplog.text


class Heart:
    """Notes what the worker does at each heartbeat; after *most*, *then* is called."""

    def __init__(self, most: int, then: Callable[[], None]) -> None:
        self.doing: list[Doing] = []
        self._now = Doing.IDLE
        self._most = most
        self._then = then

    def turn_to(self, doing: Doing) -> None:
        self._now = doing

    async def beat(self) -> None:
        self.doing.append(self._now)
        if len(self.doing) == self._most:
            self._then()


async def test_the_heart_beats_while_a_sync_hangs_and_says_when_all_has_ended() -> None:
    stop, release = Stop(), asyncio.Event()

    def end() -> None:
        stop.ask("SIGTERM")
        release.set()

    async def sync() -> None:
        await release.wait()

    heart, clock = Heart(6, end), Clock()
    async with asyncio.timeout(10), beating(heart.beat, BEAT_S, clock.sleep):
        await work_regularly(sync, clock.times(), stop, heart)

    assert heart.doing == [*[Doing.SYNCING] * 6, Doing.IDLE, Doing.ENDED]
    assert clock.slept.count(BEAT_S) >= 5


async def test_the_heart_knows_a_sync_that_fails_from_one_that_goes_on() -> None:
    stop = Stop()

    async def sync() -> None:
        stop.ask("SIGTERM")
        message = "sàn sập"
        raise RuntimeError(message)

    heart = Heart(99, lambda: None)
    async with asyncio.timeout(10):
        await work_regularly(sync, Clock().times(), stop, heart)

    assert heart.doing == [Doing.SYNCING, Doing.IDLE, Doing.ENDED]


# Changes between the regular times


class Changes:
    """Notes when changes were synced; *during* is called meanwhile."""

    def __init__(self, clock: Clock, wake: Wake) -> None:
        self.at: list[datetime] = []
        self.wake = wake
        self.during: Callable[[], Awaitable[None]] | None = None
        self._clock = clock

    async def __call__(self) -> None:
        self.at.append(self._clock.now)
        if self.during is not None:
            await self.during()

    @property
    def on_change(self) -> OnChange:
        """What the worker is given."""
        return OnChange(wake=self.wake, sync=self)


async def work_on(
    changes: Changes, sync: Callable[[], Awaitable[object]], stop: Stop, times: Times
) -> None:
    async with asyncio.timeout(10):
        await work_regularly(sync, times, stop, on_change=changes.on_change)


async def test_a_change_is_synced_as_soon_as_somebody_asks() -> None:
    clock, stop = Clock(), Stop()
    changes = Changes(clock, Wake())

    async def asleep(_seconds: float) -> None:
        if changes.at:
            stop.ask("SIGTERM")
        changes.wake.ask()
        await asyncio.Event().wait()  # nothing but the wake ends it

    times = replace(clock.times(), sleep=asleep)
    await work_on(changes, nothing, stop, times)

    assert changes.at == [NOON]


async def test_one_sync_serves_all_who_asked_before_it() -> None:
    clock, stop = Clock(), Stop()
    changes = Changes(clock, Wake())

    async def sync() -> None:
        for _ in range(5):
            changes.wake.ask()

    async def after(seconds: float) -> None:
        await clock.sleep(seconds)
        if len(clock.slept) == 3:
            stop.ask("SIGTERM")

    await work_on(changes, sync, stop, replace(clock.times(), sleep=after))

    assert changes.at == [NOON]


async def test_who_asks_during_a_sync_of_changes_is_served_by_the_next() -> None:
    clock, stop = Clock(), Stop()
    changes = Changes(clock, Wake())

    async def during() -> None:
        if len(changes.at) < 3:
            changes.wake.ask()
        else:
            stop.ask("SIGTERM")

    changes.during = during
    changes.wake.ask()
    await work_on(changes, nothing, stop, clock.times())

    assert len(changes.at) == 3


async def test_a_regular_sync_is_not_left_out_for_changes_that_never_end() -> None:
    clock, stop = Clock(), Stop()
    changes = Changes(clock, Wake())
    wholes: list[int] = []

    async def during() -> None:
        changes.wake.ask()  # at once again
        await asyncio.sleep(0.001)

    async def sync() -> None:
        wholes.append(len(changes.at))
        if len(wholes) == 3:
            stop.ask("SIGTERM")

    changes.during = during
    changes.wake.ask()
    await work_on(changes, sync, stop, clock.times(SOON))

    assert len(wholes) == 3


async def test_a_sync_of_changes_that_fails_does_not_stop_the_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, stop = Clock(), Stop()
    changes = Changes(clock, Wake())

    async def during() -> None:
        if len(changes.at) == 2:
            stop.ask("SIGTERM")
            return
        changes.wake.ask()
        raise ValueError

    changes.during = during
    changes.wake.ask()
    await work_on(changes, nothing, stop, clock.times())

    assert len(changes.at) == 2
    assert "sync failed" in caplog.text
