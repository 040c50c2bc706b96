"""Adapters of the marketplace in memory with one fault each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ocop_sync.errors import ProtocolError
from ocop_sync.marketplace.change import (
    Change,
    Create,
    PutSeller,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    StopSeller,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.listing import (
    Listing,
    RemoteListing,
    RemoteState,
    StarClaim,
    Unreadable,
)
from ocop_sync.marketplace.port import (
    Applied,
    Event,
    Events,
    Marketplace,
    Page,
    Refused,
    Result,
    Submitted,
)
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.contract.broken.fault import Broken
from tests.contract.shops import MemoryShop, ModeratedMarketplace, ModeratedShop

Read = RemoteListing | Unreadable | None


class ClaimsWhatItLacks(InMemoryMarketplace):
    """It claims a search, and has none."""

    find = Marketplace.find


class HasWhatItDoesNotClaim(InMemoryMarketplace.having(has_search=False)):  # type: ignore[misc]
    """It has a search that it does not claim."""


class WritesInCheck(InMemoryMarketplace):
    """Signing in takes a listing down."""

    async def check(self) -> None:
        await super().check()
        for ref in self.shelf.listings:
            self.shelf.take_down(ref)


class GrowingCanonical(InMemoryMarketplace):
    """Each canonical() adds a letter to the title."""

    @classmethod
    def canonical(cls, listing: Listing) -> Listing:
        return replace(listing, title=f"{listing.title}!")


class KeepsWhatHasNoPlace(InMemoryMarketplace.having(has_trace_page=False)):  # type: ignore[misc]
    """canonical() keeps a field that the marketplace has no place for."""

    @classmethod
    def canonical(cls, listing: Listing) -> Listing:
        return listing


class TrimsWhatItReads(InMemoryMarketplace):
    """It reads texts otherwise than canonical() says."""

    def _shown(self, item: RemoteListing) -> RemoteListing | Unreadable:
        text = item.shown.description.strip() + "."
        return replace(item, shown=replace(item.shown, description=text))


class CountsNothing(InMemoryMarketplace):
    """calls() rounds down."""

    @classmethod
    def calls(cls, changes: Sequence[Change]) -> int:
        return len(changes) // 50


class BelievesEveryPush(InMemoryMarketplace):
    """It believes a push that nobody signed."""

    def verify_push(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Event, ...]:
        del url, headers, body
        return ()


class SignsWithoutAddress(InMemoryMarketplace):
    """It believes a push that was sent to another address."""

    def _signature(self, url: str, body: bytes) -> str:
        del url
        return super()._signature("", body)


class CreatesTwice(InMemoryMarketplace):
    """It sends each create twice."""

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        await super().create(changes)
        return await super().create(changes)


class MixesBatches(InMemoryMarketplace):
    """Of a batch of creates, all get the packs of the first."""

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        packs = changes[0].listing.variants
        return await super().create(
            [replace(c, listing=replace(c.listing, variants=packs)) for c in changes]
        )


class WithdrawsNothing(InMemoryMarketplace):
    """It says that a listing is down, and leaves it."""

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        return [Applied(each.ref) for each in changes]


class RepublishesAnew(InMemoryMarketplace):
    """It puts a second listing on sale where one is to come back."""

    async def republish(self, changes: Sequence[Republish]) -> Sequence[Result]:
        for each in changes:
            self.shelf.add(self.shelf.listings[each.ref].shown)
        return await super().republish(changes)


class TellsLive(InMemoryMarketplace):
    """Each answer says that the listing is on sale."""

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        found = await super().withdraw(changes)
        return [
            replace(e, state=RemoteState.LIVE) if isinstance(e, Applied) else e
            for e in found
        ]


class TakesRefusalsForDone(InMemoryMarketplace):
    """It says that a change of an unknown listing was applied."""

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        found = await super().withdraw(changes)
        return [Applied("") if isinstance(e, Refused) else e for e in found]


class LeavesUnknownOut(InMemoryMarketplace):
    """It leaves listings that are not there out of its answer."""

    async def read(self, refs: Sequence[str]) -> Sequence[Read]:
        return [each for each in await super().read(refs) if each is not None]


class RefusesWholeBatch(InMemoryMarketplace):
    """It refuses a batch for one of its items."""

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        if any(each.ref and each.ref not in self.shelf.listings for each in changes):
            return [Refused.because("batch", "Sai")] * len(changes)
        return await super().withdraw(changes)


class PricesAllPacks(InMemoryMarketplace):
    """It sets the price of one pack for all of them."""

    async def set_price(self, changes: Sequence[SetPrice]) -> Sequence[Result]:
        (first, *_) = changes[0].prices.values()
        packs = self.shelf.listings[changes[0].ref].shown.variants
        return await super().set_price(
            [replace(changes[0], prices={each.sku: first for each in packs})]
        )


class AddsStock(InMemoryMarketplace):
    """It adds a stock to the one that is there."""

    async def set_stock(self, changes: Sequence[SetStock]) -> Sequence[Result]:
        shown = self.shelf.listings[changes[0].ref].shown.variants
        there = {each.sku: each.stock for each in shown}
        stocks = {sku: n + there.get(sku, 0) for sku, n in changes[0].stocks.items()}
        return await super().set_stock([replace(changes[0], stocks=stocks)])


class KeepsDecision(InMemoryMarketplace):
    """A new claim keeps the decision of the earlier one."""

    async def set_stars(self, changes: Sequence[SetStars]) -> Sequence[Result]:
        (change,) = changes
        before = self.shelf.listings[change.ref].shown.stars
        if change.stars and before:
            new = replace(change.stars, decision=before.decision)
            change = replace(change, stars=new)
        return await super().set_stars([change])


class LeavesAClaim(InMemoryMarketplace):
    """A cleared claim stays among the attributes."""

    async def set_stars(self, changes: Sequence[SetStars]) -> Sequence[Result]:
        (change,) = changes
        shown = self.shelf.listings[change.ref].shown
        if change.stars is None and isinstance(shown.stars, StarClaim):
            left = ("Quyết định", shown.stars.decision)
            self.shelf.edit(change.ref, attributes=(*shown.attributes, left))
        return await super().set_stars(changes)


class WritesEveryField(InMemoryMarketplace):
    """It writes every field of content, whichever are named."""

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        every = frozenset({"title", "description", "attributes", "pictures"})
        return await super().update(
            [replace(each, fields=each.fields | every) for each in changes]
        )


class AddsCategories(InMemoryMarketplace):
    """It adds a category to the earlier one."""

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        (change,) = changes
        found = self.shelf.listings.get(change.ref)
        if found and "category" in change.fields:
            both = f"{found.shown.category} {change.listing.category}"
            change = replace(change, listing=replace(change.listing, category=both))
        return await super().update([change])


class TakesAllDown(InMemoryMarketplace):
    """A withdrawal takes all listings down."""

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        for ref in list(self.shelf.listings):
            self.shelf.take_down(ref)
        return await super().withdraw(changes)


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


def _on(shop: type[MemoryShop], caught: Mapping[Any, str]) -> list[Broken]:
    return [Broken(each, shop, tuple(by.split())) for each, by in caught.items()]


BROKEN: Final = [
    *_on(
        MemoryShop,
        {
            ClaimsWhatItLacks: "shape",
            HasWhatItDoesNotClaim: "unclaimed",
            WritesInCheck: "check",
            GrowingCanonical: "canonical",
            KeepsWhatHasNoPlace: "canonical-empties",
            TrimsWhatItReads: "canonical-read",
            CountsNothing: "calls-pure",
            BelievesEveryPush: "push-unsigned",
            SignsWithoutAddress: "push-signed",
            CreatesTwice: "create",
            MixesBatches: "create-apart",
            WithdrawsNothing: "withdraw",
            RepublishesAnew: "republish",
            TellsLive: "applied-state",
            TakesRefusalsForDone: "unknown-ref",
            LeavesUnknownOut: "unknown-read",
            RefusesWholeBatch: "partial-batch",
            PricesAllPacks: "price",
            AddsStock: "stock",
            KeepsDecision: "stars",
            LeavesAClaim: "stars-cleared",
            WritesEveryField: "content",
            AddsCategories: "category",
            TakesAllDown: "facet-apart",
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
    *_on(
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
