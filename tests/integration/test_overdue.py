"""An owed change is tried again and again until it is done."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from ocop_sync.engine.hold import Hold
from ocop_sync.engine.terms import Found
from ocop_sync.errors import CallRefusedError, UnavailableError
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.sync.next_due import next_end
from ocop_sync.testing.memory import Fault, LostAnswer
from tests.factories import make_certificate, make_variant
from tests.world import World, entry

LATER = Refused((Problem(code="reserved", message="Đơn hàng đang giữ"),), for_now=True)
NEVER = Refused((Problem(code="kept", message="Đang có khuyến mại"),))
TOO_BAD = CallRefusedError("không đọc được", code="BODY_INVALID")
LOST = LostAnswer(applied=False)
DOWN = UnavailableError("bảo trì")
ALWAYS = 10_000
ENDED = make_certificate(decided_on=date(2020, 5, 10))
MINUTE = timedelta(minutes=1)

IN_VAIN = [
    pytest.param(LOST, id="never answered"),
    pytest.param(LATER, id="refused for now"),
    pytest.param(DOWN, id="never let in"),
]


def count_of(on_hand: int) -> Any:
    return (make_variant(sku="SP-00001-1", gtin="", on_hand=on_hand),)


async def failing(
    world: World, kind: str, fault: Fault, *, products: int = 3, **news: Any
) -> None:
    """Put products on sale, and have what changes at the first of them fail."""
    await world.save(*(entry(n) for n in range(1, products + 1)))
    await world.sync()
    world.time.pass_(minutes=5)
    await world.change(**news)
    world.market.script(kind, fault, client_ref="SP-00001", times=ALWAYS)


async def tries(world: World, kind: str, runs: int) -> list[datetime]:
    """Sync as often as a worker does that has nothing else to do.

    Returns:
        When something of a kind was called, each run once.
    """
    called = []
    for n in range(runs):
        began = world.time()
        # The account is well: others have their answers.
        await world.change("SP-00003", description=f"Măng {n}.")
        await world.sync()
        if any(call.method == kind for call in world.market.log):
            called.append(began)
        at = await next_end(world.deployment, began)
        is_soon = at is not None and at - began < timedelta(hours=1)
        world.time.now = max(at, world.time()) if at and is_soon else began + MINUTE
    return called


def gaps_of(moments: list[datetime]) -> list[float]:
    """Return the minutes between one try and the next."""
    return [round((after - before) / MINUTE, 1) for before, after in pairwise(moments)]


@pytest.mark.parametrize("fault", IN_VAIN)
async def test_a_withdrawal_is_tried_again_after_minutes_and_not_after_a_day(
    world: World, fault: Fault
) -> None:
    await failing(world, "withdraw", fault, paused=True)

    gaps = gaps_of(await tries(world, "withdraw", 12))

    assert len(gaps) >= 8
    assert gaps[-1] == pytest.approx(30, abs=1.5)
    assert all(1 <= gap <= 31.5 for gap in gaps)
    world.market.forget_scripts()
    await tries(world, "withdraw", 2)
    record = await world.record()
    assert record.state.found is Found.DOWN_BY_US
    assert (record.hold, record.next_try_at) == (None, None)


@pytest.mark.parametrize("fault", IN_VAIN)
@pytest.mark.parametrize("on_hand", [0, 5])
async def test_so_is_stock_that_goes_down(
    world: World, fault: Fault, on_hand: int
) -> None:
    await failing(world, "set_stock", fault, variants=count_of(on_hand))

    gaps = gaps_of(await tries(world, "set_stock", 6))

    assert len(gaps) >= 3
    assert max(gaps) < 20
    world.market.forget_scripts()
    await tries(world, "set_stock", 2)
    (found,) = world.market.shelf.of("SP-00001")
    assert found.shown.variants[0].stock == on_hand
    assert (await world.record()).hold is None


async def test_so_is_a_claim_that_has_ended(world: World) -> None:
    await failing(world, "set_stars", LATER, certificates=(ENDED,))

    gaps = gaps_of(await tries(world, "set_stars", 6))

    assert len(gaps) == 5
    assert max(gaps) < 10


async def test_stock_that_goes_up_still_rests_for_a_day(world: World) -> None:
    await failing(world, "set_stock", LOST, variants=count_of(50))

    called = await tries(world, "set_stock", 10)

    assert len(called) <= 3
    record = await world.record()
    assert (record.hold, record.next_try_at) == (Hold.QUARANTINED, None)


@pytest.mark.parametrize("fault", [TOO_BAD, NEVER])
async def test_what_is_refused_outright_stays_held(world: World, fault: Fault) -> None:
    await failing(world, "withdraw", fault, paused=True)

    called = await tries(world, "withdraw", 10)

    assert len(called) <= 3
    assert (await world.record()).next_try_at is None


async def test_a_lost_withdrawal_is_read_back_before_each_try(world: World) -> None:
    await failing(world, "withdraw", LOST, paused=True)
    methods = list[str]()
    for _ in range(6):
        await tries(world, "withdraw", 1)
        methods += [call.method for call in world.market.log]

    since = methods.index("withdraw")
    sent = 1
    for method in methods[since + 1 :]:
        if method == "read":
            sent = 0
        if method == "withdraw":
            sent += 1
        assert sent <= 1
    assert methods.count("withdraw") >= 4


async def stuck(world: World, count: int) -> None:
    """Have withdrawals of the first *count* of twelve fail until they stand alone."""
    await world.save(*(entry(n) for n in range(1, 13)))
    await world.sync()
    for n in range(1, count + 1):
        await world.change(f"SP-{n:05}", paused=True)
        world.market.script("withdraw", LATER, client_ref=f"SP-{n:05}", times=ALWAYS)
    for _ in range(4):
        world.time.pass_(minutes=1)
        await world.change("SP-00012", description=f"Măng {world.time()}.")
        await world.sync()
    assert all(n >= 3 for n in await times_failed(world, count))
    world.time.pass_(minutes=40)


async def times_failed(world: World, count: int) -> list[int]:
    found = [await world.record(f"SP-{n:05}") for n in range(1, count + 1)]
    return [record.state.failures[Kind.WITHDRAW].times for record in found]


def batches(world: World, kind: str) -> list[list[str]]:
    """Return which products each call of a kind held, in order."""
    return [
        [change.client_ref for change in call.items]
        for call in world.market.log
        if call.method == kind
    ]


async def test_it_goes_alone_one_a_slice_behind_withdrawals_that_have_not_failed(
    world: World,
) -> None:
    limits = replace(world.deployment.limits, slice_changes=2)
    world.deployment = replace(world.deployment, limits=limits)
    await stuck(world, 2)
    for n in range(3, 7):
        await world.change(f"SP-{n:05}", paused=True)
    for n in range(7, 11):
        await world.change(f"SP-{n:05}", description="Măng khác.")

    await world.sync()

    sent = [batch for kind in ("withdraw",) for batch in batches(world, kind)]
    assert sent[:2] == [["SP-00003", "SP-00004"], ["SP-00005", "SP-00006"]]
    assert sorted(sent[2:]) == [["SP-00001"], ["SP-00002"]]
    methods = [call.method for call in world.market.log]
    first, second = (i for i, m in enumerate(methods) if m == "withdraw" and i > 3)
    assert "update" in methods[first:second]


async def test_it_is_nothing_to_the_breaker_while_others_succeed(
    world: World,
) -> None:
    await stuck(world, 1)
    world.market.forget_scripts()
    world.market.script("withdraw", DOWN, client_ref="SP-00001", times=ALWAYS)
    for n in range(3, 12):
        await world.change(f"SP-{n:05}", description="Măng khác.")

    report = await world.sync()

    assert report.stopped == {}
    assert world.written().count("update") == 9
    assert (await times_failed(world, 1))[0] >= 3


async def test_two_that_fail_by_themselves_say_nothing_of_the_account(
    world: World,
) -> None:
    await stuck(world, 2)
    before = await times_failed(world, 2)
    world.market.forget_scripts()
    for n in (1, 2):
        world.market.script("withdraw", DOWN, client_ref=f"SP-{n:05}", times=ALWAYS)

    await world.sync()
    await world.change("SP-00012", description="Măng khác.")
    await world.sync()

    after = await times_failed(world, 2)
    assert all(a > b for a, b in zip(after, before, strict=True))
