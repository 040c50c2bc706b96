"""A marketplace that reviews changes, and shows the old content meanwhile."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from catalog.values import replace
from ocop_sync.engine.plan.drift_policy import DEFAULT_POLICY, Policy
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.listing import Facet, Problem, RemoteState
from ocop_sync.marketplace.result import Applied, Refused, Result, Submitted, Unknown
from ocop_sync.service.deployment import Site
from ocop_sync.service.queries.change_freshness import change_freshness
from ocop_sync.store.decisions import drift
from ocop_sync.store.listings import records
from ocop_sync.store.tables import drift as table
from ocop_sync.testing.memory import Call, Ignored, InMemoryMarketplace
from tests.factories import make_certificate
from tests.world import World, entry, open_world

REFUSAL = Refused((Problem(code="text", message="Nội dung sai sự thật"),))
REF = "M000001"
DOUBLED = State(product_id="SP-00001", marketplace="memory", doubled_ref="M000009")


class Reviewer:
    """Takes updates in for review, and decides when a test says so."""

    def __init__(self, world: World) -> None:
        self.world, self.waiting = world, list[Any]()
        self.fate: Result = Submitted("T-9")
        self._real = world.market.update
        world.market.update = self._update  # type: ignore[method-assign]
        world.market.follow = self._follow  # type: ignore[method-assign]

    async def _update(self, changes: Sequence[Any]) -> Sequence[Result]:
        self.world.market.log.append(Call("update", tuple(changes)))
        self.waiting += changes
        return [Submitted("T-9") for _ in changes]

    async def _follow(self, tickets: Sequence[str]) -> Sequence[Result]:
        return [self.fate for _ in tickets]

    def refuse(self) -> None:
        self.fate = REFUSAL

    async def approve(self) -> None:
        await self._real(self.waiting)
        self.fate = Applied(REF)


@pytest.fixture
async def reviewer(world: World) -> Reviewer:
    """A product on sale, of which a new description is in review."""
    reviewer = Reviewer(world)
    await world.save(entry(1))
    await world.sync()
    await world.change(description="Măng khô, phơi nắng.")
    await world.sync(follow_s=0)
    assert world.written() == ["update"]
    return reviewer


async def a_day_later(world: World) -> list[str]:
    world.time.pass_(hours=25)
    await world.sync(follow_s=0)
    return world.written()


async def test_what_else_was_written_of_a_listing_while_it_was_followed_stays(
    reviewer: Reviewer,
) -> None:
    world = reviewer.world
    await reviewer.approve()
    follow = world.market.follow

    async def noting(tickets: Sequence[str]) -> Any:
        double = replace(await world.record(), state=DOUBLED)
        await world.database.write(partial(records.mark_double, records=[double]))
        return await follow(tickets)

    world.market.follow = noting  # type: ignore[method-assign]
    await world.sync(follow_s=0)

    state = (await world.record()).state
    assert (state.found, state.doubled_ref) == (Found.LIVE, DOUBLED.doubled_ref)


async def test_a_reviewed_change_is_fresh_once_it_was_read_and_not_when_sent(
    reviewer: Reviewer,
) -> None:
    world, week = reviewer.world, timedelta(days=7)
    sent = await change_freshness(world.deployment, week)
    world.time.pass_(minutes=5)
    await reviewer.approve()
    await world.sync(follow_s=0)

    shown = await change_freshness(world.deployment, week)

    ((before,), (after,)) = sent.marketplaces, shown.marketplaces
    assert (before.open, after.open) == (1, 0)
    assert after.by_facet["content"].p50_s == pytest.approx(300, abs=60)


async def test_a_change_in_review_is_not_sent_again(reviewer: Reviewer) -> None:
    world = reviewer.world

    assert await a_day_later(world) == []
    record = await world.record()
    assert (record.hold, record.state.found) == (None, "in_review")


async def test_a_change_refused_in_review_is_held_with_its_words(
    reviewer: Reviewer,
) -> None:
    world = reviewer.world
    reviewer.refuse()

    written = [await a_day_later(world), await a_day_later(world)]

    record = await world.record()
    assert written == [[], []]
    assert (record.hold, record.state.problems) == ("change_refused", REFUSAL.problems)
    assert record.state.found == "live"


async def test_a_change_refused_in_review_is_sent_again_once_it_is_corrected(
    reviewer: Reviewer,
) -> None:
    world = reviewer.world
    reviewer.refuse()
    await a_day_later(world)
    await world.change(description="Măng khô.")

    assert await a_day_later(world) == ["update"]


async def test_a_change_approved_in_review_is_in_sync(reviewer: Reviewer) -> None:
    world = reviewer.world
    await reviewer.approve()

    assert await a_day_later(world) == []
    record = await world.record()
    assert (record.hold, record.decision) == (None, "in_sync")


@pytest.mark.postgresql
async def test_an_edit_that_is_put_right_by_way_of_a_review_was_healed_by_us(
    world: World,
) -> None:
    reviewer = Reviewer(world)
    await world.save(entry(1))
    await world.sync()
    repairs = {**DEFAULT_POLICY, Facet.CONTENT: Policy.REPAIR}
    site = Site("memory", InMemoryMarketplace, [world.market.account], policy=repairs)
    world.deployment = replace(world.deployment, sites=(site,))
    world.market.shelf.edit(REF, description="Măng của tôi")
    assert await a_day_later(world) == ["update"]
    await reviewer.approve()

    world.time.pass_(minutes=5)  # before anything else is read
    await world.sync(follow_s=0)

    async with world.database.read() as conn:
        rows = await conn.execute(select(table.c.field, table.c.healed_by))
        assert [tuple(row) for row in rows.all()] == [("content.description", "us")]


async def test_what_is_on_sale_stays_without_its_claim_while_a_change_is_in_review(
    reviewer: Reviewer,
) -> None:
    world = reviewer.world
    ended = make_certificate(decided_on=date(2021, 2, 1))
    await world.change(certificates=(ended,))

    assert await a_day_later(world) == ["set_stars"]
    shown = world.market.shelf.listings[REF]
    assert (shown.state, shown.shown.stars) == (RemoteState.LIVE, None)
    assert await a_day_later(world) == []


async def test_a_change_in_review_of_a_listing_without_a_claim_is_not_withdrawn(
    world: World,
) -> None:
    """Its certificate has ended before; what is in review has no claim either."""
    reviewer = Reviewer(world)
    await world.save(entry(1, certificates=(make_certificate(stars=4),)))
    await world.sync()
    ended = make_certificate(decided_on=date(2021, 2, 1))
    await world.change(certificates=(ended,))
    await world.sync(follow_s=0)
    await world.change(description="Măng khô, phơi nắng.")
    await world.sync(follow_s=0)
    assert world.written() == ["update"]

    waiting = await a_day_later(world)
    await reviewer.approve()
    done = await a_day_later(world)

    shown = world.market.shelf.listings[REF]
    assert (waiting, done) == ([], [])
    assert (shown.state, shown.shown.stars) == (RemoteState.LIVE, None)
    assert shown.shown.description == "Măng khô, phơi nắng."


async def test_an_update_that_still_claims_is_overtaken_when_the_certificate_ends(
    world: World,
) -> None:
    """Once the review is over, nothing that it brings back claims anything."""
    ends_that_day = make_certificate(decided_on=date(2021, 3, 1))
    await world.save(entry(1, certificates=(ends_that_day,)))
    await world.sync()
    reviewer = Reviewer(world)
    await world.change(description="Măng khô OCOP 4 sao. Phơi nắng.")
    await world.sync(follow_s=0)
    assert world.written() == ["update"]

    taken_off = await a_day_later(world)
    await reviewer.approve()
    await a_day_later(world)

    shown = world.market.shelf.listings[REF]
    assert taken_off == ["update", "set_stars"]
    assert shown.state is RemoteState.LIVE
    assert (shown.shown.stars, shown.shown.description) == (None, "Phơi nắng.")


# Put up again, after a review


@pytest.fixture
async def going_up(world: World) -> Reviewer:
    """A product that we took down, and that is in review to go up again."""
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    await world.sync()
    await world.change(paused=False)
    reviewer = Reviewer(world)

    async def republish(changes: Sequence[Any]) -> Sequence[Result]:
        world.market.log.append(Call("republish", tuple(changes)))
        return [Submitted("T-9") for _ in changes]

    world.market.republish = republish  # type: ignore[method-assign]
    await world.sync(follow_s=0)
    assert world.written() == ["republish"]
    return reviewer


async def test_what_is_in_review_to_go_up_again_was_taken_down_by_nobody(
    going_up: Reviewer,
) -> None:
    world = going_up.world

    written = [await a_day_later(world), await a_day_later(world)]

    record = await world.record()
    assert (written, record.hold) == ([[], []], None)
    assert record.state.found == "in_review"
    async with world.database.read() as conn:
        assert await drift.listed(conn, ["memory"]) == []


async def test_what_may_not_go_up_again_after_a_review_is_not_submitted_daily(
    going_up: Reviewer,
) -> None:
    world = going_up.world
    going_up.refuse()

    written = [await a_day_later(world) for _ in range(3)]

    record = await world.record()
    assert written == [[], [], []]
    assert (record.hold, record.state.found) == ("change_refused", "down_by_us")
    assert record.state.problems == REFUSAL.problems


# A change that shows while it is refused


async def test_a_refused_change_that_was_shown_is_nobodys_edit_once_it_is_gone(
    reviewer: Reviewer,
) -> None:
    world, shelf = reviewer.world, reviewer.world.market.shelf
    old = shelf.listings[REF]
    shown = replace(old.shown, description="Măng khô, phơi nắng.")
    shelf.listings[REF] = replace(
        old, shown=shown, state=RemoteState.REFUSED, problems=REFUSAL.problems
    )
    reviewer.refuse()
    written = [await a_day_later(world)]
    assert (await world.record()).hold == "refused"
    shelf.listings[REF] = old

    written += [await a_day_later(world), await a_day_later(world)]

    record = await world.record()
    assert written == [[], [], []]
    assert (record.hold, record.state.edited) == ("change_refused", None)
    assert record.state.problems == REFUSAL.problems
    async with world.database.read() as conn:
        assert await drift.listed(conn, ["memory"]) == []


async def test_a_change_of_which_answer_and_ticket_were_lost_is_not_reviewed_daily(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    shelf = world.market.shelf
    await world.change(description="Măng khô, phơi nắng.")

    async def update(changes: Sequence[Any]) -> Sequence[Result]:
        world.market.log.append(Call("update", tuple(changes)))
        shelf.listings[REF] = replace(old, state=RemoteState.IN_REVIEW)
        return [Unknown("mất trả lời") for _ in changes]

    world.market.update = update  # type: ignore[method-assign]
    old, written = shelf.listings[REF], []
    for _ in range(3):
        written += await a_day_later(world)
        shelf.listings[REF] = old  # refused, and nobody says so

    assert written == ["update"]
    assert (await world.record()).hold == "change_refused"


async def test_what_is_approved_and_does_not_show_yet_was_not_refused(
    reviewer: Reviewer,
) -> None:
    world = reviewer.world
    reviewer.fate = Applied(REF)

    await a_day_later(world)

    assert (await world.record()).hold is None


async def test_a_withdrawal_that_left_the_review_to_go_on_is_not_believed(
    url: str,
) -> None:
    async with open_world(url, moderated=True) as world:
        await world.save(entry(1))
        await world.sync(follow_s=0)
        await world.change(paused=True)
        world.market.script("withdraw", Ignored(), times=2)
        await world.sync(follow_s=0)
        assert await world.answers("withdraw") == ["not_sent", "unknown"]
        assert (await world.record()).state.found is Found.IN_REVIEW

        world.market.shelf.approve(REF)
        report = await world.sync(follow_s=0)

        assert report.counts["memory"].live_not_listable == 0
        assert world.market.shelf.listings[REF].state is RemoteState.DOWN


async def test_a_withdrawal_that_left_the_listing_on_sale_is_sent_again(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    world.market.script("withdraw", Ignored())

    report = await world.sync()

    assert world.written() == ["withdraw", "withdraw"]
    assert world.market.shelf.listings[REF].state is RemoteState.DOWN
    assert report.counts["memory"].live_not_listable == 0


async def test_what_stays_down_was_not_put_back(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    await world.sync()
    await world.change(paused=False)
    world.market.script("republish", Ignored())

    report = await world.sync()

    assert world.written() == ["republish", "republish"]
    assert report.counts["memory"].listed == 1
