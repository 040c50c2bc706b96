"""Packs that are on sale, and whose price or count is missing now.

Pure. Such a pack cannot be offered anew, and is not taken off sale either: that the
catalog has lost a number is no reason. It stays as the marketplace shows it, at the
price that shows there; its stock is lowered where there is a count, and never raised.
So an `Update` of packs names it: one that is not named would be gone. It keeps its
price and its stock by that, as every pack that stays.
"""

from collections.abc import Mapping
from typing import Any

from catalog.values import replace
from ocop_sync.engine.facet import PACKS, Value, Values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.owed import WHILE_HELD, stock_kept_back
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import ON_SALE
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.listing import Facet, Variant

_CONTENT, _PRICE, _STOCK = Facet.CONTENT.value, Facet.PRICE.value, Facet.STOCK.value


def packs_held(lacking: Mapping[str, Hold], state: State) -> dict[str, Hold]:
    """Return the packs of *lacking* that are on sale, by SKU, each with its hold."""
    if not lacking or state.found not in ON_SALE:
        return {}
    there = _packs_shown(state.shown)
    return {sku: hold for sku, hold in lacking.items() if sku in there}


def with_packs_held(wanted: Wanted, state: State) -> Wanted:
    """Return the wanted listing with those packs in it as they are to stand there.

    It may be made of a wanted listing that this has returned before, for another state.
    """
    if not wanted.lacking or wanted.values is None:
        return wanted
    held, shown = packs_held(wanted.lacking, state), state.shown
    values = {name: _without(name, v, wanted) for name, v in wanted.values.items()}
    numbers = {
        _PRICE: shown.get(_PRICE, {}),
        _STOCK: {
            sku: _stock_of(sku, hold, wanted, shown) for sku, hold in held.items()
        },
    }
    for name, known in numbers.items():
        if name in values:
            kept = {sku: known[sku] for sku in held if known.get(sku) is not None}
            values[name] = _sorted(values[name] | kept)
    return _with_content(wanted, values, held, shown)


def _with_content(
    wanted: Wanted, values: Values, held: Mapping[str, Hold], shown: Values
) -> Wanted:
    """Add the packs themselves; a listing is sent with all of its packs."""
    if _CONTENT not in values or wanted.listing is None:
        return replace(wanted, values=values)
    there, prices = _packs_shown(shown), shown.get(_PRICE, {})
    variants = [v for v in wanted.listing.variants if v.sku not in wanted.lacking]
    content = values[_CONTENT]
    if held.keys() <= prices.keys():
        known = {sku: there[sku] for sku in held}
        packs = _sorted(content[PACKS] | known)
        variants += [
            Variant(
                sku=sku,
                price_vnd=prices[sku],
                stock=values.get(_STOCK, {}).get(sku, 0),
                **there[sku],
            )
            for sku in sorted(held)
        ]
    else:
        # Its price does not show: packs cannot be sent with one, and stay all as
        # they are.
        packs = dict(there)
    listing = replace(wanted.listing, variants=tuple(variants))
    values[_CONTENT] = {**content, PACKS: packs}
    return replace(wanted, values=values, listing=listing)


def _packs_shown(shown: Values) -> Value:
    content: Value = shown.get(_CONTENT, {})
    packs: Value = content.get(PACKS, {})
    return packs


def _without(name: str, value: Value, wanted: Wanted) -> Value:
    """Return a facet's value without the additions of an earlier state."""
    if name == _CONTENT:
        packs = _left_out(value[PACKS], wanted)
        return {**value, PACKS: packs}
    return _left_out(value, wanted) if name in (_PRICE, _STOCK) else value


def _left_out(by_sku: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    return {sku: v for sku, v in by_sku.items() if sku not in wanted.lacking}


def _stock_of(sku: str, hold: Hold, wanted: Wanted, shown: Values) -> int | None:
    """Return how many of a pack are to be on offer; None if that is not known."""
    there = shown.get(_STOCK, {}).get(sku)
    if there is None:
        return None
    most, goes = {sku: wanted.at_most.get(sku, there)}, WHILE_HELD[hold].goes
    left: int = stock_kept_back(most, {sku: there}, goes)[sku]
    return left


def _sorted(by_sku: Mapping[str, Any]) -> dict[str, Any]:
    """Return *by_sku* sorted: fingerprints of values depend on the order."""
    return dict(sorted(by_sku.items()))
