"""All of a quota is used and none exceeded, by everybody who talks to the account.

A marketplace counts our calls in a bucket that leaks, as real ones do, and refuses
calls that do not fit. Reads, writes and looks at reviews go on side by side for some
minutes of fake time.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from itertools import count
from typing import Any

import pytest

from ocop_sync.errors import RateLimitedError
from ocop_sync.marketplace.change import SetPrice, Withdraw
from ocop_sync.marketplace.port import Context
from ocop_sync.marketplace.quota import FASTEST, SLOWEST, Quota
from ocop_sync.testing.memory import ACCOUNT, InMemoryMarketplace, offline_context
from ocop_sync.testing.mocks.quota import LeakyBucket
from tests.fake_loop import run_in_fake_time

DECLARED = 50.0
CALL_S = 0.08
WARM_UP_S, MEASURED_S = 60, 60


class Strict(InMemoryMarketplace):
    """Takes so many calls a second, and says how full its bucket is if it is open."""

    def __init__(
        self,
        context: Context,
        *,
        per_s: float,
        size: int,
        is_open: bool,
        call_s: float,
    ) -> None:
        super().__init__(ACCOUNT, context)
        self.call_s = call_s
        self.bucket = LeakyBucket(per_s, size=size, now=_seconds)
        self.is_open = is_open
        self.taken: Counter[str] = Counter()
        self.refused = 0

    async def _receive(self, method: str, items: Sequence[Any]) -> None:
        del items
        await self.context.quota.take()
        await asyncio.sleep(self.call_s / 2)
        if wait_s := self.bucket.take():
            self.refused += 1
            self.context.quota.over(wait_s)
            message = "429"
            raise RateLimitedError(message, retry_after=wait_s)
        self.taken[method] += 1
        used = self.bucket.used
        await asyncio.sleep(self.call_s / 2)
        if self.is_open:
            self.context.quota.told(used, self.bucket.size)


def _seconds() -> float:
    return asyncio.get_running_loop().time()


async def _go_on(call: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await call()
        except RateLimitedError:
            await asyncio.sleep(0.5)


@cache  # fake time and no chance: it comes out as before
def live(
    *,
    per_s: float,
    size: int = 10,
    is_open: bool,
    call_s: float = CALL_S,
    **more: Any,
) -> Strict:
    """Return the marketplace after some minutes in which all were busy."""

    async def story() -> Strict:
        context = offline_context()
        quota = Quota(
            calls_per_s=DECLARED,
            burst=min(size, 10),
            time=_seconds,
            sleep=asyncio.sleep,
            **more,
        )
        context = Context(
            clock=context.clock,
            quota=quota,
            session=context.session,
            secrets=context.secrets,
        )
        market = Strict(context, per_s=per_s, size=size, is_open=is_open, call_s=call_s)
        numbers = count()
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: market.page(None),
            lambda: market.read(["M1"]),
            lambda: market.follow(["T1"]),
            lambda: market.events(None),
            lambda: market.set_price(
                [SetPrice(client_ref=f"SP-{next(numbers)}", ref="M1", prices={})]
            ),
            lambda: market.withdraw([Withdraw(client_ref="SP", ref="M1", reason="")]),
        ]
        tasks = [asyncio.create_task(_go_on(c)) for c in calls for _ in range(4)]
        await asyncio.sleep(WARM_UP_S)
        market.taken.clear()
        market.refused = 0
        await asyncio.sleep(MEASURED_S)
        for task in tasks:
            task.cancel()
        return market

    return run_in_fake_time(story())


def used_share(market: Strict, per_s: float) -> float:
    return sum(market.taken.values()) / MEASURED_S / per_s


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "silent"])
@pytest.mark.parametrize("size", [1, 5, 10, 40])
def test_of_the_declared_quota_at_least_95_percent_is_used_and_nothing_refused(
    is_open: bool, size: int
) -> None:
    market = live(per_s=DECLARED, size=size, is_open=is_open)

    assert market.refused == 0
    assert used_share(market, DECLARED) >= 0.95


@pytest.mark.parametrize("size", [10, 20, 40])
def test_the_pace_does_not_swing_though_what_is_told_is_late(size: int) -> None:
    market = live(per_s=DECLARED, size=size, is_open=True, call_s=0.4)

    assert market.refused == 0
    assert used_share(market, DECLARED) >= 0.99


@pytest.mark.parametrize("real", [20.0, 35.0, 65.0, 90.0])
def test_a_quota_other_than_declared_is_learned_from_what_the_marketplace_says(
    real: float,
) -> None:
    market = live(per_s=real, is_open=True)

    assert market.refused == 0
    assert used_share(market, real) >= 0.95


def test_a_lower_quota_is_learned_from_refusals_alone() -> None:
    market = live(per_s=20.0, is_open=False)

    assert market.refused <= 4
    assert used_share(market, 20.0) >= 0.85


def test_all_who_talk_to_an_account_share_its_quota() -> None:
    market = live(per_s=DECLARED, size=10, is_open=True)

    assert market.taken.keys() == {
        *("page", "read", "follow", "events", "set_price", "withdraw")
    }
    assert max(market.taken.values()) <= 2 * min(market.taken.values())


def test_a_rate_that_a_person_has_set_is_not_exceeded() -> None:
    market = live(per_s=1_000.0, is_open=True, fastest=1.0)

    assert sum(market.taken.values()) / MEASURED_S <= DECLARED


@pytest.mark.parametrize(
    ("per_s", "bound"), [(0.5, SLOWEST), (100_000.0, FASTEST)], ids=["slow", "fast"]
)
def test_what_is_learned_stays_within_bounds(per_s: float, bound: float) -> None:
    market = live(per_s=per_s, is_open=True)

    learned = market.context.quota.calls_per_s
    assert learned == pytest.approx(DECLARED / 1.03 * bound, rel=0.1)


@pytest.mark.parametrize(("used", "size"), [(-1, 10), (9, 0), (9, -5), (1, 1)])
def test_a_count_that_tells_nothing_teaches_nothing(used: int, size: int) -> None:
    quota = Quota(calls_per_s=10, time=lambda: 0.0, sleep=asyncio.sleep)
    for _ in range(100):
        quota.told(used, size)

    assert quota.calls_per_s == pytest.approx(10 / 1.03)


@pytest.mark.parametrize(
    ("per_s", "raised"), [(10, False), (40, False), (DECLARED / 1.03, True)]
)
def test_a_pace_of_which_little_was_used_is_not_raised(
    per_s: float, raised: bool
) -> None:
    """Else all calls would come at once when whatever holds them back has ended."""

    async def story() -> float:
        quota = Quota(calls_per_s=DECLARED, time=_seconds, sleep=asyncio.sleep)
        for _ in range(int(5 * per_s)):
            await quota.take()
            quota.told(1, 20)
            await asyncio.sleep(0.999 / per_s)
        return quota.calls_per_s or 0.0

    learned = run_in_fake_time(story())

    assert (learned > DECLARED / 1.03) == raised
