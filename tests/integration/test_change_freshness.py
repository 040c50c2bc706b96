"""How long a change takes until it shows at a marketplace, and what never does."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from catalog.db.history import Author
from catalog.db.writer import save_producers
from catalog.model.fact import Attested, Fact
from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.errors import UnavailableError
from ocop_sync.service.queries.change_freshness import (
    ChangeFreshness,
    change_freshness,
    percentiles,
    shown_after,
)
from ocop_sync.store.tables import account, change_delay
from tests.factories import NOT_SO, make_certificate, make_paper, make_variant
from tests.world import World, a_day_later, entry, listed

pytestmark = pytest.mark.postgresql

WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def found(world: World, **window: float) -> ChangeFreshness:
    """Return the freshness of the only marketplace."""
    window = window or {"days": 7}
    told = await change_freshness(world.deployment, timedelta(**window))
    (one,) = told.marketplaces
    shown = await shown_after(world.deployment, timedelta(**window))
    assert shown.keys() == {one.marketplace}
    same = pytest.approx(asdict(one.confirmed), abs=0.002)
    assert asdict(shown[one.marketplace]) == same
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


async def only_delay(world: World, facet: str) -> float:
    """Return how long the one change of *facet* waited that an hour has ended."""
    told = (await found(world, hours=1)).by_facet[facet]
    assert told.count == 1
    assert told.p50_s is not None
    return told.p50_s / 3600


async def read_again(world: World) -> None:
    """Have the account read whole anew, a minute later."""
    world.time.pass_(minutes=1)
    await world.database.write(
        lambda conn: conn.execute(update(account).values(read_whole_at=None))
    )
    await world.sync()


async def test_hours_without_a_worker_count_from_the_entry_on(world: World) -> None:
    await listed(world, 1)
    world.time.pass_(hours=2)
    await price(world, 77_000)
    world.time.pass_(hours=5)
    await world.sync()
    await read_again(world)

    assert await only_delay(world, "price") == pytest.approx(5, abs=0.1)


async def test_a_price_that_nobody_saw_before_the_next_is_superseded(
    world: World,
) -> None:
    await listed(world, 1)
    for price_vnd in (77_000, 78_000, 79_000):
        world.time.pass_(hours=1)
        await price(world, price_vnd)
    world.time.pass_(hours=3)
    await world.sync()
    told = await found(world)
    await read_again(world)

    assert told.superseded == 2
    assert await only_delay(world, "price") == pytest.approx(3, abs=0.1)


async def test_an_entry_that_was_sent_once_is_not_counted_with_the_next(
    world: World,
) -> None:
    await listed(world, 1)
    world.time.pass_(hours=1)
    await price(world, 77_000)
    await world.sync()
    world.time.pass_(hours=7)
    await world.change(description="Măng phơi ba nắng.")
    world.time.pass_(hours=2)
    await world.sync()
    await read_again(world)

    told = await found(world, hours=1)
    assert told.by_facet["content"].p50_s == pytest.approx(2 * 3600, abs=360)
    assert told.superseded == 0


async def test_what_others_edit_there_counts_from_the_read_that_shows_it(
    world: World,
) -> None:
    await listed(world, 1)
    certified = make_certificate(stars=5, decided_on=date(2024, 2, 1))
    await world.change(certificates=(certified,))
    await world.sync()
    await a_day_later(world)
    (there,) = world.market.shelf.of("SP-00001")
    world.market.shelf.edit(there.ref, stars=None)
    world.time.pass_(hours=30)
    await world.sync()
    await read_again(world)

    assert await only_delay(world, "stars") < 0.5


async def test_a_certificate_that_ends_counts_from_its_midnight(world: World) -> None:
    ends = make_certificate(decided_on=date(2021, 6, 15))
    await world.save(entry(1, certificates=(ends,)))
    await world.sync()
    midnight = datetime(2024, 6, 15, 17, tzinfo=UTC)
    world.time.now = midnight + timedelta(hours=9)
    await world.sync()
    held = await found(world)

    assert held.open > 0
    async with world.database.read() as conn:
        began = await conn.scalars(
            select(change_delay.c.changed_at).where(change_delay.c.ended_at.is_(None))
        )
        assert set(began) == {midnight}


async def test_consent_that_is_withdrawn_counts_from_its_entry(world: World) -> None:
    await listed(world, 1)
    world.time.pass_(hours=1)
    maker = entry(1)[1]
    assert maker is not None
    refused = Attested(value=Fact.NO, by="Bà Mẫu", on=date(2024, 3, 1))
    by = Author("Bà Mẫu", world.time())
    await world.database.write(
        lambda conn: save_producers(conn, [replace(maker, consent=refused)], by=by)
    )
    world.time.pass_(hours=4)
    await world.sync()
    await read_again(world)

    assert await only_delay(world, "sale") == pytest.approx(4, abs=0.1)


async def test_while_a_review_lasts_an_entry_waits_from_its_own_time(
    moderated: World,
) -> None:
    world = moderated
    await listed(world, 1)
    world.time.pass_(hours=1)
    await price(world, 77_000)
    await world.sync()
    world.time.pass_(hours=3)
    (there,) = world.market.shelf.of("SP-00001")
    world.market.shelf.approve(there.ref)
    await world.sync()
    await read_again(world)

    told = await found(world, hours=1)
    assert told.by_facet["price"].p50_s == pytest.approx(3 * 3600, abs=360)


async def test_a_new_marketplace_is_not_late_with_all_of_the_catalog(
    world: World,
) -> None:
    await world.save(entry(1))
    world.time.pass_(days=20)
    await world.sync()

    told = await found(world)

    assert told.confirmed.p99_s is not None
    assert told.confirmed.p99_s < 60


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
