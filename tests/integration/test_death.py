"""A run that dies at any step is gone on with: nothing lost, doubled or oversold.

Every step is tried: before and after each transaction that writes and each call to the
marketplace; where nothing that outlives a death has become different since the step
before, once for both. The same, on SQLite, with a network that delivers late, twice, or
shows the state of some time ago. That a killed process is one that died is in
`tests/e2e`; a single lost answer, in `test_faults.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from catalog.db import reader
from catalog.values import names_of, replace
from ocop_sync.errors import OutcomeUnknownError
from ocop_sync.marketplace.change import Create, Kind, SetStock
from ocop_sync.marketplace.listing import Listing, Problem, RemoteState
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.deployment import Site
from ocop_sync.store import tables
from ocop_sync.testing.memory import InMemoryMarketplace, offline_context
from tests.factories import NOT_SO, make_certificate, make_variant
from tests.integration.dying import FILE, Moment, moments_of
from tests.world import FakeTime, World, entry, open_world

Scenario = Callable[[World], Awaitable[None]]
HEARTBEAT_S = 20
LIVE = RemoteState.LIVE
REFUSAL = Problem(code="name", message="Tên chưa rõ")
LEFT_OVER = {
    "awaiting": select(tables.listing.c.product_id).where(
        tables.listing.c.awaiting.is_not(None)
    ),
    "without outcome": select(tables.change.c.subject, tables.change.c.kind).where(
        tables.change.c.outcome.is_(None)
    ),
    "running": select(tables.run.c.id).where(tables.run.c.outcome == "running"),
    "not settled": select(tables.listing.c.product_id, tables.listing.c.decision).where(
        tables.listing.c.urgency.is_not(None)
    ),
}


@dataclass(frozen=True, kw_only=True)
class Network:
    """What a marketplace declares, and what the network really does.

    Attributes:
        lag_s: Seconds after which all that was done shows, as declared.
        until_next_s: Seconds from a death to the next run; a lease lasts 60.
        late_s: What was on its way at a death arrives so many seconds later.
        stale: Reads show what there was *lag_s* ago.
        twice: Every write arrives twice.
    """

    lag_s: float = 0
    until_next_s: float = 120
    late_s: float | None = None
    stale: bool = False
    twice: bool = False


USUAL = Network()
# 5 s more than the lag are waited for: as long as a call may take.
LATE = Network(lag_s=100, until_next_s=61, late_s=104)
STALE = Network(lag_s=100, until_next_s=61, stale=True)
TWICE = Network(twice=True)


@dataclass(frozen=True, kw_only=True)
class End:
    """What there is when runs have gone on with what another one left.

    Attributes:
        shown: State and content of the listings there, by our reference.
        sellers: Who is open there.
        left_over: What the store has not brought to an end, by what it is.
        written: What the last run still sent.
        oversold: What was ever offered beyond what there is, by SKU.
    """

    shown: dict[str, list[tuple[RemoteState, Listing]]]
    sellers: set[str]
    left_over: dict[str, list[Any]]
    written: list[str]
    oversold: list[tuple[str, int]]


async def a_first_sync(world: World) -> None:
    await world.save(entry(1), entry(2))


async def every_kind_of_change(world: World) -> None:
    """Leave nine listings that want nine different things, and one to be made."""
    await world.save(*(entry(n) for n in range(1, 10)))
    await list_all_but_two(world)
    await world.change("SP-00008", paused=True)
    await world.sync(follow_s=0)

    cheap = make_variant(sku="SP-00001-1", gtin="", price_vnd=99_000, on_hand=4)
    await world.change("SP-00001", variants=(cheap,))
    await world.change("SP-00002", description="Măng mới.")
    await world.change("SP-00003", certificates=(make_certificate(stars=5),))
    await world.change("SP-00004", paused=True)
    await world.change("SP-00005", name="Măng khô Mẫu viết lại")
    world.market.shelf.delete(world.market.shelf.of("SP-00006")[0].ref)
    product, producer = entry(7)
    assert producer is not None
    await world.save((product, replace(producer, consent=NOT_SO)))
    await world.change("SP-00008", paused=False)
    await world.change("SP-00009", name="Măng khô Mẫu chép lại")
    await world.save(entry(10))
    world.time.pass_(hours=25)


async def list_all_but_two(world: World) -> None:
    """Let one be refused at once, and one in its review if there is any."""
    world.market.script("create", Refused((REFUSAL,)), client_ref="SP-00005")
    await world.sync(follow_s=0)
    (ninth,) = world.market.shelf.of("SP-00009")
    if ninth.state is RemoteState.IN_REVIEW:
        world.market.shelf.refuse(ninth.ref, REFUSAL)
    approve_all(world)
    await world.sync(follow_s=0)


def approve_all(world: World) -> bool:
    """Let all go live that is in review; return whether there was any."""
    found = [
        each.ref
        for each in world.market.shelf.listings.values()
        if each.state is RemoteState.IN_REVIEW
    ]
    for ref in found:
        world.market.shelf.approve(ref)
    return bool(found)


async def go_on(world: World, network: Network = USUAL) -> End:
    """Let a new run do what it can, on the day of the death, and then another."""
    oversold = await offered_too_much(world)
    world.time.pass_(seconds=network.until_next_s)
    await world.sync(follow_s=0)
    oversold += await offered_too_much(world)
    world.time.pass_(seconds=network.lag_s)
    if approve_all(world):
        world.time.pass_(seconds=network.lag_s)
        await world.sync(follow_s=0)
        oversold += await offered_too_much(world)
    await world.sync(follow_s=0)
    await world.market.events(None)  # whatever is late is there by now

    shown: dict[str, list[tuple[RemoteState, Listing]]] = {}
    for found in world.market.shelf.listings.values():
        state = (found.state, found.shown)
        shown.setdefault(found.shown.client_ref, []).append(state)
    return End(
        shown=shown,
        sellers=set(world.market.shelf.sellers),
        left_over=await look_for_left_over(world),
        written=world.written(),
        oversold=oversold + await offered_too_much(world),
    )


async def offered_too_much(world: World) -> list[tuple[str, int]]:
    """Return what the last run has offered beyond what there is."""
    async with world.database.read() as conn:
        pages = [page async for page in reader.pages(conn)]
    packs = [p for page in pages for product, _ in page for p in product.variants]
    there = {pack.sku: pack.available for pack in packs}
    offers: list[tuple[str, int]] = []
    for change in world.market.written():
        if isinstance(change, Create):
            offers += [(each.sku, each.stock) for each in change.listing.variants]
        if isinstance(change, SetStock):
            offers += change.stocks.items()
    return [(sku, n) for sku, n in offers if n > there[sku]]


async def look_for_left_over(world: World) -> dict[str, list[Any]]:
    async with world.database.read() as conn:
        found = {
            what: [tuple(row) for row in await conn.execute(query)]
            for what, query in LEFT_OVER.items()
        }
    return {what: rows for what, rows in found.items() if rows}


async def ends_of(
    moments: Iterable[Moment], world: World, network: Network = USUAL
) -> dict[int, End]:
    """Return how it ends when a run is gone on with from each of *moments*."""
    ends = dict[int, End]()
    for moment in moments:
        await moment.bring_back(world)
        ends[moment.step] = await go_on(world, network)
    return ends


# What a database does at a death is the same whatever the run is at: PostgreSQL
# is shown every third step of the run that sends everything, and of the one that
# begins with nothing.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "scenario", "moderated"),
    [
        pytest.param("sqlite", a_first_sync, False, id="first, at once"),
        pytest.param("sqlite", a_first_sync, True, id="first, moderated"),
        pytest.param("sqlite", every_kind_of_change, False, id="every, at once"),
        pytest.param("sqlite", every_kind_of_change, True, id="every, moderated"),
        pytest.param("postgresql", a_first_sync, False, id="first, postgresql"),
        pytest.param("postgresql", every_kind_of_change, True, id="every, postgresql"),
    ],
    indirect=["url"],
)
async def test_after_a_death_at_any_step_all_is_as_if_there_had_been_none(
    url: str, tmp_path: Path, scenario: Scenario, moderated: bool
) -> None:
    async with open_world(url, moderated=moderated) as world:
        await scenario(world)
        *moments, last = await moments_of(world, tmp_path)
        ends = await ends_of(moments[:: 1 if url.startswith("sqlite") else 3], world)
        intact = (await ends_of([last], world))[last.step]

    assert 10 < len(moments) < last.step
    assert (intact.left_over, intact.written, intact.oversold) == ({}, [], [])
    assert [ref for ref, found in intact.shown.items() if len(found) != 1] == []
    unlike = unlike_in(ends, intact)
    assert not unlike, unlike


@pytest.mark.slow
@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
async def test_after_a_death_with_slices_in_flight_all_is_as_if_there_had_been_none(
    url: str, tmp_path: Path
) -> None:
    async with open_world(url, paced=True) as world:
        limits = replace(world.deployment.limits, slice_changes=3)
        world.deployment = replace(world.deployment, limits=limits)
        await every_kind_of_change(world)
        *moments, last = await moments_of(world, tmp_path)
        ends = await ends_of(moments[:: 1 if url.startswith("sqlite") else 3], world)
        intact = (await ends_of([last], world))[last.step]

    assert 10 < len(moments) < last.step
    assert (intact.left_over, intact.written, intact.oversold) == ({}, [], [])
    assert [ref for ref, found in intact.shown.items() if len(found) != 1] == []
    unlike = unlike_in(ends, intact)
    assert not unlike, unlike


def unlike_in(ends: Mapping[int, End], intact: End) -> dict[int, dict[str, object]]:
    """Return in what the ends after a death differ from the one without, by step."""
    return {
        step: {
            name: (getattr(end, name), getattr(intact, name))
            for name in names_of(End)
            if getattr(end, name) != getattr(intact, name)
        }
        for step, end in ends.items()
        if end != intact
    }


class PatientTime(FakeTime):
    """A clock that moves whenever somebody sleeps; heartbeats beat meanwhile."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self._beats_at = now
        self._beat: asyncio.Future[None] | None = None

    async def sleep(self, seconds: float) -> None:
        if seconds == HEARTBEAT_S:
            self._beats_at = self.now + timedelta(seconds=seconds)
            self._beat = asyncio.get_running_loop().create_future()
            await self._beat
            return
        end = self.now + timedelta(seconds=seconds)
        while (beat := self._beat) and not beat.done() and self._beats_at <= end:
            self.now = self._beats_at
            beat.set_result(None)
            await self._beaten(beat)
        self.now = end

    async def _beaten(self, beat: asyncio.Future[None]) -> None:
        """Wait until the lease is renewed; the run may also die of it."""
        for _ in range(1000):
            if self._beat is not beat:
                return
            await asyncio.sleep(0)


