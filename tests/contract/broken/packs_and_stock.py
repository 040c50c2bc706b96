"""Adapters of the marketplace in memory with one fault each: packs and stock."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ocop_sync.marketplace.change import (
    Change,
    Create,
    Republish,
    SetPrice,
    Update,
)
from ocop_sync.marketplace.listing import (
    Listing,
    RemoteListing,
    Unreadable,
)
from ocop_sync.marketplace.port import (
    Events,
    Result,
)
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.contract.broken.fault import on
from tests.contract.shops import MemoryShop

Read = RemoteListing | Unreadable | None


class _OtherPacks(InMemoryMarketplace):
    """Writes other packs than it was sent."""

    def packs(self, shown: Listing, change: Update) -> Listing:
        raise NotImplementedError

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        (change,) = changes
        before = self.shelf.listings.get(change.ref)
        found = await super().update(changes)
        if before:
            shown = self.packs(before.shown, change)
            self.shelf.edit(change.ref, variants=shown.variants)
        return found


class OverwritesNumbers(_OtherPacks):
    """An update writes prices and stocks of packs that stay."""

    def packs(self, shown: Listing, change: Update) -> Listing:
        return change.listing if "variants" in change.fields else shown


class PassesNumbersOn(_OtherPacks):
    """A pack that takes another one's place gets its numbers."""

    def packs(self, shown: Listing, change: Update) -> Listing:
        if "variants" not in change.fields:
            return shown
        pairs = zip(change.listing.variants, shown.variants, strict=False)
        old = {new.sku: there for new, there in pairs}
        packs = tuple(
            replace(
                each,
                price_vnd=old.get(each.sku, each).price_vnd,
                stock=old.get(each.sku, each).stock,
            )
            for each in change.listing.variants
        )
        return replace(shown, variants=packs)


class AddsForNothing(_OtherPacks):
    """An added pack comes without a price."""

    def packs(self, shown: Listing, change: Update) -> Listing:
        there = {each.sku: each for each in shown.variants}
        if "variants" not in change.fields:
            return shown
        packs = change.listing.variants
        added = tuple(there.get(e.sku, replace(e, price_vnd=0)) for e in packs)
        return replace(shown, variants=added)


class RemovesNothing(_OtherPacks):
    """A pack that is not named stays."""

    def packs(self, shown: Listing, change: Update) -> Listing:
        there = {each.sku for each in shown.variants}
        new = [each for each in change.listing.variants if each.sku not in there]
        return replace(shown, variants=(*shown.variants, *new))


class ForgetsAddedPacks(InMemoryMarketplace):
    """It sets no numbers of packs that were added later."""

    async def set_price(self, changes: Sequence[SetPrice]) -> Sequence[Result]:
        (change,) = changes
        old = {sku: n for sku, n in change.prices.items() if sku.endswith(("1", "2"))}
        return await super().set_price([replace(change, prices=old)])


class AlwaysWritesPacks(InMemoryMarketplace):
    """It writes packs that an update does not name."""

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        return await super().update(
            [replace(each, fields=each.fields | {"variants"}) for each in changes]
        )


class RestoresStock(InMemoryMarketplace):
    """A listing that comes back has its first stock again."""

    async def republish(self, changes: Sequence[Republish]) -> Sequence[Result]:
        for each in changes:
            shown = self.shelf.listings[each.ref].shown
            packs = tuple(replace(v, stock=12) for v in shown.variants)
            self.shelf.edit(each.ref, variants=packs)
        return await super().republish(changes)


class RemembersListings(InMemoryMarketplace):
    """It reads a listing once, and answers from memory then."""

    _first: dict[str, RemoteListing]

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        found = await super().create(changes)
        self._first = dict(self.shelf.listings)
        return found

    async def read(self, refs: Sequence[str]) -> Sequence[Read]:
        await super().read(refs)
        return [self._first.get(ref) for ref in refs]


class PaysNoHeedToVersions(InMemoryMarketplace.having(compare_and_set=True)):  # type: ignore[misc]
    """It claims to compare versions, and does not."""

    def _is_outdated(self, change: Change) -> bool:
        del change
        return False


class TellsAllAgain(InMemoryMarketplace):
    """Its feed begins anew each time."""

    async def events(self, cursor: str | None) -> Events:
        await super().events(cursor)
        return await super().events(None)


class TellsSalesWithoutLine(InMemoryMarketplace):
    """Its sales cannot be told apart."""

    async def events(self, cursor: str | None) -> Events:
        found = await super().events(cursor)
        items = tuple(replace(each, order_line="") for each in found.items)
        return replace(found, items=items)


BROKEN: Final = [
    *on(
        MemoryShop,
        {
            OverwritesNumbers: "pack-stays",
            PassesNumbersOn: "pack-replaced",
            AddsForNothing: "pack-added",
            RemovesNothing: "pack-removed",
            ForgetsAddedPacks: "pack-numbers",
            AlwaysWritesPacks: "pack-unnamed",
            RestoresStock: "stock-stays",
            RemembersListings: "stock-sold vanished",
            PaysNoHeedToVersions: "stock-version",
            TellsAllAgain: "events",
            TellsSalesWithoutLine: "events-sales",
        },
    ),
]
