"""No more calls of an account are under way than its setting says, whoever calls."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from ocop_sync.calls.call import call_account
from ocop_sync.marketplace.quota import Quota
from ocop_sync.service.sync.sync import sync
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.world import World, entry, open_world


class Slow(InMemoryMarketplace.having(write_batch={})):  # type: ignore[misc] # at run time
    """Each call lets others begin before it ends."""

    def __init__(self, *args: Any, **kinds: Any) -> None:
        super().__init__(*args, **kinds)
        self.under_way = 0
        self.most = 0

    async def _receive(self, method: str, items: Sequence[Any]) -> None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(5):
            await asyncio.sleep(0)
        self.under_way -= 1
        await super()._receive(method, items)


def set_concurrency(world: World, **of: int) -> Slow:
    world.deployment = replace(world.deployment, concurrency=of)
    market = world.market
    assert isinstance(market, Slow)
    return market


@pytest.mark.parametrize(
    ("of", "most"),
    [
        pytest.param({"memory": 2}, 2, id="of the account"),
        pytest.param({"other": 2}, 10, id="of all"),
    ],
)
async def test_changes_are_sent_side_by_side_as_the_account_allows(
    url: str, of: dict[str, int], most: int
) -> None:
    async with open_world(url, kind=Slow) as world:
        market = set_concurrency(world, **of)
        await world.save(*(entry(n) for n in range(1, 11)))

        report = await world.sync()

    assert report.counts["memory"].listed == 10
    assert market.most == most


async def test_reads_and_writes_share_the_places_of_their_account(url: str) -> None:
    async with open_world(url, kind=Slow) as world:
        market = set_concurrency(world, memory=1)

        async def read(of: Any) -> None:
            await call_account(
                world.deployment,
                market,
                lambda: market.events(None),
                breaker=world.deployment.breaker("memory", of),
                ensure=lambda: None,
            )

        await asyncio.gather(read("work"), read("events"), read("work"))

    assert market.most == 1
    assert len(market.log) == 3


async def test_a_slow_account_is_sent_less_between_two_looks_at_what_is_due(
    world: World,
) -> None:
    await world.save(*(entry(n) for n in range(1, 6)))
    time = world.time
    quota = Quota(calls_per_s=0.5, time=time.seconds, sleep=time.sleep)
    world.market.context = replace(world.market.context, quota=quota)
    seen: list[int] = []

    await sync(world.deployment, progress=lambda _, done, __: seen.append(done))

    sent = [after - before for before, after in pairwise([0, *seen])]
    assert (max(sent), sum(sent)) == (2, 5)  # 5 s hold two calls
