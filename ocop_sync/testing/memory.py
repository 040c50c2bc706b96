"""A whole marketplace in memory, for tests of the code above the port.

It keeps the port's promises and decides nothing for the tests: faults are scripted with
`InMemoryMarketplace.script`; the acts of people over there are played with
`InMemoryMarketplace.shelf`. Every call is in `log`, so that a test can count the
changes that were sent. It is no entry point: no setting opens it.

A new listing needs an open seller. When moderated, it is in review until it is approved
or refused, and an update of a refused one submits it again. A create that is sent twice
makes two listings, as on many real marketplaces, unless the shelf knows keys. The
network in front of it may be asked to deliver writes twice, or late, and reads to show
the state of some time ago.
"""

import asyncio
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Self, cast

import aiohttp

from ocop_sync.clock import Clock, system_clock
from ocop_sync.errors import (
    AuthenticationError,
    MarketplaceError,
    OutcomeUnknownError,
    ProtocolError,
)
from ocop_sync.marketplace.account import Account
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
from ocop_sync.marketplace.listing import (
    Facet,
    Listing,
    Problem,
    RemoteListing,
    Unreadable,
)
from ocop_sync.marketplace.mapping import (
    SET_CODES,
    ListingMapping,
    PictureRules,
    TextRules,
)
from ocop_sync.marketplace.port import (
    PORT_VERSION,
    Context,
    Event,
    EventKind,
    Events,
    Marketplace,
    Page,
)
from ocop_sync.marketplace.quota import Quota
from ocop_sync.marketplace.result import Applied, Refused, Result, Unknown
from ocop_sync.testing.memory_store import Shelf
from ocop_sync.testing.memory_troubles import Fault, Ignored, LostAnswer, MemoryTroubles

__all__ = [
    "ACCOUNT",
    "READS",
    "Call",
    "Fault",
    "Ignored",
    "InMemoryMarketplace",
    "LostAnswer",
    "offline_context",
]

ACCOUNT = Account(key="memory", marketplace="memory", base_url="http://localhost")
READS = frozenset({"page", "read", "find", "follow", "events"})
_EVENTS_A_CALL = 100


@dataclass(frozen=True, slots=True)
class Call:
    """A call that the marketplace received.

    Attributes:
        method: Name of the port's method.
        items: Its changes, references or tickets; for a page, its cursor.
    """

    method: str
    items: tuple[Any, ...]


