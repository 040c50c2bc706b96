"""Speak to Postmart: REST, OAuth2, reviews followed by track id.

No public seller API of Postmart was found. This adapter speaks the API of the mock that
ships beside it, described in `docs/mocks/postmart.md`; it therefore refuses any address
outside this computer.

Reads are batched; each change is one call. The spelling of listings is decided in
`convert` and of other changes in `payload`, the meaning of answers in `results`, the
order of pages in `cursor`; signing in and pacing is up to `access`; the proof that a
push must carry to be believed, to `push`.
"""

from collections.abc import (
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar, Final, TypeVar
from urllib.parse import quote

from adapters.postmart import convert, payload, push, results
from adapters.postmart.access import Access
from adapters.postmart.client import Api, batches, can_be_id, can_be_reference
from adapters.postmart.cursor import BATCH, PagePlace
from adapters.postmart.results import Feed, OddTrack, Track
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
from ocop_sync.marketplace.http import HttpClient
from ocop_sync.marketplace.listing import (
    Facet,
    Listing,
    RemoteListing,
    RemoteState,
)
from ocop_sync.marketplace.mapping import ListingMapping, read_mapping
from ocop_sync.marketplace.multi_call import after_a_step, ensure_applied, in_turn
from ocop_sync.marketplace.port import (
    PORT_VERSION,
    Account,
    Applied,
    Capabilities,
    Context,
    Event,
    Events,
    Marketplace,
    Page,
    Refused,
    Result,
    Unknown,
    Unreadable,
)

_C = TypeVar("_C", bound=Change)

_MAPPING_FILE: Final = Path(__file__).with_name("mapping.toml")

_LONGEST_ANSWER: Final = 8_000_000
"""Bytes: a page of 50 descriptions of 20,000 letters, each written as \\uXXXX."""


class Postmart(Marketplace):
    """One account at Postmart; it serves many sellers.

    Secrets: `client_id` and `client_secret`.
    """

    name: ClassVar[str] = "postmart"
    port_version: ClassVar[int] = PORT_VERSION
    capabilities: ClassVar[Capabilities] = Capabilities(
        facets=frozenset(Facet),
        simulated=True,
        account_per_seller=False,
        calls_per_s=50,
        burst=10,
        visible_within_s=2,
        call_timeout_s=10,
        page_size=BATCH,
        read_batch=BATCH,
        write_batch={},
        calls_in_a_row=2,
        has_gtin=True,
        has_trace_page=True,
        tells_sales=True,
    )
    mapping: ClassVar[ListingMapping] = read_mapping(_MAPPING_FILE, name)

    def __init__(self, account: Account, context: Context) -> None:
        super().__init__(account, context)
        http = HttpClient.declared(
            context.session,
            account.base_url,
            self.capabilities,
            max_bytes=_LONGEST_ANSWER,
        )
        self._api = Api(Access(http, context))

    async def page(self, cursor: str | None) -> Page:
        """Return one page, from the last one to the first, see `cursor`."""
        if cursor is None:
            page = await self._api.first_page({})
            if page.next is not None:
                # It is read again at the end, when nothing can leave it unseen.
                page = page._replace(products=())
        else:
            page = await self._api.next_page({}, PagePlace.read(cursor))
        return Page.of(page.products, page.next and page.next.cursor)

    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        """Return the listings *refs*, None for each that does not exist."""
        found: dict[str, RemoteListing | Unreadable] = {}
        for batch in batches(filter(can_be_id, refs)):
            read: dict[str, RemoteListing | Unreadable] = {}
            async for each in self._api.search("ids", batch):
                read[each.ref] = each
            nameless = read.pop("", None)
            if isinstance(nameless, Unreadable):  # it may be any that is missing
                found |= {ref: replace(nameless, ref=ref) for ref in batch}
            found |= read
        return [found.get(ref) for ref in refs]

    async def find(
        self, *, client_refs: Sequence[str] = (), skus: Sequence[str] = ()
    ) -> Sequence[RemoteListing | Unreadable]:
        """Return every listing with one of our references or one of our SKUs.

        A listing that cannot be read is taken for found: it came as an answer to this
        search.
        """
        found: dict[str, RemoteListing | Unreadable] = {}
        for batch in batches(filter(can_be_reference, client_refs)):
            async for each in self._api.search("client_refs", batch):
                if isinstance(each, Unreadable) or each.shown.client_ref in batch:
                    found[each.ref] = each
        for batch in batches(filter(can_be_reference, skus)):
            async for each in self._api.search("skus", batch):
                if isinstance(each, Unreadable) or any(
                    variant.sku in batch for variant in each.shown.variants
                ):
                    found[each.ref] = each
        return list(found.values())

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        """Submit listings for review."""
        return await _each(changes, self._create)

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        """Change content; a refused listing is submitted again by that."""
        return await _each(changes, self._update)

    async def set_price(self, changes: Sequence[SetPrice]) -> Sequence[Result]:
        """Set prices."""

        async def send(change: SetPrice) -> Result:
            body = partial(payload.prices_body, change.prices)
            return await self._api.change("PATCH", change.ref, "prices", body)

        return await _each(changes, send)

    async def set_stock(self, changes: Sequence[SetStock]) -> Sequence[Result]:
        """Set stocks."""

        async def send(change: SetStock) -> Result:
            body = partial(payload.inventory_body, change.stocks)
            return await self._api.change("POST", change.ref, "inventory", body)

        return await _each(changes, send)

    async def set_stars(self, changes: Sequence[SetStars]) -> Sequence[Result]:
        """Set or clear OCOP claims; never the buyers' rating."""

        async def send(change: SetStars) -> Result:
            if change.stars is None:
                return await self._api.change("DELETE", change.ref, "ocop-claim")
            body = partial(payload.claim_body, change.stars)
            return await self._api.change("PUT", change.ref, "ocop-claim", body)

        return await _each(changes, send)

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        """Take listings from sale, or cancel submissions.

        A listing in review is cancelled by its ticket: to unpublish it may leave the
        review to go on. One that was approved meanwhile is taken from sale as well.
        """
        return await _each(changes, self._withdraw)

    async def republish(self, changes: Sequence[Republish]) -> Sequence[Result]:
        """Put withdrawn listings back on sale.

        `Submitted` for those that were never approved: they are reviewed.
        """

        async def send(change: Republish) -> Result:
            return await self._api.change("POST", change.ref, "publish")

        return await _each(changes, send)

    async def put_sellers(self, changes: Sequence[PutSeller]) -> Sequence[Result]:
        """Open sellers or bring them up to date."""

        async def send(change: PutSeller) -> Result:
            body = partial(payload.seller_body, change.seller)
            return await self._api.change_seller("PUT", change.client_ref, "", body)

        return await _each(changes, send)

    async def stop_sellers(self, changes: Sequence[StopSeller]) -> Sequence[Result]:
        """Close sellers; their listings go down with them."""

        async def send(change: StopSeller) -> Result:
            body = partial(payload.reason_body, change.reason)
            return await self._api.change_seller(
                "POST", change.client_ref, "/stop", body
            )

        return await _each(changes, send)

    async def follow(self, tickets: Sequence[str]) -> Sequence[Result | Unreadable]:
        """Return the outcome of each submission.

        A cancelled one is `Applied`: its listing exists and is down.
        """
        tracks: dict[str, Track | OddTrack] = {}
        for batch in batches(filter(can_be_reference, tickets)):
            tracks |= await self._api.tracks(batch)
        return [results.followed(ticket, tracks.get(ticket)) for ticket in tickets]

    async def events(self, cursor: str | None) -> Events:
        """Return the events after *cursor*, at most one call's worth."""
        feed = await self._api.read("/v1/events", {"ack_id": cursor or "0"}, Feed)
        return results.events_of(feed)

    def verify_push(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Event, ...]:
        """Return the events of a push that Postmart signed less than 5 min ago.

        Raises:
            AuthenticationError: The signature is missing, old or wrong.
            ProtocolError: The body cannot be read.
        """
        secret = self.context.secrets("client_secret")
        push.ensure_signed(secret, url, headers, body, self.context.clock())
        return results.pushed_events_of(push.read(body))

    @classmethod
    def canonical(cls, listing: Listing) -> Listing:
        """Return *listing* with every text trimmed and in NFC."""
        return convert.canonical(listing)

    @classmethod
    def calls(cls, changes: Sequence[Change]) -> int:
        """Return how many calls *changes* will take at most: one each, or two.

        A submission that is cancelled may have been approved meanwhile.
        """
        both = (isinstance(c, Withdraw) and c.ref and c.ticket for c in changes)
        return len(changes) + sum(map(bool, both))

    async def _create(self, change: Create) -> Result:
        body = partial(convert.to_submission, change.listing)
        headers = {"Idempotency-Key": quote(change.key, safe="")}
        answer = await self._api.write("POST", "/v1/product-requests", body, headers)
        return answer if isinstance(answer, Refused) else results.submitted(answer)

    async def _update(self, change: Update) -> Result:
        if foreign := change.fields - convert.CONTENT_FIELDS.keys():
            names = ", ".join(sorted(foreign))
            return Refused.because("not_changeable", f"không sửa được / fixed: {names}")
        body = partial(convert.to_content, change.listing, change.fields)
        return await self._api.change("PUT", change.ref, "content", body)

    async def _withdraw(self, change: Withdraw) -> Result:
        ref = change.ref
        if can_be_reference(change.ticket):
            result = await self._cancel(change)
            is_earlier = results.is_of_earlier_review(result)
            if not is_earlier and (not ref or _is_down(result)):
                return result
            if isinstance(result, Applied):
                ref = ref or result.ref
            if not is_earlier and _may_be_done(result):
                with after_a_step("cancel"):
                    return ensure_applied(await self._unpublish(ref, change.reason))
        return await self._unpublish(ref, change.reason)

    async def _unpublish(self, ref: str, reason: str) -> Result:
        body = partial(payload.reason_body, reason)
        return await self._api.change("POST", ref, "unpublish", body)

    async def _cancel(self, change: Withdraw) -> Result:
        path = f"/v1/product-requests/{change.ticket}/cancel"
        body = partial(payload.reason_body, change.reason)
        answer = await self._api.write("POST", path, body)
        return answer if isinstance(answer, Refused) else results.changed(answer)


def _is_down(result: Result) -> bool:
    """Say whether a submission is cancelled."""
    return isinstance(result, Applied) and result.state is RemoteState.DOWN


def _may_be_done(result: Result) -> bool:
    """Say whether nobody knows if a submission was cancelled."""
    is_unnamed = isinstance(result, Applied) and result.state is None
    return is_unnamed or isinstance(result, Unknown)


async def _each(
    changes: Sequence[_C], send: Callable[[_C], Awaitable[Result]]
) -> Sequence[Result]:
    """Send *changes* one by one, see `in_turn`."""

    async def send_one(run: Sequence[_C]) -> Sequence[Result]:
        return [await send(run[0])]

    return await in_turn(changes, 1, send_one)
