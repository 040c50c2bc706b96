"""A marketplace as simple as they come, and its adapter: the least that works.

It has listings with prices and stocks, and pages of them. It has no search, no sellers,
no reviews, no events and no place for stars; and nobody knows its quota. The adapter
leaves out the features that it lacks, so that a call of one fails.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from ocop_sync.errors import OutcomeUnknownError, UnavailableError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.change import (
    Change,
    Create,
    Republish,
    SetPrice,
    SetStock,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.listing import (
    Facet,
    Listing,
    RemoteListing,
    RemoteState,
    Variant,
)
from ocop_sync.marketplace.mapping import ListingMapping
from ocop_sync.marketplace.port import PORT_VERSION, Context, Marketplace, Page
from ocop_sync.marketplace.result import Applied, Refused, Result, Submitted
from ocop_sync.testing.memory import Call, InMemoryMarketplace, offline_context

PAGE_SIZE = 3
_NO_LISTING = Refused.because("unknown", "Không có tin đăng này")
_NO_PACK = Refused.because("unknown_sku", "Không có SKU này")


class SimpleMarketplace(Marketplace):
    """One account at the simple marketplace.

    Attributes:
        listings: What it has, by its own identifier.
        log: Every call received, in order.
        loses: How many of the next creates are applied and not answered.
        drops: How many of the next creates are neither.
        submits: Creates are answered as if they were reviewed, which nothing is.
        is_dark: No page can be read.
        on_create: Called with each create.
    """

    name: ClassVar[str] = "simple"
    port_version: ClassVar[int] = PORT_VERSION
    capabilities: ClassVar[Capabilities] = Capabilities(
        facets=frozenset({Facet.CONTENT, Facet.PRICE, Facet.STOCK}),
        simulated=True,
        account_per_seller=False,
        visible_within_s=2,
        call_timeout_s=5,
        page_size=PAGE_SIZE,
        read_batch=10,
        has_gtin=False,
        has_trace_page=False,
        has_search=False,
        has_sellers=False,
        has_reviews=False,
        has_events=False,
    )
    mapping: ClassVar[ListingMapping] = InMemoryMarketplace.mapping.model_copy(
        update={"marketplace": "simple"}
    )

    def __init__(
        self, account: Account, context: Context | None = None, **kinds: Any
    ) -> None:
        del kinds
        super().__init__(account, context or offline_context())
        self.listings: dict[str, RemoteListing] = {}
        self.log: list[Call] = []
        self.loses = 0
        self.drops = 0
        self.submits = False
        self.is_dark = False
        self.on_create: Callable[[], object] = object
        self._made = 0

    async def page(self, cursor: str | None) -> Page:
        """Return listings in the order they were made."""
        self.log.append(Call("page", (cursor,)))
        if self.is_dark:
            message = "tối om / dark"
            raise UnavailableError(message)
        left = [each for ref, each in self.listings.items() if ref > (cursor or "")]
        shown = tuple(left[:PAGE_SIZE])
        return Page(shown, shown[-1].ref if len(left) > PAGE_SIZE else None)

    async def read(self, refs: Sequence[str]) -> Sequence[RemoteListing | None]:
        """Return listings by their identifiers."""
        self.log.append(Call("read", tuple(refs)))
        return [self.listings.get(ref) for ref in refs]

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        """Put listings on sale; each is another one, whatever its reference."""
        self._receive("create", changes)
        self.on_create()
        if self.drops:
            self.drops -= 1
            raise OutcomeUnknownError
        results = [self._make(change.listing) for change in changes]
        if self.loses:
            self.loses -= 1
            raise OutcomeUnknownError
        return [Submitted("1")] * len(results) if self.submits else results

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        """Change content."""
        self._receive("update", changes)
        return [self._update(change) for change in changes]

    async def set_price(self, changes: Sequence[SetPrice]) -> Sequence[Result]:
        """Set prices."""
        self._receive("set_price", changes)
        return [self._set(each.ref, "price_vnd", each.prices) for each in changes]

    async def set_stock(self, changes: Sequence[SetStock]) -> Sequence[Result]:
        """Set stocks."""
        self._receive("set_stock", changes)
        return [self._set(each.ref, "stock", each.stocks) for each in changes]

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        """Take listings from sale."""
        self._receive("withdraw", changes)
        return [self._put(each.ref, state=RemoteState.DOWN) for each in changes]

    async def republish(self, changes: Sequence[Republish]) -> Sequence[Result]:
        """Put listings back on sale."""
        self._receive("republish", changes)
        return [self._put(each.ref, state=RemoteState.LIVE) for each in changes]

    @classmethod
    def canonical(cls, listing: Listing) -> Listing:
        """Return *listing* without what there is no place for."""
        packs = tuple(replace(each, gtin="") for each in listing.variants)
        return replace(listing, variants=packs, seller_ref="", trace_url="", stars=None)

    # What a test looks at

    def written(self) -> list[Change]:
        """Return every change that was sent, in order."""
        calls = [call for call in self.log if call.method not in ("page", "read")]
        return [change for call in calls for change in call.items]

    def of(self, client_ref: str) -> list[RemoteListing]:
        """Return every listing with our reference *client_ref*."""
        found = self.listings.values()
        return [each for each in found if each.shown.client_ref == client_ref]

    # How a call is taken in

    def _receive(self, method: str, changes: Iterable[Change]) -> None:
        self.log.append(Call(method, tuple(changes)))

    def _make(self, listing: Listing) -> Result:
        ref = f"S{self._made:06}"
        self._made += 1
        self.listings[ref] = RemoteListing(
            ref=ref, state=RemoteState.LIVE, shown=self.canonical(listing)
        )
        return Applied(ref)

    def _update(self, change: Update) -> Result:
        if change.ref not in self.listings:
            return _NO_LISTING
        shown = self.listings[change.ref].shown
        now = {name: getattr(change.listing, name) for name in change.fields}
        if "variants" in now:
            now["variants"] = _with_numbers_of(shown, change.listing)
        return self._put(change.ref, shown=self.canonical(replace(shown, **now)))

    def _set(self, ref: str, name: str, values: Mapping[str, int]) -> Result:
        if ref not in self.listings:
            return _NO_LISTING
        shown = self.listings[ref].shown
        if values.keys() - {pack.sku for pack in shown.variants}:
            return _NO_PACK
        packs = tuple(
            replace(pack, **{name: values.get(pack.sku, getattr(pack, name))})
            for pack in shown.variants
        )
        return self._put(ref, shown=replace(shown, variants=packs))

    def _put(self, ref: str, **differences: Any) -> Result:
        if ref not in self.listings:
            return _NO_LISTING
        self.listings[ref] = replace(self.listings[ref], **differences)
        return Applied(ref)


def _with_numbers_of(shown: Listing, wanted: Listing) -> tuple[Variant, ...]:
    """Return the wanted packs; one that stays keeps the price and stock that show."""
    there = {pack.sku: pack for pack in shown.variants}
    return tuple(
        replace(
            pack,
            price_vnd=there.get(pack.sku, pack).price_vnd,
            stock=there.get(pack.sku, pack).stock,
        )
        for pack in wanted.variants
    )
