"""A marketplace without search, sellers, reviews, events and stars is kept right.

Nothing that it does not have is called, waited for, counted or told of. Where it
cannot search, its pages are read, once for all that is looked up.
"""

from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from catalog.model.fact import Fact
from catalog.values import replace
from ocop_sync.cli.plan import _costs
from ocop_sync.errors import UnavailableError
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.change import PutSeller
from ocop_sync.marketplace.listing import Facet, RemoteState
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.run.report import Report
from ocop_sync.service.run.run_rating import RunRating
from ocop_sync.service.send.sellers import seller_of
from ocop_sync.service.sync.rated_sync import rating_of
from ocop_sync.service.sync.reconcile import reconcile
from ocop_sync.testing.memory import InMemoryMarketplace, LostAnswer
from tests.factories import make_variant
from tests.simple_marketplace import PAGE_SIZE, SimpleMarketplace
from tests.world import World, entry, listed, open_world


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    """Only the simple marketplace, which has nothing yet; we are signed in."""
    kind: Any = SimpleMarketplace
    async with open_world(url, ("simple",), kind=kind) as world:
        world.deployment.signed_in.add("simple")
        yield world


def calls(world: World) -> Counter[str]:
    """Return how many calls the last sync made, by method."""
    return Counter(call.method for call in world.market.log)


async def settled(world: World) -> None:
    """Let the last look-up of what was made go by."""
    world.time.pass_(minutes=7)
    await world.sync()


