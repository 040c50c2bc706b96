"""From changes of the port to rows for people: what is asked, and under which ticket.

Asked again, a change has the same ticket as long as nobody has told anything of it, so
that no row comes twice. As long as nobody has seen its row, it is asked for with the
values of now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from adapters.sheet.answers import TAKEN_BACK
from adapters.sheet.carried_out import carried_out
from adapters.sheet.state import Answer, Kept, Row, State
from ocop_sync.marketplace.by_hand import NEW, Room
from ocop_sync.marketplace.change import (
    Create,
    Kind,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.listing import Listing, RemoteState
from ocop_sync.marketplace.result import Applied, Refused, Result, Submitted, Unknown

Asked = Create | Update | SetPrice | SetStock | SetStars | Withdraw | Republish

_NO_LISTING: Final = Refused.because(
    "unknown_listing", "không có tin này ở tài khoản / no such listing here"
)
_NO_PACK: Final = Refused.because(
    "unknown_sku", "tin không có quy cách này / the listing has no such pack"
)
_NOT_POSSIBLE: Final = Refused.because(
    "numbers", "giá hoặc tồn kho âm / a negative price or stock"
)
_WAITS: Final = Refused(
    Refused.because(
        "waits", "tin đang chờ người đăng / it waits to be listed by people"
    ).problems,
    for_now=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms rows are made.

    Attributes:
        rows_a_day: Most rows that are open at once: so many new listings, and so many
            others, withdrawals left out.
        withdraw_within: How long a withdrawal may take.
        now: The present instant, in UTC.
    """

    rows_a_day: int
    withdraw_within: timedelta
    now: datetime


def room(state: State, rows_a_day: int) -> Room:
    """Return how many more rows may be open."""
    kinds = [row.kind for row in state.waiting() if row.is_open]
    new = sum(kind in NEW for kind in kinds)
    others = len(kinds) - new - kinds.count(Kind.WITHDRAW)
    return Room(max(0, rows_a_day - new), max(0, rows_a_day - others))


def ask_all(state: State, changes: Sequence[Asked], terms: Terms) -> list[Result]:
    """Write rows down, and return what is answered to each change."""
    return [_ask(state, each, terms) for each in changes]


def _ask(state: State, change: Asked, terms: Terms) -> Result:
    if isinstance(change, Create):
        return _create(state, change, terms)
    if isinstance(change, Withdraw):
        return _withdraw(state, change, terms)
    kept = state.listings.get(change.ref)
    if kept is None:
        return _NO_LISTING
    if isinstance(change, Republish):
        return _republish(state, kept, terms)
    return _change(state, kept, change, terms)


def _create(state: State, change: Create, terms: Terms) -> Result:
    if _has_odd_numbers(change.listing):
        return _NOT_POSSIBLE
    for row in state.waiting():
        if row.kind is Kind.CREATE and row.client_ref == change.client_ref:
            return _asked_again(state, row, replace(row, listing=change.listing))
    there = [k for k in state.listings.values() if k.client_ref == change.client_ref]
    if made := [k for k in there if k.was_made]:
        return Unknown(
            f"đã có tin {made[0].ref} của sản phẩm này / there is a listing of it"
        )
    for each in there:  # never made, and refused or cancelled: it begins anew
        for row in [row for row in state.waiting(each.ref) if row.is_open]:
            _take_back(state, row, terms.now)
        del state.listings[each.ref]
    if room(state, terms.rows_a_day).new < 1:
        return _full(terms)
    ticket = state.new_ticket()
    row = Row(
        ticket=ticket,
        kind=Kind.CREATE,
        ref=ticket,
        client_ref=change.client_ref,
        listing=change.listing,
        made_at=terms.now,
    )
    return _submit(state, _in_review(row, change.listing), row)


def _in_review(row: Row, listing: Listing) -> Kept:
    return Kept(
        ref=row.ref,
        client_ref=row.client_ref,
        state=RemoteState.IN_REVIEW,
        shown=listing,
        at=row.made_at,
    )


def _asked_again(state: State, row: Row, anew: Row) -> Result:
    """Return the ticket of a row that waits; unseen, it has the values of now."""
    if row.is_unseen:
        state.put(anew)
        kept = state.listings.get(row.ref)
        if row.kind is Kind.CREATE and kept and not kept.was_made and anew.listing:
            state.keep(replace(kept, shown=anew.listing))
    return Submitted(row.ticket, row.ref)


def _withdraw(state: State, change: Withdraw, terms: Terms) -> Result:
    asked = state.rows.get(change.ticket) if change.ticket else None
    ref = change.ref or (asked.ref if asked else "")
    kept = state.listings.get(ref)
    if kept is None:
        return _NO_LISTING
    for row in list(state.waiting(ref)):
        if row.is_unseen and row.kind is not Kind.WITHDRAW:
            _take_back(state, row, terms.now)
    left = list(state.waiting(ref))
    same = [row for row in left if row.kind is Kind.WITHDRAW]
    kept = state.listings[ref]
    is_off = kept.state in (RemoteState.DOWN, RemoteState.REFUSED)
    if not left and (is_off or not kept.was_made):
        state.keep(replace(kept, state=RemoteState.DOWN, at=terms.now))
        return Applied(ref, state=RemoteState.DOWN)
    if same:
        return _asked_again(state, same[0], replace(same[0], reason=change.reason))
    row = _row(kept, Kind.WITHDRAW, terms, reason=change.reason)
    due_at = terms.now + terms.withdraw_within
    return _submit(state, kept, replace(row, due_at=due_at))


