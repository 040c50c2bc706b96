"""Inferred sales: the sold stock where nobody tells of sales.

Pure. At such a marketplace a stock that shows lower than we left it counts as sold: it
looks the same as a stock that a person has lowered there.
`ocop_sync.service.evaluate.inferred_sales` records it as a sale, so that it lowers the
offer everywhere.
"""

from collections.abc import Collection, Mapping

from catalog.values import replace
from ocop_sync.engine.facet import Value, Values
from ocop_sync.engine.state.look_up import is_late
from ocop_sync.engine.state.state import Double, State
from ocop_sync.engine.terms import Base, Found
from ocop_sync.marketplace.listing import Facet

_STOCK = Facet.STOCK.value
_OPEN = frozenset({Found.IN_REVIEW, Found.REFUSED})
_TELLS_NOTHING = frozenset({Found.IN_REVIEW, Found.ABSENT})
"""The states in which a shown stock tells nothing of sales."""


def dropped(before: State, after: State) -> Mapping[str, int]:
    """Return how many of each pack are gone since they were last known.

    Where a change of the stock had no answer, a stock that shows as before, or as it
    was sent, was not sold; nor was one that shows as it was sent earlier and thought
    lost. Of anything else as much counts as may have been: it may have been sold before
    the change as well as after it. *after* is the state after a read that is believable
    and not stored yet.
    """
    is_same = before.ref in ("", after.ref)
    if before.base is Base.NEVER_SENT or not is_same or after.found in _TELLS_NOTHING:
        return {}
    if after.confirmed is None:
        return {}  # never on sale
    is_open = before.awaiting is not None or before.found in _OPEN
    sent = (before.sent or {}).get(_STOCK, {}) if is_open else {}
    was, shown = before.shown.get(_STOCK, {}), after.shown.get(_STOCK, {})
    late = came_late(before, after)
    gone = {
        sku: _gone(was.get(sku), sent.get(sku), n)
        for sku, n in shown.items()
        if sku not in late
    }
    return {sku: n for sku, n in gone.items() if n > 0}


def dropped_there(before: Double, after: Double) -> Mapping[str, int]:
    """Return how many of each pack of a double are gone since it was known.

    The arguments are those of `dropped`. The change sent to it stops it, and no more.
    """
    was, shown = before.values.get(_STOCK, {}), after.values.get(_STOCK, {})
    if before.ref != after.ref or Found.IN_REVIEW in (before.found, after.found):
        return {}
    sent = 0 if before.pending else None
    gone = {sku: _gone(was[sku], sent, n) for sku, n in shown.items() if sku in was}
    return {sku: n for sku, n in gone.items() if n > 0}


def _gone(was: int | None, sent: int | None, shown: int) -> int:
    known = [n for n in (was, sent) if n is not None]
    return 0 if shown in known else max(known, default=shown) - shown


def came_late(before: State, after: State) -> frozenset[str]:
    """Return the packs that show lower as we sent it once, and thought it lost.

    The arguments are those of `dropped`.
    """
    known, shown = (after.confirmed or {}).get(_STOCK, {}), after.shown.get(_STOCK, {})
    return frozenset(
        sku
        for sku, n in shown.items()
        if n < known.get(sku, 0) and is_late(before, f"{_STOCK}.{sku}", n)
    )


def taken_off(state: State, packs: Collection[str], sales_seen: int = 0) -> State:
    """Return *state* once it is known why less of *packs* shows: it is no drift.

    They were recorded as sold, or came late; *sales_seen* is the number of the last
    sale that is known of them.
    """
    left = {sku: state.shown[_STOCK][sku] for sku in packs}
    confirmed = _with(state.confirmed, left)
    return replace(
        state,
        sent=_with(state.sent, left),
        confirmed=confirmed,
        edited=None if state.edited == confirmed else state.edited,
        sales_seen=max(state.sales_seen, sales_seen),
    )


def _with(values: Values | None, left: Mapping[str, int]) -> Values | None:
    if values is None or _STOCK not in values:
        return values
    stock = values[_STOCK]
    return {**values, _STOCK: {sku: left.get(sku, n) for sku, n in stock.items()}}


def not_raised(state: State, wanted: Value) -> Value:
    """Return the stock to write: unseen sales are not filled up.

    The state knows which packs are `capped`.
    """
    shown = state.shown.get(_STOCK, {})
    return {
        sku: min(n, shown[sku]) if sku in state.capped and sku in shown else n
        for sku, n in wanted.items()
    }
