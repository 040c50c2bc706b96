"""Who calls an account next, at its pace, and how many calls fly meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ocop_sync.calls.places import UNPACED, Places
from ocop_sync.calls.stop import Stop
from ocop_sync.errors import StoppedError
from ocop_sync.marketplace.quota import Quota
from tests.fake_loop import run_in_fake_time

PER_S = 50


def make_places(per_s: float | None = PER_S, most: int = 64) -> Places:
    time = asyncio.get_running_loop().time
    quota = Quota(calls_per_s=per_s, time=time, sleep=asyncio.sleep)
    return Places(quota, most)


async def call(
    places: Places,
    made: list[int],
    *,
    urgency: int = 7,
    takes_s: float = 0.1,
    stop: Stop | None = None,
) -> None:
    """Make a call as an adapter does, and note its urgency when it goes."""
    async with places.place(urgency, stop or Stop()):
        await places.quota.take()
        made.append(urgency)
        await asyncio.sleep(takes_s)


async def busy(calls: int, per_s: float | None, takes_s: float) -> tuple[int, float]:
    """Return the most calls in flight, and calls a second, of many that wait."""
    places, most = make_places(per_s), 0

    async def one() -> None:
        nonlocal most
        async with places.place(7, Stop()):
            await places.quota.take()
            most = max(most, places.taken)
            await asyncio.sleep(takes_s)

    await asyncio.gather(*(one() for _ in range(calls)))
    seconds = asyncio.get_running_loop().time() - takes_s
    return most, calls / seconds


@pytest.mark.parametrize(
    ("takes_s", "in_flight"), [(0.02, 1), (0.15, 8), (0.4, 20), (1, 49)]
)
def test_as_many_calls_are_in_flight_as_pace_and_answering_time_ask_for(
    takes_s: float, in_flight: int
) -> None:
    most, per_s = run_in_fake_time(busy(500, PER_S, takes_s))

    assert in_flight <= most <= in_flight + 1
    assert per_s > 0.96 * PER_S


def test_no_more_are_in_flight_than_the_bound_allows() -> None:
    most, _ = run_in_fake_time(busy(500, PER_S, 10))

    assert most == 64


def test_without_a_known_pace_few_are_in_flight() -> None:
    most, _ = run_in_fake_time(busy(500, None, 10))

    assert most == UNPACED


def test_who_has_just_called_goes_behind_those_who_wait() -> None:
    async def story() -> list[int]:
        places, made = make_places(None, most=1), list[int]()

        async def twice() -> None:
            await call(places, made, urgency=7)
            await call(places, made, urgency=7)

        async with asyncio.TaskGroup() as group:
            group.create_task(twice())
            group.create_task(call(places, made, urgency=0))
        return made

    assert run_in_fake_time(story()) == [7, 0, 7]


def test_what_becomes_urgent_goes_with_the_next_call() -> None:
    async def story() -> list[int]:
        places, made = make_places(), list[int]()
        async with asyncio.TaskGroup() as group:
            for _ in range(20):
                group.create_task(call(places, made))
            await asyncio.sleep(4.5 * 1.03 / PER_S)  # five have called
            group.create_task(call(places, made, urgency=0))
            group.create_task(call(places, made, urgency=2))
        return made

    assert run_in_fake_time(story()) == [7] * 5 + [0, 2] + [7] * 15


async def _end(
    act: Callable[[list[asyncio.Task[None]], Stop], Awaitable[None]],
) -> tuple[list[int], int, float]:
    places, made, stop = make_places(per_s=1), list[int](), Stop()
    tasks = [
        asyncio.ensure_future(call(places, made, urgency=n, stop=stop))
        for n in range(4)
    ]
    await asyncio.sleep(0.5)
    await act(tasks, stop)
    done = await asyncio.gather(*tasks, return_exceptions=True)
    ended = [each for each in done if isinstance(each, BaseException)]
    assert (places.waiting, places.taken) == (0, 0)
    return made, len(ended), asyncio.get_running_loop().time()


def test_whoever_waits_for_all_may_be_cancelled() -> None:
    async def act(tasks: list[asyncio.Task[None]], stop: Stop) -> None:
        del stop
        tasks[1].cancel()  # the first has called, and this one waits for the pace

    made, ended, _ = run_in_fake_time(_end(act))

    assert (made, ended) == ([0, 2, 3], 1)


def test_nobody_waits_for_a_turn_once_told_to_stop() -> None:
    async def act(tasks: list[asyncio.Task[None]], stop: Stop) -> None:
        del tasks
        stop.ask("SIGTERM")

    made, ended, at = run_in_fake_time(_end(act))

    assert (made, ended) == ([0], 3)
    assert at < 0.6


def test_who_is_told_to_stop_is_told_so() -> None:
    async def story() -> None:
        places, stop = make_places(), Stop()
        stop.ask("SIGTERM")
        with pytest.raises(StoppedError):
            await call(places, [], stop=stop)
        assert places.taken == 0

    run_in_fake_time(story())


def test_a_place_without_a_request_costs_no_part_of_the_quota() -> None:
    async def story() -> tuple[float, int]:
        places = make_places(per_s=1)
        for _ in range(5):
            async with places.place(7, Stop()):
                pass
        await places.quota.take()
        return asyncio.get_running_loop().time(), places.quota.taken

    at, taken = run_in_fake_time(story())

    assert (at, taken) == (0, 1)


def test_a_second_request_of_a_call_waits_as_any_other() -> None:
    async def story() -> float:
        places = make_places(per_s=1)
        async with places.place(7, Stop()):
            await places.quota.take()
            await places.quota.take()
        return asyncio.get_running_loop().time()

    assert run_in_fake_time(story()) == pytest.approx(1.03)
