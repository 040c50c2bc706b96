"""The listings of the marketplace in memory, and how they change.

Two kinds of hands reach for it: changes, which `ocop_sync.testing.memory` takes
in through the port, and the people over there, whose acts are methods here and
leave an event each. Lost answers, limits and paging are not its business.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ocop_sync.clock import Clock
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
    Problem,
    RemoteListing,
    RemoteState,
    Seller,
    Variant,
)
from ocop_sync.marketplace.port import Event, EventKind
from ocop_sync.marketplace.result import (
    Applied,
    Refused,
    Result,
    Submitted,
    Unknown,
)


class Shelf:
    """The listings and sellers of one account, shown in their canonical form.

    Where they are *moderated*, new listings are reviewed first.

    Attributes:
        listings: By the marketplace's own identifier, oldest first.
        sellers: The open sellers, by our reference.
        events: Everything that people did, oldest first.
        knows_keys: Whether a create with the key of an earlier one is that one.
    """

    def __init__(
        self, canonical: Callable[[Listing], Listing], clock: Clock, *, moderated: bool
    ) -> None:
        self.listings: dict[str, RemoteListing] = {}
        self.sellers: dict[str, Seller] = {}
        self.events: list[Event] = []
        self._canonical = canonical
        self._clock = clock
        self._moderated = moderated
        self._stopped: set[str] = set()
        self.knows_keys = False
        self._tickets: dict[str, str] = {}
        self._made = 0
        self._keys: dict[str, str] = {}
        self._past: list[tuple[datetime, Mapping[str, RemoteListing]]] = []

    def of(self, client_ref: str) -> list[RemoteListing]:
        """Return every listing with our reference *client_ref*, oldest first."""
        found = self.listings.values()
        return [item for item in found if item.shown.client_ref == client_ref]

    def remember(self) -> None:
        """Keep, from now on, all that there ever was, for `as_of`."""
        self._past = [(self._clock(), dict(self.listings))]

    def as_of(self, at: datetime) -> Mapping[str, RemoteListing]:
        """Return the listings as they were at *at*, as far as is remembered."""
        before = [listings for when, listings in self._past if when <= at]
        return before[-1] if before else self._past[0][1]

    # Acts of people over there

    def add(
        self,
        listing: Listing,
        *,
        state: RemoteState = RemoteState.LIVE,
        seller_name: str = "",
    ) -> str:
        """Make a listing by hand; return its identifier."""
        self._made += 1
        ref = f"M{self._made:06}"
        self.listings[ref] = RemoteListing(
            ref=ref, state=state, shown=listing, version="1", seller_name=seller_name
        )
        self._note()
        return ref

    def approve(self, ref: str) -> None:
        """Let a listing go live."""
        self._put(ref, state=RemoteState.LIVE, problems=())
        self._tell(EventKind.APPROVED, ref)

    def refuse(self, ref: str, *problems: Problem) -> None:
        """Refuse a listing that is in review."""
        self._put(ref, state=RemoteState.REFUSED, problems=problems)
        self._tell(EventKind.REFUSED, ref)

    def ban(self, ref: str, *problems: Problem) -> None:
        """Ban a listing; no change of ours brings it back."""
        self._put(ref, state=RemoteState.BANNED, problems=problems)
        self._tell(EventKind.BANNED, ref)

    def take_down(self, ref: str) -> None:
        """Take a listing from sale."""
        self._put(ref, state=RemoteState.DOWN)
        self._tell(EventKind.DOWN, ref)

    def edit(self, ref: str, **fields: Any) -> None:
        """Change fields of the shown listing."""
        self._put(ref, shown=replace(self.listings[ref].shown, **fields))
        self._tell(EventKind.EDITED, ref)

    def sell(self, ref: str, sku: str, quantity: int, order_line: str) -> None:
        """Sell some of a variant; its stock goes down, though not below zero."""
        shown = self.listings[ref].shown
        stock = next(v.stock for v in shown.variants if v.sku == sku)
        left = max(stock - quantity, 0)
        self._put(ref, shown=_with(shown, "stock", {sku: left}))
        self._tell(EventKind.SOLD, ref, sku, quantity, order_line)

    def delete(self, ref: str) -> None:
        """Remove a listing, without a trace and without an event."""
        del self.listings[ref]
        self._note()

    # Effects of changes

    def apply(self, change: Change) -> Result:  # noqa: PLR0911 - one per kind
        """Carry out one change, or refuse it."""
        match change:
            case Create():
                return self._create(change)
            case PutSeller():
                self.sellers[change.client_ref] = change.seller
                return Applied(f"S-{change.client_ref}")
            case StopSeller():
                return self._stop_seller(change.client_ref)
            case Withdraw(ticket=ticket) if not change.ref:
                return self._on(self._tickets.get(ticket, ""), _down)
            case Withdraw():
                return self._on(change.ref, _down)
            case Republish():
                return self._on(change.ref, _up)
            case Update():
                return self._on(change.ref, lambda found: self._update(found, change))
            case SetPrice() | SetStock() | SetStars():
                return self._on(change.ref, lambda found: _set(found, change))

    def fate(self, ticket: str) -> Result:
        """Return the outcome of a submission."""
        found = self.listings.get(self._tickets.get(ticket, ""))
        if found is None:
            return Unknown("no such ticket")
        if found.state is RemoteState.IN_REVIEW:
            return Submitted(ticket)
        if found.state is RemoteState.REFUSED:
            return Refused(found.problems)
        return Applied(found.ref, found.version)

    def _create(self, change: Create) -> Result:
        if change.listing.seller_ref not in self.sellers:
            return Refused.because("no_seller", "Người bán chưa được mở")
        if self.knows_keys and change.key in self._keys:
            return self._answer(self._keys[change.key])
        state = RemoteState.IN_REVIEW if self._moderated else RemoteState.LIVE
        ref = self.add(self._canonical(change.listing), state=state)
        self._keys[change.key] = ref
        return self._answer(ref)

    def _update(self, found: RemoteListing, change: Update) -> RemoteListing:
        fields = {name: getattr(change.listing, name) for name in change.fields}
        if "variants" in fields:
            fields["variants"] = _keep_numbers(found.shown, change.listing.variants)
        again = found.state is RemoteState.REFUSED and self._moderated
        return replace(
            found,
            shown=self._canonical(replace(found.shown, **fields)),
            state=RemoteState.IN_REVIEW if again else found.state,
        )

    def _stop_seller(self, client_ref: str) -> Result:
        if self.sellers.pop(client_ref, None) is None and (
            client_ref not in self._stopped
        ):
            return Refused.because("unknown", "Không có người bán này")
        self._stopped.add(client_ref)
        for found in list(self.listings.values()):
            if found.shown.seller_ref == client_ref:
                self._on(found.ref, _down)
        return Applied(f"S-{client_ref}")

    def _on(
        self, ref: str, act: Callable[[RemoteListing], RemoteListing | Refused]
    ) -> Result:
        found = self.listings.get(ref)
        if found is None:
            return Refused.because("unknown", "Không có tin đăng này")
        after = act(found)
        if isinstance(after, Refused):
            return after
        if after != found:
            self._put(ref, state=after.state, shown=after.shown)
        return self._answer(ref)

    def _answer(self, ref: str) -> Result:
        found = self.listings[ref]
        if found.state is not RemoteState.IN_REVIEW:
            return Applied(ref, found.version, found.state)
        ticket = f"T-{ref}-{found.version}"
        self._tickets[ticket] = ref
        return Submitted(ticket)

    def _put(self, ref: str, **fields: Any) -> None:
        found = self.listings[ref]
        version = str(int(found.version) + 1)
        self.listings[ref] = replace(found, version=version, **fields)
        self._note()

    def _note(self) -> None:
        if self._past:
            self._past.append((self._clock(), dict(self.listings)))

    def _tell(
        self,
        kind: EventKind,
        ref: str,
        sku: str = "",
        quantity: int = 0,
        order_line: str = "",
    ) -> None:
        event = Event(
            kind=kind,
            ref=ref,
            at=self._clock(),
            sku=sku,
            quantity=quantity,
            order_line=order_line,
        )
        self.events.append(event)


def _set(
    found: RemoteListing, change: SetPrice | SetStock | SetStars
) -> RemoteListing | Refused:
    if isinstance(change, SetStars):
        return replace(found, shown=replace(found.shown, stars=change.stars))
    price = isinstance(change, SetPrice)
    numbers = change.prices if isinstance(change, SetPrice) else change.stocks
    if set(numbers) - {variant.sku for variant in found.shown.variants}:
        return Refused.because("unknown_sku", "Không có SKU này")
    if min(numbers.values(), default=0) < 0:
        return Refused.because("negative", "Số âm")
    field = "price_vnd" if price else "stock"
    return replace(found, shown=_with(found.shown, field, numbers))


def _down(found: RemoteListing) -> RemoteListing:
    if found.state is RemoteState.BANNED:
        return found
    return replace(found, state=RemoteState.DOWN)


def _up(found: RemoteListing) -> RemoteListing | Refused:
    if found.state not in {RemoteState.DOWN, RemoteState.LIVE}:
        return Refused.because("not_down", f"Tin đăng đang {found.state}")
    return replace(found, state=RemoteState.LIVE)


def _with(shown: Listing, field: str, numbers: Mapping[str, int]) -> Listing:
    def changed(variant: Variant) -> Variant:
        fields: dict[str, Any] = {field: numbers.get(variant.sku)}
        return replace(variant, **fields) if variant.sku in numbers else variant

    return replace(shown, variants=tuple(map(changed, shown.variants)))


def _keep_numbers(shown: Listing, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
    """Return *variants* with the prices and stocks that are shown already.

    One that is added comes with its own, and one that is not among them is gone.
    """
    before = {variant.sku: variant for variant in shown.variants}
    return tuple(
        replace(
            variant,
            price_vnd=before.get(variant.sku, variant).price_vnd,
            stock=before.get(variant.sku, variant).stock,
        )
        for variant in variants
    )
