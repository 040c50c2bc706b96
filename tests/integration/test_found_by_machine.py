"""The findings of `tests/properties/test_service_machine.py`, each made short."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from catalog.model.fact import UNATTESTED
from catalog.model.paper import PaperKind
from catalog.model.product import StockPolicy
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.drift_outlook import DriftOutlook
from ocop_sync.errors import UnavailableError
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.port import Event, EventKind
from ocop_sync.service.decisions import drift_decisions
from ocop_sync.service.queries.drift import list_drift
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.testing.memory import InMemoryMarketplace
from ocop_sync.testing.memory_store import Shelf
from tests.factories import make_certificate, make_paper, make_variant, person
from tests.world import World, entry, open_world

LATE = InMemoryMarketplace.having(visible_within_s=3)
"""What was written there is read no sooner than it would show for certain."""

SKU = "SP-00001-1"
UNKNOWN_PAPER = (make_paper(PaperKind.FOOD_SAFETY, UNATTESTED),)


async def test_what_vanished_while_a_fact_is_unknown_is_held_and_not_pending(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(papers=UNKNOWN_PAPER)
    world.market.shelf.delete(world.market.shelf.of("SP-00001")[0].ref)
    world.time.pass_(hours=25)

    report = await world.sync()

    counts = report.counts["memory"]
    assert (counts.held, counts.pending) == (1, 0)
    assert (await world.record()).hold is Hold.UNKNOWN_FACT


async def test_what_is_sold_as_its_stock_is_written_is_not_put_back_unread(
    url: str,
) -> None:
    """It is told to be no later than the write, and is not missing in a read yet."""
    async with open_world(url, ("memory", "other"), kind=LATE) as two:
        await two.save(entry(1))
        await two.sync()
        two.time.pass_(minutes=5, milliseconds=400)  # a whole second is its end
        await two.change(variants=(make_variant(sku=SKU, gtin="", on_hand=30),))
        await two.sync()
        assert stocks(two) == {"memory": 15, "other": 15}
        there = two.markets["other"].shelf
        there.sell(there.of("SP-00001")[0].ref, SKU, 2, "Đ-1")

        await two.sync("other")

        assert stocks(two) == {"memory": 15, "other": 13}
        await two.sync()
        assert stocks(two) == {"memory": 14, "other": 14}


async def test_what_is_told_to_be_sold_after_a_write_may_have_been_written_over(
    url: str,
) -> None:
    """The clock there is fast: the sale came first, and all of the stock shows."""
    async with open_world(url, ("memory", "other"), kind=LATE) as two:
        await two.save(entry(1))
        await two.sync()
        two.time.pass_(minutes=5)
        await two.change(variants=(make_variant(sku=SKU, gtin="", on_hand=30),))
        await two.sync()
        here, there = (two.markets[name].shelf for name in ("memory", "other"))
        here.events.append(sale(here, 3, at=two.time() + timedelta(seconds=30)))
        there.sell(there.of("SP-00001")[0].ref, SKU, 5, "Đ-2")
        counted = make_variant(
            sku=SKU,
            gtin="",
            price_vnd=46_000,
            on_hand=26,
            counted_at=two.time() + timedelta(seconds=31),
        )
        await two.change(variants=(counted,))
        two.markets["memory"].script("read", UnavailableError("x"), times=9)
        await two.sync("memory")
        assert stocks(two) == {"memory": 15, "other": 10}

        await two.sync("other")

        assert stocks(two) == {"memory": 15, "other": 10}


async def test_a_price_that_a_person_leaves_stays_and_is_live_and_not_held(
    world: World,
) -> None:
    """It is as a person wants it, though not as the catalog does."""
    await world.save(entry(1))
    await world.sync()
    shelf = world.market.shelf
    (found,) = shelf.of("SP-00001")
    edited = tuple(replace(each, price_vnd=44_000) for each in found.shown.variants)
    shelf.edit(found.ref, variants=edited)
    world.time.pass_(hours=25)
    await world.sync()
    (asked,) = await list_drift(world.deployment)
    await drift_decisions.decide_drift(
        world.deployment, asked.id, ours=False, by=person("Lan")
    )
    await world.change(stock_policy=StockPolicy.MIRROR)
    world.time.pass_(hours=25)

    report = await world.sync()

    counts = report.counts["memory"]
    assert (counts.live, counts.held, counts.pending) == (1, 0, 0)
    assert world.written() == []
    assert shelf.of("SP-00001")[0].shown.variants[0].price_vnd == 44_000
    (left,) = await list_drift(world.deployment)
    assert (left.decision, left.outlook) == ("theirs", DriftOutlook.LEFT)


async def test_what_changes_just_before_it_is_written_down_is_sent_as_it_is_then(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is written down first, and takes its time."""
    await world.save(entry(1), entry(2))
    await world.sync()
    for n in (1, 2):
        await world.change(f"SP-{n:05}", certificates=(make_certificate(stars=5),))
    begin, paused = AccountRun.begin, asyncio.Event()

    async def begin_late(run: AccountRun) -> None:
        if not paused.is_set():
            paused.set()
            await world.change(paused=True)
        await begin(run)

    monkeypatch.setattr(AccountRun, "begin", begin_late)

    await world.sync()

    assert paused.is_set()
    sent = [(each.kind, each.client_ref) for each in world.market.written()]
    assert sorted(sent) == [(Kind.SET_STARS, "SP-00002"), (Kind.WITHDRAW, "SP-00001")]


def sale(shelf: Shelf, quantity: int, *, at: datetime) -> Event:
    ref = shelf.of("SP-00001")[0].ref
    return Event(
        kind=EventKind.SOLD,
        ref=ref,
        at=at,
        sku=SKU,
        quantity=quantity,
        order_line="Đ-1",
    )


def stocks(world: World) -> dict[str, int]:
    return {
        name: market.shelf.of("SP-00001")[0].shown.variants[0].stock
        for name, market in world.markets.items()
    }
