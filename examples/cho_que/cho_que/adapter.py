"""ChoQue behind the port: what it claims, and which calls each method takes.

How a call is made is decided in `client`, the spelling of listings in `convert`, the
meaning of answers in `results`, the order of pages in `cursor`.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import ClassVar, Final, TypeVar

from cho_que import convert, results
from cho_que import cursor as place
from cho_que.client import Client
from cho_que.wire import Rows
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
from ocop_sync.marketplace.listing import Facet, Listing, RemoteListing
from ocop_sync.marketplace.mapping import ListingMapping, read_mapping
from ocop_sync.marketplace.multi_call import after_a_step, ensure_applied, in_turn
from ocop_sync.marketplace.port import (
    PORT_VERSION,
    Account,
    Capabilities,
    Context,
    Marketplace,
    Page,
    Refused,
    Result,
    Unreadable,
)

_C = TypeVar("_C", bound=Change)

BATCH: Final = 50
"""Listings of a page, and identifiers of one read."""


class ChoQue(Marketplace):
    """One shop's account at ChoQue. Secret: `api_key`."""

    name: ClassVar[str] = "cho_que"
    port_version: ClassVar[int] = PORT_VERSION
    capabilities: ClassVar[Capabilities] = Capabilities(
        facets=frozenset(Facet),
        simulated=True,  # until it calls the real marketplace: loopback only
        account_per_seller=True,
        calls_per_s=10,
        burst=5,
        visible_within_s=0,
        call_timeout_s=10,
        calls_in_a_row=2,  # a create: made, then published
        page_size=BATCH,
        read_batch=BATCH,
        has_gtin=False,
        has_trace_page=False,
        has_sellers=False,
        has_seller_stop=False,
        has_reviews=False,
        has_events=False,
    )
    mapping: ClassVar[ListingMapping] = read_mapping(
        Path(__file__).with_name("mapping.toml"), name
    )

    def __init__(self, account: Account, context: Context) -> None:
        super().__init__(account, context)
        self._client = Client(account, context, self.capabilities)

    async def page(self, cursor: str | None) -> Page:
        """Return one page, the oldest listing first."""
        rows = await self._rows({"limit": BATCH, "after": place.after(cursor)})
        return Page.of(convert.from_rows(rows), place.following(rows, cursor))

    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        """Return the listings *refs*, None for each that does not exist."""
        found: dict[str, RemoteListing | Unreadable] = {}
        numbers = [ref for ref in dict.fromkeys(refs) if convert.is_id(ref)]
        for start in range(0, len(numbers), BATCH):
            batch = numbers[start : start + BATCH]
            rows = convert.from_rows(await self._rows({"ids": ",".join(batch)}))
            found |= convert.by_ref(rows, batch)
        return [found.get(ref) for ref in refs]

    async def find(
        self, *, client_refs: Sequence[str] = (), skus: Sequence[str] = ()
    ) -> Sequence[RemoteListing | Unreadable]:
        """Return every listing with one of our references or one of our SKUs."""
        found: dict[str, RemoteListing | Unreadable] = {}
        for name, values in {"client_refs": client_refs, "skus": skus}.items():
            asked = [each for each in dict.fromkeys(values) if each]
            for start in range(0, len(asked), BATCH):
                batch = ",".join(asked[start : start + BATCH])
                for each in convert.from_rows(await self._rows({name: batch})):
                    found[each.ref] = each
        return list(found.values())

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        """Make listings, each hidden at first, and publish them."""

        async def send(change: Create) -> Result:
            body = convert.to_wire(change.listing)
            made = await self._client.write("POST", "/listings", body)
            if isinstance(made, Refused):
                return made
            ref = results.changed(made).ref
            with after_a_step("create"):
                return ensure_applied(await self._change("POST", ref, "publish"))

        return await _each(changes, send)

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        """Change content; packs that stay keep their prices and stocks there."""

        async def send(change: Update) -> Result:
            body = convert.to_wire(change.listing, change.fields)
            return await self._change("PATCH", change.ref, "", body)

        return await _each(changes, send)

    async def set_price(self, changes: Sequence[SetPrice]) -> Sequence[Result]:
        """Set prices."""

        async def send(change: SetPrice) -> Result:
            return await self._change("PUT", change.ref, "prices", change.prices)

        return await _each(changes, send)

    async def set_stock(self, changes: Sequence[SetStock]) -> Sequence[Result]:
        """Set stocks."""

        async def send(change: SetStock) -> Result:
            return await self._change("PUT", change.ref, "stocks", change.stocks)

        return await _each(changes, send)

    async def set_stars(self, changes: Sequence[SetStars]) -> Sequence[Result]:
        """Set or clear OCOP claims."""

        async def send(change: SetStars) -> Result:
            claim = convert.claim_to_wire(change.stars)
            return await self._change("PUT", change.ref, "ocop", claim)

        return await _each(changes, send)

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        """Hide listings."""

        async def send(change: Withdraw) -> Result:
            return await self._change("POST", change.ref, "hide")

        return await _each(changes, send)

    async def republish(self, changes: Sequence[Republish]) -> Sequence[Result]:
        """Publish listings that are hidden."""

        async def send(change: Republish) -> Result:
            return await self._change("POST", change.ref, "publish")

        return await _each(changes, send)

    @classmethod
    def canonical(cls, listing: Listing) -> Listing:
        """Return *listing* as ChoQue will show it."""
        return convert.canonical(listing)

    @classmethod
    def calls(cls, changes: Sequence[Change]) -> int:
        """Return how many calls *changes* will take: a create takes two."""
        return len(changes) + sum(isinstance(each, Create) for each in changes)

    async def _rows(self, params: dict[str, str | int]) -> Rows:
        return await self._client.read("/listings", params, Rows)

    async def _change(
        self, method: str, ref: str, what: str, body: object = None
    ) -> Result:
        if not convert.is_id(ref):
            return results.NO_LISTING
        path = f"/listings/{ref}/{what}".rstrip("/")
        answer = await self._client.write(method, path, body)
        return answer if isinstance(answer, Refused) else results.changed(answer)


async def _each(
    changes: Sequence[_C], send: Callable[[_C], Awaitable[Result]]
) -> Sequence[Result]:
    """Send *changes* one by one; a failure leaves the results of those before."""

    async def send_one(run: Sequence[_C]) -> Sequence[Result]:
        return [await send(run[0])]

    return await in_turn(changes, 1, send_one)
