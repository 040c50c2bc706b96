"""The worker of `serve` is started again where it was killed; else `serve` ends."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import cast

import click
import pytest

from ocop_sync.calls.stop import Stop
from ocop_sync.cli.beside_api.child import Child
from ocop_sync.cli.beside_api.worker_process import WorkerProcess
from ocop_sync.settings import Settings
from tests.world import FakeTime

KILLED = -9
SETTINGS = Settings()


class FakePartner:
    """The other end of a process, which notes what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def tell(self, value: object) -> None:
        self.told.append(value)


class FakeChild:
    """A process that ends by itself with a code, or once it is told to stop."""

    def __init__(self, code: int | None) -> None:
        self._code = code
        self._stopped = asyncio.Event()
        self.woken = 0
        self.partner = FakePartner()

    async def wait(self) -> int:
        if self._code is None:
            await self._stopped.wait()
        return self._code or 0

    def wake(self) -> None:
        self.woken += 1

    def stop(self) -> None:
        self._stopped.set()


class Starts:
    """Starts workers that end with these codes; the one after them runs on."""

    def __init__(self, *codes: int) -> None:
        self._codes: Iterator[int | None] = iter([*codes, None])
        self.children: list[FakeChild] = []
        self.running = asyncio.Event()

    @asynccontextmanager
    async def __call__(self, *_words: str) -> AsyncIterator[Child]:
        code = next(self._codes)
        self.children.append(FakeChild(code))
        if code is None:
            self.running.set()
        yield cast("Child", self.children[-1])


def worker_of(starts: Starts, stop: Stop, time: FakeTime) -> WorkerProcess:
    return WorkerProcess(
        ["worker"], SETTINGS, stop, seconds=time.seconds, sleep=time.sleep, start=starts
    )


async def test_a_worker_that_was_killed_is_started_again_later_each_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    starts, stop = Starts(KILLED, KILLED, KILLED), Stop()
    worker = worker_of(starts, stop, FakeTime())

    with caplog.at_level(logging.ERROR):
        running = asyncio.ensure_future(worker.run())
        await starts.running.wait()
    await asyncio.sleep(0)
    worker.wake()
    stop.ask("SIGTERM")
    await running
    worker.wake()

    waits = [getattr(each, "again_in_s", None) for each in caplog.records]
    assert waits == [1, 2, 4]
    told = [each.partner.told for each in starts.children]
    assert told == [[SETTINGS]] * 4  # those that `serve` began with
    assert [each.woken for each in starts.children] == [0, 0, 0, 1]


async def test_a_worker_that_has_said_why_it_ends_ends_serve_with_its_code() -> None:
    starts = Starts(2)

    with pytest.raises(click.exceptions.Exit) as ended:
        await worker_of(starts, Stop(), FakeTime()).run()

    assert (ended.value.exit_code, len(starts.children)) == (2, 1)


async def test_no_worker_is_started_once_serve_is_to_stop() -> None:
    starts, stop = Starts(KILLED), Stop()
    stop.ask("SIGTERM")

    await worker_of(starts, stop, FakeTime()).run()

    assert not starts.children
