"""An event leads to a read of the listing that it names, in the run that hears of it.

People over there act on the shelf of a marketplace in memory, which tells of it.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from catalog.model.paper import PaperKind
from ocop_sync.engine.terms import Found
from ocop_sync.errors import UnavailableError
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.port import Event, EventKind, UnreadableEvent
from ocop_sync.service.evaluate.take_events import take_in
from ocop_sync.store.tables import held
from ocop_sync.testing.memory import InMemoryMarketplace
from ocop_sync.testing.memory_store import Shelf
from tests.factories import NOT_SO, make_paper
from tests.world import World, entry, open_world

REF = "M000001"
LAG_S = 10.0


@pytest.fixture
async def lagging(url: str) -> AsyncIterator[World]:
    """A marketplace whose reads show what there was 10 s ago."""
    kind = InMemoryMarketplace.having(visible_within_s=LAG_S)
    async with open_world(url, kind=kind) as world:
        yield world


def refs_read(world: World) -> list[str]:
    """Return what was read by name since the last sync began, in order."""
    calls = [call.items for call in world.market.log if call.method == "read"]
    return [ref for items in calls for ref in items]


def whole_reads(world: World) -> int:
    return sum(call.method == "page" for call in world.market.log)


@pytest.mark.parametrize(
    ("act", "found", "counted"),
    [
        pytest.param(
            lambda shelf: shelf.ban(REF, Problem(code="x", message="Bị khóa")),
            Found.BANNED,
            "held",
            id="banned",
        ),
        pytest.param(
            lambda shelf: shelf.take_down(REF),
            Found.DOWN_BY_PERSON,
            "held",
            id="taken down",
        ),
        pytest.param(
            lambda shelf: shelf.refuse(REF, Problem(code="x", message="Ảnh mờ")),
            Found.REFUSED,
            "refused",
            id="refused",
        ),
    ],
)
async def test_what_an_event_tells_counts_after_the_run_that_hears_of_it(
    world: World, act: Callable[[Shelf], None], found: Found, counted: str
) -> None:
    await world.save(entry(1), entry(2))
    before = await world.sync()
    act(world.market.shelf)

    report = await world.sync()

    assert (whole_reads(world), refs_read(world)) == (0, [REF])
    assert (await world.record()).state.found is found
    assert before.counts["memory"].listed == 2
    counts = report.counts["memory"]
    assert (counts.listed, getattr(counts, counted)) == (1, 1)
    assert report.events == {
        "memory": {"named": 1, "foreign": 0, "other": 0, "unreadable": 0}
    }


async def test_what_was_edited_is_asked_about_in_the_run_that_hears_of_it(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    world.market.shelf.edit(REF, title="Măng của tôi")

    await world.sync()

    assert (await world.record()).hold == "edited_there"
    assert world.written() == []


async def test_a_review_that_has_ended_is_known_without_its_ticket(url: str) -> None:
    async with open_world(url, moderated=True) as world:
        await world.save(entry(1))
        await world.sync(follow_s=0)
        world.market.shelf.approve(REF)

        report = await world.sync(follow_s=0)

        assert report.counts["memory"].listed == 1


async def test_events_are_read_in_batches_and_each_listing_once(world: World) -> None:
    count = world.market.capabilities.read_batch + 1
    await world.save(*(entry(n) for n in range(1, count + 1)))
    await world.sync()
    for ref in list(world.market.shelf.listings):
        world.market.shelf.edit(ref, title="Một")
        world.market.shelf.edit(ref, title="Hai")

    await world.sync()

    reads = [call.items for call in world.market.log if call.method == "read"]
    assert [len(items) for items in reads] == [count - 1, 1]
    await world.sync()
    assert refs_read(world) == []


async def test_an_event_that_tells_what_is_known_costs_no_read(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    world.market.shelf.approve(REF)

    report = await world.sync()

    assert (refs_read(world), report.events) == ([], {})


async def test_an_edit_that_shows_late_is_read_when_it_shows(lagging: World) -> None:
    world = lagging
    await world.save(entry(1))
    await world.sync()
    world.time.pass_(minutes=5)
    world.market.show_after(LAG_S)
    world.time.pass_(seconds=1)
    world.market.shelf.edit(REF, title="Măng của tôi")

    await world.sync()

    assert refs_read(world) == [REF, REF]
    assert (await world.record()).hold == "edited_there"


async def test_what_has_happened_long_ago_is_read_once(lagging: World) -> None:
    world = lagging
    await world.save(entry(1))
    await world.sync()
    world.market.shelf.edit(REF, title="Măng của tôi")
    world.time.pass_(minutes=5)
    at = world.time()

    await world.sync()

    assert (refs_read(world), world.time()) == ([REF], at)


async def test_a_name_is_kept_until_it_could_be_read(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    world.market.shelf.ban(REF)
    world.market.script("read", UnavailableError("hỏng"), times=99)
    report = await world.sync()
    assert list(report.unread) == ["memory"]
    world.market.forget_scripts()
    world.time.pass_(minutes=5)

    await world.sync()

    assert (await world.record()).state.found is Found.BANNED


@pytest.mark.postgresql
async def test_what_events_tell_is_known_before_anything_is_evaluated(
    world: World,
) -> None:
    await world.save(*(entry(n) for n in range(1, 9)))
    await world.sync()
    without = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
    for n in range(1, 7):  # one more than the budget allows
        await world.change(f"SP-{n:05}", papers=without)
        world.market.shelf.take_down(f"M{n:06}")

    await world.sync()

    async with world.database.read() as conn:
        ever_held = await conn.scalar(select(func.count()).select_from(held))
    assert (ever_held, world.written()) == (0, [])


async def test_what_happens_between_two_slices_is_read_there(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.save(*(entry(n) for n in range(2, 121)))
    market = world.market
    told: list[str] = []
    create = market.create

    async def banned_meanwhile(changes: Any) -> Any:
        results = await create(changes)
        if not told:
            market.shelf.ban(REF)
            told.append(REF)
            event = replace(market.shelf.events[-1], at=world.time())
            await world.database.write(
                lambda conn: take_in(conn, world.deployment, "memory", [event], ())
            )
        return results

    market.create = banned_meanwhile  # type: ignore[method-assign]
    await world.sync()

    methods = [call.method for call in market.log if call.method in ("create", "read")]
    assert methods[:3] == ["create", "read", "create"]


async def test_events_about_others_and_of_unknown_kinds_are_counted(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    shelf = world.market.shelf
    shown = replace(shelf.listings[REF].shown, client_ref="", variants=())
    theirs = shelf.add(shown)
    shelf.edit(theirs, title="Của người khác")
    odd = Event(kind=EventKind.OTHER, ref=REF, at=world.time())
    shelf.events.append(odd)

    report = await world.sync()

    assert report.events == {
        "memory": {"named": 1, "foreign": 1, "other": 1, "unreadable": 0}
    }
    assert refs_read(world) == [REF]


@pytest.mark.parametrize("ref", [REF, ""], ids=["named", "nameless"])
async def test_an_event_that_cannot_be_read_and_is_no_sale_is_counted_and_passed_over(
    world: World, ref: str
) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    shelf = world.market.shelf
    shelf.ban(REF)
    shelf.ban("M000002")
    odd = UnreadableEvent(reason="at: missing", may_be_sale=False, ref=ref)
    world.market.garble_event(0, odd)

    report = await world.sync()
    again = await world.sync()

    assert report.events["memory"]["unreadable"] == 1
    assert (report.unheard, again.events) == ({}, {})
    assert (await world.record("SP-00002")).state.found is Found.BANNED
    found = (await world.record("SP-00001")).state.found
    assert found is (Found.BANNED if ref else Found.LIVE)


async def test_a_page_of_the_feed_of_which_nothing_can_be_read_is_not_its_end(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    shelf = world.market.shelf
    filler = Event(kind=EventKind.OTHER, ref="M999999", at=world.time())
    shelf.events += [filler] * 100
    shelf.ban(REF)
    odd = UnreadableEvent(reason="at: missing", may_be_sale=False)
    for place in range(100):
        world.market.garble_event(place, odd)

    report = await world.sync()

    assert report.events["memory"]["unreadable"] == 100
    assert (await world.record()).state.found is Found.BANNED


async def test_what_was_read_whole_meanwhile_is_not_read_by_name(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    world.market.shelf.ban(REF)
    world.time.pass_(hours=25)

    await world.sync()

    assert (whole_reads(world), refs_read(world)) == (1, [])
    assert (await world.record()).state.found is Found.BANNED


async def test_a_push_is_taken_in_as_an_event_of_the_feed_is(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    world.market.shelf.ban(REF)
    (event,) = world.market.shelf.events
    world.market.shelf.events.clear()

    taken = await world.database.write(
        lambda conn: take_in(conn, world.deployment, "memory", [event], ())
    )
    await world.sync()

    assert taken.named == {REF}
    assert (await world.record()).state.found is Found.BANNED