async def test_a_first_sync_makes_no_call_that_is_not_offered(world: World) -> None:
    await world.save(*(entry(n) for n in range(1, 6)))

    report = await world.sync()

    pages = -(-5 // PAGE_SIZE)
    # Read whole while empty; then read what was made, and look for second ones.
    assert calls(world) == {"create": 5, "page": 1 + pages, "read": 2}
    assert report.counts["simple"].listed == 5
    assert (report.unheard, report.events, report.stopped) == ({}, {}, {})


async def test_a_run_that_does_not_know_its_account_reads_one_page_first(
    world: World,
) -> None:
    await listed(world, 5)
    await settled(world)
    world.deployment.signed_in.clear()

    await world.sync()
    first = calls(world)
    await world.sync()

    assert (first, calls(world)) == ({"page": 1}, {})


async def test_a_second_sync_makes_no_call_at_all(world: World) -> None:
    await listed(world, 5)
    await settled(world)

    report = await world.sync()

    assert calls(world) == {}
    assert report.counts["simple"].listed == 5


async def test_what_has_changed_is_changed_there(world: World) -> None:
    await listed(world, 1)
    await settled(world)
    pack = make_variant(sku="SP-00001-1", gtin="", price_vnd=77_000, on_hand=3)
    await world.change(
        variants=(replace(pack, counted_at=world.time()),), description="Phơi nắng."
    )

    await world.sync()

    [shown] = world.market.of("SP-00001")  # type: ignore[attr-defined]
    assert [each.price_vnd for each in shown.shown.variants] == [77_000]
    assert "Phơi nắng." in shown.shown.description
    assert "set_stars" not in calls(world)


async def test_what_is_blocked_is_withdrawn_and_put_back(world: World) -> None:
    await listed(world, 1)
    await settled(world)
    await world.change(paused=True)
    await world.sync()

    assert calls(world) == {"withdraw": 1}

    await world.change(paused=False)
    await world.sync()

    assert calls(world) == {"republish": 1, "read": 1}


async def test_a_producer_who_withdraws_consent_has_its_listings_withdrawn(
    world: World,
) -> None:
    await listed(world, 1)
    await settled(world)
    product, producer = entry(1)
    assert producer is not None
    consent = replace(producer.consent, value=Fact.NO)
    await world.save((product, replace(producer, consent=consent)))

    report = await world.sync()

    assert calls(world) == {"withdraw": 1}
    assert not report.failed


@pytest.mark.parametrize("arrives", [True, False], ids=["arrived", "did not arrive"])
async def test_lost_answers_are_looked_up_by_one_reading_of_the_pages(
    world: World, *, arrives: bool
) -> None:
    await listed(world, 7)
    await settled(world)
    await world.save(*(entry(n) for n in range(8, 12)))
    market: Any = world.market
    market.loses, market.drops = (4, 0) if arrives else (0, 4)

    await world.sync(follow_s=20)

    there = 11 if arrives else 7
    again = 0 if arrives else 4
    assert len(market.listings) == 11
    assert [len(market.of(f"SP-{n:05}")) for n in range(1, 12)] == [1] * 11
    assert calls(world)["create"] == 4 + again
    first, second = -(-there // PAGE_SIZE), -(-11 // PAGE_SIZE)
    assert calls(world)["page"] == first + (0 if arrives else second)


async def test_a_reading_from_before_a_create_says_nothing_of_it(world: World) -> None:
    market: Any = world.market
    market.loses = 2
    await world.save(entry(1), entry(2))

    await world.sync(follow_s=20)  # the empty account is read whole before

    assert [len(market.of(f"SP-{n:05}")) for n in (1, 2)] == [1, 1]
    assert calls(world) == {"create": 2, "page": 1 + 1, "read": 1}


async def test_what_was_answered_and_what_was_lost_share_one_reading(
    world: World,
) -> None:
    await listed(world, 7)
    await settled(world)
    market: Any = world.market
    market.loses, market.on_create = 1, partial(world.time.pass_, seconds=1)
    slowly = replace(world.deployment.limits, slice_changes=1)
    world.deployment = replace(world.deployment, limits=slowly)
    await world.save(*(entry(n) for n in range(8, 12)))

    await world.sync(follow_s=60)

    assert calls(world)["page"] == -(-11 // PAGE_SIZE)


async def test_what_an_earlier_run_lost_is_looked_up_by_the_whole_read(
    world: World,
) -> None:
    await listed(world, 7)
    await settled(world)
    market: Any = world.market
    market.drops, market.is_dark = 2, True
    await world.save(entry(8), entry(9))
    await world.sync()
    market.is_dark = False
    world.time.pass_(hours=25)

    await world.sync()

    assert [len(market.of(f"SP-{n:05}")) for n in (8, 9)] == [1, 1]
    assert calls(world)["create"] == 2
    # One reading before them, and one that looks for what came of them.
    assert calls(world)["page"] == -(-7 // PAGE_SIZE) + -(-9 // PAGE_SIZE)


async def test_what_one_reading_has_not_shown_is_looked_for_by_another(
    world: World,
) -> None:
    await listed(world, 4)
    await settled(world)
    market: Any = world.market
    del market.listings["S000002"]
    world.time.pass_(hours=25)

    await world.sync()

    # The whole read misses it, a second reading makes sure, a third looks for twins.
    assert calls(world)["create"] == 1
    assert calls(world)["page"] == 1 + 1 + -(-4 // PAGE_SIZE)
    assert len(market.of("SP-00003")) == 1


async def test_a_second_listing_that_came_late_is_found(world: World) -> None:
    await listed(world, 2)
    market: Any = world.market
    [first] = market.of("SP-00001")
    market.listings["S000009"] = replace(first, ref="S000009")
    world.time.pass_(minutes=7)

    report = await world.sync()

    assert report.doubled == {"simple": ["SP-00001"]}


async def test_a_reconciliation_finds_everything_equal(world: World) -> None:
    await listed(world, 4)
    await settled(world)
    world.market.log.clear()

    found = await reconcile(world.deployment)

    assert calls(world) == {"page": 2}
    assert [each.equal for each in found.findings] == [4]


async def test_a_plan_counts_what_is_there_alone(world: World) -> None:
    await world.save(*(entry(n) for n in range(1, 8)))

    [made] = await plan(world.deployment)

    assert {line.kind for line in made.lines} == {"create"}
    pages = -(-7 // PAGE_SIZE)
    # One page of nothing; what was put on sale is read; and looked up by its pages.
    assert (made.calls, made.reads) == (7, 1 + 1 + pages + 1)
    assert made.minutes is None
    await world.sync()
    assert calls(world) == {"create": 7, "page": 1 + pages, "read": 2}


async def test_a_plan_counts_the_pages_that_are_there_already(world: World) -> None:
    await listed(world, 7)
    await settled(world)
    await world.save(entry(8))

    [made] = await plan(world.deployment)
    await world.sync()

    assert (made.calls, made.reads) == (1, 1 + 1 + -(-8 // PAGE_SIZE))
    # It is read with what was made, and found by its page.
    assert calls(world) == {"create": 1, "page": -(-8 // PAGE_SIZE), "read": 2}


async def test_what_a_plan_takes_is_unknown_where_one_quota_is(world: World) -> None:
    [made] = await plan(world.deployment)
    known = replace(made.costs[0], minutes=2.0)
    idle = replace(made.costs[0], reads=0)

    made.costs = [known, *made.costs]
    assert made.minutes is None
    assert "minutes unknown" in _costs(made)
    made.costs = [known, idle]
    assert made.minutes == 2.0
    assert "~2.0 phút" in _costs(made)


async def test_a_settled_account_costs_nothing(world: World) -> None:
    await listed(world, 7)
    await settled(world)

    [made] = await plan(world.deployment)

    assert (made.calls, made.reads) == (0, 0)


async def test_what_sells_there_unseen_is_not_filled_up(world: World) -> None:
    await listed(world, 1)
    await settled(world)
    market: Any = world.market
    [shown] = market.of("SP-00001")
    [pack] = shown.shown.variants
    market.listings[shown.ref] = replace(
        shown, shown=replace(shown.shown, variants=(replace(pack, stock=1),))
    )
    world.time.pass_(hours=25)

    await world.sync()

    assert calls(world)["set_stock"] == 0
    assert market.of("SP-00001")[0].shown.variants[0].stock == 1


async def test_an_answer_that_nobody_can_follow_is_read_back(world: World) -> None:
    await listed(world, 1)
    await settled(world)
    market: Any = world.market
    market.submits = True
    await world.save(entry(2))

    report = await world.sync(follow_s=20)

    assert await world.answers("create") == ["applied", "applied"]
    assert len(market.of("SP-00002")) == 1
    assert report.counts["simple"].listed == 2


@pytest.mark.parametrize("left_out", [Facet.PRICE, Facet.STOCK, Facet.STARS])
async def test_a_facet_without_a_place_is_never_written(
    url: str, left_out: Facet
) -> None:
    kind = InMemoryMarketplace.having(facets=frozenset(Facet) - {left_out})
    async with open_world(url, kind=kind) as world:
        await world.save(entry(1))
        await world.sync()
        pack = make_variant(sku="SP-00001-1", gtin="", price_vnd=77_000, on_hand=1)
        fewer = (replace(pack, counted_at=world.time()),)
        await world.change(variants=fewer, description="Phơi nắng.")
        await world.sync()
        sent = world.written()
        await world.change(paused=True, variants=(replace(fewer[0], on_hand=0),))
        await world.sync()

        assert f"set_{left_out.value}" not in [*sent, *world.written()]
        assert "update" in sent
        assert "withdraw" in world.written()


@pytest.mark.parametrize("moderated", [False, True], ids=["at once", "reviewed"])
@pytest.mark.parametrize(
    ("lacks", "methods"),
    [
        pytest.param(["has_search"], {"find"}, id="search"),
        pytest.param(["has_sellers"], {"put_sellers", "stop_sellers"}, id="sellers"),
        pytest.param(["has_events", "tells_sales"], {"events"}, id="events"),
        pytest.param(["has_reviews"], {"follow"}, id="reviews"),
    ],
)
async def test_what_a_marketplace_lacks_is_not_called_through_a_listings_whole_life(
    url: str, lacks: list[str], methods: set[str], *, moderated: bool
) -> None:
    without: dict[str, Any] = dict.fromkeys(lacks, False)
    kind = InMemoryMarketplace.having(**without)
    is_reviewed = moderated and lacks != ["has_reviews"]
    async with open_world(url, kind=kind, moderated=is_reviewed) as world:
        market, called = world.market, set[str]()
        product, producer = entry(1)
        assert producer is not None
        opened = PutSeller(client_ref=producer.id, seller=seller_of(producer))
        market.shelf.apply(opened)

        async def sync() -> Report:
            report: Report = await world.sync(follow_s=20)
            called.update(call.method for call in market.log)
            return report

        market.script("create", LostAnswer(applied=True))
        await world.save((product, producer))
        await sync()
        [made] = market.shelf.of("SP-00001")
        if is_reviewed:
            market.shelf.approve(made.ref)
        await sync()
        await world.change(description="Phơi nắng.")
        world.time.pass_(hours=25)
        listed = await sync()
        refused = replace(producer.consent, value=Fact.NO)
        await world.save((product, replace(producer, consent=refused)))
        await sync()

        assert called.isdisjoint(methods)
        assert listed.counts["memory"].listed == 1
        [made] = market.shelf.of("SP-00001")
        assert made.state is RemoteState.DOWN


async def test_a_second_listing_is_not_emptied_where_stock_has_no_place(
    url: str,
) -> None:
    kind = InMemoryMarketplace.having(facets=frozenset(Facet) - {Facet.STOCK})
    async with open_world(url, kind=kind) as world:
        await world.save(entry(1))
        await world.sync()
        [first] = world.market.shelf.of("SP-00001")
        world.market.shelf.add(first.shown)
        world.time.pass_(hours=25)

        report = await world.sync()

        assert report.doubled == {"memory": ["SP-00001"]}
        assert world.written() == []


async def test_a_seller_that_cannot_be_closed_is_not_asked_to(url: str) -> None:
    kind = InMemoryMarketplace.having(has_seller_stop=False)
    async with open_world(url, kind=kind) as world:
        await world.save(entry(1))
        await world.sync()
        product, producer = entry(1)
        assert producer is not None
        consent = replace(producer.consent, value=Fact.NO)
        await world.save((product, replace(producer, consent=consent)))
        await world.sync()
        written = world.written()
        await world.sync()

        assert written == ["withdraw"]
        assert world.written() == []


def test_the_simple_marketplace_states_no_more_than_it_must() -> None:
    stated: Capabilities = SimpleMarketplace.capabilities

    assert (stated.calls_per_s, stated.burst, dict(stated.write_batch)) == (None, 1, {})


async def test_an_account_that_answers_nothing_is_said_with_nothing_to_do(
    url: str,
) -> None:
    kind = InMemoryMarketplace.having(has_events=False, tells_sales=False)
    async with open_world(url, kind=kind) as world:
        await world.save(entry(1))
        await world.sync()
        world.deployment.signed_in.clear()
        world.market.script("check", UnavailableError("bảo trì"), times=9)

        silent = await world.sync()
        rating = await rating_of(world.deployment, silent, set())
        await world.save(entry(2))
        answered = await world.sync()

    assert "bảo trì" in silent.unread["memory"]
    assert rating is RunRating.FAILED
    assert silent.todo["memory"]
    assert answered.unread == {}
