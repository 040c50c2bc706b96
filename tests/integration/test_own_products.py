"""What producers do with their own products: text, price, and how they are sold."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.edit_text import TextEdit, edit_text
from catalog.commands.own_sale import choose_stock_policy, pause_own
from catalog.commands.price import PriceEntry, enter_price
from catalog.commands.sell import record_sales
from catalog.commands.stock import (
    AdjustmentEntry,
    CountEntry,
    enter_adjustment,
    enter_count,
)
from catalog.commands.update import set_price
from catalog.db import reader
from catalog.db.acts import recorded_acts
from catalog.db.history import Author
from catalog.db.provenance import provenance_of
from catalog.db.writer import save
from catalog.errors import (
    AttestationError,
    ChangedMeanwhileError,
    FieldsError,
    HeldPriceError,
    NotInCatalogError,
)
from catalog.model.adjustment import AdjustmentReason
from catalog.model.product import Product, StockPolicy
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.model.sale import Sale
from ocop_sync.service.producer.products import products_after
from tests.catalog_database import NOW
from tests.factories import make_producer, make_product, make_variant, person

SKU = "SP-00001-1"
LATER = NOW + timedelta(hours=2)
OWN = Reach.of(["CS-0001"])
BY: Mapping[str, Any] = {"reach": OWN, "by": person("Bà Mẫu"), "now": LATER}


async def keep(conn: AsyncConnection, **differences: Any) -> int:
    """Save one product and its producer; return its revision."""
    entries = [(make_product(**differences), make_producer())]
    await save(conn, entries, by=Author("thử", NOW))
    return (await product_of(conn)).revision


async def product_of(conn: AsyncConnection) -> Product:
    """Return the one product."""
    return (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]


async def acts(conn: AsyncConnection) -> list[tuple[str, Any]]:
    """Return the kinds of all acts, with their further ids."""
    pages = [page async for page in recorded_acts(conn)]
    return [(each.entry.kind, each.entry.refs) for page in pages for each in page]


def text(**values: str) -> TextEdit:
    """Return an edit of the product itself."""
    return TextEdit(product=values)


def price(price_vnd: int, token: str = "") -> PriceEntry:
    """Return a price of the one pack."""
    return PriceEntry(sku=SKU, price_vnd=price_vnd, token=token)


# Whose products

Act = Callable[..., Awaitable[object]]
ACTS = [
    pytest.param(
        lambda conn, **by: edit_text(conn, "SP-00001", text(origin="Mẫu"), **by),
        id="text",
    ),
    pytest.param(lambda conn, **by: enter_price(conn, price(50_000), **by), id="price"),
    pytest.param(
        lambda conn, **by: enter_count(conn, CountEntry(sku=SKU, on_hand=5), **by),
        id="count",
    ),
    pytest.param(
        lambda conn, **by: enter_adjustment(
            conn,
            AdjustmentEntry(sku=SKU, quantity=1, reason=AdjustmentReason.BROKEN),
            **by,
        ),
        id="adjustment",
    ),
    pytest.param(
        lambda conn, **by: pause_own(conn, "SP-00001", True, **by), id="pause"
    ),
    pytest.param(
        lambda conn, **by: choose_stock_policy(conn, SKU, StockPolicy.MIRROR, **by),
        id="policy",
    ),
]


@pytest.mark.parametrize("act", ACTS)
async def test_a_product_of_another_producer_looks_like_one_that_is_not_there(
    conn: AsyncConnection, act: Act
) -> None:
    revision = await keep(conn)
    other = {**BY, "reach": Reach.of(["CS-0002"])}

    with pytest.raises(NotInCatalogError) as refused:
        await act(conn, **other)

    (named,) = refused.value.ids
    assert named in ("SP-00001", SKU)
    assert (await product_of(conn)).revision == revision
    assert await acts(conn) == []


@pytest.mark.postgresql
@pytest.mark.parametrize("act", ACTS)
async def test_each_act_upon_an_own_product_is_one_entry_of_the_audit(
    conn: AsyncConnection, act: Act
) -> None:
    revision = await keep(conn)

    await act(conn, **BY)

    assert len(await acts(conn)) == 1
    assert (await product_of(conn)).revision > revision


@pytest.mark.parametrize("act", ACTS)
async def test_an_act_of_nobody_is_refused(conn: AsyncConnection, act: Act) -> None:
    await keep(conn)

    with pytest.raises(AttestationError):
        await act(conn, **{**BY, "by": person(" ")})


def test_a_product_of_no_known_producer_is_the_departments_alone() -> None:
    assert not OWN.holds(None)
    assert not Reach.of([]).holds("CS-0001")
    assert WHOLE_CATALOG.holds(None)


@pytest.mark.postgresql
async def test_products_within_reach_come_page_by_page(conn: AsyncConnection) -> None:
    maker, other = make_producer(), make_producer(id="CS-0002", name="Cơ sở Mẫu 002")
    entries = [
        (make_product(id=f"SP-0000{n}", variants=(), producer_id=of.id), of)
        for n, of in enumerate((maker, other, maker, maker), start=1)
    ]
    await save(conn, entries, by=Author("thử", NOW))

    first = await products_after(conn, "", reach=OWN, limit=2)
    rest = await products_after(conn, first.last or "", reach=OWN, limit=2)
    every = await products_after(conn, "", reach=WHOLE_CATALOG, limit=9)

    assert [each.id for each, _ in first.entries] == ["SP-00001", "SP-00003"]
    assert ([each.id for each, _ in rest.entries], rest.last) == (["SP-00004"], None)
    assert len(every.entries) == 4


# Text


async def test_texts_are_cleaned_and_kept_as_an_import_keeps_them(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    edit = TextEdit(
        product={"description": "Măng  rừng \n phơi nắng", "ingredients": ""},
        packs={SKU: {"pack": "Gói 1 kg", "weight_g": "1,1 kg", "gtin": ""}},
    )

    assert await edit_text(conn, SKU, edit, **BY)

    found = await product_of(conn)
    (pack,) = found.variants
    assert found.description == "Măng rừng\nphơi nắng"
    assert (found.label.ingredients, found.label.origin) == ("", "Việt Nam")
    assert (pack.pack, pack.weight_g, pack.gtin) == ("Gói 1 kg", 1100, "")
    touch = (await provenance_of(conn, ["SP-00001"])).of("SP-00001", SKU, "pack")
    assert touch is not None
    assert (touch.by, touch.at) == ("Bà Mẫu", LATER)
    assert await acts(conn) == [
        (
            "edit_text",
            {
                "fields": "label.ingredients description SP-00001-1.pack"
                " SP-00001-1.gtin SP-00001-1.weight_g"
            },
        )
    ]


async def test_an_edit_that_changes_nothing_is_no_act(conn: AsyncConnection) -> None:
    revision = await keep(conn)

    assert not await edit_text(conn, SKU, text(origin=" Việt Nam"), **BY)
    assert (await product_of(conn)).revision == revision
    assert await acts(conn) == []


async def test_all_that_is_wrong_with_an_edit_is_named_and_nothing_is_taken(
    conn: AsyncConnection,
) -> None:
    revision = await keep(
        conn, variants=(make_variant(), make_variant(sku="SP-00001-2", pack="Gói 1kg"))
    )
    edit = TextEdit(
        product={
            "origin": "Mẫu",
            "description": "x" * 20_001,
            "name": "Tên",
            "stars": "5",
            "trace_url": "ftp://x",
        },
        packs={
            SKU: {"gtin": "1", "pack": "gói 1 KG", "price_vnd": "1"},
            "SP-9-1": {"pack": "Gói"},
        },
    )

    with pytest.raises(FieldsError) as refused:
        await edit_text(conn, SKU, edit, **BY)

    assert sorted(each.field for each in refused.value.problems) == [
        "SP-00001-1.gtin",
        "SP-00001-1.pack",
        "SP-00001-1.price_vnd",
        "SP-00001-2.pack",
        "SP-9-1",
        "description",
        "name",
        "stars",
        "trace_url",
    ]
    assert (await product_of(conn)).revision == revision


async def test_a_claim_in_the_text_of_a_producer_is_taken(
    conn: AsyncConnection,
) -> None:
    await keep(conn)

    assert await edit_text(conn, SKU, text(description="OCOP 4 sao"), **BY)


async def test_an_edit_of_a_field_that_has_changed_meanwhile_is_refused(
    conn: AsyncConnection,
) -> None:
    seen = await keep(conn)
    await edit_text(conn, SKU, text(origin="Ba Chẽ"), **BY)

    with pytest.raises(ChangedMeanwhileError) as refused:
        await edit_text(conn, SKU, text(origin="Cô Tô"), **BY, seen=seen)

    (changed,) = refused.value.changed
    assert (changed.field, changed.value, changed.changed_at) == (
        "origin",
        "Ba Chẽ",
        LATER,
    )
    now = refused.value.revision
    assert now == (await product_of(conn)).revision
    assert await edit_text(conn, SKU, text(origin="Cô Tô"), **BY, seen=now)


async def test_two_who_edit_different_fields_are_both_taken(
    conn: AsyncConnection,
) -> None:
    seen = await keep(conn)
    one = Sale(order_line="D-1", sku=SKU, quantity=1, sold_at=NOW)
    await record_sales(conn, "memory", [one], now=LATER)
    await enter_price(conn, price(50_000), **BY, seen=seen)
    await enter_count(conn, CountEntry(sku=SKU, on_hand=5), **BY)
    await edit_text(conn, SKU, text(origin="Ba Chẽ"), **BY, seen=seen)

    assert await edit_text(conn, SKU, text(description="Mới"), **BY, seen=seen)

    both = text(description="Khác", dates="Khác", origin="Khác")
    with pytest.raises(ChangedMeanwhileError) as refused:
        await edit_text(conn, SKU, both, **BY, seen=seen)
    assert {each.field for each in refused.value.changed} == {"description", "origin"}


async def test_a_change_that_an_edit_has_seen_refuses_nothing(
    conn: AsyncConnection,
) -> None:
    await keep(conn)
    await edit_text(conn, SKU, text(origin="Ba Chẽ"), **BY)
    seen = (await product_of(conn)).revision
    await enter_price(conn, price(50_000), **BY)

    assert await edit_text(conn, SKU, text(origin="Cô Tô"), **BY, seen=seen)


@pytest.mark.postgresql
async def test_texts_of_packs_are_compared_pack_by_pack(conn: AsyncConnection) -> None:
    other = make_variant(sku="SP-00001-2", pack="Gói 1 kg")
    seen = await keep(conn, variants=(make_variant(), other))
    mine = TextEdit(packs={SKU: {"net_quantity": "1 kg"}})
    await edit_text(conn, SKU, mine, **BY, seen=seen)
    theirs = TextEdit(packs={other.sku: {"net_quantity": "2 kg"}})

    assert await edit_text(conn, SKU, theirs, **BY, seen=seen)

    mine = TextEdit(packs={SKU: {"net_quantity": "3 kg"}})
    with pytest.raises(ChangedMeanwhileError) as refused:
        await edit_text(conn, SKU, mine, **BY, seen=seen)
    assert [each.field for each in refused.value.changed] == [f"{SKU}.net_quantity"]


# Price


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(45_000, 90_001, id="more than twice"),
        pytest.param(45_000, 22_499, id="less than half"),
        pytest.param(None, 999, id="a price in thousands"),
    ],
)
async def test_a_price_that_looks_like_a_slip_waits_for_its_token(
    conn: AsyncConnection, before: int | None, after: int
) -> None:
    await keep(conn, variants=(make_variant(price_vnd=before),))

    with pytest.raises(HeldPriceError) as held:
        await enter_price(conn, price(after), **BY)

    assert (held.value.before, held.value.after) == (before, after)
    assert (await product_of(conn)).variants[0].price_vnd == before
    assert await enter_price(conn, price(after, held.value.token), **BY)
    assert (await product_of(conn)).variants[0].price_vnd == after


async def test_a_token_confirms_one_price_over_one_other(conn: AsyncConnection) -> None:
    await keep(conn)
    with pytest.raises(HeldPriceError) as held:
        await enter_price(conn, price(100_000), **BY)
    token = held.value.token

    with pytest.raises(HeldPriceError):
        await enter_price(conn, price(100_001, token), **BY)
    await set_price(conn, SKU, 40_000, by=person("Ông Mẫu"), now=LATER)
    with pytest.raises(HeldPriceError) as again:
        await enter_price(conn, price(100_000, token), **BY)
    assert again.value.before == 40_000


async def test_a_price_within_a_factor_of_two_needs_no_token(
    conn: AsyncConnection,
) -> None:
    await keep(conn)

    assert await enter_price(conn, price(90_000), **BY)
    assert not await enter_price(conn, price(90_000), **BY)


@pytest.mark.parametrize("price_vnd", [0, -1, 10**10])
async def test_no_price_is_named_as_such(conn: AsyncConnection, price_vnd: int) -> None:
    await keep(conn)

    with pytest.raises(FieldsError):
        await enter_price(conn, price(price_vnd), **BY)


async def test_a_price_over_one_that_has_changed_since_is_refused(
    conn: AsyncConnection,
) -> None:
    seen = await keep(conn)
    await set_price(conn, SKU, 50_000, by=person("Ông Mẫu"), now=LATER)

    with pytest.raises(ChangedMeanwhileError) as refused:
        await enter_price(conn, price(55_000), **BY, seen=seen)

    assert [(each.field, each.value) for each in refused.value.changed] == [
        ("SP-00001-1.price_vnd", "50000")
    ]


# How it is sold


async def test_a_producer_chooses_how_stock_is_shared(conn: AsyncConnection) -> None:
    await keep(conn)

    assert await choose_stock_policy(conn, SKU, StockPolicy.MIRROR, **BY)
    assert not await choose_stock_policy(conn, SKU, StockPolicy.MIRROR, **BY)
    assert (await product_of(conn)).stock_policy is StockPolicy.MIRROR
    assert await acts(conn) == [("stock_policy", {"policy": "mirror"})]


async def test_a_pause_by_sku_stops_the_whole_product(conn: AsyncConnection) -> None:
    await keep(conn)

    assert await pause_own(conn, SKU, True, **BY)
    assert (await product_of(conn)).paused
    assert await pause_own(conn, SKU, False, **BY)
    assert [kind for kind, _ in await acts(conn)] == ["pause", "resume"]
