"""How a command waits for the lease of another run. The lease itself is a sync's."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.errors import StoppedError, SyncInProgressError
from ocop_sync.service.sync.lease_wait import wait_for_leases
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import Lease
from tests.world import World, entry

pytestmark = pytest.mark.postgresql

WAITING = "ocop_sync.service.sync.lease_wait"

OTHER = Lease(
    token="khác",  # noqa: S106 (names a run, opens nothing)
    holder="máy khác",
    lasts=timedelta(seconds=60),
)


async def hold(world: World) -> datetime:
    """Let another run take the account's lease, or renew it; say when it ends."""

    async def take(conn: AsyncConnection) -> None:
        await accounts.know(conn, [world.market.account])
        await accounts.take(conn, [world.market.account.key], OTHER, world.time())

    await world.database.write(take)
    return world.time() + OTHER.lasts


async def test_without_a_lease_there_is_nothing_to_wait_for(world: World) -> None:
    before = world.time()

    await wait_for_leases(world.deployment)

    assert world.time() == before


async def test_the_lease_of_a_dead_run_is_waited_out_and_then_taken(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.save(entry(1))
    ends = await hold(world)
    caplog.set_level(logging.INFO, logger=WAITING)

    await wait_for_leases(world.deployment)
    report = await world.sync()

    (said,) = [r for r in caplog.records if r.name == WAITING]
    assert said.message == "waiting for a run that gives no sign of life"
    assert vars(said)["accounts"] == ["memory"]
    assert vars(said)["until"] == ends.isoformat()

    assert ends <= world.time() < ends + timedelta(seconds=20)
    assert report.busy == []
    assert world.written() == ["put_seller", "create"]


async def test_a_run_that_renews_its_lease_is_left_alone_and_named(
    world: World,
) -> None:
    await hold(world)

    async def renewed_meanwhile(seconds: float) -> None:
        world.time.pass_(seconds=seconds)
        await hold(world)

    before = world.time()
    waiting = replace(world.deployment, sleep=renewed_meanwhile)
    await wait_for_leases(waiting)

    assert world.time() - before < timedelta(seconds=5)
    with pytest.raises(SyncInProgressError, match="máy khác"):
        await world.sync()


async def test_a_lease_that_was_given_back_is_not_waited_for_any_longer(
    world: World,
) -> None:
    await hold(world)

    async def ended_meanwhile(seconds: float) -> None:
        world.time.pass_(seconds=seconds)
        await world.database.write(lambda conn: accounts.give_back(conn, OTHER))

    before = world.time()
    await wait_for_leases(replace(world.deployment, sleep=ended_meanwhile))

    assert world.time() - before < timedelta(seconds=5)


async def test_only_the_marketplaces_that_are_asked_for_are_waited_for(
    two: World,
) -> None:
    await hold(two)
    before = two.time()

    await wait_for_leases(two.deployment, ["other"])

    assert two.time() == before


async def test_a_command_that_waits_ends_when_it_is_told_to_stop(world: World) -> None:
    await hold(world)

    async def told_meanwhile(seconds: float) -> None:
        world.time.pass_(seconds=seconds)
        world.deployment.stop.ask("SIGTERM")

    before = world.time()
    with pytest.raises(StoppedError, match="SIGTERM"):
        await wait_for_leases(replace(world.deployment, sleep=told_meanwhile))

    assert world.time() - before < timedelta(seconds=5)


async def test_a_lease_that_a_wrong_clock_took_is_not_waited_for(world: World) -> None:
    await world.save(entry(1))
    right = world.time()
    world.time.pass_(days=3_650)
    await hold(world)
    world.time.now = right

    await wait_for_leases(world.deployment)
    report = await world.sync()

    assert world.time() < right + timedelta(minutes=1)
    assert report.busy == []
