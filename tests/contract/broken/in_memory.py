"""Adapters of the marketplace in memory with one fault each: shape, life and facets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ocop_sync.marketplace.change import (
    Change,
    Create,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
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
    Marketplace,
    Refused,
    Result,
)
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.contract.broken.fault import on
from tests.contract.shops import MemoryShop

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


BROKEN: Final = [
    *on(
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
        },
    ),
]
