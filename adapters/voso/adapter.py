"""Voso behind the port: one account, one shop, calls of up to 50 items.

It decides which call carries which changes, and reads every page of an answer. Signing,
signing in and the meaning of failures are in `adapters.voso.client`, batches in
`adapters.voso.batch`, the translation of listings in `adapters.voso.convert` and of
answers in `adapters.voso.results`.

No public seller API of Voso is known: this speaks the API that
docs/mocks/voso.md describes and `adapters.voso.mock` simulates.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, TypeVar

from adapters.voso import convert, payload
from adapters.voso.batch import (
    BATCH,
    Item,
    is_number,
    refuse,
    results_of_write,
    send_in_batches,
)
from adapters.voso.client import Connection
from adapters.voso.cursor import PagePlace
from adapters.voso.results import read_events, to_result
from adapters.voso.signature import is_push_signed
from adapters.voso.too_long import page_of_one
from ocop_sync.errors import AnswerTooLongError, AuthenticationError, ProtocolError
from ocop_sync.marketplace.change import (
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
from ocop_sync.marketplace.http import repeat_once
from ocop_sync.marketplace.listing import Facet, Listing, RemoteListing, RemoteState
from ocop_sync.marketplace.mapping import ListingMapping, read_mapping
from ocop_sync.marketplace.multi_call import in_turn
from ocop_sync.marketplace.port import (
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
    Submitted,
    Unknown,
    Unreadable,
)

_MAPPING_FILE: Final = Path(__file__).with_name("mapping.toml")

_SAVE: Final = "/v2/product/save"
_CHANGE: Final = "/v2/product/update-by-field-mask"
_STATUS: Final = "/v2/product/status"
_LIST: Final = "/v2/product/list"
_EVENTS: Final = "/v2/event/list"
_SHOP_SAVE: Final = "/v2/shop/save"
_SHOP_STOP: Final = "/v2/shop/stop"

_BATCHED: Final = sorted(frozenset(Kind) - {Kind.PUT_SELLER, Kind.STOP_SELLER})

_SIZES: Final = (BATCH, 10, 2, 1)
"""The sizes of a page: fewer where it would be longer than the limit."""

_MOST_FOUND: Final = 60
"""Pages that 50 values can find; more is no answer."""

_NOT_A_NUMBER: Final = refuse("mã này không phải của Voso / not one of Voso's numbers")
_OTHER_SHOP: Final = refuse(
    "sản phẩm của cơ sở khác / a product of another producer", "seller_ref"
)
_NO_PLACE: Final = refuse("Voso không có trường nào trong số này / no such field")

T = TypeVar("T", SetPrice, SetStock, SetStars)
S = TypeVar("S", PutSeller, StopSeller)


class Voso(Marketplace):
    """One shop's account at Voso."""

    name: ClassVar[str] = "voso"
    port_version: ClassVar[int] = 1
    capabilities: ClassVar[Capabilities] = Capabilities(
        facets=frozenset(Facet),
        simulated=True,
        account_per_seller=True,
        calls_per_s=50.0,
        burst=5,
        visible_within_s=3.0,
        call_timeout_s=10.0,
        page_size=BATCH,
        read_batch=BATCH,
        write_batch=MappingProxyType(dict.fromkeys(_BATCHED, BATCH)),
        has_gtin=True,
        has_trace_page=True,
        compare_and_set=True,
        writes_reference=True,
        tells_sales=True,
    )
    mapping: ClassVar[ListingMapping] = read_mapping(_MAPPING_FILE, name)

    def __init__(self, account: Account, context: Context) -> None:
        super().__init__(account, context)
        self._connection = Connection(account, context, self.capabilities)

    async def page(self, cursor: str | None) -> Page:
        """Return one page of the shop's listings, by growing number.

        Raises:
            ProtocolError: The numbers do not grow, or the pages do not end.
        """
        place = PagePlace.read(cursor)
        page = await self._page({}, place.token or None)
        return Page(page.items, place.after(page), page.unreadable)

    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        """Return the listings *refs*, None for each that does not exist."""
        numbers = [int(ref) for ref in dict.fromkeys(refs) if is_number(ref)]
        found = {each.ref: each async for each in self._matching("IDS", numbers)}
        nameless = found.pop("", None)
        if isinstance(nameless, Unreadable):  # it may be any that is missing
            for ref in map(str, numbers):
                found.setdefault(ref, replace(nameless, ref=ref))
        return [found.get(ref) for ref in refs]

    async def find(
        self, *, client_refs: Sequence[str] = (), skus: Sequence[str] = ()
    ) -> Sequence[RemoteListing | Unreadable]:
        """Return every listing of the shop with one of these references or SKUs.

        A listing that cannot be read is taken for found: it came as an answer to this
        search.
        """
        codes, packs = set(client_refs) - {""}, set(skus) - {""}
        found: dict[str, RemoteListing | Unreadable] = {}
        async for each in self._matching("CLIENT_CODES", sorted(codes)):
            if isinstance(each, Unreadable) or each.shown.client_ref in codes:
                found[each.ref] = each
        async for each in self._matching("SKUS", sorted(packs)):
            if isinstance(each, Unreadable) or not packs.isdisjoint(
                variant.sku for variant in each.shown.variants
            ):
                found[each.ref] = each
        return tuple(found.values())

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        """Publish listings. Voso has no idempotency: sent twice, they are two."""
        return await send_in_batches(
            self._connection, _SAVE, changes, self._to_save, reviewed=True
        )

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        """Change content; a refused listing goes to review again."""
        return await send_in_batches(
            self._connection, _CHANGE, changes, _to_update, reviewed=True
        )

    async def set_price(self, changes: Sequence[SetPrice]) -> Sequence[Result]:
        """Set prices."""
        to_item = _to_mask(payload.price_to_wire)
        return await send_in_batches(self._connection, _CHANGE, changes, to_item)

    async def set_stock(self, changes: Sequence[SetStock]) -> Sequence[Result]:
        """Set stocks to absolute counts, where the version named is still the one."""
        to_item = _to_mask(payload.stock_to_wire)
        return await send_in_batches(self._connection, _CHANGE, changes, to_item)

    async def set_stars(self, changes: Sequence[SetStars]) -> Sequence[Result]:
        """Set or clear OCOP claims."""
        to_item = _to_mask(payload.stars_to_wire)
        return await send_in_batches(self._connection, _CHANGE, changes, to_item)

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        """Take listings from sale; one in review is cancelled by its number."""
        return await send_in_batches(self._connection, _STATUS, changes, _to_stop)

    async def republish(self, changes: Sequence[Republish]) -> Sequence[Result]:
        """Put stopped listings on sale; one never approved goes to review again."""
        return await send_in_batches(
            self._connection, _STATUS, changes, _to_sell, reviewed=True
        )

    async def put_sellers(self, changes: Sequence[PutSeller]) -> Sequence[Result]:
        """Open the account's shop or bring its profile up to date."""

        def profile(change: PutSeller) -> Mapping[str, str]:
            seller = payload.seller_to_wire(change.seller)
            return {**seller, "CLIENT_CODE": change.client_ref}

        return await self._write_shop(_SHOP_SAVE, changes, profile)

    async def stop_sellers(self, changes: Sequence[StopSeller]) -> Sequence[Result]:
        """Close the account's shop: nothing of it is on sale afterwards."""

        def reason(change: StopSeller) -> Mapping[str, str]:
            return {"REASON": change.reason}

        return await self._write_shop(_SHOP_STOP, changes, reason)

    async def follow(self, tickets: Sequence[str]) -> Sequence[Result | Unreadable]:
        """Return the outcome of submissions; their tickets are listings' numbers."""
        found = await self.read(tickets)
        return list(map(_outcome, found))

    async def events(self, cursor: str | None) -> Events:
        """Return up to 50 events after *cursor*."""
        position = {"PAGE_SIZE": BATCH, "NEXT_TOKEN": cursor or ""}

        async def ask() -> Events:
            data = await self._connection.call(_EVENTS, position, write=False)
            return read_events(data, cursor)

        return await repeat_once(ask)

    def verify_push(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Event, ...]:
        """Return the events of a push that is signed with this account's secret."""
        given = {name.lower(): value for name, value in headers.items()}
        secret = self.context.secrets("secret")
        if not is_push_signed(secret, url, body, given.get("signature", "")):
            message = "chữ ký của thông báo không đúng / the push is not signed by Voso"
            raise AuthenticationError(message)
        try:
            value: object = json.loads(body.decode())
            # Half of a surrogate pair is no text that could be kept.
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            message = "thông báo không đọc được / the push cannot be read"
            raise ProtocolError(message) from None
        return read_events(value, None).items

    @classmethod
    def canonical(cls, listing: Listing) -> Listing:
        """Return *listing* as Voso will show it once applied."""
        return convert.canonical(listing)

    async def _page(self, condition: Mapping[str, object], cursor: str | None) -> Page:
        asked = {"NEXT_TOKEN": cursor or "", **condition}

        async def ask(size: int) -> Page:
            sized = {"PAGE_SIZE": size, **asked}
            data = await self._connection.call(
                _LIST, sized, write=False, with_ends=size == _SIZES[-1]
            )
            return convert.from_wire(data, seller_ref=self.account.seller_ref)

        for size in _SIZES[:-1]:
            with suppress(AnswerTooLongError):
                return await repeat_once(partial(ask, size))
        try:
            return await repeat_once(partial(ask, _SIZES[-1]))
        except AnswerTooLongError as error:
            return page_of_one(error)

    async def _matching(
        self, name: str, values: Sequence[int | str]
    ) -> AsyncIterator[RemoteListing | Unreadable]:
        # An empty condition is none at Voso: it would return the whole shop.
        for start in range(0, len(values), BATCH):
            condition = {name: values[start : start + BATCH]}
            place: PagePlace | None = PagePlace.read(None)
            while place:
                page = await self._page(condition, place.token or None)
                for each in page.items:
                    yield each
                for odd in page.unreadable:
                    yield odd
                following = place.after(page, most=_MOST_FOUND)
                place = PagePlace.read(following) if following else None

    async def _write_shop(
        self,
        path: str,
        changes: Sequence[S],
        to_payload: Callable[[S], Mapping[str, str]],
    ) -> Sequence[Result]:
        async def send(changes: Sequence[S]) -> Sequence[Result]:
            change = changes[0]
            if not self._is_ours(change.client_ref):
                return [_OTHER_SHOP]
            data = await self._connection.call(path, to_payload(change), write=True)
            answer = results_of_write(path, data, 1)[0]
            ours = change.client_ref
            return [to_result(answer, ref=None, reviewed=False, client_ref=ours)]

        return await in_turn(changes, 1, send)

    def _to_save(self, change: Create) -> Item | Refused:
        if not self._is_ours(change.listing.seller_ref):
            return _OTHER_SHOP
        whole = convert.to_wire(change.listing)
        whole["CLIENT_CODE"] = change.client_ref
        return Item(payload=whole, ref=None, client_ref=change.client_ref)

    def _is_ours(self, seller_ref: str) -> bool:
        # An account that names no producer serves all of them.
        return self.account.seller_ref in {"", seller_ref}


