"""From a wish and a state to a decision and the changes that it needs.

Pure. The decision itself is the table in `ocop_sync.engine.decide`; here its
situation is read off the values, and what differs becomes changes, each with
its urgency. Whether what takes from buyers goes at all is decided in
`ocop_sync.engine.safety`; when each change is sent, in `ocop_sync.service.writing`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import cast

from ocop_sync.engine.claim import has_claim
from ocop_sync.engine.decide import (
    Base,
    Decision,
    Differs,
    Found,
    Situation,
    Want,
    decide,
)
from ocop_sync.engine.drift import may_be_sold
from ocop_sync.engine.edits import (
    DEFAULT_POLICY,
    Policy,
    Target,
    found_to_judge,
    hold_of_down,
    is_edited,
    target_of,
    word_of,
)
from ocop_sync.engine.facet import (
    Value,
    Values,
    changed_skus,
    differing_facets,
    differing_fields,
    fingerprint,
)
from ocop_sync.engine.failure import is_quarantined
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.judgement import Judgement, Planned, Urgency
from ocop_sync.engine.outcome import print_of_act, print_of_new, print_of_sent
from ocop_sync.engine.refusal import stands
from ocop_sync.engine.state import State
from ocop_sync.engine.stock import stock_to_write
from ocop_sync.engine.wanted import Wanted
from ocop_sync.marketplace.change import (
    Change,
    Create,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.listing import Facet, Listing, StarClaim

_TEXTS = ("title", "description", "attributes")


_HOLD_OF = {
    Decision.HOLD_DOUBLED: Hold.DOUBLED,
    Decision.HOLD_OUT_OF_SCOPE: Hold.OUT_OF_SCOPE,
    Decision.HOLD_ORPHAN: Hold.ORPHAN,
    Decision.HOLD_UNKNOWN: Hold.UNKNOWN_FACT,
    Decision.HOLD_TWIN: Hold.TWIN,
    Decision.HOLD_MOVED: Hold.MOVED,
    Decision.HOLD_REFUSED: Hold.REFUSED,
    Decision.HOLD_TAKEN_DOWN: Hold.TAKEN_DOWN,
    Decision.HOLD_BANNED: Hold.BANNED,
    Decision.HOLD_UNFORESEEN: Hold.UNFORESEEN,
}


def judge(
    wanted: Wanted,
    state: State,
    *,
    read_whole: bool,
    lag_over: bool,
    now: datetime,
    policy: Mapping[Facet, Policy] = DEFAULT_POLICY,
    sales_known: bool = False,
) -> Judgement:
    """Decide about one product at one marketplace.

    Args:
        wanted: The wish.
        state: What is known.
        read_whole: The whole account was read within the last 24 hours.
        lag_over: What has no outcome would show by now if it was applied.
        now: The present instant, in UTC; goes into idempotency keys.
        policy: What becomes of facets that were edited there.
        sales_known: As of `ocop_sync.engine.stock.stock_to_write`.
    """
    situation = situation_of(wanted, state, read_whole, lag_over)
    decision, state = decide(situation), _once_approved(state)
    hold = _HOLD_OF.get(decision)
    if hold is Hold.UNKNOWN_FACT and wanted.problem is not None:
        hold = wanted.problem
    if decision is Decision.IN_SYNC:
        hold = wanted.problem
    if decision is Decision.HOLD_TAKEN_DOWN:
        hold = hold_of_down(wanted, state)
    judgement = Judgement(
        wanted=wanted,
        state=state,
        decision=decision,
        hold=hold,
        sales_known=sales_known,
    )
    return _without_quarantined(_with_changes(judgement, now, policy), now)


def situation_of(
    wanted: Wanted, state: State, read_whole: bool, lag_over: bool
) -> Situation:
    """Read the situation off a wish and a state."""
    found = found_to_judge(wanted, state)
    if state.base is Base.NEVER_SENT:
        found = Found.ABSENT if read_whole else Found.UNREAD
    return Situation(
        want=wanted.want,
        found=found,
        base=state.base,
        differs=_differs(wanted, _once_approved(state))
        if found in (Found.LIVE, Found.IN_REVIEW)
        else Differs.EQUAL,
        was_on_sale=state.confirmed is not None,
        twin=state.twin,
        doubled=bool(state.doubled_ref),
        moved=bool(state.seller_ref and wanted.seller_ref)
        and state.seller_ref != wanted.seller_ref,
        read_whole=read_whole,
        absent_twice=state.absent_reads > 1,
        lag_over=lag_over,
        cured=_is_cured(state, wanted),
    )


def _is_cured(state: State, wanted: Wanted) -> bool:
    """Say whether what was refused, or the mapping that made it, is another now."""
    if "create" not in state.refused:
        return True
    print_ = print_of_new(wanted.values or {})
    return not stands(state, "create", print_, wanted.mapping_version)


def _once_approved(state: State) -> State:
    """Return what is known, as if what is in review had been approved.

    What is sent meanwhile comes on top of it. What somebody edited there, and the
    marketplace looks at by itself, stays an edit.
    """
    if state.found is not Found.IN_REVIEW or state.sent == state.edited:
        return state
    return replace(state, confirmed=state.sent, edited=None)


def _differs(wanted: Wanted, state: State) -> Differs:
    if wanted.values is None:
        return Differs.EQUAL
    facets = differing_facets(wanted.values, state.shown)
    if not facets:
        return Differs.EQUAL
    edited = any(is_edited(state, facet) for facet in facets)
    return Differs.FROM_BOTH if edited else Differs.FROM_WANTED


def _with_changes(
    judgement: Judgement, now: datetime, policy: Mapping[Facet, Policy]
) -> Judgement:
    """Add the changes that the decision needs."""
    decision = judgement.decision
    if decision in (Decision.CREATE, Decision.CREATE_ANEW):
        return replace(judgement, changes=(_create(judgement, now),))
    if decision is Decision.RESUBMIT:
        return _resubmission(judgement, now)
    if decision is Decision.WITHDRAW:
        return _unless_refused(judgement, _withdraw(judgement))
    if decision is Decision.REPUBLISH:
        return _republication(judgement, policy)
    if decision in (Decision.CHANGE, Decision.REPAIR):
        return _facet_changes(judgement, policy)
    return judgement


_IN_ORDER = frozenset({Decision.REPUBLISH, Decision.RESUBMIT})
"""Decisions whose later changes may only follow the earlier ones."""


def _without_quarantined(judgement: Judgement, now: datetime) -> Judgement:
    """Leave out what fails again and again as it is, and what may only follow it."""
    failures, version = judgement.state.failures, judgement.wanted.mapping_version
    if not failures:
        return judgement
    kept: list[Planned] = []
    for planned in judgement.changes:
        change = planned.change
        of = print_of_sent(change, planned.values, version)
        if not is_quarantined(failures.get(change.kind), of, now):
            kept.append(planned)
        elif judgement.decision in _IN_ORDER:
            break
    if len(kept) == len(judgement.changes):
        return judgement
    return replace(judgement, changes=tuple(kept), hold=Hold.QUARANTINED)


def _create(judgement: Judgement, now: datetime) -> Planned:
    wanted = judgement.wanted
    listing, values = cast(Listing, wanted.listing), cast(Values, wanted.values)
    key = fingerprint((judgement.state.marketplace, wanted.product_id, now.isoformat()))
    change = Create(client_ref=wanted.product_id, listing=listing, key=key)
    return _planned(change, Urgency.CREATE, values, after=values)


def _resubmission(judgement: Judgement, now: datetime) -> Judgement:
    """Send what was refused again: as new, or into the listing that it left.

    The content goes last, as that is what the marketplace judges anew.
    """
    state = judgement.state
    if not state.ref:
        return replace(judgement, changes=(_create(judgement, now),))
    values = _sparing_sales(judgement, Target(cast(Values, judgement.wanted.values)))
    differ = differing_facets(values, state.shown) - {Facet.CONTENT}
    others = _repairs(judgement, values, differ)
    if len(others) < len(differ):
        return replace(judgement, hold=Hold.CHANGE_REFUSED)
    content = values[Facet.CONTENT]
    update = _content_change(judgement, content, frozenset(content))
    return replace(judgement, changes=(*others, update))


def _withdraw(judgement: Judgement) -> Planned:
    wanted, state = judgement.wanted, judgement.state
    change = Withdraw(
        client_ref=wanted.product_id,
        ref=state.ref,
        reason=wanted.reason.seen.vi if wanted.reason else "",
        ticket=state.ticket,
    )
    return _planned(
        change,
        Urgency.WITHDRAW,
        state.shown,
        takes=True,
        before={"found": state.found.value},
        after={"found": Found.DOWN_BY_US.value},
    )


def _republication(judgement: Judgement, policy: Mapping[Facet, Policy]) -> Judgement:
    """Bring a listing that is down up to date, and only then put it on sale.

    On sale first, it would show the stock and price of the day on which it was
    withdrawn.
    """
    target = target_of(judgement.wanted, judgement.state, policy)
    if target.hold is not None:
        return replace(judgement, hold=target.hold)
    values = _sparing_sales(judgement, target)
    differ = differing_facets(values, judgement.state.shown)
    first = _repairs(judgement, values, differ)
    if len(first) < len(differ):
        return replace(judgement, hold=Hold.CHANGE_REFUSED)
    judgement = _unless_refused(judgement, _republish(judgement))
    return replace(judgement, changes=(*first, *judgement.changes))


def _repairs(
    judgement: Judgement, values: Values, facets: frozenset[Facet]
) -> list[Planned]:
    """Return a change for each of *facets* that was not refused as it is.

    Nothing is taken from buyers: the listing is not on sale yet. Held by the
    budget, a correction would be overtaken by what puts the listing on sale.
    """
    changes = [
        (facet, replace(_CHANGE_OF[facet](judgement, values[facet]), takes=False))
        for facet in sorted(facets)
    ]
    kept = [each for facet, each in changes if not _was_refused(judgement, facet, each)]
    return sorted(kept, key=_by_urgency)


def _was_refused(judgement: Judgement, facet: Facet, planned: Planned) -> bool:
    """Say whether the marketplace has refused this very value."""
    print_, version = fingerprint(planned.values[facet]), _version(judgement)
    return stands(judgement.state, facet, print_, version)


def _version(judgement: Judgement) -> int:
    return judgement.wanted.mapping_version


def _sparing_sales(judgement: Judgement, target: Target) -> Values:
    """Return what to write: stock that may have been sold is not put back.

    A person may say that it was not sold.
    """
    values, state = target.values, judgement.state
    if Facet.STOCK not in values or not is_edited(state, Facet.STOCK):
        return values
    if word_of(judgement.wanted, state, Facet.STOCK):
        return values
    stock = _stock_to_write(judgement, values[Facet.STOCK])
    return {**values, Facet.STOCK.value: stock}


def _republish(judgement: Judgement) -> Planned:
    change = Republish(client_ref=judgement.wanted.product_id, ref=judgement.state.ref)
    return _planned(
        change,
        Urgency.CREATE,
        judgement.state.shown,
        before={"found": judgement.state.found.value},
        after={"found": Found.LIVE.value},
    )


def _planned(
    change: Change,
    urgency: Urgency,
    values: Values,
    *,
    takes: bool = False,
    before: object = None,
    after: object = None,
) -> Planned:
    return Planned(
        change=change,
        urgency=urgency,
        takes=takes,
        before=before,
        after=after,
        values=values,
    )


def _unless_refused(judgement: Judgement, planned: Planned) -> Judgement:
    """What the marketplace refused as such is not asked again and again."""
    change = planned.change
    print_, version = print_of_act(change, planned.values), _version(judgement)
    if stands(judgement.state, change.kind.value, print_, version):
        return replace(judgement, hold=Hold.CHANGE_REFUSED)
    return replace(judgement, changes=(planned,))


def _facet_changes(judgement: Judgement, policy: Mapping[Facet, Policy]) -> Judgement:
    """Return a change for each facet that differs, most urgent first."""
    wanted, state = judgement.wanted, judgement.state
    target = target_of(wanted, state, policy)
    values, hold = _sparing_sales(judgement, target), target.hold or wanted.problem
    is_said = word_of(wanted, state, Facet.STOCK) is not None
    waits = not (judgement.sales_known or is_said) and may_be_sold(state)
    changes = []
    for facet in sorted(differing_facets(values, state.shown)):
        planned = _CHANGE_OF[facet](judgement, values[facet])
        if _was_refused(judgement, facet, planned):
            hold = Hold.CHANGE_REFUSED
            continue
        changes.append(planned)
    changes.sort(key=_by_urgency)
    return replace(judgement, changes=tuple(changes), hold=hold, waits=waits)


def _by_urgency(planned: Planned) -> tuple[int, bool]:
    return planned.urgency, not isinstance(planned.change, Update)


def _stock_to_write(judgement: Judgement, wanted: Value) -> Value:
    return stock_to_write(judgement.state, wanted, sales_known=judgement.sales_known)


def _after(state: State, facet: Facet, value: Value) -> Values:
    return {**state.shown, facet.value: value}


def _content_change(
    judgement: Judgement, value: Value, fields: frozenset[str] | None = None
) -> Planned:
    """Change *fields*, or those that differ."""
    wanted, state = judgement.wanted, judgement.state
    before = state.shown.get(Facet.CONTENT, {})
    change = Update(
        client_ref=wanted.product_id,
        ref=state.ref,
        listing=cast(Listing, wanted.listing),
        fields=fields or differing_fields(value, before),
    )
    unclaims = wanted.want is Want.WITHOUT_CLAIM and _claims(
        before, change.fields, state.shown.get(Facet.STARS, {})
    )
    return _planned(
        change,
        Urgency.CLAIM_DOWN if unclaims else _content_urgency(before, value),
        _after_content(judgement, value),
        takes=unclaims,
        before={name: before.get(name) for name in sorted(change.fields)},
        after={name: value[name] for name in sorted(change.fields)},
    )


def _claims(before: Value, fields: frozenset[str], stars: Value) -> bool:
    """Say whether what is replaced can carry the OCOP claim *stars*."""
    texts = [str(before.get(name, "")) for name in _TEXTS if name in fields]
    end = stars.get("valid_to")
    ends_on = date.fromisoformat(end) if end else None
    number = stars.get("decision", "")
    return "pictures" in fields or any(
        has_claim(text, decision=number, ends_on=ends_on) for text in texts
    )


def _content_urgency(before: Value, value: Value) -> Urgency:
    """Packs come and go before their prices and stocks are written."""
    had, has = before.get("variants", {}).keys(), value["variants"].keys()
    if had - has:
        return Urgency.STOCK_DOWN
    return Urgency.PRICE if has - had else Urgency.CONTENT


def _after_content(judgement: Judgement, value: Value) -> Values:
    """A pack comes with its price and stock, and goes with them.

    Where nothing is known of those, they begin to be managed, and are still written.
    """
    values = _after(judgement.state, Facet.CONTENT, value)
    wanted = cast(Values, judgement.wanted.values)
    for facet in (Facet.PRICE, Facet.STOCK):
        shown = judgement.state.shown.get(facet)
        if facet in wanted and shown is not None:
            numbers = wanted[facet]
            values[facet.value] = {s: shown.get(s, n) for s, n in numbers.items()}
    return values


def _price_change(judgement: Judgement, value: Value) -> Planned:
    shown = judgement.state.shown.get(Facet.PRICE)
    prices, before = changed_skus(value, shown), shown or {}
    change = SetPrice(
        client_ref=judgement.wanted.product_id, ref=judgement.state.ref, prices=prices
    )
    values = _after(judgement.state, Facet.PRICE, {**before, **prices})
    return _planned(change, Urgency.PRICE, values, before=before, after=prices)


def _stock_change(judgement: Judgement, value: Value) -> Planned:
    shown = judgement.state.shown.get(Facet.STOCK)
    stocks, before = changed_skus(value, shown), shown or {}
    change = SetStock(
        client_ref=judgement.wanted.product_id,
        ref=judgement.state.ref,
        stocks=stocks,
        version=judgement.state.version,
    )
    zeros = {sku for sku, n in stocks.items() if n == 0}
    emptied = {sku for sku in zeros if before.get(sku, 0) > 0}
    lowered = any(n < before.get(sku, 0) for sku, n in stocks.items())
    urgency = Urgency.STOCK_DOWN if lowered else Urgency.STOCK_UP
    return _planned(
        change,
        Urgency.STOCK_TO_ZERO if emptied else urgency,
        _after(judgement.state, Facet.STOCK, {**before, **stocks}),
        # Also where nothing is known of what shows: any number may be on offer.
        takes=bool(zeros & judgement.wanted.uncounted),
        before=before,
        after=stocks,
    )


def _stars_change(judgement: Judgement, value: Value) -> Planned:
    before = judgement.state.shown.get(Facet.STARS, {})
    claim = judgement.wanted.stars
    change = SetStars(
        client_ref=judgement.wanted.product_id, ref=judgement.state.ref, stars=claim
    )
    lowered = _stars(claim) < int(before.get("stars", 0))
    return _planned(
        change,
        Urgency.CLAIM_DOWN if lowered else Urgency.STARS_UP,
        _after(judgement.state, Facet.STARS, value),
        takes=claim is None,
        before=before,
        after=value,
    )


def _stars(claim: StarClaim | None) -> int:
    return claim.stars if claim else 0


_CHANGE_OF = {
    Facet.CONTENT: _content_change,
    Facet.PRICE: _price_change,
    Facet.STOCK: _stock_change,
    Facet.STARS: _stars_change,
}
