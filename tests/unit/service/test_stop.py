"""The request to stop before each step, and how long calls are awaited."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import pytest

from ocop_sync.calls.stop import Stop
from ocop_sync.errors import OutcomeUnknownError, StoppedError

T = TypeVar("T")


async def never() -> None:
    await asyncio.get_running_loop().create_future()


async def finish(stop: Stop, call: Awaitable[T]) -> T:
    async with stop.finishing():
        return await call
    raise AssertionError


async def begun(task: asyncio.Task[object]) -> None:
    """Let *task* come to where it waits."""
    for _ in range(3):
        await asyncio.sleep(0)
    assert not task.done()


def test_nothing_is_in_the_way_before_somebody_asks() -> None:
    stop = Stop()

    stop.ensure_going()

    assert stop.reason == ""


async def test_nothing_new_is_begun_once_somebody_has_asked() -> None:
    stop = Stop()
    stop.ask("SIGTERM")

    with pytest.raises(StoppedError, match="SIGTERM"):
        stop.ensure_going()
    with pytest.raises(StoppedError, match="SIGTERM"):
        await stop.while_going(never())


async def test_the_first_reason_stays() -> None:
    stop = Stop()

    stop.ask("SIGTERM")
    stop.ask("SIGINT")

    assert stop.reason == "SIGTERM"


async def test_a_wait_ends_when_somebody_asks() -> None:
    stop = Stop(within_s=1000)
    waiting = asyncio.ensure_future(stop.while_going(never()))
    await begun(waiting)

    stop.ask("SIGTERM")

    with pytest.raises(StoppedError, match="SIGTERM"):
        await waiting


async def test_a_call_under_way_is_awaited() -> None:
    stop, answer = Stop(within_s=1000), asyncio.get_running_loop().create_future()
    call = asyncio.ensure_future(finish(stop, answer))
    await begun(call)

    stop.ask("SIGTERM")
    await begun(call)
    answer.set_result("201")

    assert await call == "201"


async def test_a_call_without_an_answer_at_the_limit_may_have_been_applied() -> None:
    stop = Stop(within_s=0)
    call = asyncio.ensure_future(finish(stop, never()))
    await begun(call)

    stop.ask("SIGTERM")

    with pytest.raises(OutcomeUnknownError, match="SIGTERM"):
        await call


async def test_a_time_out_of_the_call_itself_stays_one() -> None:
    async def times_out() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await finish(Stop(), times_out())


async def test_what_has_ended_is_not_ended_again() -> None:
    stop = Stop(within_s=0)
    await stop.while_going(asyncio.sleep(0))

    stop.ask("SIGTERM")

    assert stop.reason == "SIGTERM"
