"""The next slice is written down while one is in flight, and no promise ends."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from catalog.values import replace
from ocop_sync.errors import OutcomeUnknownError, UnavailableError
from ocop_sync.marketplace.change import Create, Kind
from ocop_sync.service.deployment import RunLimits
from ocop_sync.service.send.in_flight import MOST_SLICES, InFlight
from ocop_sync.service.sync.sync import sync
from ocop_sync.store import tables
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.factories import make_variant
from tests.world import World, entry, open_world

pytestmark = pytest.mark.postgresql

OneByOne = InMemoryMarketplace.having(write_batch={})
SLICE = 4


@pytest.fixture
async def paced(url: str) -> AsyncIterator[World]:
    """A marketplace with a known pace that takes one change in each call."""
    async with open_world(url, kind=OneByOne, paced=True) as world:
        limits = RunLimits(slice_changes=SLICE, cool_down_s=10)
        world.deployment = replace(world.deployment, limits=limits)
        yield world


def limit(world: World, **limits: Any) -> None:
    changed = replace(world.deployment.limits, **limits)
    world.deployment = replace(world.deployment, limits=changed, opened_places={})


async def written_down(world: World) -> list[tuple[str, str | None]]:
    """Return the creates in the ledger, each with its outcome."""
    change = tables.change.c
    statement = select(change.subject, change.outcome).where(change.kind == "create")
    async with world.database.read() as conn:
        rows = await conn.execute(statement.order_by(change.n))
        return [tuple(row) for row in rows.all()]


def sent(world: World) -> list[tuple[Kind, str]]:
    return [(each.kind, each.client_ref) for each in world.market.written()]


async def test_the_next_slices_are_written_down_while_one_is_in_flight(
    paced: World,
) -> None:
    await paced.save(*(entry(n) for n in range(1, 41)))
    real, at_once, go = paced.market.create, list[int](), asyncio.Event()
    under_way = 0

    async def create(changes: Sequence[Any]) -> Any:
        nonlocal under_way
        under_way += 1
        at_once.append(under_way)
        if under_way == MOST_SLICES * SLICE:
            found.extend(await written_down(paced))
            go.set()
        await go.wait()
        under_way -= 1
        return await real(changes)

    found = list[tuple[str, str | None]]()
    paced.market.create = create  # type: ignore[method-assign]
    report = await paced.sync()

    # Written down before they were sent, and none was answered yet.
    assert [outcome for _, outcome in found] == [None] * MOST_SLICES * SLICE
    assert max(at_once) == MOST_SLICES * SLICE
    assert report.counts["memory"].listed == 40
    assert {o for _, o in await written_down(paced)} == {"applied"}
    assert len(paced.market.shelf.listings) == 40


async def test_outcomes_are_stored_while_other_calls_are_in_flight(
    paced: World,
) -> None:
    await paced.save(*(entry(n) for n in range(1, 13)))
    real, go = paced.market.create, asyncio.Event()

    async def create(changes: Sequence[Any]) -> Any:
        if changes[0].client_ref == "SP-00012":
            await go.wait()
        return await real(changes)

    async def landed() -> None:
        while sum(o == "applied" for _, o in await written_down(paced)) < 2 * SLICE:  # noqa: ASYNC110
            await asyncio.sleep(0)
        go.set()

    paced.market.create = create  # type: ignore[method-assign]
    async with asyncio.timeout(60):
        await asyncio.gather(paced.sync(), landed())

    assert len(paced.market.shelf.listings) == 12


async def test_a_withdrawal_that_appears_goes_before_all_that_wait(
    paced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await paced.save(entry(1))
    await paced.sync()
    paced.time.pass_(minutes=5)
    limit(paced, slice_changes=20, concurrency=1)
    _, producer = entry(1)  # whose seller is open: its calls would wait as well
    products = [entry(n, producer_id="CS-0001")[0] for n in range(2, 42)]
    await paced.save(*((product, producer) for product in products))
    real, begin = paced.market.create, InFlight.begin
    calls, withdrawing = list[str](), asyncio.Event()

    def watched(in_flight: InFlight, *args: Any, removes: bool) -> None:
        begin(in_flight, *args, removes=removes)
        if removes:
            withdrawing.set()

    async def create(changes: Sequence[Any]) -> Any:
        calls.append(changes[0].client_ref)
        if len(calls) == 2:
            await paced.change("SP-00001", paused=True)
        if len(calls) == 11:  # half a slice waits
            await withdrawing.wait()
        return await real(changes)

    monkeypatch.setattr(InFlight, "begin", watched)
    paced.market.create = create  # type: ignore[method-assign]
    async with asyncio.timeout(60):
        await paced.sync()

    kinds = [kind for kind, _ in sent(paced) if kind is not Kind.PUT_SELLER]
    assert kinds.count(Kind.WITHDRAW) == 1
    assert kinds.index(Kind.WITHDRAW) in (11, 12)


async def test_nothing_else_is_written_down_while_something_is_taken_from_buyers(
    paced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"SP-{n:05}" for n in range(1, 3 * SLICE)]
    await paced.save(*(entry(n) for n, _ in enumerate(ids, 1)))
    await paced.sync()
    await paced.change(ids[0], paused=True)
    for id_ in ids[1:]:
        dear = make_variant(sku=f"{id_}-1", gtin="", price_vnd=99_000)
        await paced.change(id_, variants=(dear,))
    real, real_wait = paced.market.withdraw, InFlight.one_has_landed
    waits, found = asyncio.Event(), list[int]()

    async def one_has_landed(in_flight: InFlight) -> None:
        if ids[0] in in_flight.products:
            waits.set()
        await real_wait(in_flight)

    async def withdraw(changes: Sequence[Any]) -> Any:
        await waits.wait()
        change = tables.change.c
        due = select(change.n).where(change.kind.in_(["withdraw", "set_price"]))
        async with paced.database.read() as conn:
            found.append(len((await conn.execute(due)).all()))
        return await real(changes)

    monkeypatch.setattr(InFlight, "one_has_landed", one_has_landed)
    paced.market.withdraw = withdraw  # type: ignore[method-assign]
    async with asyncio.timeout(60):
        await paced.sync()

    assert found == [SLICE]
    assert len(sent(paced)) == len(ids)


async def test_what_changes_while_it_waits_for_its_call_is_sent_as_it_is_then(
    paced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await paced.save(*(entry(n) for n in range(1, SLICE + 1)))
    limit(paced, concurrency=1)
    real, taken_back = paced.market.create, asyncio.Event()
    real_take_back = InFlight.take_back

    async def take_back(in_flight: InFlight, ids: Sequence[str]) -> None:
        if ids:
            asyncio.get_running_loop().call_soon(taken_back.set)
        await real_take_back(in_flight, ids)

    async def create(changes: Sequence[Any]) -> Any:
        if changes[0].client_ref == "SP-00001":
            dear = make_variant(sku="SP-00004-1", gtin="", price_vnd=99_000)
            await paced.change("SP-00004", variants=(dear,))
        if changes[0].client_ref == "SP-00003":
            await taken_back.wait()
        return await real(changes)

    monkeypatch.setattr(InFlight, "take_back", take_back)
    paced.market.create = create  # type: ignore[method-assign]
    async with asyncio.timeout(60):
        await paced.sync()

    creates = [e for e in paced.market.written() if isinstance(e, Create)]
    prices = {e.client_ref: e.listing.variants[0].price_vnd for e in creates}
    assert (len(creates), prices["SP-00004"]) == (SLICE, 99_000)
    assert (await paced.record("SP-00004")).state.awaiting is None
    outcomes = [o for id_, o in await written_down(paced) if id_ == "SP-00004"]
    assert outcomes == ["not_sent", "applied"]


async def test_after_the_lease_is_lost_nothing_in_flight_is_called(
    paced: World,
) -> None:
    await paced.save(*(entry(n) for n in range(1, 9)))
    limit(paced, concurrency=1)
    real, calls = paced.market.create, list[str]()

    async def create(changes: Sequence[Any]) -> Any:
        calls.append(changes[0].client_ref)
        if len(calls) == 2:
            paced.time.pass_(minutes=5)
            # Another process takes over, with places for calls of its own.
            await sync(replace(paced.deployment, opened_places={}))
        return await real(changes)

    paced.market.create = create  # type: ignore[method-assign]
    await paced.sync()
    await paced.sync()

    found = [len(paced.market.shelf.of(f"SP-{n:05}")) for n in range(1, 9)]
    # The one whose call was under way may have come twice: a person is asked.
    assert [n for n, there in enumerate(found, 1) if there != 1] in ([], [2])


async def test_a_failure_of_one_slice_leaves_the_outcomes_of_the_others(
    paced: World,
) -> None:
    await paced.save(*(entry(n) for n in range(1, 13)))
    paced.market.script("create", OutcomeUnknownError("mất"), client_ref="SP-00002")
    paced.market.script("create", UnavailableError("bận"), client_ref="SP-00007")

    report = await paced.sync()

    assert report.counts["memory"].listed == 12
    assert len(paced.market.shelf.listings) == 12
