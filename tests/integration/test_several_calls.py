"""The remains of a method of several calls, and its longest duration."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from catalog.values import replace
from ocop_sync.engine.terms import Found
from ocop_sync.errors import OutcomeUnknownError
from ocop_sync.marketplace.change import Create, Kind
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.marketplace.result import Applied
from ocop_sync.store import tables
from ocop_sync.store.listings import records
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.world import World, entry, open_world

SLOW = InMemoryMarketplace.having(visible_within_s=100)
"""A marketplace that shows what was written to it a hundred seconds later."""

HEARTBEAT_S = 20


async def half_made(world: World, stock: int = 20) -> None:
    """Let the next create break off after its first call."""
    whole = world.market.create

    async def create(changes: Sequence[Create]) -> Any:
        world.market.create = whole  # type: ignore[method-assign]  # once
        for change in changes:
            packs = [replace(each, stock=stock) for each in change.listing.variants]
            bare = replace(
                change.listing,
                stars=None,
                pictures=(),
                title="Nhập",
                variants=tuple(packs),
            )
            world.market.shelf.add(bare, state=RemoteState.DOWN)
        message = "lời gọi thứ hai hỏng / the second call failed"
        raise OutcomeUnknownError(message)

    world.market.create = create  # type: ignore[method-assign]  # half of one


async def test_a_half_made_listing_is_completed_and_put_on_sale(world: World) -> None:
    await world.save(entry(1))
    await half_made(world)

    report = await world.sync(follow_s=60)

    (found,) = world.market.shelf.of("SP-00001")
    assert found.state is RemoteState.LIVE
    assert (found.shown.title, len(found.shown.pictures)) == ("Măng khô Mẫu 1", 1)
    assert found.shown.stars is not None
    assert world.written()[-1] == "republish"
    assert report.counts["memory"].listed == 1


async def test_nobody_can_buy_of_it_before_it_is_as_wanted(world: World) -> None:
    await world.save(entry(1))
    await half_made(world, stock=99)
    seen, real = list[int](), world.market.republish

    async def republish(changes: Sequence[Any]) -> Any:
        (found,) = world.market.shelf.of("SP-00001")
        seen.append(found.shown.variants[0].stock)
        return await real(changes)

    world.market.republish = republish  # type: ignore[method-assign]  # a buyer looks

    await world.sync(follow_s=60)

    assert seen == [20]


@pytest.mark.postgresql
async def test_what_a_dead_run_sent_late_is_not_sent_again(url: str) -> None:
    async with open_world(url, kind=SLOW) as world:
        let_waits_pass(world)
        await world.save(entry(1))
        await world.sync()
        create = next(c for c in world.market.written() if isinstance(c, Create))
        world.market.shelf.delete("M000001")
        world.market.show_after(100)
        began = world.time()
        await as_if_it_had_died(world, at_most=timedelta(seconds=50))
        world.time.now = began + timedelta(seconds=45)
        world.market.shelf.apply(create)
        world.time.now = began + timedelta(seconds=106)

        await world.sync()

        assert [found.ref for found in world.market.shelf.of("SP-00001")] == ["M000002"]
        assert world.written() == []


def let_waits_pass(world: World) -> None:
    """Let time pass whenever somebody waits, but for a heartbeat."""

    async def sleep(seconds: float) -> None:
        if seconds == HEARTBEAT_S:
            await asyncio.get_running_loop().create_future()
        world.time.pass_(seconds=seconds)

    world.deployment = replace(world.deployment, sleep=sleep)


async def as_if_it_had_died(world: World, *, at_most: timedelta) -> None:
    """Let a run have stored the intent of a create now, and die *at_most* later."""
    now, lasts = world.time(), world.deployment.limits.lease_lasts
    record = await world.record()
    state = replace(
        record.state,
        awaiting=Kind.CREATE,
        sent_at=now,
        ref="",
        found=Found.ABSENT,
        confirmed=None,
    )
    held = {"token": "chết", "holder": "máy khác"}
    until = now + at_most + lasts * 2 / 3

    async def store(conn: Any) -> None:
        await records.save(conn, [replace(record, state=state)])
        await conn.execute(update(tables.account).values(lease_until=until, **held))

    await world.database.write(store)


@pytest.mark.parametrize(("calls", "goes"), [(1, True), (12, False)])
async def test_a_method_whose_calls_could_outlast_the_lease_is_not_begun(
    url: str, calls: int, *, goes: bool
) -> None:
    kind = InMemoryMarketplace.having(calls_in_a_row=calls)
    async with open_world(url, kind=kind) as world:
        await world.save(entry(1))

        await world.sync(follow_s=0)

        assert ("create" in world.written()) is goes


async def test_a_stock_that_publishes_by_itself_is_no_failure(world: World) -> None:
    await world.save(entry(1))
    await half_made(world, stock=99)
    real = world.market.set_stock

    async def set_stock(changes: Sequence[Any]) -> Any:
        await real(changes)
        done = []
        for change in changes:
            (found,) = world.market.shelf.of(change.client_ref)
            world.market.shelf.approve(found.ref)
            done.append(Applied(found.ref, state=RemoteState.LIVE))
        return done

    world.market.set_stock = set_stock  # type: ignore[method-assign]

    report = await world.sync(follow_s=60)

    assert (report.failed, report.failures) == (0, [])
    assert "republish" not in world.written()
    assert report.counts["memory"].listed == 1
