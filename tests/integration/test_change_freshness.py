"""How long a change takes until it shows at a marketplace, and what never does."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from catalog.model.paper import PaperKind
from ocop_sync.errors import UnavailableError
from ocop_sync.service.queries.change_freshness import (
    ChangeFreshness,
    change_freshness,
    percentiles,
)
from ocop_sync.store.tables import change_delay
from tests.factories import NOT_SO, make_paper, make_variant
from tests.world import World, a_day_later, listed

pytestmark = pytest.mark.postgresql

WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def found(world: World, **window: float) -> ChangeFreshness:
    """Return the freshness of the only marketplace."""
    window = window or {"days": 7}
    told = await change_freshness(world.deployment, timedelta(**window))
    (one,) = told.marketplaces
    return one


async def price(world: World, price_vnd: int) -> None:
    pack = make_variant(sku="SP-00001-1", gtin="", price_vnd=price_vnd)
    await world.change(variants=(pack,))


async def test_a_new_listing_is_fresh_once_a_read_has_shown_it(world: World) -> None:
    await listed(world, 1)

    told = await found(world)

    assert told.by_facet.keys() == {"sale"}
    assert (told.confirmed.count, told.taken.count, told.open) == (1, 1, 0)
    assert told.simulated


async def test_a_change_is_taken_by_the_answer_and_confirmed_by_the_next_read(
    world: World,
) -> None:
    await listed(world, 1)
    await price(world, 77_000)
    await world.sync()
    answered = await found(world, hours=1)

    await a_day_later(world)

    told = await found(world, hours=1)
    assert (answered.confirmed.count, answered.open) == (1, 1)
    assert told.by_facet["price"].count == 1
    assert told.by_facet["price"].p50_s == pytest.approx(25 * 3600, abs=60)
    assert told.taken.p99_s is not None
    assert told.taken.p99_s < 60
    assert told.open == 0


async def test_a_change_that_is_replaced_before_it_was_sent_is_counted_apart(
    world: World,
) -> None:
    await listed(world, 1)
    world.market.script("set_price", UnavailableError("bảo trì"), times=99)
    await price(world, 77_000)
    await world.sync()
    world.market.forget_scripts()
    world.time.pass_(minutes=1)
    await price(world, 78_000)
    await world.sync()

    told = await found(world)

    assert (told.superseded, told.overtaken) == (1, 0)
    assert told.open == 1


async def test_a_change_that_is_replaced_before_a_read_is_overtaken(
    world: World,
) -> None:
    await listed(world, 1)
    await price(world, 77_000)
    await world.sync()
    world.time.pass_(minutes=1)
    await price(world, 78_000)
    await world.sync()

    told = await found(world)

    assert (told.superseded, told.overtaken, told.open) == (0, 1, 1)


async def test_a_withdrawal_is_confirmed_by_the_read_that_shows_it_down(
    world: World,
) -> None:
    await listed(world, 1)
    world.time.pass_(minutes=1)
    await world.change(papers=WITHOUT_PAPER)
    await world.sync()
    before = await found(world)
    await a_day_later(world)

    told = await found(world)

    assert told.by_facet["sale"].count == before.by_facet["sale"].count + 1
    assert told.open == 0


async def test_a_run_that_finds_nothing_to_do_begins_no_delay(world: World) -> None:
    await listed(world, 2)
    asked = select(func.count()).select_from(change_delay)
    async with world.database.read() as conn:
        before = await conn.scalar(asked)
    world.time.pass_(minutes=10)
    await world.sync()

    async with world.database.read() as conn:
        assert await conn.scalar(asked) == before


async def test_old_delays_are_forgotten(world: World) -> None:
    await listed(world, 1)
    world.time.pass_(days=91)
    await world.sync()

    asked = select(func.count()).where(change_delay.c.ended_at.is_not(None))
    async with world.database.read() as conn:
        assert await conn.scalar(asked) == 0


def test_each_percentile_is_one_of_the_times() -> None:
    told = percentiles(float(n) for n in range(1, 101))

    assert (told.count, told.p50_s, told.p95_s, told.p99_s) == (100, 50, 95, 99)
    assert percentiles([]).p50_s is None
