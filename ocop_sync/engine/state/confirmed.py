"""The confirmed values of a listing, after an answer and after a read.

A later difference from them was edited there, or sold. Prices and stocks are confirmed
pack by pack: of a facet that is sent, only some packs may change.
"""

from typing import Any

from catalog.values import replace
from ocop_sync.engine.facet import (
    ATTRIBUTES,
    Value,
    Values,
    completed,
    is_same,
    is_same_field,
)
from ocop_sync.engine.state.look_up import with_late
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.listing import Facet, RemoteListing, RemoteState

NUMBERS = frozenset({Facet.PRICE.value, Facet.STOCK.value})
"""The facets that hold a number for each pack."""


def confirmed_by_answer(state: State, names: tuple[str, ...]) -> Values | None:
    """Return the confirmed values once the facets *names* are applied.

    Where no listing was ever read, a change of a part confirms nothing.
    """
    sent, known = state.sent or {}, state.confirmed
    if known is None:
        return None
    written = {name: _written(state, name, sent[name]) for name in names}
    return {**known, **written}


def _written(state: State, name: str, sent: Value) -> Value:
    """Return the confirmed value of a facet that was sent."""
    if name in NUMBERS:
        return _packs(state, name, sent)
    if name != Facet.CONTENT:
        return sent
    known = (state.confirmed or {}).get(Facet.CONTENT, {})
    return _fields(state, sent, completed(known, sent))


def as_agreed(state: State, wanted: Values) -> State:
    """Return a state that shows all of *wanted*: nothing of it is an edit now."""
    shown = state.shown
    agreed = {name: shown[name] for name in wanted if name in shown}
    confirmed = {**(state.confirmed or {}), **agreed}
    edited = None if confirmed == shown else shown
    return replace(state, confirmed=confirmed, edited=edited)


def confirmed_by_read(
    before: State, remote: RemoteListing, shown: Values
) -> Values | None:
    """Return the confirmed values once a read has shown *shown* of *remote*.

    None as long as it was never on sale.
    """
    if before.confirmed is not None and remote.state is RemoteState.REFUSED:
        return before.confirmed  # what was refused was never on sale
    if before.confirmed is not None:
        known = {name: _facet(before, name, value) for name, value in shown.items()}
        return with_late(before, known, shown)
    if remote.state is not RemoteState.LIVE:
        return None
    # Missing stock of a new listing was sold since.
    sent, stock = (before.sent or {}).get(Facet.STOCK, {}), shown.get(Facet.STOCK)
    if stock is None:
        return shown
    return {**shown, Facet.STOCK.value: {s: sent.get(s, n) for s, n in stock.items()}}


def was_applied(before: State, facet: Facet, shown: Values) -> bool:
    """Say whether a read that shows *shown* means that *facet* was written."""
    sent, was = (before.sent or {}).get(facet, {}), _was(before).get(facet, {})
    now = shown.get(facet, {})
    if facet not in NUMBERS:
        return is_same(facet, now, sent)
    return any(_is_written(sent, was, sku) and now[sku] != was.get(sku) for sku in now)


def _facet(before: State, name: str, shown: Value) -> Value:
    known, sent = (before.confirmed or {}).get(name), (before.sent or {}).get(name)
    if known is None:
        return shown
    if name in NUMBERS:
        return _packs(before, name, shown) if _is_open(before) else known
    if known == shown:
        return known
    known = completed(known, shown)
    if name == Facet.CONTENT:
        return _fields(before, shown, known)
    was = _was(before).get(name, {})
    is_ours = sent is not None and not is_same(name, sent, was)
    return shown if is_ours and is_same(name, shown, sent or {}) else known


def _fields(before: State, shown: Value, known: Value) -> Value:
    """Return the confirmed fields of a content.

    Content may have been sent with an edit that was left: it was sent as it showed. A
    field that was not known so far shows its value from before us.

    Args:
        before: The state before.
        shown: The value that shows now, or would by an answer.
        known: The confirmed value before.
    """
    sent = (before.sent or {}).get(Facet.CONTENT, {})
    was = _was(before).get(Facet.CONTENT, {})
    return {
        name: value
        if _is_ours(name, value, sent, was) or _is_reordered(name, value, known)
        else known.get(name)
        for name, value in shown.items()
    }


def _is_reordered(name: str, value: Any, known: Value) -> bool:
    """Say whether attributes show as they were, in any order."""
    return name == ATTRIBUTES and is_same_field(name, value, known.get(name))


def _is_ours(name: str, value: Any, sent: Value, was: Value) -> bool:
    """Say whether a field shows its sent value, and showed another one before."""
    if name not in sent or not is_same_field(name, value, sent[name]):
        return False
    return name not in was or not is_same_field(name, sent[name], was[name])


def _is_open(state: State) -> bool:
    """Say whether the outcome of the last change is unknown."""
    return state.awaiting is not None or state.found in (Found.IN_REVIEW, Found.REFUSED)


def _was(state: State) -> Values:
    """Return the shown values before the last change; empty if that is new.

    A refused listing shows that change itself.
    """
    edited = None if state.found is Found.REFUSED else state.edited
    return edited or state.confirmed or {}


def _packs(before: State, name: str, shown: Value) -> Value:
    """Return the confirmed price or stock, by SKU.

    A pack that shows as it did was not written. One that shows anything else was, and
    has been sold or edited since. Taking it for not written would fill up sold stock
    again. (Where just as many were sold as were added, it is filled up all the same:
    only sales themselves, which are not read yet, could tell.)
    """
    known = (before.confirmed or {}).get(name, {})
    sent, was = (before.sent or {}).get(name, {}), _was(before).get(name, {})
    confirmed = {}
    for sku in sorted(known.keys() | shown.keys()):
        if _is_written(sent, was, sku) and shown.get(sku) not in (None, was.get(sku)):
            confirmed[sku] = sent[sku]
        elif sku in known and (sku in sent or sku in shown):
            confirmed[sku] = known[sku]
    return confirmed


def _is_written(sent: Value, was: Value, sku: str) -> bool:
    """Say whether the sent values change a pack; else it was sent as it showed."""
    return sku in sent and sent[sku] != was.get(sku)
