"""A marketplace's own formatting is no edit; a person's change is.

Wishes and reads are compared in the form that the adapter calls canonical.
"""

import unicodedata
from collections.abc import AsyncIterator

import pytest

from catalog.values import replace
from ocop_sync.marketplace.listing import Listing
from ocop_sync.service.deployment import Site
from ocop_sync.testing.memory import InMemoryMarketplace
from ocop_sync.testing.memory_store import Shelf
from tests.factories import make_variant
from tests.world import World, a_day_later, entry, open_world


def mangled(listing: Listing) -> Listing:
    """Return *listing* as the marketplace below shows it."""
    return replace(
        listing,
        title=f" {unicodedata.normalize('NFD', listing.title)}  ",
        attributes=tuple(sorted(listing.attributes, reverse=True)),
        variants=tuple(
            replace(each, price_vnd=-(-each.price_vnd // 1000) * 1000)
            for each in reversed(listing.variants)
        ),
    )


class Mangler(InMemoryMarketplace):
    """Decomposes and pads text, sorts backwards, and rounds prices up."""

    @classmethod
    def canonical(cls, listing: Listing) -> Listing:
        """Return the tidy form of what is shown."""
        shown = mangled(super().canonical(listing))
        title = unicodedata.normalize("NFC", shown.title).strip()
        return replace(
            shown,
            title=title,
            attributes=tuple(sorted(shown.attributes)),
            variants=tuple(sorted(shown.variants, key=lambda each: each.sku)),
        )


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    """One marketplace that shows nothing as it was sent."""
    async with open_world(url) as world:
        account = world.market.account
        market = Mangler(account, world.market.context)
        market.shelf = Shelf(mangled, world.time, moderated=False)
        world.markets[account.key] = market
        sites = (Site("memory", Mangler, [account]),)
        world.deployment = replace(world.deployment, sites=sites)
        packs = tuple(
            make_variant(sku=f"SP-00001-{n}", gtin="", price_vnd=45_000 + n)
            for n in (1, 2)
        )
        await world.save(entry(1, variants=packs))
        await world.sync()
        yield world


async def test_what_a_marketplace_does_to_text_order_and_numbers_is_no_edit(
    world: World,
) -> None:
    (found,) = world.market.shelf.of("SP-00001")

    assert found.shown != Mangler.canonical(found.shown)  # or nothing is proven
    assert await a_day_later(world) == []
    record = await world.record()
    assert (record.hold, record.decision) == (None, "in_sync")
    assert record.state.edited is None


async def test_an_edit_shows_through_what_the_marketplace_does(world: World) -> None:
    world.market.shelf.edit("M000001", title="  Măng của tôi ")

    assert await a_day_later(world) == []
    record = await world.record()
    assert (record.hold, record.decision) == ("edited_there", "repair")


async def test_a_change_is_known_as_applied_though_it_shows_otherwise(
    world: World,
) -> None:
    await world.change(name="Măng khô Mẫu, loại nhất")
    await world.sync()

    assert world.written() == ["update"]
    assert await a_day_later(world) == []
    assert (await world.record()).decision == "in_sync"


async def test_a_listing_that_cannot_be_composed_whole_is_compared_alike(
    world: World,
) -> None:
    await world.change(name="Măng " * 40)  # longer than the marketplace takes
    await world.sync()

    assert world.written() == []
    assert (await world.record()).hold == "title_too_long"
