"""A run that is told to stop or cancelled: its last work, and the next run.

That signals and commands do so is tested in `tests/e2e/test_signals.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.calls.stop import Stop
from ocop_sync.errors import ConfigurationError, PlanError, UnavailableError
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.service.decisions import cancellations
from ocop_sync.service.decisions.cancellations import Cancelled
from ocop_sync.service.deployment import Site
from ocop_sync.service.run.report import Report
from ocop_sync.store import tables
from ocop_sync.store.db.database import Database
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import HeldLease, Lease
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.acts import acts_of
from tests.factories import person
from tests.world import World, entry, open_world

pytestmark = pytest.mark.postgresql

Act = Callable[[Sequence[Any]], Awaitable[Any]]
COUNT = 6
CALLS = 2
"""Calls side by side, one listing in each."""


class OneByOne(InMemoryMarketplace):
    """Takes one listing in each call."""

    capabilities = replace(
        InMemoryMarketplace.capabilities, write_batch=dict.fromkeys(Kind, 1)
    )


@pytest.fixture
async def slow(url: str) -> AsyncIterator[World]:
    """Six products to be made, two at a time."""
    async with open_world(url) as world:
        site = world.deployment.sites[0]
        market = OneByOne(world.market.account, world.market.context)
        world.markets["memory"] = market
        limits = replace(world.deployment.limits, concurrency=CALLS)
        world.deployment = replace(
            world.deployment,
            limits=limits,
            sites=(type(site)("memory", OneByOne, list(site.accounts.values())),),
        )
        await world.save(*(entry(n) for n in range(1, COUNT + 1)))
        yield world


def stopping(world: World, within_s: float = 1000) -> Stop:
    """Make of *world* one that can be told to stop."""
    stop = Stop(within_s)
    world.deployment = replace(world.deployment, stop=stop)
    return stop


async def sync_and_stop_in_creates(world: World) -> Report:
    """Sync; stop once calls are under way, which are answered afterwards."""
    stop, go, begun = stopping(world), asyncio.Event(), list[object]()
    real: Act = world.market.create

    async def slowly(changes: Sequence[Any]) -> Any:
        begun.append(changes)
        if len(begun) == CALLS:
            stop.ask("SIGTERM")
            asyncio.get_running_loop().call_soon(go.set)
        await go.wait()
        return await real(changes)

    world.market.create = slowly  # type: ignore[method-assign]
    return await world.sync(follow_s=0)


async def go_on(world: World) -> Report:
    """Sync in a new process, some time later."""
    vars(world.market).pop("create", None)
    stopping(world)
    world.time.pass_(minutes=2)
    return await world.sync(follow_s=0)


async def runs(world: World) -> list[tuple[str, str]]:
    async with world.database.read() as conn:
        run = tables.run.c
        rows = await conn.execute(
            select(run.outcome, run.detail).order_by(run.started_at)
        )
        return [tuple(row) for row in rows.all()]


async def lease_holders(world: World) -> set[str]:
    async with world.database.read() as conn:
        rows = await conn.execute(select(tables.account.c.holder))
        return {holder for (holder,) in rows.all()}


def live(world: World) -> list[str]:
    """Return what is on sale, by our reference, doubles included."""
    return sorted(
        item.shown.client_ref
        for item in world.market.shelf.listings.values()
        if item.state is RemoteState.LIVE
    )


async def test_calls_under_way_are_awaited_and_nothing_new_is_sent(
    slow: World,
) -> None:
    report = await sync_and_stop_in_creates(slow)

    assert slow.written().count("create") == CALLS
    assert sorted(map(str, await slow.answers("create"))) == (
        ["applied"] * CALLS + ["not_sent"] * (COUNT - CALLS)
    )
    assert (report.stopped, report.failed) == ({"memory": "SIGTERM"}, 0)


async def test_a_stopped_run_gives_its_leases_back_and_says_so_in_the_ledger(
    slow: World,
) -> None:
    await sync_and_stop_in_creates(slow)

    assert await runs(slow) == [("stopped", "SIGTERM")]
    assert await lease_holders(slow) == {""}


async def test_the_next_run_sends_what_was_handed_back(slow: World) -> None:
    await sync_and_stop_in_creates(slow)

    report = await go_on(slow)

    assert slow.written() == ["create"] * (COUNT - CALLS)
    assert report.counts["memory"].listed == COUNT
    assert len(set(live(slow))) == len(live(slow)) == COUNT


async def test_what_has_no_answer_at_the_limit_is_read_back_by_the_next_run(
    slow: World,
) -> None:
    stop = stopping(slow, within_s=0)
    real: Act = slow.market.create

    async def late(changes: Sequence[Any]) -> Any:
        await real(changes)
        stop.ask("SIGTERM")
        await asyncio.get_running_loop().create_future()

    slow.market.create = late  # type: ignore[method-assign]  # no answer comes
    report = await slow.sync(follow_s=0)
    unanswered = [each for each in await slow.answers("create") if each == "unknown"]

    await go_on(slow)

    assert report.stopped == {"memory": "SIGTERM"}
    assert 1 <= len(unanswered) <= CALLS
    assert slow.written() == ["create"] * (COUNT - len(unanswered))
    assert len(set(live(slow))) == len(live(slow)) == COUNT


async def test_a_call_that_waits_to_be_repeated_is_handed_back(world: World) -> None:
    await world.save(entry(1))
    stop = stopping(world)
    world.market.script("create", UnavailableError("bảo trì", retry_after=14))

    async def sleep(seconds: float) -> None:
        if seconds < 20:  # the wait that was asked for, not a heartbeat's
            stop.ask("SIGTERM")
        await asyncio.get_running_loop().create_future()

    world.deployment = replace(world.deployment, sleep=sleep)
    report = await world.sync(follow_s=0)
    world.deployment = replace(world.deployment, sleep=world.time.sleep)

    assert (report.stopped, report.failed) == ({"memory": "SIGTERM"}, 0)
    assert await world.answers("create") == ["not_sent"]
    await go_on(world)
    assert live(world) == ["SP-00001"]


async def test_nothing_is_asked_of_a_review_any_more(moderated: World) -> None:
    await moderated.save(entry(1))
    stop = stopping(moderated)
    polls = list[int]()
    real = moderated.market.follow

    async def follow(tickets: Sequence[str]) -> Any:
        polls.append(len(tickets))
        stop.ask("SIGINT")
        return await real(tickets)

    moderated.market.follow = follow  # type: ignore[method-assign]
    report = await moderated.sync(follow_s=1000)

    assert polls == [1]
    assert (report.stopped, report.counts) == ({"memory": "SIGINT"}, {})


async def test_a_sync_that_is_told_before_it_begins_calls_nobody(world: World) -> None:
    await world.save(entry(1))
    stopping(world).ask("SIGTERM")

    report = await world.sync()

    assert world.market.log == []
    assert report.stopped == {"memory": "SIGTERM"}
    assert await lease_holders(world) == {""}


BY = "Bà Mẫu"
CANCELLED = f"hủy bởi {BY} / cancelled by {BY}"


async def sync_and_cancel(
    world: World, url: str, name: str = "", method: str = "create"
) -> tuple[Report, list[HeldLease]]:
    """Sync in slices of two; another process cancels it at the first call."""
    asked = list[HeldLease]()
    world.deployment = replace(
        world.deployment, limits=replace(world.deployment.limits, slice_changes=CALLS)
    )
    real: Act = getattr(world.market, method)
    calls = list[object]()

    async def meanwhile(changes: Sequence[Any]) -> Any:
        calls.append(changes)
        if len(calls) == 1:
            there = Database(url)
            theirs = replace(world.deployment, database=there)
            found = await cancellations.cancel(theirs, name, by=person(BY))
            asked.extend(found.held)
            await there.close()
        return await real(changes)

    setattr(world.market, method, meanwhile)
    report = await world.sync(follow_s=0)
    setattr(world.market, method, real)
    return report, asked


@pytest.mark.parametrize("name", ["", "memory"])
async def test_a_cancelled_run_ends_after_its_slice_and_names_who_wanted_it(
    slow: World, url: str, name: str
) -> None:
    report, asked = await sync_and_cancel(slow, url, name)

    assert [(each.key, each.holder) for each in asked] == [("memory", "kiểm thử")]
    assert report.stopped == {"memory": CANCELLED}
    assert slow.written().count("create") == CALLS
    assert await runs(slow) == [("cancelled", CANCELLED)]
    assert await lease_holders(slow) == {""}
    assert await acts_of(slow.database) == [("cancel_runs", ["memory"], {})]


async def test_what_a_cancelled_run_has_not_done_the_next_one_does(
    slow: World, url: str
) -> None:
    await sync_and_cancel(slow, url)

    report = await go_on(slow)

    assert (report.stopped, report.counts["memory"].listed) == ({}, COUNT)
    assert len(set(live(slow))) == len(live(slow)) == COUNT


async def test_nothing_is_written_down_once_somebody_has_cancelled(
    slow: World, url: str
) -> None:
    report, _ = await sync_and_cancel(slow, url, method="put_sellers")

    assert (report.failed, await slow.answers("create")) == (0, [])
    await go_on(slow)
    assert len(set(live(slow))) == len(live(slow)) == COUNT


async def test_intents_written_as_somebody_cancels_are_handed_back(
    slow: World, url: str
) -> None:
    """The transaction that writes them down is the first to see it."""
    real = slow.database.write
    there = Database(url)

    async def write(work: Callable[[Any], Awaitable[Any]], **how: Any) -> Any:
        parts = [c.cell_contents for c in getattr(work, "__closure__", None) or ()]
        names = [getattr(part, "__qualname__", "") for part in parts]
        writes = any("_store_intents" in name for name in names)
        if writes and "put_seller" in slow.written():  # those of the listings
            await cancellations.cancel(
                replace(slow.deployment, database=there), by=person(BY)
            )
        return await real(work, **how)

    slow.database.write = write  # type: ignore[method-assign]
    report = await slow.sync(follow_s=0)
    slow.database.write = real  # type: ignore[method-assign]
    await there.close()

    assert (report.failed, report.stopped) == (0, {"memory": CANCELLED})
    assert await slow.answers("create") == ["not_sent"] * COUNT
    assert live(slow) == []
    await go_on(slow)
    assert len(set(live(slow))) == len(live(slow)) == COUNT


async def test_only_the_account_that_is_named_is_cancelled(
    two: World, url: str
) -> None:
    await two.save(*(entry(n) for n in range(1, COUNT + 1)))

    report, asked = await sync_and_cancel(two, url, "memory")

    assert [each.key for each in asked] == ["memory"]
    assert report.stopped == {"memory": CANCELLED}
    assert report.counts["other"].listed == COUNT


async def test_where_nothing_runs_there_is_nothing_to_cancel(world: World) -> None:
    await world.save(entry(1))
    await world.sync()

    found = await cancellations.cancel(world.deployment, by=person(BY))
    assert found == Cancelled(held=[], requested=[], wider=[])
    report = await world.sync()
    assert report.stopped == {}


async def test_a_cancel_needs_a_name_that_is_known_and_somebody_who_wants_it(
    world: World,
) -> None:
    with pytest.raises(ConfigurationError, match="memory"):
        await cancellations.cancel(world.deployment, "lazada", by=person(BY))
    with pytest.raises(PlanError, match="--by"):
        await cancellations.cancel(world.deployment, by=person(" "))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", ["mem:CS-1", "mem:CS-2", "other"]),
        ("memory", ["mem:CS-1", "mem:CS-2"]),
        ("mem:CS-2", ["mem:CS-2"]),
    ],
)
async def test_a_marketplace_an_account_or_all_of_them_can_be_cancelled(
    world: World, name: str, expected: list[str]
) -> None:
    accounts_of = {"memory": ["mem:CS-1", "mem:CS-2"], "other": ["other"]}
    sites = tuple(
        Site(
            marketplace,
            InMemoryMarketplace,
            [
                replace(world.market.account, key=key, seller_ref=key[4:])
                for key in keys
            ],
        )
        for marketplace, keys in accounts_of.items()
    )
    named = [account for site in sites for account in site.accounts.values()]
    lease = Lease(token="t", holder="máy", lasts=timedelta(minutes=1))  # noqa: S106

    async def hold(conn: AsyncConnection) -> None:
        await accounts.know(conn, named)
        await accounts.take(conn, [each.key for each in named], lease, world.time())

    await world.database.write(hold)

    asked = await cancellations.cancel(
        replace(world.deployment, sites=sites), name, by=person(BY)
    )

    assert [each.key for each in asked.held] == expected
