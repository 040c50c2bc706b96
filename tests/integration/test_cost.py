"""The cost in a plan, against the calls of the sync that follows."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ocop_sync.marketplace.change import SetPrice
from ocop_sync.marketplace.quota import Quota
from ocop_sync.marketplace.result import Result
from ocop_sync.service.deployment import RunLimits
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.send.queue import WAITED_LONGEST, _mixed
from ocop_sync.testing.memory import READS, LostAnswer
from tests.factories import make_variant
from tests.world import World, entry


def give_quota(world: World, calls_per_s: float) -> None:
    quota = Quota(
        calls_per_s=calls_per_s, time=world.time.seconds, sleep=world.time.sleep
    )
    world.market.context = replace(world.market.context, quota=quota)


async def cost(world: World) -> tuple[int, int]:
    """Sync, and return how many calls wrote and how many read."""
    await world.sync()
    methods = [call.method for call in world.market.log]
    reads = sum(method in READS for method in methods)
    return len(methods) - reads, reads


async def test_a_first_sync_costs_what_the_plan_says(world: World) -> None:
    await world.save(*(entry(n) for n in range(1, 121)))
    [made] = await plan(world.deployment)

    assert (made.calls, made.reads) == (6, 1 + 1 + 3 + 3 + 3)
    # Nothing is reviewed here: what was put on sale is read, and looked up.
    assert await cost(world) == (6, 1 + 1 + 3 + 3)


async def test_what_goes_to_one_account_is_counted_with_its_minutes(
    world: World,
) -> None:
    await world.save(*(entry(n) for n in range(1, 121)))
    give_quota(world, 0.1)

    [made] = await plan(world.deployment)

    [one] = made.costs
    assert (one.account, one.calls, one.reads) == ("memory", 6, 11)
    seconds = 17 / (0.1 / 1.03)
    assert made.minutes == one.minutes == pytest.approx(seconds / 60, abs=0.1)


async def test_reading_an_account_whole_costs_a_call_for_each_page(
    world: World,
) -> None:
    await world.save(*(entry(n) for n in range(1, 251)))
    await world.sync()
    world.time.pass_(hours=25)

    [made] = await plan(world.deployment)

    assert (made.calls, made.reads) == (0, 1 + 3)
    assert await cost(world) == (0, 1 + 3)


async def test_what_has_no_outcome_is_looked_up(world: World) -> None:
    await world.save(*(entry(n) for n in range(1, 4)))
    await world.sync()
    await world.change(
        variants=(make_variant(sku="SP-00001-1", gtin="", price_vnd=77_000),)
    )
    world.market.script("set_price", LostAnswer(applied=False), times=9)
    await world.sync()

    [made] = await plan(world.deployment)

    assert made.reads == 1 + 2


async def test_where_nothing_is_due_sales_are_read_and_no_more(world: World) -> None:
    await world.save(entry(1))
    await world.sync()

    [made] = await plan(world.deployment)

    assert (made.calls, made.reads) == (0, 1)
    assert await cost(world) == (0, 1)


async def test_where_nothing_is_due_the_database_is_asked_seldom(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(*(entry(n) for n in range(1, 4)))
    await world.sync()
    await world.sync()
    opened = Counter[str]()

    def counted(name: str) -> Callable[..., Any]:
        begin = getattr(world.database, name)

        def beginning(*args: Any, **named: Any) -> Any:
            opened[name] += 1
            return begin(*args, **named)

        return beginning

    for name in ("read", "write"):
        monkeypatch.setattr(world.database, name, counted(name))
    await world.sync()

    # The lease is taken, events are taken in, figures are kept, the lease is given
    # back: nothing else holds up those who write meanwhile.
    assert opened["write"] <= 4
    assert opened["read"] <= 12


@pytest.mark.parametrize("urgent", [0, 5, 100, 1000])
def test_a_tenth_of_all_places_goes_to_what_has_waited_longest(urgent: int) -> None:
    hurried = [f"U{n}" for n in range(urgent)]
    waiting = [f"W{n}" for n in range(100)]

    places = _mixed(hurried, waiting)

    assert WAITED_LONGEST == 10
    for end in range(WAITED_LONGEST, len(places), WAITED_LONGEST):
        taken = places[:end]
        assert sum(id_.startswith("W") for id_ in taken) >= min(end // 10, 100)
    assert sorted(places) == sorted(hurried + waiting)


@pytest.mark.parametrize("slice_changes", [1, 4, 9])
async def test_what_waits_longest_goes_though_more_urgent_changes_keep_coming(
    world: World, slice_changes: int
) -> None:
    ids = [f"SP-{n:05}" for n in range(1, 15)]
    await world.save(*(entry(n) for n in range(1, 15)))
    await world.sync()
    prices = itertools.count(60_000)

    async def become_dearer(products: Iterable[str]) -> None:
        for id_ in products:
            dearer = make_variant(sku=f"{id_}-1", gtin="", price_vnd=next(prices))
            await world.change(id_, variants=(dearer,))

    real = world.market.set_price

    async def set_price(changes: Sequence[SetPrice]) -> Sequence[Result]:
        world.time.pass_(seconds=1)
        if len(world.written()) < 100:
            await become_dearer(each.client_ref for each in changes)
        return await real(changes)

    world.market.set_price = set_price  # type: ignore[method-assign]  # people act
    world.deployment = replace(
        world.deployment, limits=RunLimits(slice_changes=slice_changes)
    )
    for id_ in ids[:3]:
        await world.change(id_, description="Bản mới")
    await become_dearer(ids[3:])

    await world.sync()

    written = world.written()
    waited = [place for place, kind in enumerate(written) if kind == "update"]
    assert len(written) > 100
    assert len(waited) == 3
    for n, place in enumerate(waited, start=1):
        assert place < n * WAITED_LONGEST
