"""When the worker syncs, and how it ends. What a sync does is tested elsewhere."""

import asyncio
import logging
from datetime import timedelta

import pytest

from ocop_sync.service.stop import Stop
from ocop_sync.worker import work_regularly

SOON = timedelta(milliseconds=5)
NEVER = timedelta(days=1)


async def test_the_first_sync_starts_at_once() -> None:
    stop = Stop()

    async def sync() -> None:
        stop.ask("SIGTERM")

    async with asyncio.timeout(10):
        await work_regularly(sync, every=NEVER, stop=stop)


async def test_syncs_follow_each_other_until_told_to_stop() -> None:
    stop, syncs = Stop(), list[int]()

    async def sync() -> None:
        syncs.append(len(syncs))
        if len(syncs) == 3:
            stop.ask("SIGTERM")

    async with asyncio.timeout(10):
        await work_regularly(sync, every=SOON, stop=stop)

    assert syncs == [0, 1, 2]


async def test_a_sync_that_runs_is_finished_before_the_worker_ends() -> None:
    stop, release, started = Stop(), asyncio.Event(), asyncio.Event()
    finished: list[str] = []

    async def sync() -> None:
        started.set()
        await release.wait()
        finished.append("sync")

    worker = asyncio.create_task(work_regularly(sync, every=NEVER, stop=stop))
    await started.wait()
    stop.ask("SIGTERM")
    for _ in range(10):
        await asyncio.sleep(0)
    ended_early = worker.done()
    release.set()
    async with asyncio.timeout(10):
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
        async with asyncio.timeout(10):
            await work_regularly(sync, every=SOON, stop=stop)

    failed = [r for r in caplog.records if r.message == "sync failed"]
    assert len(failed) == 2
    assert "sàn sập" in caplog.text
