"""Adapters of the marketplace in memory with one fault each: what is found, reviews."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ocop_sync.errors import ProtocolError
from ocop_sync.marketplace.change import (
    PutSeller,
    StopSeller,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.listing import (
    Listing,
    RemoteListing,
    RemoteState,
    Unreadable,
)
from ocop_sync.marketplace.port import (
    Applied,
    Page,
    Refused,
    Result,
    Submitted,
)
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.contract.broken.fault import on
from tests.contract.shops import MemoryShop, ModeratedMarketplace, ModeratedShop


class NeverEnds(InMemoryMarketplace):
    """Its pages never end."""

    async def page(self, cursor: str | None) -> Page:
        found = await super().page(cursor)
        return replace(found, next=found.next or "M000000")


class StepsTooFar(InMemoryMarketplace):
    """It leaves the first listing of each later page out."""

    async def page(self, cursor: str | None) -> Page:
        found = await super().page(cursor)
        return replace(found, items=found.items[1:]) if cursor else found


class HidesWhatIsDown(InMemoryMarketplace):
    """It neither pages nor finds listings that are down."""

    async def page(self, cursor: str | None) -> Page:
        found = await super().page(cursor)
        live = tuple(e for e in found.items if e.state is not RemoteState.DOWN)
        return replace(found, items=live)

    async def find(
        self, *, client_refs: Sequence[str] = (), skus: Sequence[str] = ()
    ) -> Sequence[RemoteListing | Unreadable]:
        found = await super().find(client_refs=client_refs, skus=skus)
        return [e for e in found if getattr(e, "state", None) is not RemoteState.DOWN]


class FailsForOneItem(InMemoryMarketplace):
    """One listing that cannot be read fails the page."""

    async def page(self, cursor: str | None) -> Page:
        found = await super().page(cursor)
        if found.unreadable:
            raise ProtocolError(found.unreadable[0].reason)
        return found


class _Finds(InMemoryMarketplace):
    """Finds otherwise than asked for."""

    def fits(self, shown: Listing, refs: Sequence[str], skus: Sequence[str]) -> bool:
        raise NotImplementedError

    async def find(
        self, *, client_refs: Sequence[str] = (), skus: Sequence[str] = ()
    ) -> Sequence[RemoteListing | Unreadable]:
        listings = self.shelf.listings.values()
        return [e for e in listings if self.fits(e.shown, client_refs, skus)]


class FindsByBeginning(_Finds):
    """It finds listings whose reference begins so."""

    def fits(self, shown: Listing, refs: Sequence[str], skus: Sequence[str]) -> bool:
        named = [*refs, *skus]
        return any(shown.client_ref.startswith(ref) for ref in named if ref)


class FindsByFirstPack(_Finds):
    """It looks at the first SKU of a listing only."""

    def fits(self, shown: Listing, refs: Sequence[str], skus: Sequence[str]) -> bool:
        first = shown.variants[0].sku if shown.variants else None
        return shown.client_ref in refs or first in skus


class FindsEverything(_Finds):
    """A search for nothing finds everything."""

    def fits(self, shown: Listing, refs: Sequence[str], skus: Sequence[str]) -> bool:
        return not [*refs, *skus] or shown.client_ref in refs


class CannotReadOthers(InMemoryMarketplace):
    """It cannot read a listing without our reference."""

    def _shown(self, item: RemoteListing) -> RemoteListing | Unreadable:
        if item.shown.client_ref:
            return item
        return Unreadable(ref=item.ref, reason="client_ref: missing")


class TakesOverHalf(InMemoryMarketplace):
    """Of a listing that it takes over it writes no packs."""

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        (change,) = changes
        found = self.shelf.listings.get(change.ref)
        if found and not found.shown.client_ref:
            change = replace(change, fields=change.fields - {"variants"})
        return await super().update([change])


class WritesNoReference(InMemoryMarketplace.having(writes_reference=True)):  # type: ignore[misc]
    """It claims to write our reference, and leaves the one that is there."""

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        changes = [replace(e, fields=e.fields - {"client_ref"}) for e in changes]
        found: Sequence[Result] = await super().update(changes)
        return found


class OpensSellersAnew(InMemoryMarketplace):
    """A profile that is brought up to date closes the seller for a moment."""

    async def put_sellers(self, changes: Sequence[PutSeller]) -> Sequence[Result]:
        for each in changes:
            if each.client_ref in self.shelf.sellers:
                self.shelf.apply(StopSeller(client_ref=each.client_ref, reason=""))
        return await super().put_sellers(changes)


class StopsSellersAlone(InMemoryMarketplace):
    """The listings of a stopped seller stay on sale."""

    async def stop_sellers(self, changes: Sequence[StopSeller]) -> Sequence[Result]:
        return [Applied(f"S-{each.client_ref}") for each in changes]


class NeverDone(ModeratedMarketplace):
    """A submission is said to be in review for ever."""

    async def follow(self, tickets: Sequence[str]) -> Sequence[Result | Unreadable]:
        await super().follow(tickets)
        return [Submitted(each) for each in tickets]


class LosesTickets(ModeratedMarketplace):
    """An unknown ticket is said to be applied."""

    async def follow(self, tickets: Sequence[str]) -> Sequence[Result | Unreadable]:
        found = await super().follow(tickets)
        return [
            e if isinstance(e, Applied | Submitted | Refused) else Applied("M000001")
            for e in found
        ]


class RefusesWithoutWords(ModeratedMarketplace):
    """A refusal comes without its reasons."""

    async def follow(self, tickets: Sequence[str]) -> Sequence[Result | Unreadable]:
        found = await super().follow(tickets)
        return [Refused(()) if isinstance(e, Refused) else e for e in found]


class CancelsNothing(ModeratedMarketplace):
    """A cancelled submission is reviewed on."""

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        return [Applied(each.ref) for each in changes]


class ShowsReviewsAsLive(ModeratedMarketplace):
    """A listing in review is read as on sale."""

    def _shown(self, item: RemoteListing) -> RemoteListing | Unreadable:
        if item.state is RemoteState.IN_REVIEW:
            return replace(item, state=RemoteState.LIVE)
        return item


BROKEN: Final = [
    *on(
        MemoryShop,
        {
            NeverEnds: "pages-empty",
            StepsTooFar: "pages",
            HidesWhatIsDown: "pages-down find-down",
            FailsForOneItem: "odd-item",
            FindsByBeginning: "find-reference",
            FindsByFirstPack: "find-sku",
            FindsEverything: "find-nothing",
            CannotReadOthers: "by-hand",
            TakesOverHalf: "taking-over",
            WritesNoReference: "reference",
            OpensSellersAnew: "seller",
            StopsSellersAlone: "seller-stopped",
        },
    ),
    *on(
        ModeratedShop,
        {
            NeverDone: "submission",
            LosesTickets: "submission-unknown",
            RefusesWithoutWords: "submission-refused",
            CancelsNothing: "submission-cancelled",
            ShowsReviewsAsLive: "in-review",
        },
    ),
]
