"""Owed changes go at once, though a person is asked about the listing.

Which change goes under which hold is tested in tests/unit/engine/test_owed.py.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import delete

from catalog.db import reader
from catalog.db.tables import metadata
from catalog.model.product import Product
from catalog.values import replace
from ocop_sync.engine.hold import Hold
from ocop_sync.marketplace.listing import Problem, RemoteState
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.queries.explain import not_on_sale
from tests.factories import NOT_SO, make_paper, make_producer, make_variant
from tests.world import World, entry, open_world

SKU = "SP-00001-1"
NAMES = ("memory", "other")


@pytest.fixture
async def two(url: str) -> AsyncIterator[World]:
    """Two marketplaces, at each 62 of one product on sale."""
    async with open_world(url, NAMES) as world:
        await world.save(entry(1, variants=(pack(124),)))
        await world.sync()
        world.time.pass_(minutes=5)
        assert offered(world) == {"memory": 62, "other": 62}
        yield world


def pack(on_hand: int | None, **differences: Any) -> Any:
    given = {"sku": SKU, "gtin": "", "on_hand": on_hand}
    return make_variant(**given | differences)


def offered(world: World) -> dict[str, int]:
    """Return how many buyers are offered at each marketplace, by the first listing."""
    return {
        name: found[0].shown.variants[0].stock
        for name, market in world.markets.items()
        if (found := market.shelf.of("SP-00001"))
    }


async def hold_of(world: World) -> Hold | None:
    return (await world.record()).hold


async def move(world: World) -> None:
    """The product is another producer's now."""
    await world.save(
        (
            replace(entry(1)[0], variants=(pack(124),), producer_id="CS-0002"),
            make_producer(id="CS-0002", name="Cơ sở Mẫu 002"),
        )
    )


async def double(world: World) -> None:
    """Each marketplace has a second listing with our reference."""
    for market in world.markets.values():
        (found,) = market.shelf.of("SP-00001")
        market.shelf.add(found.shown, state=RemoteState.LIVE)
    world.time.pass_(hours=25)


async def lose_category(world: World) -> None:
    await world.change(set_code="")


async def leave_scope(world: World) -> None:
    await world.change(set_code="VI")


async def lose_price(world: World) -> None:
    await world.change(variants=(pack(124, price_vnd=None),))


HELD = {
    Hold.MOVED: move,
    Hold.DOUBLED: double,
    Hold.NO_CATEGORY: lose_category,
    Hold.OUT_OF_SCOPE: leave_scope,
    Hold.NO_PRICE: lose_price,
}


async def count(world: World, on_hand: int | None, **differences: Any) -> None:
    """Only so many are left, of whatever the catalog has by now."""
    product = await product_of(world)
    (known,) = product.variants
    counted = {"on_hand": on_hand, "counted_at": world.time()}
    await world.change(variants=(replace(known, **counted | differences),))


async def product_of(world: World) -> Product:
    async with world.database.read() as conn:
        return (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]


@pytest.mark.parametrize("left", [0, 10])
@pytest.mark.parametrize("hold", HELD)
async def test_what_is_held_is_offered_no_more_than_there_is(
    two: World, hold: Hold, left: int
) -> None:
    await HELD[hold](two)
    await two.sync()
    assert await hold_of(two) is hold
    await count(two, left)

    report = await two.sync()

    assert offered(two) == {"memory": left / 2, "other": left / 2}
    assert (report.writes, report.failed) == (2, 0)
    assert await hold_of(two) is hold
    assert (await two.sync()).writes == 0


@pytest.mark.parametrize("hold", [Hold.MOVED, Hold.OUT_OF_SCOPE, Hold.NO_PRICE])
async def test_what_is_held_is_not_offered_more(two: World, hold: Hold) -> None:
    await HELD[hold](two)
    await two.sync()
    await count(two, 200)

    report = await two.sync()

    assert (report.writes, offered(two)) == (0, {"memory": 62, "other": 62})


@pytest.mark.parametrize("hold", HELD)
async def test_a_zero_that_nobody_counted_is_in_the_budget_as_always(
    two: World, hold: Hold
) -> None:
    two.deployment = replace(
        two.deployment, budget=replace(two.deployment.budget, min_changes=0, share=0.0)
    )
    await HELD[hold](two)
    await two.sync()
    await count(two, 0, counted_at=None)

    report = await two.sync()

    assert (report.writes, offered(two)) == (0, {"memory": 62, "other": 62})
    assert await hold_of(two) is Hold.BUDGET


@pytest.mark.parametrize("hold", [Hold.MOVED, Hold.DOUBLED, Hold.NO_PRICE])
async def test_what_is_held_is_withdrawn_by_a_known_verdict(
    two: World, hold: Hold
) -> None:
    await HELD[hold](two)
    await two.sync()
    papers = [each.kind for each in (await product_of(two)).papers]
    await two.change(papers=tuple(make_paper(kind, NOT_SO) for kind in papers))

    await two.sync()

    markets = two.markets.values()
    found = [each for market in markets for each in market.shelf.of("SP-00001")]
    assert two.written() == ["withdraw"] * len(found)
    assert {each.state for each in found} == {RemoteState.DOWN}


@pytest.mark.postgresql
async def test_an_orphan_keeps_its_stock(two: World) -> None:
    await two.database.write(forget)

    assert (await two.sync()).writes == 0
    assert await hold_of(two) is Hold.ORPHAN


async def forget(conn: Any) -> None:
    """Take the product out of the catalog, as no command does."""
    for table in reversed(metadata.sorted_tables):
        if "product_id" in table.c:
            await conn.execute(delete(table).where(table.c.product_id == "SP-00001"))
        if table.name == "product":
            await conn.execute(delete(table).where(table.c.id == "SP-00001"))


async def test_a_plan_names_what_goes_under_a_hold(two: World) -> None:
    await move(two)
    await count(two, 10)

    plans = await plan(two.deployment)

    lines = [(line.kind, line.after) for each in plans for line in each.lines]
    assert lines == [("set_stock", {SKU: 5})] * 2
    assert [each.holds for each in plans] == [{"moved": 1}] * 2


async def test_a_pack_without_a_price_is_named_as_the_reason(two: World) -> None:
    other = make_variant(sku="SP-00001-2", gtin="")
    await two.change(variants=(pack(124), other))
    await two.sync()
    await two.change(variants=(pack(124, price_vnd=None), other))
    await two.sync()

    rows = [row async for row in not_on_sale(two.deployment, two.deployment.sites[0])]

    (row,) = rows
    assert (row.hold, row.counted) == (Hold.NO_PRICE, "listed")
    (reason,) = [each for each in row.reasons if each.code == "no_price"]
    assert SKU in reason.seen.vi


async def test_stock_goes_down_while_a_withdrawal_is_refused(two: World) -> None:
    no = Refused((Problem(code="order", message="Còn đơn hàng"),))
    for market in two.markets.values():
        market.script("withdraw", no, times=9)
    await two.change(paused=True)
    await two.sync()
    await count(two, 10)

    await two.sync()

    assert offered(two) == {"memory": 5, "other": 5}
    assert await hold_of(two) is Hold.CHANGE_REFUSED