def _take_back(state: State, row: Row, now: datetime) -> None:
    """End a row that nobody has seen."""
    answer = Answer(done=False, why=TAKEN_BACK, at=now, by="")
    state.put(replace(row, answer=answer, listing=None))


def _republish(state: State, kept: Kept, terms: Terms) -> Result:
    for row in state.waiting(kept.ref):
        if row.kind in (Kind.REPUBLISH, Kind.CREATE):
            return Submitted(row.ticket, row.ref)
    if kept.state is RemoteState.LIVE:
        return Applied(kept.ref, state=RemoteState.LIVE)
    if room(state, terms.rows_a_day).new < 1:
        return _full(terms)
    kind = Kind.REPUBLISH if kept.was_made else Kind.CREATE
    return _submit(state, kept, _row(kept, kind, terms, listing=kept.shown))


def _change(
    state: State,
    kept: Kept,
    change: Update | SetPrice | SetStock | SetStars,
    terms: Terms,
) -> Result:
    row = _row_of(kept, change, terms)
    if isinstance(row, Refused):
        return row
    for each in state.waiting(kept.ref):
        if each.kind is row.kind and (each.is_unseen or _is_same(each, row)):
            anew = replace(row, ticket=each.ticket, made_at=each.made_at)
            return _asked_again(state, each, anew)
    if not kept.was_made and any(state.waiting(kept.ref)):
        return _WAITS  # or it might be listed twice
    if not kept.was_made and row.kind is not Kind.CREATE:
        # It stands nowhere: what will be asked for next is changed, and no more.
        state.keep(replace(kept, shown=carried_out(kept.shown, row)))
        return Applied(kept.ref, state=kept.state)
    # One that was refused, and is asked for anew, comes as a change as well.
    if room(state, terms.rows_a_day).others < 1:
        return _full(terms)
    return _submit(state, kept, row)


def _submit(state: State, kept: Kept, row: Row) -> Result:
    """Write a row down; a listing that stands nowhere is in review from now on."""
    row = state.put(replace(row, ticket=row.ticket or state.new_ticket()))
    if row.kind is Kind.CREATE and row.listing is not None:
        anew = replace(kept, state=RemoteState.IN_REVIEW, shown=row.listing)
        state.keep(replace(anew, at=row.made_at, problems=()))
    return Submitted(row.ticket, kept.ref)


def _row_of(
    kept: Kept, change: Update | SetPrice | SetStock | SetStars, terms: Terms
) -> Row | Refused:
    """Return the row that asks for a change; it has no ticket yet."""
    if isinstance(change, SetStars):
        return _row(kept, Kind.SET_STARS, terms, stars=change.stars)
    if isinstance(change, Update):
        return _updating(kept, change, terms)
    is_price = isinstance(change, SetPrice)
    numbers = dict(change.prices if isinstance(change, SetPrice) else change.stocks)
    if refused := _unfit(numbers, {pack.sku for pack in kept.shown.variants}):
        return refused
    if is_price:
        return _row(kept, Kind.SET_PRICE, terms, prices=numbers)
    return _row(kept, Kind.SET_STOCK, terms, stocks=numbers)


def _updating(kept: Kept, change: Update, terms: Terms) -> Row | Refused:
    if _has_odd_numbers(change.listing):
        return _NOT_POSSIBLE
    fields = tuple(sorted(change.fields))
    row = _row(kept, Kind.UPDATE, terms, listing=change.listing, fields=fields)
    if kept.was_made:
        return row
    # It stands nowhere: it is asked for anew, as it is to be.
    whole = carried_out(kept.shown, row)
    return replace(row, kind=Kind.CREATE, listing=whole, fields=())


def _unfit(numbers: Mapping[str, int], skus: set[str]) -> Refused | None:
    if numbers.keys() - skus:
        return _NO_PACK
    return _NOT_POSSIBLE if any(n < 0 for n in numbers.values()) else None


def _row(kept: Kept, kind: Kind, terms: Terms, **of: Any) -> Row:
    """Return a row that has no ticket yet."""
    return Row(
        ticket="",
        kind=kind,
        ref=kept.ref,
        client_ref=kept.client_ref,
        made_at=terms.now,
        **of,
    )


def _is_same(one: Row, other: Row) -> bool:
    """Say whether both ask for the same."""
    names = ("kind", "ref", "listing", "fields", "prices", "stocks", "stars")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _has_odd_numbers(listing: Listing) -> bool:
    return any(v.price_vnd < 0 or v.stock < 0 for v in listing.variants)


def _full(terms: Terms) -> Refused:
    """Refuse a change for now: a person does no more in a day."""
    full = Refused.because(
        "batch_full",
        f"lô đang mở đã đủ {terms.rows_a_day} việc, giao lô này rồi gửi lại"
        f" / the open batch has its {terms.rows_a_day} rows: hand it out first",
    )
    return Refused(full.problems, for_now=True)
