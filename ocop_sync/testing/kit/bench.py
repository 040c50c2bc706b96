"""A fresh shop with the adapter that is tried on it: what a check works with.

Changes are sent by `put`, which lets all come to its end over there and follows what
was submitted. What the adapter says is held against what the shop says that it holds.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import aiohttp

from ocop_sync.errors import MarketplaceError
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.change import (
    Change,
    Create,
    Kind,
    PutSeller,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    StopSeller,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.features import features_of
from ocop_sync.marketplace.listing import Listing, RemoteListing, RemoteState
from ocop_sync.marketplace.port import (
    Applied,
    Context,
    Marketplace,
    Refused,
    Result,
    Submitted,
    Unreadable,
)
from ocop_sync.marketplace.quota import Quota
from ocop_sync.marketplace.stray_answers import open_session
from ocop_sync.testing.kit import samples
from ocop_sync.testing.kit.check import NotTriedError, ensure
from ocop_sync.testing.kit.shop import Shop
from ocop_sync.testing.kit.wire import Wire

METHODS: Final[Mapping[Kind, str]] = {
    Kind.CREATE: "create",
    Kind.UPDATE: "update",
    Kind.SET_PRICE: "set_price",
    Kind.SET_STOCK: "set_stock",
    Kind.SET_STARS: "set_stars",
    Kind.WITHDRAW: "withdraw",
    Kind.REPUBLISH: "republish",
    Kind.PUT_SELLER: "put_sellers",
    Kind.STOP_SELLER: "stop_sellers",
}
"""The method of the port that sends each kind of change."""

_FEATURES: Final = {
    "find": "search",
    "follow": "reviews",
    "events": "events",
    "put_sellers": "sellers",
    "stop_sellers": "seller_stop",
    "set_price": "price",
    "set_stock": "stock",
    "set_stars": "stars",
}
_MOST_S: Final = 60
"""No call of the port takes longer, whatever it is answered."""
_MOST_LOOKS: Final = 5
_MOST_TRIES: Final = 20
_MOST_PAGES: Final = 500

Outcome = Sequence[Any] | MarketplaceError


class CountedQuota(Quota):
    """A quota without limit that is asked, and told of pauses.

    Attributes:
        pauses: The seconds that a marketplace has asked for, in order.
    """

    def __init__(self) -> None:
        super().__init__(
            calls_per_s=None,
            time=lambda: 0.0,
            sleep=asyncio.sleep,
        )
        self.pauses: list[float] = []

    async def take(self, calls: int = 1) -> None:
        """Count, and wait for nothing."""
        self.taken += calls

    def over(self, seconds: float) -> None:
        """Note the pause, and do not make it."""
        self.pauses.append(seconds)

    def pause(self, seconds: float) -> None:
        """Note the pause, and do not make it."""
        self.pauses.append(seconds)


class Bench:
    """One shop, its account, and the adapter; the seller is open.

    Attributes:
        shop: The shop, as its author describes it.
        market: The adapter.
        wire: The way to the marketplace; None where there is no HTTP.
        quota: Counts the calls that the adapter has asked for.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.wire: Wire | None = None
        self.quota = CountedQuota()
        self.market: Marketplace
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    async def open(cls, make_shop: Callable[[], Shop]) -> "Bench":
        """Make a fresh shop and open the adapter for it."""
        bench = cls(make_shop())
        account = await bench.shop.open()
        bench._session = open_session()
        if bench.shop.has_wire:
            bench.wire = Wire(account.base_url, bench.shop.is_write)
            await bench.wire.start()
            account = replace(account, base_url=bench.wire.base_url)
        context = Context(
            clock=bench.shop.clock,
            quota=bench.quota,
            session=bench._session,
            secrets=lambda name: bench.shop.secrets[name],
        )
        bench.market = bench.shop.connect(account, context)
        return bench

    async def close(self) -> None:
        """Leave the shop."""
        if self._session is not None:
            await self._session.close()
        if self.wire is not None:
            await self.wire.stop()
        await self.shop.close()

    async def begin(self) -> None:
        """Open the seller, where there are some."""
        if self.has("sellers"):
            await self.put(self.put_seller())

    # What is there

    @property
    def can(self) -> Capabilities:
        """The capabilities that the adapter claims."""
        return self.market.capabilities

    def has(self, feature: str) -> bool:
        """Say whether the adapter claims a feature."""
        return features_of(self.can)[feature]

    def offers(self, method: str) -> bool:
        """Say whether a method of the port is claimed, so that it may be called."""
        feature = _FEATURES.get(method)
        return feature is None or self.has(feature)

    @property
    def on_the_wire(self) -> Wire:
        """The way to the marketplace, in a check that needs it."""
        if self.wire is None:
            reason = "the shop has no HTTP to break (wire faults)"
            raise NotTriedError(reason)
        return self.wire

    def make_hasty(self) -> None:
        """Let the adapter give calls up soon."""
        kind, opened = self.shop.adapter, self.market
        limits = replace(kind.capabilities, call_timeout_s=self.shop.patience_s)
        hasty = type(kind.__name__, (kind,), {"capabilities": limits})
        self.shop.adapter = hasty  # type: ignore[misc]
        self.market = self.shop.connect(opened.account, opened.context)

    async def sign_in(self) -> None:
        """Make a call, so that none that follows signs in; a hasty one may fail."""
        for _ in range(_MOST_TRIES):
            came = await self.came_of(self.market.page(None))
            if not isinstance(came, Exception):
                return
        ensure(False, f"page: {came!r}")

    # Listings and changes

    def listing(self, number: int = 1, **differences: Any) -> Listing:
        """Return listing *number* of the kit's, as the marketplace takes it."""
        kind, seller = type(self.market), self.shop.seller.client_ref
        made = samples.listing(kind, seller, number)
        return self.shop.listing(replace(made, **differences))

    def packs(self, *packs: Any) -> dict[str, Any]:
        """Return packs as a difference of `listing`, with GTINs if there is a place."""
        if self.can.has_gtin:
            return {"variants": packs}
        return {"variants": tuple(replace(each, gtin="") for each in packs)}

    def create(self, number: int = 1, **differences: Any) -> Create:
        """Return what publishes `listing`."""
        made = self.listing(number, **differences)
        return Create(client_ref=made.client_ref, listing=made, key=f"kit-{number}")

    def update(
        self, ref: str, listing: Listing, *fields: str, client_ref: str = ""
    ) -> Update:
        """Return what writes *fields* of *listing*."""
        return Update(
            client_ref=client_ref or listing.client_ref,
            ref=ref,
            listing=listing,
            fields=frozenset(fields),
        )

    def put_seller(self) -> PutSeller:
        """Return what opens the seller."""
        return PutSeller(
            client_ref=self.shop.seller.client_ref, seller=self.shop.seller
        )

    async def send(self, *changes: Change) -> Sequence[Result]:
        """Send changes of one kind, one batch at a time; return their results.

        Raises:
            BrokenPromiseError: There are not as many results as changes.
        """
        kind = changes[0].kind
        size, method = self.can.write_batch.get(kind, 1), METHODS[kind]
        results: list[Result] = []
        for start in range(0, len(changes), size):
            batch = changes[start : start + size]
            found = await self._within(getattr(self.market, method)(batch))
            ensure(
                len(found) == len(batch),
                f"{method}: {len(batch)} changes, {len(found)} results",
            )
            results += found
        return results

    async def put(self, *changes: Change) -> Sequence[Result | Unreadable]:
        """Send changes, let all come to its end, and follow what was submitted."""
        results: list[Result | Unreadable] = list(await self.send(*changes))
        for _ in range(_MOST_LOOKS):
            await self.shop.settle()
            waits = {
                n: e.ticket for n, e in enumerate(results) if isinstance(e, Submitted)
            }
            if not waits or not self.has("reviews"):
                break
            followed = await self._within(self.market.follow(list(waits.values())))
            ensure(
                len(followed) == len(waits),
                f"follow: {len(waits)} tickets, {len(followed)} results",
            )
            for n, found in zip(waits, followed, strict=True):
                results[n] = found
        return results

    async def apply(self, *changes: Change) -> list[str]:
        """Send changes that must succeed; return the refs that the answers name.

        Raises:
            BrokenPromiseError: One was not applied.
        """
        refs = []
        for change, result in zip(changes, await self.put(*changes), strict=True):
            ensure(isinstance(result, Applied), f"{change.kind}: answered {result!r}")
            refs.append(result.ref if isinstance(result, Applied) else "")
        if isinstance(changes[0], Create):
            there = {each.ref for each in await self.shop.holds()}
            missing = [ref for ref in refs if ref not in there]
            ensure(not missing, f"created, and not there: {missing[:5]}")
        return refs

    async def publish(self, number: int = 1, **differences: Any) -> str:
        """Put a listing on sale; return its ref."""
        (ref,) = await self.apply(self.create(number, **differences))
        ensure(ref, "create: the answer names no listing")
        return ref

    def every_change(self, ref: str) -> dict[str, Change]:
        """Return a change of each kind that is claimed, by method, upon *ref*.

        None keeps another from being tried after it; a create is of listing 2.
        """
        ours = {"client_ref": samples.client_ref(1), "ref": ref}
        sku = samples.pack(1).sku
        seller = self.shop.seller.client_ref
        title = "Tên khác"[: type(self.market).mapping.title.max_length]
        changes: dict[str, Change] = {
            "create": self.create(2),
            "update": self.update(ref, self.listing(title=title), "title"),
            "set_price": SetPrice(**ours, prices={sku: 155_000}),
            "set_stock": SetStock(**ours, stocks={sku: 7}),
            "set_stars": SetStars(**ours, stars=None),
            "withdraw": Withdraw(**ours, reason="Hết hiệu lực"),
            "republish": Republish(**ours),
            "put_sellers": self.put_seller(),
            "stop_sellers": StopSeller(client_ref=seller, reason="Ngừng bán"),
        }
        return {name: each for name, each in changes.items() if self.offers(name)}

    # What there is to see

    async def pages(self) -> list[RemoteListing | Unreadable]:
        """Return the listings of all pages.

        Raises:
            BrokenPromiseError: The pages do not end.
        """
        found: list[RemoteListing | Unreadable] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await self._within(self.market.page(cursor))
            found += [*page.items, *page.unreadable]
            if page.next is None:
                return found
            cursor = page.next
        ensure(False, f"the pages do not end: over {_MOST_PAGES}")
        return found

    async def shown(self, ref: str) -> RemoteListing:
        """Return a listing as the adapter reads it.

        Raises:
            BrokenPromiseError: It does not, or reads another one.
        """
        found = await self._within(self.market.read([ref]))
        ensure(len(found) == 1, f"read: one ref, {len(found)} answers")
        (listing,) = found
        ensure(isinstance(listing, RemoteListing), f"read {ref}: {listing!r}")
        assert isinstance(listing, RemoteListing)  # noqa: S101 - for the types
        ensure(listing.ref == ref, f"read {ref}: got {listing.ref}")
        return listing

    async def held(self, ref: str) -> RemoteListing:
        """Return a listing as the marketplace holds it.

        Raises:
            BrokenPromiseError: There is none with that ref.
        """
        found = [each for each in await self.shop.holds() if each.ref == ref]
        ensure(found, f"the marketplace holds no listing {ref}")
        return found[0]

    async def held_of(self, number: int) -> list[RemoteListing]:
        """Return the listings that the marketplace holds with our reference."""
        ours = samples.client_ref(number)
        held = await self.shop.holds()
        return [each for each in held if each.shown.client_ref == ours]

    async def is_live(self, ref: str) -> bool:
        """Say whether a listing is on sale, by adapter and marketplace alike.

        Raises:
            BrokenPromiseError: They contradict each other.
        """
        shown, held = await self.shown(ref), await self.held(ref)
        ensure(
            (shown.state is RemoteState.LIVE) == (held.state is RemoteState.LIVE),
            f"{ref}: read as {shown.state}, and is {held.state}",
        )
        return held.state is RemoteState.LIVE

    def canonical(self, listing: Listing) -> Listing:
        """Return a listing in the form of comparison, without references."""
        plain = type(self.market).canonical(listing)
        return replace(plain, client_ref="", seller_ref="")

    async def came_of(self, call: Any) -> Any:
        """Return what comes of a call: a value, or the error that the port knows."""
        try:
            return await self._within(call)
        except MarketplaceError as error:
            return error

    async def _within(self, call: Any) -> Any:
        async with asyncio.timeout(_MOST_S):
            return await call


def refused(result: object) -> bool:
    """Say whether a result is a refusal with a word for people."""
    if not isinstance(result, Refused) or not result.problems:
        return False
    return any(each.message or each.code for each in result.problems)
