"""Stock that shows lower than we left it, and was not sold, is drift like any other.

Which stock is repaired, and when, is tested in test_stock.py; which differences a sale
explains, in test_stock.py of the engine.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from ocop_sync.engine.plan.drift_policy import DEFAULT_POLICY, Policy
from ocop_sync.errors import UnavailableError
from ocop_sync.marketplace.listing import Facet
from ocop_sync.marketplace.port import Event
from ocop_sync.service.deployment import Site
from ocop_sync.store.tables import drift as table
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.factories import make_variant
from tests.world import World, a_day_later, entry

REF, SKU = "M000001", "SP-00001-1"
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def listed(world: World) -> World:
    """One product on sale with 20 of it, read back five minutes ago."""
    await world.save(entry(1))
    await world.sync()
    world.time.pass_(minutes=5)
    return world


def stock(world: World) -> int:
    return world.market.shelf.listings[REF].shown.variants[0].stock


def leave(world: World, n: int) -> None:
    """Let somebody there write a stock of their own."""
    (pack,) = world.market.shelf.listings[REF].shown.variants
    world.market.shelf.edit(REF, variants=(replace(pack, stock=n),))


def sell(world: World, quantity: int, line: str = "D-1") -> Event:
    """Sell some, of which nobody is told yet."""
    world.market.shelf.sell(REF, SKU, quantity, line)
    return world.market.shelf.events.pop()


def tell(world: World, event: Event) -> None:
    world.time.pass_(minutes=1)
    world.market.shelf.events.append(event)


async def ledger(world: World) -> list[tuple[object, ...]]:
    """Return of each row of the ledger what it is about, and who has healed it."""
    async with world.database.read() as conn:
        rows = (await conn.execute(table.select().order_by(table.c.id))).all()
    return [
        (row.kind, row.field, row.expected, row.found, row.times, row.healed_by)
        for row in rows
    ]


def row(
    was: int, now: int, times: int = 1, healed_by: str = "us"
) -> tuple[object, ...]:
    return "edited", "stock", {SKU: was}, {SKU: now}, times, healed_by


def asking(world: World) -> World:
    policy = {**DEFAULT_POLICY, Facet.STOCK: Policy.ASK}
    site = Site("memory", InMemoryMarketplace, [world.market.account], policy=policy)
    world.deployment = replace(world.deployment, sites=(site,))
    return world


async def test_what_is_missing_and_was_not_sold_is_in_the_ledger(listed: World) -> None:
    leave(listed, 12)

    written = await a_day_later(listed)

    assert (written, stock(listed)) == (["set_stock"], 20)
    assert await ledger(listed) == [row(20, 12)]


async def test_only_what_was_not_sold_is_missing(listed: World) -> None:
    tell(listed, sell(listed, 3))
    leave(listed, 12)

    await a_day_later(listed)

    assert (stock(listed), await ledger(listed)) == (17, [row(17, 12)])


async def test_while_sales_are_not_known_nothing_is_said(listed: World) -> None:
    leave(listed, 12)
    listed.market.script("events", UnavailableError("x"), times=3)
    await a_day_later(listed)
    assert await ledger(listed) == []

    listed.time.pass_(minutes=1)
    await listed.sync()

    assert await ledger(listed) == [row(20, 12)]


async def test_what_stays_missing_is_one_row_that_counts_reads(listed: World) -> None:
    asking(listed)
    leave(listed, 12)
    for _ in range(2):
        await a_day_later(listed)
        listed.time.pass_(minutes=5)
        await listed.sync()  # reads nothing

    assert await ledger(listed) == [row(20, 12, times=2, healed_by="")]
    assert (await listed.record()).hold == "edited_there"


async def test_what_is_no_longer_missing_was_put_right_there(listed: World) -> None:
    asking(listed)
    leave(listed, 12)
    await a_day_later(listed)
    leave(listed, 20)

    await a_day_later(listed)

    assert await ledger(listed) == [row(20, 12, healed_by="there")]


async def test_what_is_missing_again_and_again_is_asked_about(listed: World) -> None:
    written = []
    for _ in range(4):
        leave(listed, 12)
        written.append(await a_day_later(listed))

    assert written == [["set_stock"]] * 3 + [[]]
    assert ((await listed.record()).hold, stock(listed)) == ("fought", 12)
    assert [each[-1] for each in await ledger(listed)] == ["us", "us", "us", ""]


async def test_a_sale_that_is_told_late_closes_what_seemed_to_be_missing(
    listed: World,
) -> None:
    asking(listed)
    event = sell(listed, 3)
    await a_day_later(listed)
    assert await ledger(listed) == [row(20, 17, healed_by="")]

    tell(listed, event)
    await listed.sync()

    assert await ledger(listed) == [row(20, 17, healed_by="sold")]
    record = await listed.record()
    assert (record.hold, record.state.edited) == (None, None)


async def test_a_sale_that_explains_a_part_leaves_the_rest_open(listed: World) -> None:
    asking(listed)
    event = sell(listed, 3)
    leave(listed, 12)
    await a_day_later(listed)

    tell(listed, event)
    await listed.sync()

    assert await ledger(listed) == [row(17, 12, times=2, healed_by="")]


async def test_sales_that_are_told_late_are_no_fight(listed: World) -> None:
    for n in range(4):
        event = sell(listed, 3, f"D-{n}")
        assert await a_day_later(listed) == ["set_stock"]
        tell(listed, event)
        await listed.sync()

    assert stock(listed) == 8
    assert {each[-1] for each in await ledger(listed)} == {"sold"}


async def test_a_sale_after_what_was_missing_does_not_explain_it(listed: World) -> None:
    """Nor does one that was known before: it was taken off then."""
    tell(listed, sell(listed, 8, "D-1"))
    await listed.sync()
    leave(listed, 4)
    await a_day_later(listed)
    listed.time.pass_(minutes=5)
    tell(listed, sell(listed, 9, "D-2"))

    await listed.sync()

    assert (stock(listed), await ledger(listed)) == (3, [row(12, 4)])


async def test_a_sale_that_is_told_late_does_not_explain_more_than_we_left(
    listed: World,
) -> None:
    asking(listed)
    event = sell(listed, 3)
    leave(listed, 500)
    await a_day_later(listed)
    tell(listed, event)

    await listed.sync()

    assert [each[-1] for each in await ledger(listed)] == ["us"]


async def test_what_a_sale_ahead_of_our_clock_takes_off_twice_is_not_missing(
    listed: World,
) -> None:
    """The listing is read again first, which shows that it was in the last read."""
    event = sell(listed, 3)
    listed.market.script("events", UnavailableError("x"), times=3)
    await a_day_later(listed)
    tell(listed, replace(event, at=listed.time() + MINUTE / 2))

    await listed.sync()

    assert (listed.written(), await ledger(listed)) == ([], [])


async def test_a_sale_in_the_instant_of_a_write_is_not_missing(two: World) -> None:
    """What is left there is less than its share, and is raised; that is no drift."""
    await two.save(entry(1))
    two.time.pass_(minutes=5)
    await two.sync()
    two.market.shelf.sell(REF, SKU, 6, "D-1")
    event = two.market.shelf.events.pop()
    written_at = (await two.record()).state.stock_at[SKU]
    tell(two, replace(event, at=written_at - MINUTE / 2))

    await a_day_later(two)

    assert two.market.shelf.listings[REF].shown.variants[0].stock == 7
    assert await ledger(two) == []


async def test_what_we_lower_ourselves_is_not_missing(listed: World) -> None:
    less = make_variant(sku=SKU, gtin="", on_hand=5, counted_at=listed.time())
    await listed.change(variants=(less,))

    assert await a_day_later(listed) == ["set_stock"]
    await a_day_later(listed)

    assert await ledger(listed) == []