class _AtOnce:
    """A time of its own, in which whoever sleeps wakes at once."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        await asyncio.sleep(0)


def offline_context(clock: Clock = system_clock) -> Context:
    """Return a context without pace and network; each secret names itself.

    A pause that a marketplace asks for is over at once: it takes nobody's time.
    """
    time = _AtOnce()
    return Context(
        clock=clock,
        quota=Quota(calls_per_s=None, time=time, sleep=time.sleep),
        session=cast("aiohttp.ClientSession", None),  # whoever calls out fails
        secrets=lambda name: f"secret {name}",
    )


class InMemoryMarketplace(Marketplace, MemoryTroubles):
    """One account at a marketplace that exists in this process only.

    Attributes:
        shelf: The listings of the marketplace, and the acts of people there.
        log: Every call received, in order; those of `check` left out.
        checks: How often somebody signed in.
    """

    name: ClassVar[str] = "memory"
    port_version: ClassVar[int] = PORT_VERSION
    capabilities: ClassVar[Capabilities] = Capabilities(
        facets=frozenset(Facet),
        simulated=True,
        account_per_seller=False,
        calls_per_s=None,
        burst=1,
        visible_within_s=0,
        call_timeout_s=5,
        page_size=100,
        read_batch=50,
        write_batch=dict.fromkeys(Kind, 50),
        has_gtin=True,
        has_trace_page=True,
        tells_sales=True,
    )
    mapping: ClassVar[ListingMapping] = ListingMapping(
        marketplace="memory",
        mapping_version=1,
        title=TextRules(max_length=120),
        description=TextRules(max_length=5_000),
        pictures=PictureRules(max_count=9, min_width_px=300, min_height_px=300),
        categories={code: f"C-{code}" for code in SET_CODES},
    )

    def __init__(
        self,
        account: Account = ACCOUNT,
        context: Context | None = None,
        *,
        moderated: bool = False,
    ) -> None:
        super().__init__(account, context or offline_context())
        clock = self.context.clock
        shelf = Shelf(self.canonical, clock, moderated=moderated)
        MemoryTroubles.__init__(self, shelf, clock)
        self.log: list[Call] = []
        self.checks = 0

    @classmethod
    def having(
        cls, *, mapping: ListingMapping | None = None, **capabilities: Any
    ) -> type[Self]:
        """Return the same marketplace with another mapping or other capabilities."""
        changed = {
            "capabilities": replace(cls.capabilities, **capabilities),
            "mapping": mapping or cls.mapping,
        }
        return type(cls.__name__, (cls,), changed)

    # For a test to arrange and to look at

    def written(self) -> list[Change]:
        """Return every change that was sent, in order, applied or not."""
        calls = [call for call in self.log if call.method not in READS]
        return [change for call in calls for change in call.items]

    def push(self, url: str, *events: Event) -> tuple[Mapping[str, str], bytes]:
        """Return headers and body of a push that this marketplace signed."""
        fields = [asdict(event) | {"at": event.at.isoformat()} for event in events]
        body = json.dumps(fields).encode()
        return {"X-Signature": self._signature(url, body)}, body

    # The port: reads

    async def check(self) -> None:
        """Sign in; it is counted in `checks`, as it is no call of the work itself."""
        await self.context.quota.take()
        self.checks += 1
        fault = self._fault("check", "")
        if isinstance(fault, MarketplaceError):
            raise fault

    async def page(self, cursor: str | None) -> Page:
        """Return listings in the order they were made."""
        await self._receive_read("page", (cursor,))
        rest = [item for ref, item in self._visible().items() if ref > (cursor or "")]
        size = self.capabilities.page_size
        seen = [
            Unreadable(ref="", reason=self._odd[item.ref])
            if item.ref in self._nameless
            else self._shown(item)
            for item in rest[:size]
        ]
        return Page(
            tuple(item for item in seen if isinstance(item, RemoteListing)),
            rest[size - 1].ref if len(rest) > size else None,
            tuple(item for item in seen if isinstance(item, Unreadable)),
        )

    def _shown(self, item: RemoteListing) -> RemoteListing | Unreadable:
        """Return a listing as it is answered."""
        if item.ref not in self._odd:
            return item
        return Unreadable(
            ref=item.ref,
            reason=self._odd[item.ref],
            client_ref=item.shown.client_ref,
        )

    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        """Return the listings *refs*."""
        await self._receive_read("read", refs)
        visible = self._visible()
        found = [visible.get(ref) for ref in refs]
        return [item and self._shown(item) for item in found]

    async def find(
        self, *, client_refs: Sequence[str] = (), skus: Sequence[str] = ()
    ) -> Sequence[RemoteListing | Unreadable]:
        """Return every listing with one of our references or SKUs."""
        await self._receive_read("find", (*client_refs, *skus))
        refs, packs = frozenset(client_refs), frozenset(skus)
        return [
            self._shown(item)
            for item in self._visible().values()
            if item.shown.client_ref in refs
            or not packs.isdisjoint(variant.sku for variant in item.shown.variants)
        ]

    async def follow(self, tickets: Sequence[str]) -> Sequence[Result | Unreadable]:
        """Return the outcome of each submission."""
        await self._receive_read("follow", tickets)
        return [
            Unreadable(ref="", reason=self._odd[ticket])
            if ticket in self._odd
            else self.shelf.fate(ticket)
            for ticket in tickets
        ]

    async def events(self, cursor: str | None) -> Events:
        """Return events by number."""
        await self._receive_read("events", (cursor,))
        start = int(cursor or 0)
        items = self.shelf.events[start : start + _EVENTS_A_CALL]
        odd = [self._odd_events.get(start + n) for n in range(len(items))]
        return Events(
            tuple(item for item, bad in zip(items, odd, strict=True) if bad is None),
            str(start + len(items)),
            tuple(each for each in odd if each is not None),
        )

    def verify_push(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Event, ...]:
        """Return the events of a push made by `push`."""
        signature = headers.get("X-Signature", "").encode()
        if not hmac.compare_digest(signature, self._signature(url, body).encode()):
            message = "chữ ký không đúng / wrong signature"
            raise AuthenticationError(message)
        try:
            return tuple(_event(fields) for fields in json.loads(body))
        except (KeyError, TypeError, ValueError) as error:
            message = "không đọc được / unreadable push"
            raise ProtocolError(message) from error

    # The port: writes

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        """Publish listings of open sellers."""
        return await self._write("create", changes)

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        """Change content; a refused listing is submitted again."""
        return await self._write("update", changes)

    async def set_price(self, changes: Sequence[SetPrice]) -> Sequence[Result]:
        """Set prices of SKUs that the listing has."""
        return await self._write("set_price", changes)

    async def set_stock(self, changes: Sequence[SetStock]) -> Sequence[Result]:
        """Set stocks of SKUs that the listing has."""
        return await self._write("set_stock", changes)

    async def set_stars(self, changes: Sequence[SetStars]) -> Sequence[Result]:
        """Set or clear OCOP claims."""
        return await self._write("set_stars", changes)

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        """Take listings from sale, or cancel submissions."""
        return await self._write("withdraw", changes)

    async def republish(self, changes: Sequence[Republish]) -> Sequence[Result]:
        """Put listings that are down back on sale."""
        return await self._write("republish", changes)

    async def put_sellers(self, changes: Sequence[PutSeller]) -> Sequence[Result]:
        """Open sellers or bring them up to date."""
        return await self._write("put_sellers", changes)

    async def stop_sellers(self, changes: Sequence[StopSeller]) -> Sequence[Result]:
        """Close sellers, and take down their listings."""
        return await self._write("stop_sellers", changes)

    # The port: pure

    @classmethod
    def canonical(cls, listing: Listing) -> Listing:
        """Return *listing* as far as there is a place for it."""
        can = cls.capabilities
        if not can.has_gtin:
            variants = tuple(replace(each, gtin="") for each in listing.variants)
            listing = replace(listing, variants=variants)
        return replace(
            listing,
            title=listing.title[: cls.mapping.title.max_length],
            pictures=listing.pictures[: cls.mapping.pictures.max_count],
            trace_url=listing.trace_url if can.has_trace_page else "",
            stars=listing.stars if Facet.STARS in can.facets else None,
        )

    @classmethod
    def calls(cls, changes: Sequence[Change]) -> int:
        """Count the batches of each kind."""
        kinds = [change.kind for change in changes]
        return sum(-(-kinds.count(kind) // cls._batch(kind)) for kind in set(kinds))

    # How a call is taken in

    @classmethod
    def _batch(cls, kind: Kind) -> int:
        return cls.capabilities.write_batch.get(kind, 1)

    async def _receive(self, method: str, items: Sequence[Any]) -> None:
        await self.context.quota.take()
        self._let_arrive()
        self.log.append(Call(method, tuple(items)))

    async def _receive_read(self, method: str, items: Sequence[Any]) -> None:
        await self._receive(method, items)
        fault = self._fault(method, "")
        if isinstance(fault, MarketplaceError):
            raise fault

    async def _write(self, method: str, changes: Sequence[Change]) -> list[Result]:
        results: list[Result] = []
        while len(results) < len(changes):
            rest = changes[len(results) :]
            try:
                results += await self._call(method, rest[: self._batch(rest[0].kind)])
            except MarketplaceError as error:
                if not results:
                    raise
                results += [Unknown(str(error))] * len(rest)
        return results

    async def _call(self, method: str, batch: Sequence[Change]) -> list[Result]:
        await self._receive(method, batch)
        faults = [self._fault(method, change.client_ref) for change in batch]
        for fault in faults:
            if isinstance(fault, MarketplaceError):
                raise fault
        results = list(map(self._apply, batch, faults))
        if self._delivers_twice:
            for change in batch:
                self.shelf.apply(change)
        if any(isinstance(fault, LostAnswer) and fault.whole_call for fault in faults):
            message = "mất câu trả lời / the answer was lost"
            raise OutcomeUnknownError(message)
        return results

    def _apply(self, change: Change, fault: Fault | None) -> Result:
        if isinstance(fault, Refused):
            return fault
        if isinstance(fault, Ignored):
            found = self.shelf.of(change.client_ref)[-1]
            return Applied(found.ref, found.version, found.state)
        if isinstance(fault, LostAnswer) and not fault.applied:
            return Unknown("lost, not applied")
        if self._is_outdated(change):
            changed = Problem(code="changed", message="Tin đăng đã thay đổi")
            return Refused((changed,), version_conflict=True)
        result = self.shelf.apply(change)
        return Unknown("lost, applied") if fault else result

    def _is_outdated(self, change: Change) -> bool:
        """Say whether a stock was meant for an earlier version of its listing."""
        if not isinstance(change, SetStock) or not change.version:
            return False
        found = self.shelf.listings.get(change.ref)
        can = self.capabilities.compare_and_set
        return can and found is not None and found.version != change.version

    def _signature(self, url: str, body: bytes) -> str:
        key = self.context.secrets("push").encode()
        return hmac.digest(key, url.encode() + b"|" + body, "sha256").hex()


def _event(fields: Mapping[str, Any]) -> Event:
    kind, at = EventKind(fields["kind"]), datetime.fromisoformat(fields["at"])
    return Event(**{**fields, "kind": kind, "at": at})
