"""Make the calls that Postmart's API consists of.

The calls, and their order, are decided in `adapter`; signing in and pacing, in
`access`; the meaning of an answer, in `results`; the order of pages, in `cursor`.
"""

import re
from collections.abc import (
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import suppress
from functools import partial
from typing import Final, NamedTuple, TypeVar

from adapters.postmart import results
from adapters.postmart.access import Access
from adapters.postmart.convert import Products, parse_page
from adapters.postmart.cursor import BATCH, SIZES, PagePlace
from adapters.postmart.results import OddTrack, Track, parse_tracks
from adapters.postmart.too_long import page_of_one
from adapters.postmart.wire import Wire, parse
from ocop_sync.errors import AnswerTooLongError, ProtocolError
from ocop_sync.marketplace.http import Params, repeat_once
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.marketplace.port import Refused, Result
from ocop_sync.marketplace.reply import Reply

_M = TypeVar("_M", bound=Wire)
_T = TypeVar("_T")

_MOST_PAGES: Final = 60
"""Pages of one search. It is for 50 references: with more pages it is refused."""

_MOST_PRODUCTS: Final = 1_000_000
"""An answer that claims to have more products than this is refused."""

_ID: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)


def can_be_id(ref: str) -> bool:
    """Tell whether a product with id *ref* can exist."""
    return _ID.fullmatch(ref) is not None


def can_be_reference(text: str) -> bool:
    """Tell whether a client reference, SKU or track id *text* can exist."""
    return _REFERENCE.fullmatch(text) is not None


class Shown(NamedTuple):
    """Part of the listings, and the place of the next part; None after the last."""

    products: Sequence[RemoteListing | Unreadable]
    next: PagePlace | None


class Api:
    """The calls of one account."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def change(
        self, method: str, ref: str, what: str, body: Callable[[], bytes] | None = None
    ) -> Result:
        """Change product *ref*; *what* is put behind its path, such as "prices"."""
        if not can_be_id(ref):
            return Refused.because(
                "not_found", f"không có sản phẩm / no product {ref[:50]}"
            )
        answer = await self.write(method, f"/v1/products/{ref}/{what}", body)
        if isinstance(answer, Refused):
            return answer
        if answer.status == 202:  # noqa: PLR2004 - the number is the name
            return results.submitted(answer, ref)
        return results.changed(answer, ref)

    async def change_seller(
        self, method: str, client_ref: str, what: str, body: Callable[[], bytes]
    ) -> Result:
        """Change seller *client_ref*; *what* is put behind its path."""
        if not can_be_reference(client_ref):
            return Refused.because(
                "invalid_format", f"gian hàng / seller {client_ref[:50]}"
            )
        answer = await self.write(method, f"/v1/sellers/{client_ref}{what}", body)
        if isinstance(answer, Refused):
            return answer
        asked = "stopped" if what else "active"
        return results.seller_changed(answer, client_ref, asked)

    async def write(
        self,
        method: str,
        path: str,
        body: Callable[[], bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply | Refused:
        """Make one change; return the answer (2xx) or the refusal.

        A value that the API has no room for is refused without a call.
        """
        try:
            payload = b"{}" if body is None else body()
        except ValueError as error:  # pydantic's, that names fields, not values
            return Refused.because("not_representable", str(error)[:500])
        reply = await self._access.call(
            method, path, write=True, body=payload, headers=headers
        )
        if reply.status in results.NOT_APPLIED:
            return Refused(results.problems(reply))
        if reply.status not in {200, 201, 202}:
            raise results.unexpected(reply)
        return reply

    async def read(self, path: str, params: Params, model: type[_M]) -> _M:
        """Return the answer of a read, asked for once more if it is garbage."""
        return await self._ask(path, params, partial(parse, model))

    async def tracks(self, batch: Sequence[str]) -> Mapping[str, Track | OddTrack]:
        """Return how the reviews *batch* stand, by track id.

        A review without a readable id may be any of the missing ones.
        """
        params = {"ids": ",".join(batch)}
        found = await self._ask("/v1/tracking", params, parse_tracks)
        tracks = {track.track_id: track for track in found}
        nameless = tracks.pop("", None)
        return dict.fromkeys(batch, nameless) | tracks if nameless else tracks

    async def _ask(
        self,
        path: str,
        params: Params,
        read: Callable[[Reply], _T],
        *,
        with_ends: bool = False,
    ) -> _T:
        """Return the parsed answer, by *read*; asked once more if it is garbage."""
        call = partial(self._access.call, "GET", path, write=False, params=params)

        async def once() -> _T:
            reply = await call(with_ends=with_ends)
            if reply.status != 200:  # noqa: PLR2004 - the number is the name
                message = f"{reply.call}: {reply.said}"
                raise ProtocolError(message)
            return read(reply)

        return await repeat_once(once)

    async def first_page(self, params: Mapping[str, str]) -> Shown:
        """Return the first page; if there are more, `Shown.next` leads to them."""
        page = await self._first(params)
        last = page.paging.last_page
        if last * page.paging.per_page > _MOST_PRODUCTS:
            message = f"{last} trang / pages: quá nhiều / too many"
            raise ProtocolError(message)
        follows = PagePlace(last, page.paging.per_page) if last > 1 else None
        return Shown(page.data, follows)

    async def next_page(self, params: Mapping[str, str], place: PagePlace) -> Shown:
        """Return a page, on the way from the last one to the first.

        If it is too long to be read, it has no products, and the next place is the last
        of the smaller pages that it becomes.

        Raises:
            ProtocolError: The pages have changed: some products could be missed.
        """
        try:
            page = await self._page(params, place)
        except AnswerTooLongError:
            if place.is_smallest:
                raise
            return Shown((), place.smaller())
        last, size = page.paging.last_page, page.paging.per_page
        is_hole = not page.data and 1 < place.number <= last
        if size != place.size or is_hole:
            message = f"trang / page {place.number}: thay đổi / differs from the others"
            raise ProtocolError(message)
        return Shown(page.data, place.before(last))

    async def _first(self, params: Mapping[str, str]) -> Products:
        for size in SIZES[:-1]:
            with suppress(AnswerTooLongError):
                return await self._page(params, PagePlace(1, size))
        return await self._page(params, PagePlace(1, SIZES[-1]))

    async def _page(self, params: Mapping[str, str], place: PagePlace) -> Products:
        asked: Params = {**params, "page": place.number, "per_page": place.per_page}
        try:
            page = await self._ask(
                "/v1/products", asked, parse_page, with_ends=place.is_smallest
            )
        except AnswerTooLongError as error:
            if not place.is_smallest:
                raise
            page = page_of_one(error)
        if page.paging.current_page != place.number:
            message = f"trang / page {page.paging.current_page}, not {place.number}"
            raise ProtocolError(message)
        return page

    async def search(
        self, name: str, values: Sequence[str]
    ) -> AsyncIterator[RemoteListing | Unreadable]:
        """Yield the products of filter *name*, all pages of it; some of it twice."""
        params = {name: ",".join(values)}
        page = await self.first_page(params)
        for _ in range(_MOST_PAGES):
            for product in page.products:
                yield product
            if page.next is None:
                return
            page = await self.next_page(params, page.next)
        message = f"{name}: quá nhiều kết quả / too many results"
        raise ProtocolError(message)


def batches(items: Iterable[str]) -> Iterator[Sequence[str]]:
    """Yield the distinct *items* in batches; nothing if there are none.

    An empty filter must never be sent: Postmart answers it with everything.
    """
    distinct = list(dict.fromkeys(items))
    for start in range(0, len(distinct), BATCH):
        yield distinct[start : start + BATCH]
