"""Stock that producers count or adjust, one pack at a time or many at once."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.offers import MOST, OfferEntry, OfferOutcome, enter_offers
from catalog.commands.own_sale import choose_stock_policy
from catalog.commands.price import PriceEntry
from catalog.commands.sell import record_sales
from catalog.commands.stock import (
    AdjustmentEntry,
    CountEntry,
    enter_adjustment,
    enter_count,
)
from catalog.db import reader
from catalog.db.acts import recorded_acts
from catalog.db.history import Author
from catalog.db.imports import keep_effects, keep_import
from catalog.db.tables import adjustment
from catalog.db.writer import save
from catalog.eligibility.effects import Entered
from catalog.errors import FieldsError, HeldPriceError, OlderCountError, StockError
from catalog.model.adjustment import AdjustmentReason
from catalog.model.effect import EffectKind
from catalog.model.product import StockPolicy, Variant
from catalog.model.reach import Reach
from catalog.model.sale import Sale
from catalog.values import replace
from tests.catalog_database import NOW, import_rows
from tests.factories import make_producer, make_product, make_variant, person
from tests.world import World, entry

SKU = "SP-00001-1"
LATER = NOW + timedelta(hours=2)
OWN = Reach.of(["CS-0001"])
BY: Mapping[str, Any] = {"reach": OWN, "by": person("Bà Mẫu"), "now": LATER}
MADE, BROKEN = AdjustmentReason.MADE, AdjustmentReason.BROKEN


async def keep(conn: AsyncConnection, **differences: Any) -> None:
    """Save a product whose pack was counted an hour ago: 20 of them."""
    pack = {"counted_at": NOW - timedelta(hours=1), **differences}
    item = make_product(variants=(make_variant(**pack),))
    await save(conn, [(item, make_producer())], by=Author("thử", NOW))


async def pack_of(conn: AsyncConnection) -> Variant:
    """Return the one pack."""
    return (await reader.get(conn, ["SP-00001"]))["SP-00001"][0].variants[0]


async def adjust(
    conn: AsyncConnection, quantity: int, reason: AdjustmentReason, **other: Any
) -> None:
    """Enter an adjustment of the one pack."""
    made = AdjustmentEntry(sku=SKU, quantity=quantity, reason=reason)
    await enter_adjustment(conn, made, **{**BY, **other})


async def count(
    conn: AsyncConnection, on_hand: int, at: datetime | None = None
) -> bool:
    """Enter a count of the one pack."""
    made = CountEntry(sku=SKU, on_hand=on_hand, counted_at=at)
    return await enter_count(conn, made, **BY)


async def sell(conn: AsyncConnection, quantity: int, at: datetime, line: str) -> None:
    """Write a sale of the one pack down."""
    one = Sale(order_line=line, sku=SKU, quantity=quantity, sold_at=at, is_exact=True)
    await record_sales(conn, "memory", [one], now=LATER)


# Adjustments


@pytest.mark.postgresql
async def test_an_adjustment_says_how_many_came_or_went_and_why(
    conn: AsyncConnection,
) -> None:
    await keep(conn)

    await adjust(conn, 5, MADE)
    await adjust(conn, 2, BROKEN)

    found = await pack_of(conn)
    assert (found.on_hand, found.adjusted, found.left, found.available) == (
        20,
        3,
        23,
        23,
    )
    (page,) = [page async for page in recorded_acts(conn)]
    assert [(each.entry.kind, each.entry.refs) for each in page] == [
        ("adjust_stock", {"sku": SKU, "delta": "5", "reason": "made"}),
        ("adjust_stock", {"sku": SKU, "delta": "-2", "reason": "broken"}),
    ]


@pytest.mark.postgresql
async def test_two_people_at_once_and_a_sale_between_lose_nothing(
    world: World,
) -> None:
    await world.save(entry(1))
    by: Any = {"reach": OWN, "by": person("Bà Mẫu"), "now": world.time()}

    def adjusted(quantity: int, reason: AdjustmentReason) -> Any:
        made = AdjustmentEntry(sku=SKU, quantity=quantity, reason=reason)
        return world.database.write(lambda conn: enter_adjustment(conn, made, **by))

    one = Sale(order_line="D-1", sku=SKU, quantity=4, sold_at=world.time())
    sold = world.database.write(
        lambda conn: record_sales(conn, "memory", [one], now=world.time())
    )
    await asyncio.gather(
        adjusted(3, BROKEN),
        adjusted(10, MADE),
        sold,
        adjusted(1, AdjustmentReason.SOLD_ELSEWHERE),
    )

    async with world.database.read() as conn:
        assert (await pack_of(conn)).left == 20 - 3 + 10 - 4 - 1


async def test_a_count_that_is_older_than_an_adjustment_does_not_undo_it(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await adjust(conn, 3, BROKEN)

    await count(conn, 18, LATER - timedelta(minutes=1))

    assert (await pack_of(conn)).left == 15


async def test_a_later_count_has_seen_earlier_adjustments(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await adjust(conn, 3, BROKEN, now=LATER - timedelta(minutes=1))

    await count(conn, 17)

    assert (await pack_of(conn)).left == 17


async def test_a_sheet_with_an_older_count_does_not_undo_an_adjustment(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await adjust(conn, 3, BROKEN)

    row = {"sku": SKU, "on_hand": 18, "counted_at": "2026-11-24T09:00:00+07:00"}
    await import_rows(conn, row, source="bảng mẫu")

    found = await pack_of(conn)
    assert (found.on_hand, found.left) == (18, 15)


async def test_an_adjustment_is_not_hidden_by_a_count_whose_clock_was_ahead(
    conn: AsyncConnection,
) -> None:
    ahead = LATER + timedelta(minutes=3)
    await keep(conn, counted_at=ahead)

    await adjust(conn, 3, BROKEN)

    assert (await pack_of(conn)).left == 17


async def test_a_count_of_a_clock_that_is_ahead_counts_as_of_now(
    conn: AsyncConnection,
) -> None:
    await keep(conn)

    await count(conn, 9, LATER + timedelta(minutes=3))
    await sell(conn, 2, LATER + timedelta(seconds=1), "D-1")

    found = await pack_of(conn)
    assert (found.counted_at, found.left) == (LATER, 7)


@pytest.mark.parametrize(
    ("on_hand", "quantity", "reason", "left"),
    [
        pytest.param(20, 17, BROKEN, 16, id="more than are left after sales"),
        pytest.param(None, 1, MADE, None, id="never counted"),
        pytest.param(20, 10**9, MADE, 16, id="absurd"),
    ],
)
async def test_an_adjustment_that_cannot_be_asks_for_a_count(
    conn: AsyncConnection,
    on_hand: int | None,
    quantity: int,
    reason: AdjustmentReason,
    left: int | None,
) -> None:
    await keep(conn, on_hand=on_hand)
    await sell(conn, 4, NOW, "D-1")

    with pytest.raises(StockError) as refused:
        await adjust(conn, quantity, reason)

    assert refused.value.left == left


@pytest.mark.parametrize("quantity", [0, -1, 10**10])
async def test_no_quantity_is_refused(conn: AsyncConnection, quantity: int) -> None:
    await keep(conn)

    with pytest.raises(FieldsError):
        await adjust(conn, quantity, MADE)


async def test_who_adjusts_an_emptied_pack_stands_for_its_count(
    conn: AsyncConnection,
) -> None:
    await keep(conn, on_hand=0)
    number = await keep_import(conn, source="b", file="b", now=NOW, confirmed_by="")
    emptied = Entered(
        product_id="SP-00001", name="Măng", kind=EffectKind.EMPTIED, key=SKU
    )
    await keep_effects(conn, number, [emptied], confirmed=False)

    await adjust(conn, 3, MADE)

    ((product, _),) = (await reader.get(conn, ["SP-00001"])).values()
    assert product.effects == ()


async def test_marketplaces_are_offered_what_an_adjustment_leaves(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    made = AdjustmentEntry(sku=SKU, quantity=20, reason=BROKEN)
    by: Any = {"reach": OWN, "by": person("Bà Mẫu"), "now": world.time()}
    await world.database.write(lambda conn: enter_adjustment(conn, made, **by))

    await world.sync()

    (found,) = world.market.shelf.of("SP-00001")
    assert (world.written(), found.shown.variants[0].stock) == (["set_stock"], 0)


async def test_what_was_sold_and_made_again_is_offered_again(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    (found,) = world.market.shelf.of("SP-00001")
    world.market.shelf.sell(found.ref, SKU, 3, "D-1")
    world.time.pass_(minutes=5)
    await world.sync()
    made = AdjustmentEntry(sku=SKU, quantity=3, reason=MADE)
    by: Any = {"reach": OWN, "by": person("Bà Mẫu"), "now": world.time()}
    await world.database.write(lambda conn: enter_adjustment(conn, made, **by))
    world.time.pass_(minutes=5)

    await world.sync()

    (found,) = world.market.shelf.of("SP-00001")
    assert found.shown.variants[0].stock == 20


# Counts


async def test_a_count_older_than_the_known_one_is_told_and_not_taken(
    conn: AsyncConnection,
) -> None:
    await keep(conn)

    with pytest.raises(OlderCountError) as passed_over:
        await count(conn, 3, NOW - timedelta(hours=2))

    assert passed_over.value.on_hand == 20
    assert (await pack_of(conn)).on_hand == 20


@pytest.mark.parametrize(
    ("on_hand", "at"),
    [
        pytest.param(-1, None, id="negative"),
        pytest.param(10**10, None, id="absurd"),
        pytest.param(1, LATER + timedelta(hours=1), id="in the future"),
    ],
)
async def test_a_count_that_cannot_be_is_named(
    conn: AsyncConnection, on_hand: int, at: datetime | None
) -> None:
    await keep(conn)

    with pytest.raises(FieldsError):
        await count(conn, on_hand, at)


# Split and mirror


async def test_a_product_that_is_mirrored_is_offered_whole_everywhere(
    two: World,
) -> None:
    await two.save(entry(1))
    await two.sync()
    by: Any = {"reach": OWN, "by": person("Bà Mẫu"), "now": two.time()}
    mirror = StockPolicy.MIRROR
    await two.database.write(
        lambda conn: choose_stock_policy(conn, "SP-00001", mirror, **by)
    )

    await two.sync()

    shown = [market.shelf.of("SP-00001") for market in two.markets.values()]
    assert [found.shown.variants[0].stock for (found,) in shown] == [20, 20]


# Many at once


def offer(sku: str, price_vnd: int | None = None, on_hand: int | None = None) -> Any:
    """Return an entry of a pack."""
    price = None if price_vnd is None else PriceEntry(sku=sku, price_vnd=price_vnd)
    counted = None if on_hand is None else CountEntry(sku=sku, on_hand=on_hand)
    return OfferEntry(sku=sku, price=price, count=counted)


async def keep_many(conn: AsyncConnection, products: int) -> list[str]:
    """Save some products of one producer and one of another; return their SKUs."""
    maker, other = make_producer(), make_producer(id="CS-0002", name="Cơ sở Mẫu 002")
    entries = [
        (
            make_product(
                id=f"SP-{n:05}",
                name=f"Măng khô Mẫu {n}",
                variants=(make_variant(sku=f"SP-{n:05}-1"),),
            ),
            maker,
        )
        for n in range(1, products + 1)
    ]
    last = replace(
        entries[0][0],
        id="SP-99999",
        producer_id="CS-0002",
        variants=(make_variant(sku="SP-99999-1"),),
    )
    await save(conn, [*entries, (last, other)], by=Author("thử", NOW))
    return [f"SP-{n:05}-1" for n in range(1, products + 1)]


@pytest.mark.postgresql
async def test_each_entry_of_many_has_a_result_of_its_own(
    conn: AsyncConnection,
) -> None:
    one, two, three, four, five, six = await keep_many(conn, 6)
    made = AdjustmentEntry(sku=four, quantity=2, reason=MADE)
    entries = [
        offer(one, 50_000, 7),
        offer(two, 450_000),
        offer("SP-99999-1", 50_000),
        offer("SP-77777-1", 50_000),
        offer(three, 45_000),
        OfferEntry(sku=four, adjustment=made),
        offer(five, on_hand=-1),
        offer(six, 50_000),
        offer(six, 60_000),
        OfferEntry(sku="SP-00001-9"),
    ]

    results = await enter_offers(conn, entries, **BY)

    assert [each.sku for each in results] == [each.sku for each in entries]
    assert [each.outcome.value for each in results] == [
        "applied",
        "held",
        "not_found",
        "not_found",
        "unchanged",
        "applied",
        "refused",
        "refused",
        "refused",
        "not_found",
    ]
    held = results[1].error
    assert isinstance(held, HeldPriceError)
    assert (held.before, held.after) == (45_000, 450_000)
    found = await reader.get(conn, ["SP-00001", "SP-00004", "SP-00006"])
    packs = [product.variants[0] for product, _ in found.values()]
    assert [(each.price_vnd, each.left) for each in packs] == [
        (50_000, 7),
        (45_000, 22),
        (45_000, 20),
    ]
    (page,) = [page async for page in recorded_acts(conn)]
    assert [(each.entry.kind, each.entry.subjects) for each in page] == [
        ("enter_offers", ["SP-00001", "SP-00004"])
    ]


@contextmanager
def counted(conn: AsyncConnection) -> Iterator[list[str]]:
    """Collect the statements that are executed meanwhile."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(conn.sync_connection, "before_cursor_execute", note)
    yield seen
    event.remove(conn.sync_connection, "before_cursor_execute", note)


