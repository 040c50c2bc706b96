"""A marketplace that tells of no sales: stock that shows lower counts as sold.

Buyers buy from the shelf of a marketplace in memory, and nobody hears of it.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from catalog.db import reader
from catalog.model.product import StockPolicy
from catalog.values import replace
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.port import UnreadableEvent
from ocop_sync.service.queries import history
from ocop_sync.service.sync.reconcile import reconcile
from ocop_sync.store import tables
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.run_history import Which
from ocop_sync.testing.memory import InMemoryMarketplace, LostAnswer
from tests.factories import make_variant
from tests.integration.test_looking import comes_late
from tests.world import World, a_day_later, entry, open_world

SKU = "SP-00001-1"
MUTE = InMemoryMarketplace.having(tells_sales=False)
COMPARING = InMemoryMarketplace.having(tells_sales=False, compare_and_set=True)


@pytest.fixture(params=[MUTE, COMPARING], ids=["blind", "comparing"])
async def mute(request: pytest.FixtureRequest, url: str) -> AsyncIterator[World]:
    """One marketplace that tells nothing, which compares versions or does not."""
    async with open_world(url, kind=request.param) as world:
        yield world


@pytest.fixture
async def two(url: str) -> AsyncIterator[World]:
    """One that tells nothing, and one that does."""
    names = ("memory", "other")
    async with open_world(url, names, others={"memory": MUTE}) as world:
        yield world


def pack(on_hand: int, world: World, **late: Any) -> Any:
    counted_at = world.time() - timedelta(**late)
    return make_variant(sku=SKU, gtin="", on_hand=on_hand, counted_at=counted_at)


def shows(world: World) -> dict[str, int]:
    return {
        name: found.shown.variants[0].stock
        for name, market in world.markets.items()
        for found in market.shelf.of("SP-00001")
    }


def sell(world: World, quantity: int, name: str = "memory") -> None:
    shelf = world.markets[name].shelf
    (found,) = shelf.of("SP-00001")
    shelf.sell(found.ref, SKU, quantity, "D-1")
    if name == "memory":
        shelf.events.clear()  # nobody hears of it


def put(world: World, stock: int) -> None:
    """Edit a stock there, of which nobody tells."""
    shelf = world.market.shelf
    (found,) = shelf.of("SP-00001")
    variants = (replace(found.shown.variants[0], stock=stock),)
    shelf.edit(found.ref, variants=variants)
    shelf.events.clear()


async def available(world: World) -> int:
    async with world.database.read() as conn:
        product, _ = (await reader.get(conn, ["SP-00001"]))["SP-00001"]
    return product.variants[0].available


async def listed(world: World, **differences: Any) -> None:
    await world.save(entry(1, **differences))
    await world.sync()
    world.time.pass_(minutes=5)


async def test_what_shows_lower_was_sold_and_is_not_put_back(mute: World) -> None:
    await listed(mute)
    sell(mute, 3)

    written = [await a_day_later(mute), await a_day_later(mute)]

    assert (written, shows(mute), await available(mute)) == (
        [[], []],
        {"memory": 17},
        17,
    )


async def test_what_was_sold_unseen_lowers_what_others_offer_and_raises_nothing(
    two: World,
) -> None:
    await listed(two)
    assert shows(two) == {"memory": 10, "other": 10}
    sell(two, 3)

    await a_day_later(two)
    await a_day_later(two)

    # Its even share of 17 would be 9: two fewer are on offer than there are.
    assert (shows(two), await available(two)) == ({"memory": 7, "other": 8}, 17)


async def test_a_sale_that_is_told_elsewhere_raises_nothing_here(two: World) -> None:
    await listed(two)
    sell(two, 3)
    await a_day_later(two)
    sell(two, 2, "other")

    await a_day_later(two)

    assert (shows(two), await available(two)) == ({"memory": 7, "other": 7}, 15)


async def test_what_vanishes_there_is_made_anew_without_what_was_sold(
    two: World,
) -> None:
    await listed(two)
    sell(two, 3)
    await a_day_later(two)
    shelf = two.market.shelf
    shelf.delete(shelf.of("SP-00001")[0].ref)

    await a_day_later(two)
    await a_day_later(two)

    assert shows(two) == {"memory": 7, "other": 8}


async def test_a_count_that_is_newer_than_the_read_raises_it(mute: World) -> None:
    await listed(mute)
    sell(mute, 3)
    await a_day_later(mute)
    mute.time.pass_(milliseconds=500)
    await mute.change(variants=(pack(40, mute),))

    await mute.sync()

    assert (shows(mute), await available(mute)) == ({"memory": 40}, 40)


async def test_a_count_that_is_older_than_the_read_raises_nothing(mute: World) -> None:
    await listed(mute)
    sell(mute, 3)
    await a_day_later(mute)
    await mute.change(variants=(pack(40, mute, hours=1),))

    await mute.sync()

    assert (shows(mute), await available(mute)) == ({"memory": 17}, 37)


async def test_what_was_sold_before_a_stock_is_set_is_not_written_over(
    mute: World,
) -> None:
    await listed(mute)
    sell(mute, 12)
    await mute.change(variants=(pack(15, mute),))

    await mute.sync()

    # Counted before it was seen to be gone: it is taken off the count.
    assert (shows(mute), await available(mute)) == ({"memory": 3}, 3)


async def test_a_read_that_shows_the_same_again_counts_nothing_again(
    mute: World,
) -> None:
    await listed(mute)
    sell(mute, 3)
    await a_day_later(mute)
    sell(mute, 1)

    await a_day_later(mute)

    assert (shows(mute), await available(mute)) == ({"memory": 16}, 16)


async def test_what_somebody_lowers_there_counts_as_sold(mute: World) -> None:
    await listed(mute)
    put(mute, 5)

    await a_day_later(mute)

    assert (shows(mute), await available(mute)) == ({"memory": 5}, 5)


async def test_what_somebody_raises_there_is_no_sale_and_is_taken_down(
    mute: World,
) -> None:
    await listed(mute)
    put(mute, 50)

    await a_day_later(mute)

    assert (shows(mute), await available(mute)) == ({"memory": 20}, 20)


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize(("count", "sold"), [(12, 0), (30, 0), (30, 4)])
async def test_a_lost_answer_is_no_sale_and_hides_none(
    mute: World, applied: bool, count: int, sold: int
) -> None:
    await listed(mute)
    await mute.change(variants=(pack(count, mute),))
    mute.market.script("set_stock", LostAnswer(applied=applied))
    real = mute.market.set_stock

    async def sold_meanwhile(changes: Any) -> Any:
        mute.market.set_stock = real  # type: ignore[method-assign]
        try:
            return await real(changes)
        finally:
            if sold:
                sell(mute, sold)

    mute.market.set_stock = sold_meanwhile  # type: ignore[method-assign]
    await mute.sync()
    await a_day_later(mute)

    assert shows(mute)["memory"] <= count - sold
    assert await available(mute) <= count - sold
    if not sold:
        assert (shows(mute), await available(mute)) == ({"memory": count}, count)


async def test_a_stock_of_ours_that_comes_late_is_no_sale_and_is_put_right(
    mute: World,
) -> None:
    await listed(mute)
    await mute.change(variants=(pack(12, mute),))
    comes_late(mute, "set_stock", after_s=60)
    await mute.sync()
    mute.time.pass_(seconds=10)
    await mute.change(variants=(pack(30, mute),))
    await mute.sync()
    mute.time.pass_(minutes=7)

    await mute.sync()

    assert mute.written() == ["set_stock"]
    assert (shows(mute), await available(mute)) == ({"memory": 30}, 30)
    assert (await mute.record()).state.edited is None


async def test_what_is_sold_of_a_new_listing_is_known(mute: World) -> None:
    await mute.save(entry(1))
    create = mute.market.create

    async def sold_at_once(changes: Any) -> Any:
        results = await create(changes)
        sell(mute, 4)
        return results

    mute.market.create = sold_at_once  # type: ignore[method-assign]
    await mute.sync()

    assert (shows(mute), await available(mute)) == ({"memory": 16}, 16)


async def test_what_one_account_shows_as_sold_is_taken_off_the_others_at_once(
    two: World,
) -> None:
    await listed(two, stock_policy=StockPolicy.MIRROR)
    two.time.pass_(minutes=5)
    await two.sync()  # nothing is to be looked up any more
    sell(two, 3)
    two.time.pass_(hours=25)
    # The other one is ready long before the first one is read.
    await two.database.write(
        lambda conn: accounts.was_read_whole(conn, "other", two.time())
    )

    await two.sync()

    assert shows(two) == {"memory": 17, "other": 17}


async def test_what_is_mirrored_is_lowered_elsewhere(two: World) -> None:
    await listed(two, stock_policy=StockPolicy.MIRROR)
    sell(two, 3)

    await a_day_later(two)

    assert shows(two) == {"memory": 17, "other": 17}


async def test_nothing_of_what_counts_as_sold_is_drift(mute: World) -> None:
    await listed(mute)
    sell(mute, 3)

    await a_day_later(mute)

    record = await mute.record()
    assert (record.state.edited, record.hold, record.state.must_reread) == (
        None,
        None,
        False,
    )
    assert await a_day_later(mute) == []


async def test_what_is_sold_while_something_else_is_written_is_not_written_over(
    url: str,
) -> None:
    lagging = InMemoryMarketplace.having(tells_sales=False, visible_within_s=10)
    async with open_world(url, kind=lagging) as world:
        await listed(world)
        await world.change(variants=(replace(pack(30, world), price_vnd=50_000),))
        set_price = world.market.set_price

        async def sold_meanwhile(changes: Any) -> Any:
            sell(world, 12)
            return await set_price(changes)

        world.market.set_price = sold_meanwhile
        await world.sync()
        await a_day_later(world)

        assert (shows(world), await available(world)) == ({"memory": 8}, 18)


async def test_a_stock_that_had_to_wait_for_a_read_is_set_in_the_same_run(
    url: str,
) -> None:
    lagging = InMemoryMarketplace.having(tells_sales=False, visible_within_s=10)
    async with open_world(url, kind=lagging) as world:
        await listed(world)
        read = world.market.read

        async def without_versions(refs: Any) -> Any:
            return [found and replace(found, version="") for found in await read(refs)]

        world.market.read = without_versions
        await world.change(variants=(replace(pack(30, world), price_vnd=50_000),))

        await world.sync()

        assert world.written() == ["set_price", "set_stock"]
        assert shows(world) == {"memory": 30}


async def test_a_sale_that_is_told_all_the_same_counts_once_and_at_once(
    mute: World,
) -> None:
    await listed(mute)
    shelf = mute.market.shelf
    shelf.sell(shelf.of("SP-00001")[0].ref, SKU, 3, "D-1")

    for _ in range(2):
        await mute.sync()

    assert (shows(mute), await available(mute)) == ({"memory": 17}, 17)


async def test_a_sale_that_cannot_be_read_is_a_hint_where_sales_are_not_told(
    mute: World,
) -> None:
    await listed(mute)
    shelf = mute.market.shelf
    ref = shelf.of("SP-00001")[0].ref
    shelf.sell(ref, SKU, 3, "D-1")
    odd = UnreadableEvent(reason="quantity: missing", may_be_sale=True, ref=ref)
    mute.market.garble_event(0, odd)

    report = await mute.sync()
    await mute.sync()

    assert report.unheard == {}
    assert (shows(mute), await available(mute)) == ({"memory": 17}, 17)


async def test_a_ban_is_told_where_sales_are_not(mute: World) -> None:
    await listed(mute)
    mute.market.shelf.ban(mute.market.shelf.of("SP-00001")[0].ref)

    await mute.sync()

    assert (await mute.record()).state.found is Found.BANNED


@pytest.mark.postgresql
async def test_what_a_second_listing_of_ours_sold_is_counted(two: World) -> None:
    """Until it is stopped, it sells; that both are of one product, nobody tells."""
    await listed(two, variants=(pack(20, two, hours=1),))
    shelf = two.market.shelf
    second = shelf.add(shelf.of("SP-00001")[0].shown)
    two.market.script("set_stock", LostAnswer(applied=False))
    two.time.pass_(hours=25)
    await two.sync(follow_s=0)
    left = (replace(shelf.listings[second].shown.variants[0], stock=7),)
    shelf.edit(second, variants=left)
    shelf.events.clear()

    two.time.pass_(minutes=7)
    await two.sync(follow_s=0)

    assert await available(two) == 20 - 3
    async with two.database.read() as conn:
        drifts = (await conn.scalars(select(tables.drift.c.kind))).all()
    assert drifts == ["doubled"]  # nothing is missing at the first one
    two.time.pass_(minutes=7)
    await two.sync(follow_s=0)
    assert await available(two) == 20 - 3


async def test_what_shows_lower_is_counted_and_named_by_the_sync_that_saw_it(
    mute: World,
) -> None:
    await listed(mute)
    put(mute, 1)
    mute.time.pass_(hours=25)

    seen, again = await mute.sync(), await mute.sync()

    assert seen.dropped == {"memory": {"SP-00001": 19}}
    assert again.dropped == {}


async def test_a_reconciliation_that_only_reports_names_what_shows_lower(
    mute: World,
) -> None:
    await listed(mute)
    put(mute, 1)
    mute.time.pass_(hours=25)

    done = await reconcile(mute.deployment, report_only=True)

    assert done.report.dropped == {"memory": {"SP-00001": 19}}


async def test_a_sale_that_is_told_counts_as_no_drop(two: World) -> None:
    await listed(two)
    sell(two, 2, "other")
    two.time.pass_(hours=25)

    assert (await two.sync()).dropped == {}


@pytest.mark.postgresql
async def test_the_ledger_of_a_product_tells_what_counts_as_sold(mute: World) -> None:
    await listed(mute)
    put(mute, 1)
    await a_day_later(mute)

    of_it = await history.about(mute.deployment, Which(), [SKU])
    later = replace(of_it, since=mute.time() + timedelta(minutes=1))
    whole = replace(of_it, accounts=["memory"], until=later.since)
    found = await history.inferred_sales(mute.deployment, of_it)

    assert [(e.account, e.product_id, e.sku, e.quantity) for e in found] == [
        ("memory", "SP-00001", SKU, 19)
    ]
    assert await history.inferred_sales(mute.deployment, whole) == found
    assert not await history.inferred_sales(mute.deployment, later)
    assert not await history.inferred_sales(mute.deployment, Which())


@pytest.mark.postgresql
@pytest.mark.parametrize("carried", ["", "SP-99999"])
async def test_a_listing_that_has_lost_our_reference_is_told(
    mute: World, carried: str
) -> None:
    await listed(mute)
    shelf = mute.market.shelf
    shelf.edit(shelf.of("SP-00001")[0].ref, client_ref=carried)
    shelf.events.clear()
    mute.time.pass_(hours=25)

    done = await reconcile(mute.deployment, report_only=True)

    assert done.report.unmarked == {"memory": {"SP-00001": carried}}