def _to_update(change: Update) -> Item | Refused:
    if not is_number(change.ref):
        return _NOT_A_NUMBER
    masked = payload.update_to_wire(change)
    return Item(payload=masked, ref=change.ref) if masked["FIELD_MASK"] else _NO_PLACE


def _to_mask(
    to_payload: Callable[[T], Mapping[str, object]],
) -> Callable[[T], Item | Refused]:
    def to_item(change: T) -> Item | Refused:
        if not is_number(change.ref):
            return _NOT_A_NUMBER
        return Item(payload=to_payload(change), ref=change.ref)

    return to_item


def _to_stop(change: Withdraw) -> Item | Refused:
    return _to_status(change.ref or change.ticket, "STOP", change.reason)


def _to_sell(change: Republish) -> Item | Refused:
    return _to_status(change.ref, "SELL", "")


def _to_status(ref: str, action: str, reason: str) -> Item | Refused:
    if not is_number(ref):
        return _NOT_A_NUMBER
    told = {"ID": int(ref), "ACTION": action, "REASON": reason}
    return Item(payload=told, ref=ref)


def _outcome(found: RemoteListing | Unreadable | None) -> Result | Unreadable:
    if isinstance(found, Unreadable):
        return found  # nobody can tell yet
    if found is None:
        return Unknown("Voso không có mã này / Voso knows no such number")
    if found.state is RemoteState.IN_REVIEW:
        return Submitted(found.ref, found.ref)
    if found.state in {RemoteState.REFUSED, RemoteState.BANNED}:
        unexplained = refuse("Voso không nêu lý do / no reason given")
        return Refused(found.problems) if found.problems else unexplained
    return Applied(found.ref, found.version)