async def test_many_entries_cost_no_more_statements_than_few(
    conn: AsyncConnection,
) -> None:
    skus = await keep_many(conn, 60)

    async def cost(some: list[str], price_vnd: int) -> int:
        entries = [offer(sku, price_vnd, 8) for sku in some]
        with counted(conn) as statements:
            results = await enter_offers(conn, entries, **BY)
        assert {each.outcome for each in results} == {OfferOutcome.APPLIED}
        return len(statements)

    await cost(skus[:1], 40_000)  # makes the actor known
    assert await cost(skus[1:3], 50_000) == await cost(skus[3:], 50_000)


async def test_more_than_can_be_taken_at_once_are_refused_whole(
    conn: AsyncConnection,
) -> None:
    entries = [offer(f"SP-{n:05}-1", 50_000) for n in range(MOST + 1)]

    with pytest.raises(FieldsError):
        await enter_offers(conn, entries, **BY)


async def test_many_entries_that_change_nothing_are_no_act(
    conn: AsyncConnection,
) -> None:
    skus = await keep_many(conn, 2)
    before = await reader.current_revision(conn)

    results = await enter_offers(conn, [offer(sku, 45_000) for sku in skus], **BY)

    assert {each.outcome for each in results} == {OfferOutcome.UNCHANGED}
    assert await reader.current_revision(conn) == before
    assert [page async for page in recorded_acts(conn)] == []


@pytest.mark.postgresql
async def test_adjustments_of_other_packs_are_not_looked_at(
    conn: AsyncConnection,
) -> None:
    rows = [
        {
            "n": n,
            "sku": f"SP-{n:05}-1",
            "delta": 1,
            "reason": "made",
            "happened_at": NOW,
            "entered_at": NOW,
        }
        for n in range(2, 500)
    ]
    await keep(conn)
    await conn.execute(insert(adjustment), rows)

    assert (await pack_of(conn)).adjusted == 0