def behind(world: World, network: Network) -> None:
    """Put *network* between us and the marketplace."""
    time = PatientTime(world.time.now)
    kind = InMemoryMarketplace.having(visible_within_s=network.lag_s)
    market = kind(world.market.account, offline_context(time))
    market.shelf = world.market.shelf
    vars(market.shelf).update(_clock=time, knows_keys=True)
    if network.stale:
        market.show_after(network.lag_s)
    if network.twice:
        market.deliver_twice()
    world.time, world.markets["memory"] = time, market
    world.deployment = replace(
        world.deployment,
        sites=(Site("memory", kind, [market.account]),),
        clock=time,
        sleep=time.sleep,
        time=time.seconds,
    )


@pytest.mark.slow
@pytest.mark.parametrize("moderated", [False, True], ids=["at once", "moderated"])
@pytest.mark.parametrize(
    "network",
    [
        pytest.param(LATE, id="late"),
        pytest.param(STALE, id="stale"),
        pytest.param(TWICE, id="twice"),
    ],
)
async def test_after_a_death_behind_a_bad_network_all_is_as_if_there_had_been_none(
    tmp_path: Path, network: Network, moderated: bool
) -> None:
    url = f"sqlite:///{tmp_path}/{FILE}"
    async with open_world(url, moderated=moderated) as world:
        await every_kind_of_change(world)
        behind(world, network)
        *moments, last = await moments_of(world, tmp_path, network.late_s)
        # What is on its way matters at each; else one half is tried with and the
        # other without a review.
        late = [each for each in moments if each.changes]
        ends = await ends_of(late or moments[moderated::2], world, network)
        intact = (await ends_of([last], world, network))[last.step]

    assert len(ends) > 10
    assert (intact.left_over, intact.written, intact.oversold) == ({}, [], [])
    assert [ref for ref, found in intact.shown.items() if len(found) != 1] == []
    unlike = unlike_in(ends, intact)
    assert not unlike, unlike


