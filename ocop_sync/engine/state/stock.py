"""The offer of a product's stock, and the stock that may be written.

Pure. The share of the available stock that a marketplace should show is decided in
`ocop_sync.engine.wanted.draft`. Here it is decided which differences sales explain,
and whether a change would offer more than the catalog allows, with all that the other
marketplaces may offer at the same time. When sales are read, and when a change waits,
is decided in `ocop_sync.service`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from catalog.model.product import Product, StockPolicy
from catalog.model.sale import Sold
from catalog.values import replace
from ocop_sync.engine.facet import Value, Values
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import ON_SALE, Base, Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet

CLOCKS_DIFFER = timedelta(minutes=1)
"""A sale that seems to follow a write by less may have come before it: clocks differ,
and a write is sent before it is carried out."""

_READ_LONG_AFTER = timedelta(hours=1)
"""A read by so much later than a write shows all that was sold at about its time."""

_STOCK = Facet.STOCK.value
_OFFERING = frozenset({Kind.CREATE, Kind.REPUBLISH, Kind.SET_STOCK, Kind.UPDATE})
"""Kinds of changes after which buyers may be offered more than before."""


def with_sales(
    state: State, sales: Iterable[Sold], *, doubt: timedelta = timedelta(0)
) -> State:
    """Return the state once *sales* are taken into account.

    Stock that was sold since it was written is missing there: no drift. A sale before
    that was written over. As a sale shows that something happened there since the last
    read, the listing is to be read again (`must_reread`).

    Args:
        state: The state before.
        sales: Sales of its packs, at any account, in any order.
        doubt: By how much a sale must have followed a write to be taken off;
            more than none where it is dangerous to know too little on offer.
    """
    later = [each for each in sales if each.n > state.sales_seen]
    if not later or state.base is Base.NEVER_SENT:
        return state
    state = replace(state, sales_seen=max(each.n for each in later))
    new = [each for each in later if each.channel == state.account]
    if not new:
        return state
    confirmed = _less(state.confirmed, new, _Since(state, doubt).written)
    edited = _less(state.edited, new, _Since(state, doubt).read)
    return replace(
        state,
        must_reread=True,
        sent=_less(state.sent, new, _Since(state, doubt).sent),
        confirmed=confirmed,
        edited=None if edited == confirmed else edited,
    )


class _Since:
    """Say of a sale whether it came after some knowledge of a stock."""

    def __init__(self, state: State, doubt: timedelta) -> None:
        self._state = state
        self._doubt = doubt

    def written(self, sold: Sold) -> bool:
        """Since the confirmed stock was written."""
        return self._is_after(sold, self._state.stock_at.get(sold.sku))

    def read(self, sold: Sold) -> bool:
        """Since the last read."""
        return self._is_after(sold, self._state.read_at)

    def sent(self, sold: Sold) -> bool:
        """Since the last sent stock, if it differs from the confirmed one."""
        state = self._state
        sent = (state.sent or {}).get(_STOCK, {}).get(sold.sku)
        known = (state.confirmed or {}).get(_STOCK, {}).get(sold.sku)
        if sent == known:
            return self.written(sold)
        return self._is_after(sold, state.sent_at)

    def shown(self, sold: Sold) -> bool:
        """Since the shown stock, as far as is known, was written or read."""
        if self._state.edited is not None:
            return self.read(sold)
        return self.sent(sold) if self._state.confirmed is None else self.written(sold)

    def _is_after(self, sold: Sold, instant: datetime | None) -> bool:
        return instant is not None and sold.sold_at > instant + self._doubt


def _less(
    values: Values | None, sales: Sequence[Sold], counts: Callable[[Sold], bool]
) -> Values | None:
    """Return *values* without the sold stock, as far as a sale *counts*."""
    stock = None if values is None else values.get(_STOCK)
    if values is None or stock is None:
        return values
    left = dict(stock)
    for sold in sales:
        if sold.sku in left and counts(sold):
            left[sold.sku] = max(0, left[sold.sku] - sold.quantity)
    return {**values, _STOCK: left}


def doubted_at(state: State) -> list[datetime]:
    """Return the instants about which a sale may have come before or after them.

    There are none where a read was later than the last known sale.
    """
    found = list(state.stock_at.values())
    if state.edited is not None or state.confirmed is None:
        instant = state.sent_at if state.edited is None else state.read_at
        found = [*found, instant] if instant else found
    since = state.read_at and state.read_at - _READ_LONG_AFTER
    return [at for at in found if state.must_reread and (since is None or at > since)]


def with_doubts(state: State, sales: Iterable[Sold]) -> State:
    """Return *state* with the doubts that *sales* leave about the shown stock.

    A sale whose instant is just before a write or a read of the stock may have come
    just after that, and the other way round. The next read tells. All sales that the
    state has seen must have been taken off.
    """
    if not doubted_at(state):
        return state
    here = [each for each in sales if each.channel == state.account]
    seen = [each for each in here if each.n <= state.sales_seen]
    least, most = _Since(state, -CLOCKS_DIFFER), _Since(state, CLOCKS_DIFFER)
    sure = _Since(state, timedelta(0))
    return replace(
        state,
        perhaps_sold=_sum(s for s in seen if least.shown(s) and not sure.shown(s)),
        perhaps_left=_sum(s for s in seen if sure.shown(s) and not most.shown(s)),
    )


def _sum(sales: Iterable[Sold]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for sold in sales:
        found[sold.sku] = found.get(sold.sku, 0) + sold.quantity
    return found


def with_doubtful(state: State, sales: Iterable[Sold]) -> State:
    """Return *state* with missing stock explained by *sales*, if it can be.

    A sale that seems to come just before a stock was written, and so was not taken off,
    may have come just after it. All sales must have been taken into account.
    """
    if state.confirmed is None or state.edited is None:
        return state
    left, shown = dict(state.confirmed.get(_STOCK, {})), state.edited.get(_STOCK, {})
    for sold in sales:
        at = state.stock_at.get(sold.sku)
        if at is None or sold.channel != state.account or sold.sku not in left:
            continue
        if at - CLOCKS_DIFFER <= sold.sold_at <= at:
            least = min(left[sold.sku], shown.get(sold.sku, 0))
            left[sold.sku] = max(left[sold.sku] - sold.quantity, least)
    return replace(state, confirmed={**state.confirmed, _STOCK: left})


def stock_at_after_write(before: State) -> Mapping[str, datetime]:
    """Return since when each stock is as it was written, once that is applied.

    *before* awaited the answer.
    """
    if before.sent is None or before.sent_at is None:
        return before.stock_at
    was = (before.edited or before.confirmed or {}).get(_STOCK, {})
    sent = before.sent.get(_STOCK, {})
    written = {sku: before.sent_at for sku, n in sent.items() if n != was.get(sku)}
    return {**before.stock_at, **written}


def stock_at_after_read(
    before: State, confirmed: Values | None, shown: Values, now: datetime
) -> Mapping[str, datetime]:
    """Return the same after a read that shows *shown*.

    An unanswered change that was applied may have been so since it was sent.
    """
    if confirmed is None:
        return before.stock_at
    was = (before.edited or before.confirmed or {}).get(_STOCK, {})
    sent, shows = (before.sent or {}).get(_STOCK, {}), shown.get(_STOCK, {})
    found = {}
    for sku in confirmed.get(_STOCK, {}):
        at = before.stock_at.get(sku, now)
        is_lost = before.awaiting is not None and before.sent_at is not None
        if is_lost and sent.get(sku) != was.get(sku) != shows.get(sku):
            at = before.sent_at or now
        elif _has_come_late(before, confirmed, sku):
            at = now  # what was sold since it came is missing in what shows
        found[sku] = at
    return found


def _has_come_late(before: State, confirmed: Values, sku: str) -> bool:
    """Say whether a read has shown more of a pack, which an earlier change wrote."""
    was, is_ = (before.confirmed or {}).get(_STOCK, {}), confirmed.get(_STOCK, {})
    return bool(before.lost) and was.get(sku) != is_.get(sku)


def stock_to_write(state: State, wanted: Value, *, sales_known: bool) -> Value:
    """Return the stock to write where it shows other than we left it.

    Stock that shows less than we left may have been sold. It is not raised before all
    sales until then are known: stock that is still missing then was not sold.

    Args:
        state: The known state; its stock was found other than it was left.
        wanted: The wanted stock, by SKU.
        sales_known: The sales were read later than the listing, by more than
            the lag that the marketplace declares.
    """
    if sales_known:
        return wanted
    shown = state.shown.get(_STOCK, {})
    known = (state.confirmed or {}).get(_STOCK, {})  # none if it begins to be managed
    return {
        sku: min(n, shown[sku])
        if sku in shown and shown[sku] < known.get(sku, 0)
        else n
        for sku, n in wanted.items()
    }


def offered_at_most(state: State) -> Mapping[str, int]:
    """Return the most that buyers may be offered of each pack there, now or soon.

    A change without an answer may have been applied; one in review may be approved at
    any time; stock that was taken off as sold may have been written over.
    """
    most = _offered_by_one(state)
    # As long as it is not known to have stopped.
    for double in (*state.doubles, *state.other_account_doubles):
        for sku, n in double.values.get(_STOCK, {}).items():
            most[sku] = most.get(sku, 0) + n
    return most


def shows_as_left(state: State) -> bool:
    """Say whether the stock there is known to have changed by sales alone.

    That is since it was written: nothing is without an answer, nothing was found other
    than it was left, and no further listing is there.
    """
    return (
        state.found in ON_SALE
        and state.awaiting is None
        and state.edited is None
        and not state.must_reread
        and not (state.doubles or state.other_account_doubles)
        and not state.perhaps_left
    )


def _offered_by_one(state: State) -> dict[str, int]:
    """Return the same, of the listing that stays alone."""
    if state.found not in ON_SALE and state.awaiting is None:
        return {}
    shown = {
        sku: n + state.perhaps_left.get(sku, 0)
        for sku, n in state.shown.get(_STOCK, {}).items()
    }
    if state.awaiting is None and state.found is not Found.IN_REVIEW:
        return shown
    sent = (state.sent or {}).get(_STOCK, {})
    return {
        sku: max(shown.get(sku, 0), sent.get(sku, 0))
        for sku in sorted(shown.keys() | sent.keys())
    }


def raised(state: State, kind: Kind, values: Values) -> Mapping[str, int]:
    """Return the packs of which a change may offer more than shows, and how many.

    *values* are all those that the listing has once it is applied.
    """
    if kind not in _OFFERING:
        return {}
    shown = state.shown.get(_STOCK, {}) if state.found in ON_SALE else {}
    # A change of content leaves the shown stock as it is.
    gone = state.perhaps_sold if kind is Kind.SET_STOCK else {}
    return {
        sku: n
        for sku, n in values.get(_STOCK, {}).items()
        if n > max(shown.get(sku, 0) - gone.get(sku, 0), 0)
    }


def oversells(
    product: Product, stocks: Mapping[str, int], at_others: Mapping[str, int]
) -> bool:
    """Say whether to offer *stocks* would be more than the catalog allows.

    Args:
        product: The product, with its available stock now.
        stocks: How many one marketplace is about to offer, by SKU.
        at_others: The most that all others may offer, by SKU. It does not count for
            mirrored stock, which can oversell by its producer's choice.
    """
    if product.stock_policy is StockPolicy.MIRROR:
        at_others = {}
    available = {pack.sku: pack.available for pack in product.variants}
    return any(
        n + at_others.get(sku, 0) > available[sku]
        for sku, n in stocks.items()
        if sku in available
    )
