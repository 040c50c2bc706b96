"""Sales are heard before more is offered, and only where one could matter."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from catalog.model.product import StockPolicy
from catalog.values import replace
from ocop_sync.errors import StorageError
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.port import Events
from ocop_sync.service.decisions.pauses import pause_accounts
from ocop_sync.service.deployment import RunLimits
from ocop_sync.service.evaluate.event_feed import Sales
from ocop_sync.store.runs import accounts
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.factories import person
from tests.world import World, entry, open_world

PRODUCTS, SLICE = 12, 4


@pytest.fixture
async def two(url: str) -> AsyncIterator[World]:
    kind = InMemoryMarketplace.having(tells_sales=True)
    async with open_world(url, ("memory", "other"), kind=kind) as world:
        limits = RunLimits(slice_changes=SLICE)
        world.deployment = replace(world.deployment, limits=limits)
        yield world


async def know_accounts(world: World) -> None:
    every = [market.account for market in world.markets.values()]
    await world.database.write(lambda conn: accounts.know(conn, every))


def answer_together(world: World) -> None:
    """Have the accounts answer in the same moment, and tell nothing."""
    together = asyncio.Barrier(len(world.markets))

    async def events(cursor: str | None) -> Events:
        del cursor
        await together.wait()
        return Events(items=(), next="1")

    for market in world.markets.values():
        market.events = events  # type: ignore[method-assign]


def heard(world: World, name: str = "other") -> int:
    return sum(call.method == "events" for call in world.markets[name].log)


async def on_sale_at_other(world: World, **differences: Any) -> None:
    """Put all products on sale at one marketplace, so that another one comes later."""
    await world.save(*(entry(n, **differences) for n in range(1, PRODUCTS + 1)))
    await world.sync("other")
    world.time.pass_(minutes=5)


def on_offer_of(world: World, product_id: str) -> int:
    found = [each.shelf.of(product_id) for each in world.markets.values()]
    return sum(one.shown.variants[0].stock for (one,) in found)


async def test_of_shared_stock_nobody_is_asked_again_before_each_slice(
    two: World,
) -> None:
    await on_sale_at_other(two)

    await two.sync()

    assert two.written().count("create") == PRODUCTS
    assert heard(two) == 1  # at contact


async def test_of_mirrored_stock_each_account_is_asked_once_a_slice(two: World) -> None:
    await on_sale_at_other(two, stock_policy=StockPolicy.MIRROR)

    await two.sync()

    assert two.written().count("create") == PRODUCTS
    assert heard(two) == 1 + PRODUCTS // SLICE


async def test_an_account_that_this_run_does_not_hold_is_asked(two: World) -> None:
    await on_sale_at_other(two)

    await two.sync("memory")

    assert heard(two) == PRODUCTS // SLICE


async def test_what_is_sold_elsewhere_meanwhile_leaves_no_more_on_offer_than_there_is(
    two: World,
) -> None:
    await on_sale_at_other(two)
    shelf, real, on_offer = two.markets["other"].shelf, two.market.create, list[int]()

    async def create(changes: Any) -> Any:
        two.time.pass_(seconds=1)
        for change in changes:
            (found,) = shelf.of(change.client_ref)
            sku = found.shown.variants[0].sku
            shelf.sell(found.ref, sku, 7, f"D-{sku}")
        done = await real(changes)
        on_offer.extend(on_offer_of(two, change.client_ref) for change in changes)
        return done

    two.market.create = create  # type: ignore[method-assign]
    await two.sync()

    assert on_offer == [20 - 7] * PRODUCTS
    assert {on_offer_of(two, f"SP-{n:05}") for n in range(1, 13)} == {20 - 7}


async def test_where_stock_shows_other_than_it_was_left_an_account_is_asked(
    two: World,
) -> None:
    await on_sale_at_other(two)
    shelf = two.markets["other"].shelf
    for n in range(1, PRODUCTS + 1):
        (found,) = shelf.of(f"SP-{n:05}")
        shelf.edit(found.ref, variants=(replace(found.shown.variants[0], stock=4),))
    two.time.pass_(hours=25)
    # Nothing is put right there: no write leaves a doubt.
    why: dict[str, Any] = {"by": person("Bà Mẫu"), "reason": "thử"}
    await pause_accounts(two.deployment, ["other"], **why)

    await two.sync()

    # At contact the edits and that there are no more; what is missing, in the end.
    assert heard(two) == 2 + PRODUCTS // SLICE + 1


@pytest.mark.parametrize(
    ("kind", "left_alone"),
    [
        (Kind.CREATE, True),
        (Kind.SET_PRICE, True),
        (Kind.SET_STOCK, False),
        (Kind.UPDATE, False),
        (Kind.WITHDRAW, False),
        (Kind.REPUBLISH, False),
        (Kind.STOP_SELLER, False),
    ],
)
async def test_a_write_that_may_hide_a_sale_has_its_account_asked_again(
    two: World, kind: Kind, left_alone: bool
) -> None:
    sales = Sales(two.deployment)
    before = sales.is_left_alone("other")
    sales.note_held("other")

    sales.note_writes("other", [kind])

    assert (before, sales.is_left_alone("other")) == (False, left_alone)


async def test_an_account_whose_sales_are_not_told_is_always_asked(url: str) -> None:
    kind = InMemoryMarketplace.having(tells_sales=False)
    async with open_world(url, kind=kind) as world:
        sales = Sales(world.deployment)

        sales.note_held("memory")

        assert not sales.is_left_alone("memory")


@pytest.mark.postgresql
async def test_those_who_ask_while_an_account_is_being_read_share_the_next_reading(
    two: World,
) -> None:
    other, going = two.markets["other"], asyncio.Event()
    real = other.events

    async def events(cursor: str | None) -> Any:
        await going.wait()
        return await real(cursor)

    other.events = events  # type: ignore[method-assign]
    sales = Sales(two.deployment)
    asking = [asyncio.ensure_future(sales.read(["other"])) for _ in range(5)]
    await asyncio.sleep(0.01)
    going.set()
    await asyncio.gather(*asking)

    assert heard(two) == 2


async def test_that_nothing_was_told_is_stored_of_all_accounts_at_once(
    two: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, real = list[int](), accounts.note_ends

    async def note_ends(conn: Any, ends: Any) -> None:
        written.append(len(ends))
        await real(conn, ends)

    monkeypatch.setattr(accounts, "note_ends", note_ends)
    await know_accounts(two)
    answer_together(two)

    await Sales(two.deployment).read([*two.markets])

    known = await two.database.fetch(accounts.sales_known_at, [*two.markets])
    assert written == [2]
    assert known == dict.fromkeys(two.markets, two.time())


async def test_of_what_could_not_be_stored_the_sales_are_unread(
    two: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults, real = [StorageError("đĩa đầy")], accounts.note_ends

    async def note_ends(conn: Any, ends: Any) -> None:
        if faults:
            raise faults.pop()
        await real(conn, ends)

    monkeypatch.setattr(accounts, "note_ends", note_ends)
    await know_accounts(two)
    answer_together(two)
    sales = Sales(two.deployment)

    await sales.read([*two.markets])

    known = await two.database.fetch(accounts.sales_known_at, [*two.markets])
    (lost,) = sales.unread
    (other,) = two.markets.keys() - {lost}
    assert known[other] == two.time()
