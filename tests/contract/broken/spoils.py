"""Adapters that spoil one part of what they send, read or answer.

Beside the check that names the fault stand the words of it: a check looks at several
things, and each must be able to fail.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from ocop_sync.marketplace.listing import (
    RemoteListing,
    RemoteState,
    Unreadable,
)
from ocop_sync.marketplace.port import Applied, Event, Events, Page, Refused
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.contract.broken.fault import Broken
from tests.contract.shops import MemoryShop, ModeratedMarketplace, ModeratedShop

Kind = type[InMemoryMarketplace]
NO: Final = Refused.because("no", "Không")


def sending(
    method: str, change: Callable[[Any], Any], base: Kind = InMemoryMarketplace
) -> Kind:
    """Return an adapter that sends other changes than it is given."""

    async def send(self: Any, changes: Sequence[Any]) -> Any:
        return await getattr(base, method)(self, [change(each) for each in changes])

    return type("Sends", (base,), {method: send})


def making(base: Kind = InMemoryMarketplace, **fields: Any) -> Kind:
    """Return an adapter that creates listings with other *fields*."""

    def other(change: Any) -> Any:
        return replace(change, listing=replace(change.listing, **fields))

    return sending("create", other, base)


def answering(
    method: str,
    answer: Callable[[Any, Any, Any], Any],
    base: Kind = InMemoryMarketplace,
) -> Kind:
    """Return an adapter that answers otherwise; *answer* has self, item and result."""

    async def method_(self: Any, items: Sequence[Any]) -> Any:
        found = await getattr(base, method)(self, items)
        return [answer(self, i, each) for i, each in zip(items, found, strict=True)]

    return type("Answers", (base,), {method: method_})


def reading(
    read: Callable[[RemoteListing], RemoteListing | Unreadable],
    base: Kind = InMemoryMarketplace,
) -> Kind:
    """Return an adapter that reads listings otherwise."""

    def shown(self: Any, item: RemoteListing) -> Any:
        found = base._shown(self, item)
        return read(found) if isinstance(found, RemoteListing) else found

    return type("Reads", (base,), {"_shown": shown})


def as_shown(**fields: Any) -> Kind:
    """Return an adapter that reads listings with other *fields*."""
    return reading(lambda found: replace(found, shown=replace(found.shown, **fields)))


def as_state(there: RemoteState, read: RemoteState) -> Callable[[Any], RemoteListing]:
    """Return what reads one state as another."""
    return lambda e: replace(e, state=read) if e.state is there else e


def paging(change: Callable[[Any, Page], Page]) -> Kind:
    """Return an adapter whose pages are other ones."""

    async def page(self: Any, cursor: str | None) -> Page:
        return change(self, await InMemoryMarketplace.page(self, cursor))

    return type("Pages", (InMemoryMarketplace,), {"page": page})


def telling(change: Callable[[Events], Events]) -> Kind:
    """Return an adapter whose events are other ones."""

    async def events(self: Any, cursor: str | None) -> Events:
        return change(await InMemoryMarketplace.events(self, cursor))

    return type("Tells", (InMemoryMarketplace,), {"events": events})


def finding(find: Callable[[Any, Sequence[str], Sequence[str]], Any]) -> Kind:
    """Return an adapter whose search is another one."""

    async def find_(
        self: Any, *, client_refs: Sequence[str] = (), skus: Sequence[str] = ()
    ) -> Any:
        return find(self, client_refs, skus)

    return type("Finds", (InMemoryMarketplace,), {"find": find_})


def then(method: str, act: Callable[[Any, Any], Any]) -> Kind:
    """Return an adapter that does something more after *method*, to each listing."""

    def also(self: Any, change: Any, result: Any) -> Any:
        ref = getattr(change, "ref", "") or getattr(result, "ref", "")
        if ref in self.shelf.listings:
            act(self.shelf, ref)
        return result

    return answering(method, also)


class CountsPages(InMemoryMarketplace):
    """Its pages are numbered, and what goes shifts them."""

    async def page(self, cursor: str | None) -> Page:
        size, start = self.capabilities.page_size, int(cursor or 0)
        items = list(self.shelf.listings.values())
        rest = items[start + size :]
        following = str(start + size) if rest else None
        return Page(tuple(items[start : start + size]), following)


class Newest(InMemoryMarketplace):
    """It answers reads in an order of its own."""

    async def read(self, refs: Sequence[str]) -> Any:
        found = await super().read(refs)
        return sorted(found, key=lambda e: getattr(e, "ref", ""))


class ReadsAll(InMemoryMarketplace):
    """A read of nothing reads everything."""

    async def read(self, refs: Sequence[str]) -> Any:
        return await super().read(refs or list(self.shelf.listings))


class RefusesDown(InMemoryMarketplace):
    """It refuses to withdraw what is down."""

    async def withdraw(self, changes: Sequence[Any]) -> Any:
        found = self.shelf.listings.get(changes[0].ref)
        is_down = found is not None and found.state is RemoteState.DOWN
        return [NO] if is_down else await super().withdraw(changes)


class Toggles(InMemoryMarketplace):
    """A second withdrawal puts a listing on sale."""

    async def withdraw(self, changes: Sequence[Any]) -> Any:
        found = self.shelf.listings.get(changes[0].ref)
        result = await super().withdraw(changes)
        if found and found.state is RemoteState.DOWN:
            self.shelf.approve(found.ref)
        return result


class HidesAClaim(InMemoryMarketplace):
    """A cleared claim stays among the attributes, which it does not read."""

    def _shown(self, item: RemoteListing) -> Any:
        kept = tuple(e for e in item.shown.attributes if e[0] != "Quyết định")
        return replace(item, shown=replace(item.shown, attributes=kept))

    async def set_stars(self, changes: Sequence[Any]) -> Any:
        shown = self.shelf.listings[changes[0].ref].shown
        claim = shown.stars.decision if shown.stars else ""
        result = await super().set_stars(changes)
        left = (*shown.attributes, ("Quyết định", claim))
        self.shelf.edit(changes[0].ref, attributes=left)
        return result


class ShowsLastCategory(InMemoryMarketplace):
    """It adds a category, and reads the last one only."""

    def _shown(self, item: RemoteListing) -> Any:
        last = item.shown.category.rpartition(" ")[2]
        return replace(item, shown=replace(item.shown, category=last))

    async def update(self, changes: Sequence[Any]) -> Any:
        (change,) = changes
        found = self.shelf.listings.get(change.ref)
        if found and "category" in change.fields:
            both = f"{found.shown.category} {change.listing.category}"
            change = replace(change, listing=replace(change.listing, category=both))
        return await super().update([change])


class StopsOnce(InMemoryMarketplace):
    """It refuses to stop a seller that is stopped."""

    async def stop_sellers(self, changes: Sequence[Any]) -> Any:
        is_open = changes[0].client_ref in self.shelf.sellers
        return await super().stop_sellers(changes) if is_open else [NO]


def _dropped(self: Any, page: Page) -> Page:
    del self
    return replace(page, unreadable=())


def _without_zone(event: Event) -> Event:
    return replace(event, at=event.at.replace(tzinfo=None))


def _bare(page: Page) -> Page:
    odd = tuple(replace(e, reason="") for e in page.unreadable)
    return replace(page, unreadable=odd)


def _by_name(self: Any, refs: Sequence[str], skus: Sequence[str]) -> list[Any]:
    found = []
    for each in self.shelf.listings.values():
        found += [each for v in each.shown.variants if v.sku in skus]
        found += [each] * (each.shown.client_ref in refs)
    return found


def _empty_is_all(self: Any, refs: Sequence[str], skus: Sequence[str]) -> list[Any]:
    every = list(self.shelf.listings.values())
    return every if "" in refs else _by_name(self, refs, skus)


def _if_ok(change: Callable[[Applied], Any]) -> Callable[[Any, Any, Any], Any]:
    return lambda _, __, e: change(e) if isinstance(e, Applied) else e


_PRICED: Final = "SKUs, prices and stocks there"
_DOWN, _LIVE = RemoteState.DOWN, RemoteState.LIVE
_SPOILS: Final[Sequence[tuple[Kind, str, str]]] = [
    (then("create", lambda s, ref: s.take_down(ref)), "create", "not on sale"),
    (making(client_ref="x"), "create", "our reference there"),
    (making(title="x"), "create", "the title there"),
    (making(category="x"), "create", "the category there"),
    (making(stars=None), "create", "the claim there"),
    (
        then("create", lambda s, ref: s.edit(ref, variants=())),
        "create",
        _PRICED,
    ),
    (as_shown(client_ref="x"), "create", "our reference, as read"),
    (as_shown(title="x"), "create", "the listing, as read"),
    (
        answering("create", _if_ok(lambda e: replace(e, ref="M000001"))),
        "create-apart",
        "refs of three creates",
    ),
    (Newest, "create-apart", "in the order that was asked"),
    (reading(as_state(_DOWN, RemoteState.REFUSED)), "withdraw", "its state, as read"),
    (reading(as_state(_DOWN, _LIVE)), "withdraw", "read as live, and is down"),
    (RefusesDown, "withdraw", "the second withdrawal"),
    (Toggles, "withdraw", "after two withdrawals"),
    (then("republish", lambda s, ref: s.take_down(ref)), "republish", "not on sale"),
    (
        then("republish", lambda s, ref: s.edit(ref, variants=())),
        "republish",
        "packs",
    ),
    (then("republish", lambda s, ref: s.edit(ref, stars=None)), "republish", "claim"),
    (
        answering("withdraw", _if_ok(lambda e: replace(e, version="0"))),
        "applied-state",
        "version told",
    ),
    (ReadsAll, "unknown-read", "read of nothing"),
    (then("set_price", lambda s, ref: s.take_down(ref)), "price", "from sale"),
    (HidesAClaim, "stars-cleared", "its decision is still there"),
    (ShowsLastCategory, "category", "the category there"),
    (
        answering("update", lambda _, __, ___: NO),
        "pack-added",
        "a listing whose update was refused",
    ),
    (
        answering("set_stock", lambda _, i, __: Applied(i.ref)),
        "pack-replaced",
        "a stock for a pack that is gone",
    ),
    (
        reading(
            lambda e: replace(e, version=""),
            InMemoryMarketplace.having(compare_and_set=True),
        ),
        "stock-version",
        "has no version",
    ),
    (telling(lambda e: replace(e, items=())), "events", "a sale leaves no event"),
    (
        telling(lambda e: replace(e, items=(*e.items, *e.items))),
        "events-sales",
        "sales that are told",
    ),
    (
        telling(
            lambda e: replace(
                e,
                items=tuple(replace(i, at=i.at.replace(tzinfo=None)) for i in e.items),
            )
        ),
        "events-sales",
        "has no zone",
    ),
    (
        answering("withdraw", lambda _, i, __: Applied(i.ref, state=_DOWN)),
        "vanished",
        "withdrawal of what has vanished",
    ),
    (CountsPages, "pages", "left out of the pages"),
    (reading(as_state(_DOWN, _LIVE)), "pages-down", "states by page"),
    (paging(_dropped), "odd-item", "is not told of"),
    (paging(lambda _, page: _bare(page)), "odd-item", "has no reason"),
    (
        answering("read", lambda _, __, e: None if isinstance(e, Unreadable) else e),
        "odd-item",
        "the odd one, as read",
    ),
    (finding(lambda *_: []), "find-reference", "by our reference"),
    (finding(_by_name), "find-sku", "by all its SKUs"),
    (finding(_empty_is_all), "find-nothing", "by empty names"),
    (
        paging(
            lambda _, p: replace(
                p, items=tuple(e for e in p.items if e.shown.client_ref)
            )
        ),
        "by-hand",
        "the listings of all pages",
    ),
    (answering("update", lambda _, __, ___: NO), "taking-over", "taking a listing"),
    (
        sending("update", lambda c: replace(c, fields=c.fields - {"title"})),
        "taking-over",
        "its title",
    ),
    (
        sending("update", lambda c: replace(c, fields=c.fields - {"category"})),
        "taking-over",
        "its category",
    ),
    (
        sending(
            "update",
            lambda c: replace(c, fields=c.fields - {"client_ref"}),
            InMemoryMarketplace.having(writes_reference=True),
        ),
        "taking-over",
        "our reference on it",
    ),
    (StopsOnce, "seller-stopped", "stopping a seller"),
]


def _moderated(method: str, answer: Callable[[Any, Any, Any], Any]) -> Kind:
    return answering(method, answer, ModeratedMarketplace)


_REVIEWED: Final[Sequence[tuple[Kind, str, str]]] = [
    (
        _moderated("create", lambda _, __, e: replace(e, ticket="")),
        "submission",
        "no ticket",
    ),
    (
        _moderated("follow", lambda _, __, ___: Applied("M000001")),
        "submission",
        "before its end",
    ),
    (
        _moderated("follow", _if_ok(lambda e: replace(e, ref="M000007"))),
        "submission",
        "the ref",
    ),
    (
        reading(as_state(RemoteState.REFUSED, _DOWN), ModeratedMarketplace),
        "submission-refused",
        "its state, as read",
    ),
    (
        _moderated("withdraw", lambda _, __, ___: NO),
        "submission-cancelled",
        "cancelling",
    ),
]

BROKEN: Final = [
    *(Broken(each, MemoryShop, (by,), words) for each, by, words in _SPOILS),
    *(Broken(each, ModeratedShop, (by,), words) for each, by, words in _REVIEWED),
]
