"""The changes of an evaluation: each with its urgency, and its removal if any.

Pure. Which of them it needs is decided in `ocop_sync.engine.plan.diff`.
"""

from datetime import datetime
from typing import cast

from catalog.values import replace
from ocop_sync.engine.facet import (
    PACKS,
    Value,
    Values,
    changed_skus,
    differing_fields,
    fingerprint,
)
from ocop_sync.engine.plan.evaluation import Evaluation, Planned, Urgency
from ocop_sync.engine.plan.owed import claims
from ocop_sync.engine.state.inferred_sales import not_raised
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found, Want
from ocop_sync.marketplace.change import (
    Create,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.listing import Facet, Listing, StarClaim


def creation(evaluation: Evaluation, now: datetime) -> Planned:
    """Return the change that makes the listing; its key is of the instant *now*."""
    wanted = evaluation.wanted
    listing, values = cast(Listing, wanted.listing), cast(Values, wanted.values)
    if evaluation.state.capped and Facet.STOCK in values:
        # A listing that is made anew does not fill up unseen sales either.
        stock = not_raised(evaluation.state, values[Facet.STOCK])
        values = {**values, Facet.STOCK.value: stock}
        packs = (replace(v, stock=stock.get(v.sku, v.stock)) for v in listing.variants)
        listing = replace(listing, variants=tuple(packs))
    key = fingerprint(
        (evaluation.state.marketplace, wanted.product_id, now.isoformat())
    )
    change = Create(client_ref=wanted.product_id, listing=listing, key=key)
    return Planned(change, Urgency.CREATE, values, after=values)


def withdrawal(evaluation: Evaluation) -> Planned:
    """Return the change that takes the listing from sale, or cancels its review.

    The verdict is its reason.
    """
    wanted, state = evaluation.wanted, evaluation.state
    change = Withdraw(
        client_ref=wanted.product_id,
        ref=state.ref,
        reason=wanted.reason.seen.vi if wanted.reason else "",
        ticket=state.ticket,
    )
    return Planned(
        change,
        Urgency.WITHDRAW,
        state.shown,
        removes=True,
        before={"found": state.found.value},
        after={"found": Found.DOWN_BY_US.value},
    )


def republication(evaluation: Evaluation) -> Planned:
    """Return the change that puts the listing back on sale as it stands there."""
    change = Republish(
        client_ref=evaluation.wanted.product_id, ref=evaluation.state.ref
    )
    return Planned(
        change,
        Urgency.CREATE,
        evaluation.state.shown,
        before={"found": evaluation.state.found.value},
        after={"found": Found.LIVE.value},
    )


def content_change(
    evaluation: Evaluation,
    value: Value,
    fields: frozenset[str] | None = None,
    *,
    offers: bool = True,
) -> Planned:
    """Return the change that writes *fields* of the content *value*.

    Without *fields* it writes those that differ. A pack that stays keeps the price and
    the stock that show there. One that is added comes with those of the wanted listing,
    but with no stock unless it *offers* any at once. One that is not named goes, with
    its price and stock; a replaced SKU is one gone and one added.
    """
    wanted, state = evaluation.wanted, evaluation.state
    before = state.shown.get(Facet.CONTENT, {})
    fields = differing_fields(value, before) if fields is None else fields
    known = _as_known(value, before, fields)
    values = _after_content(evaluation, known, offers=offers)
    listing = cast(Listing, wanted.listing)
    change = Update(
        client_ref=wanted.product_id,
        ref=state.ref,
        listing=_with_numbers(listing, values) if PACKS in fields else listing,
        fields=fields,
    )
    unclaims = wanted.want is Want.WITHOUT_CLAIM and claims(
        before, change.fields, state.shown.get(Facet.STARS, {})
    )
    return Planned(
        change,
        Urgency.CLAIM_DOWN if unclaims else _content_urgency(before, value),
        values,
        removes=unclaims,
        before={name: before.get(name) for name in sorted(change.fields)},
        after={name: value[name] for name in sorted(change.fields)},
    )


def _as_known(value: Value, before: Value, fields: frozenset[str]) -> Value:
    """Return the content once *fields* are written: the others show as before.

    Of those that are not known yet nothing is said: they were not written.
    """
    return {
        name: each if name in fields else before[name]
        for name, each in value.items()
        if name in fields or name in before
    }


def _content_urgency(before: Value, value: Value) -> Urgency:
    """Return the urgency: packs come and go before prices and stocks are written."""
    had, has = before.get(PACKS, {}).keys(), value[PACKS].keys()
    if had - has:
        return Urgency.STOCK_DOWN
    return Urgency.PRICE if has - had else Urgency.CONTENT


def _after_content(evaluation: Evaluation, value: Value, *, offers: bool) -> Values:
    """Return the values once a content is written: a pack brings price and stock along.

    Where nothing is known of those, they begin to be managed, and are still written.
    """
    values = _after(evaluation.state, Facet.CONTENT, value)
    wanted = cast(Values, evaluation.wanted.values)
    for facet in (Facet.PRICE, Facet.STOCK):
        shown = evaluation.state.shown.get(facet)
        if facet in wanted and shown is not None:
            # The stock of a double must not be offered here as well.
            is_none = facet is Facet.STOCK and not offers
            values[facet.value] = {
                sku: shown.get(sku, 0 if is_none else n)
                for sku, n in wanted[facet].items()
            }
    return values


def _with_numbers(listing: Listing, values: Values) -> Listing:
    """Return *listing* with its packs at the numbers that count as written.

    A marketplace leaves those of packs that stay alone. One that writes them all the
    same must not offer more than shows, or than there is.
    """
    prices, stocks = values.get(Facet.PRICE, {}), values.get(Facet.STOCK, {})
    packs = (
        replace(
            pack,
            price_vnd=prices.get(pack.sku, pack.price_vnd),
            stock=min(stocks.get(pack.sku, pack.stock), pack.stock),
        )
        for pack in listing.variants
    )
    return replace(listing, variants=tuple(packs))


def _price_change(evaluation: Evaluation, value: Value) -> Planned:
    shown = evaluation.state.shown.get(Facet.PRICE)
    prices, before = changed_skus(value, shown), shown or {}
    change = SetPrice(
        client_ref=evaluation.wanted.product_id, ref=evaluation.state.ref, prices=prices
    )
    values = _after(evaluation.state, Facet.PRICE, {**before, **prices})
    return Planned(change, Urgency.PRICE, values, before=before, after=prices)


def stock_change(evaluation: Evaluation, value: Value) -> Planned:
    """Return the change that sets the stocks of *value* that show otherwise."""
    shown = evaluation.state.shown.get(Facet.STOCK)
    stocks, before = changed_skus(value, shown), shown or {}
    change = SetStock(
        client_ref=evaluation.wanted.product_id,
        ref=evaluation.state.ref,
        stocks=stocks,
        version=evaluation.state.version,
    )
    zeros = {sku for sku, n in stocks.items() if n == 0}
    emptied = {sku for sku in zeros if before.get(sku, 0) > 0}
    lowered = any(n < before.get(sku, 0) for sku, n in stocks.items())
    urgency = Urgency.STOCK_DOWN if lowered else Urgency.STOCK_UP
    return Planned(
        change,
        Urgency.STOCK_TO_ZERO if emptied else urgency,
        _after(evaluation.state, Facet.STOCK, {**before, **stocks}),
        # Also where the shown stock is unknown: any number may be on offer.
        removes=bool(zeros & evaluation.wanted.uncounted),
        before=before,
        after=stocks,
    )


def _stars_change(evaluation: Evaluation, value: Value) -> Planned:
    before = evaluation.state.shown.get(Facet.STARS, {})
    claim = evaluation.wanted.stars
    change = SetStars(
        client_ref=evaluation.wanted.product_id, ref=evaluation.state.ref, stars=claim
    )
    lowered = _stars(claim) < int(before.get("stars", 0))
    return Planned(
        change,
        Urgency.CLAIM_DOWN if lowered else Urgency.STARS_UP,
        _after(evaluation.state, Facet.STARS, value),
        removes=claim is None,
        before=before,
        after=value,
    )


def _stars(claim: StarClaim | None) -> int:
    return claim.stars if claim else 0


def _after(state: State, facet: Facet, value: Value) -> Values:
    return {**state.shown, facet.value: value}


CHANGE_OF = {
    Facet.CONTENT: content_change,
    Facet.PRICE: _price_change,
    Facet.STOCK: stock_change,
    Facet.STARS: _stars_change,
}
"""The change that writes a facet, given the evaluation and its value."""
