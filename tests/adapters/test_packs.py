"""What an `Update` does to packs, at every marketplace and at the one in memory.

One that stays keeps the price and the stock that show there, one that is added comes
with those of the listing, one that is not named is gone; a replaced SKU is one gone
and one added.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from ocop_sync.marketplace.change import SetStock, Update
from ocop_sync.marketplace.listing import Listing, RemoteListing, Variant
from ocop_sync.marketplace.port import Applied, Marketplace, Refused
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.adapters import traits
from tests.adapters.calls import Open
from tests.adapters.traits import traits_of

NAMES: Final = (*traits.NAMES, "memory")

STAYS: Final = Variant(sku="SP-00001-1", pack="Chai 500 ml", price_vnd=150_000, stock=9)
GOES: Final = Variant(sku="SP-00001-2", pack="Chai 1 lít", price_vnd=280_000, stock=4)
COMES: Final = Variant(sku="SP-00001-3", pack="Chai 1 lít", price_vnd=290_000, stock=3)


async def on_sale(
    name: str, opened: Open, *packs: Variant
) -> tuple[Marketplace, Listing, str]:
    """Return a marketplace that has one listing of *packs* on sale."""
    if name == "memory":
        market = InMemoryMarketplace()
        listing = replace(traits_of("voso").support.make_listing(), variants=packs)
        return market, listing, market.shelf.add(listing)
    mock = await opened(name)
    listing = replace(traits_of(name).support.make_listing(), variants=packs)
    return mock.adapter, listing, await mock.bench.publish(variants=packs)


def with_packs(listing: Listing, ref: str, *packs: Variant) -> Update:
    return Update(
        client_ref=listing.client_ref,
        ref=ref,
        listing=replace(listing, variants=packs),
        fields=frozenset({"variants"}),
    )


async def packs_of(market: Marketplace, ref: str) -> Sequence[Variant]:
    (found,) = await market.read([ref])
    assert isinstance(found, RemoteListing)
    return found.shown.variants


@pytest.mark.parametrize("name", NAMES)
async def test_a_pack_that_stays_keeps_its_price_and_stock(
    name: str, opened: Open
) -> None:
    market, listing, ref = await on_sale(name, opened, STAYS)
    named = replace(STAYS, pack="Chai nửa lít", price_vnd=1_000, stock=99)

    (result,) = await market.update([with_packs(listing, ref, named)])

    assert isinstance(result, Applied)
    assert await packs_of(market, ref) == (replace(STAYS, pack="Chai nửa lít"),)


@pytest.mark.parametrize("name", NAMES)
async def test_a_replaced_sku_is_one_gone_and_one_added_with_its_own_numbers(
    name: str, opened: Open
) -> None:
    market, listing, ref = await on_sale(name, opened, STAYS, GOES)

    await market.update([with_packs(listing, ref, STAYS, COMES)])

    assert await packs_of(market, ref) == (STAYS, COMES)
    gone = SetStock(client_ref="SP-00001", ref=ref, stocks={GOES.sku: 4})
    (result,) = await market.set_stock([gone])
    assert isinstance(result, Refused)


@pytest.mark.parametrize("name", NAMES)
async def test_a_pack_may_come_without_any_of_it_to_sell(
    name: str, opened: Open
) -> None:
    market, listing, ref = await on_sale(name, opened, STAYS)
    none = replace(COMES, stock=0)

    await market.update([with_packs(listing, ref, STAYS, none)])

    assert await packs_of(market, ref) == (STAYS, none)


@pytest.mark.parametrize("name", NAMES)
async def test_a_pack_that_comes_back_brings_the_numbers_of_the_listing(
    name: str, opened: Open
) -> None:
    market, listing, ref = await on_sale(name, opened, STAYS, GOES)
    again = replace(GOES, price_vnd=300_000, stock=1)

    await market.update([with_packs(listing, ref, STAYS)])
    await market.update([with_packs(listing, ref, STAYS, again)])

    assert await packs_of(market, ref) == (STAYS, again)


@pytest.mark.parametrize("name", NAMES)
async def test_an_update_that_does_not_name_packs_leaves_them_alone(
    name: str, opened: Open
) -> None:
    market, listing, ref = await on_sale(name, opened, STAYS, GOES)
    change = with_packs(listing, ref, COMES)

    await market.update([replace(change, fields=frozenset({"title"}))])

    assert await packs_of(market, ref) == (STAYS, GOES)
