"""Pacing: the rate is used, never exceeded, and whoever asked first goes first.

Time is a number that only the fake sleep moves.
"""

import asyncio

import pytest

from ocop_sync.marketplace.quota import Quota


class FakeTime:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds


def make_quota(
    time: FakeTime, *, calls_per_s: float | None = 10, burst: int = 1
) -> Quota:
    return Quota(calls_per_s=calls_per_s, burst=burst, time=time, sleep=time.sleep)


async def take_many(quota: Quota, time: FakeTime, count: int) -> list[float]:
    """Let *count* callers ask at once; return when each was let through."""
    instants = []

    async def call() -> None:
        await quota.take()
        instants.append(time.now)

    await asyncio.gather(*(call() for _ in range(count)))
    return instants


def most_in_one_second(instants: list[float]) -> int:
    return max(sum(start <= i < start + 1 for i in instants) for start in instants)


@pytest.mark.parametrize("calls_per_s", [1, 4, 10, 50, 100, 1000])
async def test_no_second_ever_holds_more_calls_than_the_quota(
    calls_per_s: int,
) -> None:
    time = FakeTime()
    quota = make_quota(time, calls_per_s=calls_per_s)
    instants = await take_many(quota, time, 3 * calls_per_s + 2)

    assert most_in_one_second(instants) <= calls_per_s


@pytest.mark.parametrize(("calls_per_s", "burst"), [(50, 1), (50, 5), (0.5, 1)])
async def test_all_but_three_percent_of_the_quota_is_used(
    calls_per_s: float, burst: int
) -> None:
    time = FakeTime()
    quota = make_quota(time, calls_per_s=calls_per_s, burst=burst)
    await take_many(quota, time, 201)

    assert (201 - burst) / (time.now - 1000) == pytest.approx(calls_per_s / 1.03)


async def test_a_burst_goes_out_at_once_and_only_once() -> None:
    time = FakeTime()
    instants = await take_many(make_quota(time, burst=5), time, 7)

    assert instants[:5] == [1000.0] * 5
    assert instants[5:] == pytest.approx([1000.103, 1000.206])


async def test_idle_time_does_not_add_up_beyond_the_burst() -> None:
    time = FakeTime()
    quota = make_quota(time, burst=2)
    await quota.take()
    time.now += 3600

    assert await take_many(quota, time, 3) == pytest.approx([4600, 4600, 4600.103])


@pytest.mark.parametrize(("used", "at_once"), [(0, 10), (16, 2), (20, 1)])
async def test_the_fuller_the_count_was_told_the_fewer_go_at_once(
    used: int, at_once: int
) -> None:
    """Some that were let through before may not have arrived yet."""
    time = FakeTime()
    quota = make_quota(time, calls_per_s=50, burst=10)
    time.now += 60
    quota.told(used, 20)
    instants = await take_many(quota, time, 12)

    assert sum(at < 1060.001 for at in instants) == at_once


async def test_a_count_that_was_told_long_ago_holds_no_burst_back() -> None:
    time = FakeTime()
    quota = make_quota(time, calls_per_s=50, burst=10)
    quota.told(20, 20)
    time.now += 1

    instants = await take_many(quota, time, 12)

    assert sum(at < 1001.001 for at in instants) == 10


async def test_a_call_that_counts_as_several_is_paid_for() -> None:
    time = FakeTime()
    quota = make_quota(time, burst=3)
    await quota.take(3)
    await quota.take(2)
    two = time.now
    await quota.take(30)
    many = time.now
    await quota.take()

    assert two == pytest.approx(1000.206)
    assert many == pytest.approx(1000.515)
    assert time.now == pytest.approx(many + 28 * 0.103)


async def test_without_a_known_rate_nothing_waits() -> None:
    time = FakeTime()
    await take_many(make_quota(time, calls_per_s=None), time, 1000)

    assert time.now == 1000


async def test_no_call_takes_nothing() -> None:
    time = FakeTime()
    quota = make_quota(time)
    quota.pause(30)
    await quota.take(0)

    assert time.now == 1000


@pytest.mark.parametrize("calls_per_s", [10, None])
async def test_a_pause_holds_everybody_back(calls_per_s: float | None) -> None:
    time = FakeTime()
    quota = make_quota(time, calls_per_s=calls_per_s, burst=5)
    quota.pause(30)
    quota.pause(5)
    await quota.take()

    assert time.now == pytest.approx(1030)


async def test_a_pause_of_a_year_lasts_a_minute() -> None:
    time = FakeTime()
    quota = make_quota(time)
    quota.pause(365 * 86_400)
    await quota.take()

    assert time.now == pytest.approx(1060)


async def test_a_pause_also_holds_back_who_is_already_waiting() -> None:
    time = FakeTime()
    quota = make_quota(time)
    await quota.take()
    waiting = asyncio.create_task(quota.take())
    await asyncio.sleep(0)
    quota.pause(60)
    await waiting

    assert time.now == pytest.approx(1060)


async def test_first_come_first_served_though_the_first_oversleeps() -> None:
    time, wake = FakeTime(), asyncio.Event()
    order: list[str] = []

    async def oversleep(seconds: float) -> None:
        await wake.wait()
        time.now += seconds

    quota = Quota(calls_per_s=10, time=time, sleep=oversleep)

    async def call(name: str) -> None:
        await quota.take()
        order.append(name)

    await call("before")
    first = asyncio.create_task(call("first"))
    await asyncio.sleep(0)
    time.now += 60
    second = asyncio.create_task(call("second"))
    await asyncio.sleep(0)
    wake.set()
    await asyncio.gather(first, second)

    assert order == ["before", "first", "second"]


async def test_who_gives_up_while_waiting_has_used_nothing() -> None:
    time = FakeTime()
    quota = make_quota(time)
    await quota.take()
    waiting = asyncio.create_task(quota.take(100))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await quota.take()

    assert time.now == pytest.approx(1000.103)


@pytest.mark.parametrize(("calls_per_s", "burst"), [(0, 1), (-1, 1), (10, 0)])
def test_a_quota_that_lets_nothing_through_is_refused(
    calls_per_s: float, burst: int
) -> None:
    with pytest.raises(ValueError, match="quota"):
        make_quota(FakeTime(), calls_per_s=calls_per_s, burst=burst)
