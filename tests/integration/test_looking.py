"""A change that a marketplace applies twice, or late, is found within minutes.

By the run that sent it, the next one or a worker, whichever comes. Which look-ups may
be due is tested in tests/unit/engine/test_look_up.py.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.engine.state.look_up import AGAIN_AFTER
from ocop_sync.errors import OutcomeUnknownError, UnavailableError
from ocop_sync.marketplace.change import Change
from ocop_sync.marketplace.listing import Problem, RemoteState
from ocop_sync.marketplace.result import Refused
from ocop_sync.store.decisions import drift
from tests.integration.test_ends import work
from tests.world import World, entry

LAG = timedelta(seconds=5)
"""As the marketplace in memory declares it: nothing, and as long as a call takes."""
REFUSAL = Refused((Problem(code="image", message="Ảnh mờ"),))


def comes_late(world: World, method: str, after_s: float = 30) -> None:
    """Let the next call of *method* be answered by nobody, and arrive late."""
    real = getattr(world.market, method)

    async def late(changes: Sequence[Change]) -> Any:
        setattr(world.market, method, real)
        at = world.time() + timedelta(seconds=after_s)
        world.market.deliver_late(changes, at)
        raise OutcomeUnknownError

    setattr(world.market, method, late)


def comes_after_all(
    world: World, fails: Any, after_s: float = 30
) -> Callable[[], None]:
    """Let creates be said not to have been made, and the first be made late.

    Returns:
        What ends it.
    """
    real, tries = world.market.create, 0

    async def late(changes: Sequence[Any]) -> Any:
        nonlocal tries
        tries += 1
        if tries == 1:
            at = world.time() + timedelta(seconds=after_s)
            world.market.deliver_late(changes, at)
        if isinstance(fails, Exception):
            raise fails
        return [fails for _ in changes]

    setattr(world.market, "create", late)  # noqa: B010
    return lambda: setattr(world.market, "create", real)


def refs(world: World, product_id: str = "SP-00001") -> list[str]:
    return [each.ref for each in world.market.shelf.of(product_id)]


async def next_sync(world: World, **later: float) -> Any:
    world.time.pass_(**later)
    return await world.sync(follow_s=0)


async def priced(world: World, price: int) -> None:
    await _with_pack(world, price_vnd=price)


async def counted(world: World, n: int) -> None:
    await _with_pack(world, on_hand=n, counted_at=world.time())


async def _with_pack(world: World, **differences: Any) -> None:
    pack = entry(1)[0].variants[0]
    await world.change(variants=(replace(pack, **differences),))


def pack_of(world: World) -> Any:
    (found,) = world.market.shelf.of("SP-00001")
    return found.shown.variants[0]


async def test_a_create_that_was_made_twice_is_seen_by_the_run_that_sent_it(
    world: World,
) -> None:
    world.market.deliver_twice()
    await world.save(entry(1), entry(2))

    report = await world.sync(follow_s=10)

    assert report.doubled == {"memory": ["SP-00001", "SP-00002"]}
    assert (await world.record()).state.doubled_ref in refs(world)
    assert len(refs(world)) == 2


async def test_what_a_run_has_no_time_to_look_up_the_next_one_does(
    world: World,
) -> None:
    world.market.deliver_twice()
    await world.save(entry(1), entry(2))

    first = await world.sync(follow_s=0)
    soon = await next_sync(world, seconds=4)
    later = await next_sync(world, seconds=1)

    assert (first.doubled, first.look_ups["memory"].left) == ({}, 2)
    assert first.look_ups["memory"].first_at == world.time() + timedelta(0)
    assert soon.doubled == {}
    assert later.doubled == {"memory": ["SP-00001", "SP-00002"]}


async def test_creates_are_looked_up_in_batches_twice_and_no_more(
    world: World,
) -> None:
    await world.save(*(entry(n) for n in range(1, 61)))
    await world.sync(follow_s=0)
    looks = []

    for minutes in (1, 6, 6, 6):
        report = await next_sync(world, minutes=minutes)
        found = [call.items for call in world.market.log if call.method == "find"]
        looks.append(([len(items) for items in found], bool(report.look_ups)))

    assert looks == [([50, 10], True), ([50, 10], False), ([], False), ([], False)]
    assert world.written() == []


@pytest.mark.postgresql
async def test_a_whole_read_is_a_look_up(world: World) -> None:
    await world.save(entry(1))
    await world.sync(follow_s=0)
    limits = replace(world.deployment.limits, read_whole_every=timedelta(minutes=1))
    world.deployment = replace(world.deployment, limits=limits)

    early = await next_sync(world, minutes=2)
    late = await next_sync(world, minutes=7)

    assert early.look_ups["memory"].first_at == world.time() - timedelta(
        minutes=2, seconds=55
    )
    assert (late.look_ups, "find" in [c.method for c in world.market.log]) == (
        {},
        False,
    )


async def test_what_was_looked_up_is_evaluated_no_more(world: World) -> None:
    await world.save(entry(1))
    await world.sync(follow_s=0)
    settled = (await world.record()).settled_fingerprint

    await next_sync(world, minutes=7)

    record = await world.record()
    assert settled
    assert (record.settled_fingerprint, record.state.read_at) == (settled, world.time())


async def test_a_create_that_comes_after_it_was_made_anew_is_seen_minutes_later(
    world: World,
) -> None:
    comes_late(world, "create", after_s=30)
    await world.save(entry(1))
    await world.sync(follow_s=10)
    assert len(refs(world)) == 1

    seen = await next_sync(world, minutes=7)

    assert len(refs(world)) == 2
    assert seen.doubled == {"memory": ["SP-00001"]}


@pytest.mark.parametrize(
    "fails", [REFUSAL, UnavailableError("sàn bận")], ids=["refused", "not sent"]
)
async def test_a_create_that_was_said_not_to_be_made_and_is_there_is_ours(
    world: World, fails: Any
) -> None:
    await world.save(entry(1))
    end = comes_after_all(world, fails)
    await world.sync(follow_s=0)
    end()

    await next_sync(world, minutes=1)
    written = world.written()
    await next_sync(world, minutes=7)

    record = await world.record()
    assert (written, world.written(), len(refs(world))) == ([], [], 1)
    assert ([record.state.ref], record.state.found) == (refs(world), "live")


async def test_what_shows_late_and_may_not_be_sold_any_more_is_withdrawn(
    world: World,
) -> None:
    """After it was read back as not there, nothing was made again."""
    await world.save(entry(1))
    comes_late(world, "create", after_s=30)
    real = world.market.find

    async def find(**asked: Any) -> Any:
        world.market.find = real  # type: ignore[method-assign]
        await world.change(paused=True)
        return await real(**asked)

    world.market.find = find  # type: ignore[method-assign]  # the read-back
    await world.sync(follow_s=0)
    assert refs(world) == []

    await next_sync(world, minutes=7)

    (found,) = world.market.shelf.of("SP-00001")
    assert (found.state, world.written()) == (RemoteState.DOWN, ["withdraw"])


async def test_nothing_is_made_of_a_look_up_that_finds_nothing(world: World) -> None:
    await world.save(entry(1))
    world.market.script("create", REFUSAL, times=9)
    await world.sync(follow_s=0)
    before = await world.record()

    for _ in range(2):
        await next_sync(world, minutes=7)

    after = await world.record()
    assert (after.state.found, after.hold) == (before.state.found, before.hold)
    assert after.state.absent_reads == 0
    assert (after.state.look_at, world.written()) == (None, [])


async def test_a_look_up_that_fails_stays_due(world: World) -> None:
    world.market.deliver_twice()
    await world.save(entry(1))
    await world.sync(follow_s=0)
    world.market.script("find", UnavailableError("sàn bận"), times=9)

    failed = await next_sync(world, minutes=1)
    world.market._scripts.clear()
    again = await next_sync(world, minutes=1)

    assert (list(failed.unread), failed.look_ups["memory"].left) == (["memory"], 1)
    assert again.doubled == {"memory": ["SP-00001"]}


async def test_a_process_that_is_started_anew_goes_on_with_the_look_ups(
    world: World,
) -> None:
    """All that it has is the database."""
    world.market.deliver_twice()
    await world.save(entry(1))
    await world.sync(follow_s=0)
    world.deployment = replace(world.deployment, breakers={})

    report = await next_sync(world, minutes=1)

    assert report.doubled == {"memory": ["SP-00001"]}


async def test_a_worker_wakes_for_what_is_to_be_looked_up(world: World) -> None:
    await world.save(entry(1))
    start, looked = world.time(), list[datetime]()
    real = world.market.find

    async def find(**asked: Any) -> Any:
        looked.append(world.time())
        return await real(**asked)

    world.market.find = find  # type: ignore[method-assign]  # noted

    await work(world, until=start + timedelta(minutes=20))

    first = start + LAG
    assert looked == [first, first + AGAIN_AFTER]


@pytest.mark.parametrize("after_s", [30, 200])
async def test_a_price_that_comes_late_is_put_right_unasked(
    world: World, after_s: float
) -> None:
    await world.save(entry(1))
    await world.sync()
    await priced(world, 60_000)
    comes_late(world, "set_price", after_s=after_s)
    await world.sync(follow_s=0)
    await priced(world, 70_000)
    await next_sync(world, seconds=10)
    assert pack_of(world).price_vnd == 70_000

    await next_sync(world, minutes=7)

    assert (pack_of(world).price_vnd, world.written()) == (70_000, ["set_price"])
    assert (await world.record()).hold is None
    async with world.database.read() as conn:
        assert await drift.listed(conn, ["memory"]) == []


async def test_stock_that_comes_late_and_oversells_is_lowered(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await counted(world, 25)
    comes_late(world, "set_stock")
    await world.sync(follow_s=0)
    await counted(world, 3)
    await next_sync(world, seconds=10)
    assert pack_of(world).stock == 3

    await next_sync(world, minutes=7)

    assert (pack_of(world).stock, world.written()) == (3, ["set_stock"])


async def test_what_somebody_else_wrote_is_still_asked_about(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await priced(world, 60_000)
    comes_late(world, "set_price", after_s=1)
    await world.sync(follow_s=0)
    await next_sync(world, seconds=10)
    (found,) = world.market.shelf.of("SP-00001")
    packs = (replace(found.shown.variants[0], price_vnd=44_000),)
    world.market.shelf.edit(found.ref, variants=packs)

    await next_sync(world, minutes=7)

    assert (await world.record()).hold == "edited_there"
    assert world.written() == []


async def test_a_withdrawal_that_comes_late_is_no_persons(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    comes_late(world, "withdraw")
    await world.sync(follow_s=0)
    await world.change(paused=False)
    await next_sync(world, seconds=10)
    assert (await world.record()).hold is None

    await next_sync(world, minutes=7)

    assert world.written() == ["republish"]
    (found,) = world.market.shelf.of("SP-00001")
    assert found.state is RemoteState.LIVE


async def test_what_has_no_answer_is_read_again_even_if_it_was_done(
    world: World,
) -> None:
    """It may come a second time."""
    await world.save(entry(1))
    await world.sync()
    await next_sync(world, minutes=7)
    await priced(world, 60_000)
    real = world.market.set_price

    async def twice(changes: Sequence[Any]) -> Any:
        setattr(world.market, "set_price", real)  # noqa: B010
        await real(changes)
        world.market.deliver_late(changes, world.time() + timedelta(seconds=90))
        raise OutcomeUnknownError

    setattr(world.market, "set_price", twice)  # noqa: B010
    await world.sync(follow_s=0)
    await priced(world, 70_000)
    await next_sync(world, seconds=10)

    await next_sync(world, minutes=7)

    assert (pack_of(world).price_vnd, world.written()) == (70_000, ["set_price"])