async def test_the_long_run_sends_every_kind_of_change(tmp_path: Path) -> None:
    async with open_world(f"sqlite:///{tmp_path}/{FILE}") as world:
        await every_kind_of_change(world)

        await world.sync(follow_s=0)

        assert {*world.written()} == {*Kind}


async def test_what_arrives_after_it_was_looked_for_is_not_made_again(
    tmp_path: Path,
) -> None:
    """Its answer was lost in a run that lives on."""
    async with open_world(f"sqlite:///{tmp_path}/{FILE}") as world:
        behind(world, LATE)
        await world.save(entry(1))
        real = world.market.create

        async def lost(changes: Sequence[Create]) -> Any:
            world.market.create = real
            late = world.time() + timedelta(seconds=LATE.lag_s)
            world.market.deliver_late(changes, late)
            raise OutcomeUnknownError

        world.market.create = lost
        await world.sync()

        (found,) = world.market.shelf.of("SP-00001")
        assert (found.state, await world.answers("create")) == (LIVE, ["applied"])


async def test_two_listings_of_one_request_are_put_before_a_person(
    tmp_path: Path,
) -> None:
    """Where no key is known, nobody can keep the network from making two."""
    async with open_world(f"sqlite:///{tmp_path}/{FILE}") as world:
        behind(world, TWICE)
        world.market.shelf.knows_keys = False
        await world.save(entry(1))
        await world.sync()
        made = world.written()
        world.time.pass_(hours=25)

        await world.sync()

        record = await world.record()
        assert made[:2] == ["put_seller", "create"]
        stocks = [e.shown.variants[0].stock for e in world.market.shelf.of("SP-00001")]
        assert min(stocks) == 0 < stocks[0]
        assert (record.hold, len(world.market.shelf.of("SP-00001"))) == ("doubled", 2)
