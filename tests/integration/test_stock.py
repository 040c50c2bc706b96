"""Stock at one marketplace and at two: never more on offer than the catalog allows.

Sales are made by the buyers of a marketplace in memory, and heard of through its
events. Sales in the catalog alone are tested in test_sales.py.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from catalog.db import reader
from catalog.db.tables import sale
from catalog.model.product import StockPolicy
from catalog.values import replace
from ocop_sync.errors import ProtocolError, UnavailableError
from ocop_sync.marketplace.change import SetStock
from ocop_sync.marketplace.port import EventKind, UnreadableEvent
from ocop_sync.service.deployment import RunLimits
from ocop_sync.service.evaluate import event_feed
from ocop_sync.service.evaluate.event_feed import Sales
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.send.stock_guard import no_longer_so
from ocop_sync.service.sync.sync import sync
from ocop_sync.testing.memory import InMemoryMarketplace, LostAnswer
from tests.factories import make_variant
from tests.world import World, entry, open_world

SKU = "SP-00001-1"


@pytest.fixture
async def comparing(url: str) -> AsyncIterator[World]:
    """A marketplace that sets stock only at the version that is named."""
    kind = InMemoryMarketplace.having(compare_and_set=True)
    async with open_world(url, kind=kind) as world:
        yield world


def pack(on_hand: int, world: World) -> Any:
    return make_variant(sku=SKU, gtin="", on_hand=on_hand, counted_at=world.time())


def sell(market: InMemoryMarketplace, quantity: int, line: str = "D-1") -> None:
    (found,) = market.shelf.of("SP-00001")
    market.shelf.sell(found.ref, SKU, quantity, line)


def shows(world: World) -> dict[str, int]:
    """Return what buyers are offered at each marketplace."""
    return {
        name: found.shown.variants[0].stock
        for name, market in world.markets.items()
        for found in market.shelf.of("SP-00001")
    }


def edit(market: InMemoryMarketplace, stock: int) -> None:
    (found,) = market.shelf.of("SP-00001")
    variants = (replace(found.shown.variants[0], stock=stock),)
    market.shelf.edit(found.ref, variants=variants)


async def available(world: World) -> int:
    async with world.database.read() as conn:
        product, _ = (await reader.get(conn, ["SP-00001"]))["SP-00001"]
    return product.variants[0].available


async def listed(world: World, **differences: Any) -> None:
    """Put a product on sale everywhere."""
    await world.save(entry(1, **differences))
    await world.sync()
    world.time.pass_(minutes=5)


def watch(world: World) -> list[tuple[int, int]]:
    """Note after each call that sets stock what is on offer, and what may be."""
    noted: list[tuple[int, int]] = []
    for market in world.markets.values():
        real = market.set_stock

        async def call(changes: Sequence[SetStock], real: Any = real) -> Any:
            allowed = await available(world)
            result = await real(changes)
            noted.append((sum(shows(world).values()), allowed))
            return result

        market.set_stock = call  # type: ignore[method-assign]
    return noted


async def test_a_sale_is_no_drift_and_needs_no_change(world: World) -> None:
    await listed(world)
    sell(world.market, 3)

    report = await world.sync()

    assert (report.writes, shows(world)) == (0, {"memory": 17})
    assert await available(world) == 17
    record = await world.record()
    assert (record.state.edited, record.hold) == (None, None)
    assert (record.state.confirmed or {})["stock"] == {SKU: 17}


async def test_a_sale_that_is_delivered_again_and_again_counts_once(
    world: World,
) -> None:
    await listed(world)
    sell(world.market, 3)
    world.market.shelf.events *= 3

    await world.sync()
    world.market.shelf.events.extend(world.market.shelf.events[:1])
    await world.sync()

    assert (await available(world), shows(world)) == (17, {"memory": 17})


async def test_shares_are_evened_out_after_a_sale_and_never_exceed_what_there_is(
    two: World,
) -> None:
    await listed(two)
    assert shows(two) == {"memory": 10, "other": 10}
    noted = watch(two)
    sell(two.markets["memory"], 7)

    await two.sync()

    assert shows(two) == {"memory": 7, "other": 6}
    assert noted == [(9, 13), (13, 13)]


@pytest.mark.parametrize("where", ["memory", "other"])
async def test_a_sale_that_leaves_a_share_as_it_was_is_made_up_for(
    two: World, where: str
) -> None:
    await listed(two, variants=(pack(3, two),))
    assert shows(two) == {"memory": 2, "other": 1}
    sell(two.markets[where], 1)
    two.time.pass_(minutes=5)
    await two.sync()
    assert shows(two) == {"memory": 1, "other": 1}
    two.time.pass_(minutes=5)
    sell(two.markets["memory"], 1, "D-2")
    two.time.pass_(minutes=5)

    await two.sync()

    assert shows(two) == {"memory": 1, "other": 0}


async def test_nothing_is_raised_before_it_is_down_elsewhere(two: World) -> None:
    await listed(two)
    noted = watch(two)
    sell(two.markets["memory"], 7)
    two.markets["other"].script("set_stock", UnavailableError("x"), times=3)

    await two.sync()

    assert shows(two) == {"memory": 3, "other": 10}
    await two.sync()
    assert shows(two) == {"memory": 7, "other": 6}
    assert all(offered <= allowed for offered, allowed in noted)


async def test_nothing_is_raised_before_it_is_down_at_all_others(url: str) -> None:
    async with open_world(url, ("memory", "other", "third")) as three:
        await listed(three)
        noted = watch(three)
        sell(three.markets["memory"], 5)
        three.markets["other"].script("set_stock", UnavailableError("x"), times=3)

        await three.sync()

        assert shows(three) == {"memory": 3, "other": 6, "third": 5}
        await three.sync()
        assert shows(three) == {"memory": 5, "other": 5, "third": 5}
        assert all(offered <= allowed for offered, allowed in noted)


async def test_a_mirrored_stock_is_all_of_it_everywhere(two: World) -> None:
    await listed(two, stock_policy=StockPolicy.MIRROR)
    assert shows(two) == {"memory": 20, "other": 20}
    sell(two.markets["memory"], 7)

    await two.sync()

    assert shows(two) == {"memory": 13, "other": 13}


@pytest.mark.parametrize("lost", [True, False])
async def test_a_sale_right_after_a_lost_stock_is_not_sold_again(
    world: World, *, lost: bool
) -> None:
    await listed(world)
    await world.change(variants=(pack(30, world),))
    world.market.script("set_stock", LostAnswer(applied=lost))
    real = world.market.set_stock

    async def call(changes: Sequence[SetStock]) -> Any:
        try:
            return await real(changes)
        finally:
            world.time.pass_(seconds=2)
            if not world.market.shelf.events:
                sell(world.market, 10)

    world.market.set_stock = call  # type: ignore[method-assign]
    await world.sync()
    world.market.set_stock = real  # type: ignore[method-assign]
    assert shows(world)["memory"] <= await available(world)
    for _ in range(2):
        world.time.pass_(minutes=5)
        await world.sync()

    assert shows(world)["memory"] == await available(world) == 20


async def test_what_is_missing_was_no_sale_once_sales_are_known(world: World) -> None:
    await listed(world)
    edit(world.market, 12)
    world.time.pass_(hours=25)

    await world.sync()

    assert shows(world) == {"memory": 20}
    methods = [call.method for call in world.market.log]
    after = methods[methods.index("page") :]
    assert after == ["page", "events", "events", "set_stock"]


async def test_what_is_missing_is_left_as_long_as_sales_are_not_known(
    world: World,
) -> None:
    await listed(world)
    edit(world.market, 12)
    world.time.pass_(hours=25)
    world.market.script("events", UnavailableError("x"), times=3)

    await world.sync()

    assert shows(world) == {"memory": 12}
    world.time.pass_(minutes=1)
    await world.sync()
    assert shows(world) == {"memory": 20}


async def test_what_somebody_raised_there_is_lowered(world: World) -> None:
    await listed(world)
    edit(world.market, 50)
    world.time.pass_(hours=25)

    await world.sync()

    assert shows(world) == {"memory": 20}


async def test_without_sales_nothing_is_raised_and_the_report_says_so(
    two: World,
) -> None:
    await listed(two)
    await two.change(variants=(pack(30, two),))
    two.markets["other"].script("events", UnavailableError("x"), times=3)

    report = await two.sync()

    assert shows(two) == {"memory": 10, "other": 10}
    assert list(report.unheard) == ["other"]
    await two.sync()
    assert shows(two) == {"memory": 15, "other": 15}


async def test_withdrawals_go_on_where_nothing_but_events_fails(
    world: World,
) -> None:
    await listed(world)
    world.market.script("events", UnavailableError("x"), times=1_000)
    for _ in range(3):
        world.time.pass_(minutes=1)
        await world.sync()
    await world.change(paused=True)
    world.time.pass_(minutes=1)

    report = await world.sync()

    assert (world.written(), report.stopped) == (["withdraw"], {})


async def test_without_sales_lowering_goes_on(two: World) -> None:
    await listed(two)
    await two.change(variants=(pack(5, two),))
    for market in two.markets.values():
        market.script("events", UnavailableError("x"), times=3)

    await two.sync()

    assert shows(two) == {"memory": 3, "other": 2}


async def test_a_sync_of_one_marketplace_hears_of_sales_at_the_other(
    two: World,
) -> None:
    await listed(two)
    noted = watch(two)
    await two.change(variants=(pack(21, two),))
    two.time.pass_(seconds=1)
    sell(two.markets["other"], 9)

    await two.sync("memory")

    assert shows(two) == {"memory": 6, "other": 1}
    assert await available(two) == 12
    assert all(offered <= allowed for offered, allowed in noted)


async def test_an_account_that_is_down_is_not_asked_again_and_again_from_outside(
    two: World,
) -> None:
    await listed(two)
    down = two.markets["other"]
    down.script("events", UnavailableError("x"), times=1_000)
    asked = list[int]()
    for stock in range(30, 36):
        await two.change(variants=(pack(stock, two),))
        two.time.pass_(minutes=5)
        await two.sync("memory")
        asked.append(len(down.log))

    assert shows(two) == {"memory": 10, "other": 10}
    # Five failures open its breaker; from then on each run probes once.
    assert asked == [3, 2, 1, 1, 1, 1]


async def test_an_account_that_is_down_is_asked_once_for_many_products(
    two: World,
) -> None:
    await two.save(*(entry(n) for n in range(1, 61)))
    await two.sync()
    down = two.markets["other"]
    down.script("events", UnavailableError("x"), times=1_000)
    for n in range(1, 61):
        more = make_variant(sku=f"SP-{n:05}-1", gtin="", on_hand=30)
        await two.change(f"SP-{n:05}", variants=(more,))
    two.deployment = replace(two.deployment, limits=RunLimits(slice_changes=1))

    report = await two.sync("memory")

    assert list(report.unheard) == ["other"]
    assert len(down.log) == 3


async def test_what_an_account_outside_asks_to_wait_all_its_calls_wait(
    two: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listed(two)
    await two.change(variants=(pack(30, two),))
    other, pauses = two.markets["other"], list[float]()
    monkeypatch.setattr(other.context.quota, "pause", pauses.append)
    other.script("events", UnavailableError("x", retry_after=7))

    await two.sync("memory")

    assert pauses == [7]
    assert shows(two)["memory"] == 15


async def test_a_sale_right_before_stock_is_raised_is_heard_of_first(
    world: World,
) -> None:
    await listed(world)
    await world.change(variants=(pack(30, world),))
    real, asked = world.market.events, []

    async def events(cursor: str | None) -> Any:
        asked.append(cursor)
        if len(asked) == 2:
            sell(world.market, 8)
        return await real(cursor)

    world.market.events = events  # type: ignore[method-assign]
    noted = watch(world)
    await world.sync()

    assert shows(world) == {"memory": 22}
    assert noted == [(22, 22)]


async def test_a_sale_heard_of_after_a_new_count_that_has_seen_it_takes_nothing(
    world: World,
) -> None:
    await listed(world)
    sell(world.market, 3)
    world.time.pass_(minutes=1)
    await world.change(variants=(pack(17, world),))

    await world.sync()

    assert (await available(world), shows(world)) == (17, {"memory": 17})


@pytest.mark.parametrize("sold_before", [0, 3])
async def test_what_was_sold_and_counted_afresh_to_the_same_share_is_made_up_for(
    world: World, sold_before: int
) -> None:
    """The wish is the same as before, and so is what was sold since the count."""
    await listed(world)
    if sold_before:
        sell(world.market, sold_before, "D-0")
        await world.sync()
        world.time.pass_(minutes=1)
    sell(world.market, 8)
    world.time.pass_(minutes=1)
    await world.change(variants=(pack(20, world),))
    if sold_before:
        world.time.pass_(minutes=1)
        sell(world.market, sold_before, "D-2")

    await world.sync()

    assert shows(world) == {"memory": 20 - sold_before}


async def test_a_sale_that_does_not_say_of_what_stops_all_raising(world: World) -> None:
    await listed(world)
    (found,) = world.market.shelf.of("SP-00001")
    world.market.shelf._tell(EventKind.SOLD, found.ref, SKU, 3, "")
    await world.change(variants=(pack(30, world),))

    report = await world.sync()

    assert (list(report.unheard), shows(world)) == (["memory"], {"memory": 20})


@pytest.mark.postgresql
@pytest.mark.parametrize("is_read", [True, False], ids=["incomplete", "unreadable"])
async def test_all_else_that_is_told_beside_such_a_sale_is_used(
    world: World, is_read: bool
) -> None:
    await listed(world)
    (found,) = world.market.shelf.of("SP-00001")
    shelf = world.market.shelf
    shelf._tell(EventKind.SOLD, found.ref, SKU, 3, "" if is_read else "D-0")
    shelf._tell(EventKind.SOLD, found.ref, SKU, 2, "D-1")
    if not is_read:
        odd = UnreadableEvent(reason="quantity: int_type", may_be_sale=True)
        world.market.garble_event(0, odd)
    await world.change(variants=(pack(8, world),))

    for _ in range(2):
        report = await world.sync()
        assert "a sale does not say of what" in report.unheard["memory"]

    async with world.database.read() as conn:
        sold = await conn.scalar(select(func.sum(sale.c.quantity)))
    assert sold == 2
    world.market.mend()
    report = await world.sync()
    assert bool(report.unheard) is is_read


def tell_after_a_read(world: World) -> None:
    """Let the last sale be told only after the listing has been read."""
    told, real = world.market.shelf.events.pop(), world.market.read

    async def read(refs: Sequence[str]) -> Any:
        found = await real(refs)
        world.market.shelf.events.append(told)
        return found

    world.market.read = read  # type: ignore[method-assign]


async def test_a_sale_that_nobody_has_told_yet_is_not_written_over(
    comparing: World,
) -> None:
    await listed(comparing)
    await comparing.change(variants=(pack(30, comparing),))
    comparing.time.pass_(seconds=10)
    sell(comparing.market, 12)
    tell_after_a_read(comparing)
    noted = watch(comparing)

    await comparing.sync()

    assert await comparing.answers("set_stock") == ["refused", "applied"]
    assert noted == [(8, 30), (18, 18)]


async def test_a_conflict_is_no_failure_and_is_settled_in_the_same_run(
    comparing: World,
) -> None:
    await listed(comparing)
    edit(comparing.market, 20)  # the version is another now, and nothing else
    comparing.market.shelf.events.clear()  # and nobody tells
    await comparing.change(variants=(pack(30, comparing),))

    report = await comparing.sync()

    assert (report.failed, shows(comparing)) == (0, {"memory": 30})
    assert comparing.written() == ["set_stock", "set_stock"]


async def test_a_price_of_ours_does_not_hide_that_something_was_sold(
    comparing: World,
) -> None:
    await listed(comparing)
    dearer = replace(pack(30, comparing), price_vnd=50_000)
    await comparing.change(variants=(dearer,))
    comparing.time.pass_(seconds=10)
    sell(comparing.market, 12)
    tell_after_a_read(comparing)
    noted = watch(comparing)

    await comparing.sync()

    assert comparing.written() == ["set_price", "set_stock"]
    assert noted == [(18, 18)]


async def test_a_price_and_more_stock_go_in_one_run(comparing: World) -> None:
    await listed(comparing)
    dearer = replace(pack(30, comparing), price_vnd=50_000)
    await comparing.change(variants=(dearer,))

    await comparing.sync()

    assert comparing.written() == ["set_price", "set_stock"]
    assert shows(comparing) == {"memory": 30}


async def test_two_who_read_the_same_sale_at_once_count_it_once(
    world: World,
) -> None:
    await listed(world)
    for n in range(5):
        sell(world.market, 1, f"D-{n}")
    both = [Sales(world.deployment) for _ in range(2)]

    await asyncio.gather(*(each.read(["memory"]) for each in both))

    assert await available(world) == 15
    assert [each.unread for each in both] == [{}, {}]


async def test_who_knows_of_a_cursor_that_another_has_moved_counts_no_sale_twice(
    world: World,
) -> None:
    await listed(world)
    sell(world.market, 3)
    late, other = Sales(world.deployment), Sales(world.deployment)
    await world.database.fetch(late.note_cursors, ["memory"])
    await other.read(["memory"])
    sell(world.market, 2, "D-2")

    await late.read(["memory"])

    assert await available(world) == 15
    assert late.unread == {}
    assert [each.pop_new_sales() for each in (other, late)] == [True, True]


async def test_a_feed_without_an_end_is_read_on_by_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_feed, "MOST_CALLS", 2)
    await listed(world)
    await world.change(variants=(pack(900, world),))
    sell(world.market, 3)
    world.market.shelf.events *= 250  # a hundred of them come in one call

    report = await world.sync()
    assert (list(report.unheard), shows(world)) == (["memory"], {"memory": 17})
    await world.sync()

    assert shows(world) == {"memory": 897}


async def test_what_was_heard_before_a_call_failed_is_not_lost(world: World) -> None:
    await listed(world)
    sell(world.market, 3)
    world.market.shelf.events *= 150
    real, asked = world.market.events, []

    async def events(cursor: str | None) -> Any:
        asked.append(cursor)
        if len(asked) == 2:
            message = "hỏng"
            raise ProtocolError(message)
        return await real(cursor)

    world.market.events = events  # type: ignore[method-assign]
    report = await world.sync()

    assert (await available(world), list(report.unheard)) == (17, ["memory"])
    await world.sync()
    assert asked[2] == asked[1] != asked[0]


async def test_a_listing_that_cannot_be_read_after_a_sale_stops_nothing_else(
    two: World,
) -> None:
    await listed(two)
    await two.save(entry(2))
    await two.sync()
    sell(two.markets["memory"], 7)
    two.markets["memory"].script("read", UnavailableError("x"), times=3)
    product, producer = entry(2)
    await two.save((replace(product, paused=True), producer))

    await two.sync()

    assert [kind for kind in two.written() if kind == "withdraw"] == ["withdraw"] * 2
    assert shows(two) == {"memory": 7, "other": 6}  # it was read once more


@pytest.mark.parametrize("raising", [["SP-00001"], []], ids=["raised", "not raised"])
async def test_what_was_counted_anew_since_it_was_evaluated_is_not_sent(
    world: World, raising: list[str]
) -> None:
    await listed(world)
    async with world.database.read() as conn:
        evaluated = await reader.get(conn, ["SP-00001", "SP-00002"])

    async def changed() -> list[str]:
        return await world.database.write(
            lambda conn: no_longer_so(conn, evaluated, raising)
        )

    found = [await changed()]
    await world.change(variants=(pack(5, world),))
    found += [await changed()]

    assert found == [[], ["SP-00001"]]


async def test_what_is_no_longer_mirrored_is_lowered_at_both(two: World) -> None:
    await listed(two, stock_policy=StockPolicy.MIRROR)
    noted = watch(two)
    await two.change(stock_policy=StockPolicy.SPLIT)

    await two.sync()

    assert shows(two) == {"memory": 10, "other": 10}
    assert [offered for offered, _ in noted] == [30, 20]


async def test_what_was_written_over_is_lowered_by_the_next_run_at_the_latest(
    world: World,
) -> None:
    await listed(world)
    await world.change(variants=(pack(30, world),))
    real = world.market.set_stock

    async def call(changes: Sequence[SetStock]) -> Any:
        world.time.pass_(seconds=2)
        sell(world.market, 8)
        world.market.set_stock = real  # type: ignore[method-assign]
        return await real(changes)

    world.market.set_stock = call  # type: ignore[method-assign]
    world.market.script("read", UnavailableError("x"), times=3)

    await world.sync()
    assert (shows(world), await available(world)) == ({"memory": 30}, 22)
    await world.sync()

    assert shows(world) == {"memory": 22}


async def test_a_count_between_the_last_look_and_the_intent_is_not_overtaken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listed(world)
    await world.change(variants=(pack(30, world),))
    real = AccountRun.begin
    counted: list[int] = []

    async def begin(run: AccountRun) -> None:
        await real(run)
        if not counted:
            counted.append(5)
            await world.change(variants=(pack(5, world),))

    monkeypatch.setattr(AccountRun, "begin", begin)
    noted = watch(world)
    await world.sync()

    assert noted == [(5, 5)]


async def test_where_there_is_no_account_nobody_is_asked(world: World) -> None:
    report = await sync(replace(world.deployment, sites=()))

    assert (report.writes, report.unheard) == (0, {})
