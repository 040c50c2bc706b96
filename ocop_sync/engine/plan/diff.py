"""From a wish and a state to a decision and the changes that it needs.

Pure. The decision itself is the table in `ocop_sync.engine.plan.decision_table`. Here
its situation is read off the values, and differences become changes. How each is made
is in `ocop_sync.engine.plan.changes`; which ones go while a person is asked, in
`ocop_sync.engine.plan.owed`. Whether a removal goes at all is decided in
`ocop_sync.engine.approval.budget`; when each change is sent, in
`ocop_sync.service.send.changes`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import cast

from ocop_sync.engine.facet import (
    Value,
    Values,
    agree,
    changed_skus,
    differing_facets,
)
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.adoption import as_not_ours, is_taking_over, update_of
from ocop_sync.engine.plan.changes import (
    CHANGE_OF,
    content_change,
    creation,
    republication,
    stock_change,
    withdrawal,
)
from ocop_sync.engine.plan.decision_table import beneath, decide
from ocop_sync.engine.plan.doubled_changes import (
    changes_elsewhere,
    changes_there,
    offers_more,
)
from ocop_sync.engine.plan.doubles import failure_of
from ocop_sync.engine.plan.drift_policy import (
    DEFAULT_POLICY,
    Policy,
    Target,
    found_to_evaluate,
    hold_of_down,
    is_edited,
    target_of,
    word_of,
)
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.plan.owed import (
    EVERYTHING,
    Act,
    goes_under,
    kept_back,
    stock_kept_back,
)
from ocop_sync.engine.plan.packs import packs_held, with_packs_held
from ocop_sync.engine.plan.transitions import (
    fingerprint_of_act,
    fingerprint_of_facet,
    fingerprint_of_new,
    fingerprint_of_sent,
)
from ocop_sync.engine.state.drift import may_be_sold
from ocop_sync.engine.state.inferred_sales import not_raised
from ocop_sync.engine.state.quarantine import has_failed_often, is_quarantined, next_try
from ocop_sync.engine.state.refusal import stands
from ocop_sync.engine.state.state import State
from ocop_sync.engine.state.stock import stock_to_write
from ocop_sync.engine.state.stored_shape import fits
from ocop_sync.engine.terms import (
    Base,
    Decision,
    Differs,
    Found,
    Situation,
    Want,
)
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import Update
from ocop_sync.marketplace.listing import Facet
from ocop_sync.marketplace.offered import FACET_OF


def evaluate_listing(
    wanted: Wanted,
    state: State,
    *,
    read_whole: bool,
    lag_over: bool,
    now: datetime,
    policy: Mapping[Facet, Policy] = DEFAULT_POLICY,
    sales_known: bool = False,
    writes_reference: bool = False,
) -> Evaluation:
    """Decide about one product at one marketplace.

    Args:
        wanted: The wish.
        state: The known state.
        read_whole: The whole account was read within the last 24 hours.
        lag_over: A change without an outcome would show by now if it was applied.
        now: The present instant, in UTC; goes into idempotency keys.
        policy: The policy for facets that were edited there.
        sales_known: As of `ocop_sync.engine.state.stock.stock_to_write`.
        writes_reference: As of `Capabilities`.
    """
    if wanted.problem is Hold.FAULT:
        return Evaluation(
            wanted=wanted,
            state=state,
            decision=Hold.UNFORESEEN,
            hold=Hold.FAULT,
            sales_known=sales_known,
        )
    wanted = with_packs_held(wanted, state)
    situation = situation_of(wanted, state, read_whole, lag_over)
    known, decision, state = state, decide(situation), _once_approved(state)
    hold = decision if isinstance(decision, Hold) else None
    if hold is Hold.UNKNOWN_FACT and wanted.problem is not None:
        hold = wanted.problem
    if decision is Decision.IN_SYNC:
        hold = _problem(wanted, state)
    if decision is Hold.TAKEN_DOWN:
        hold = hold_of_down(wanted, state)
    evaluation = Evaluation(
        wanted=wanted,
        state=state,
        decision=decision,
        hold=hold,
        sales_known=sales_known,
    )
    if isinstance(decision, Hold):
        evaluation = _with_owed(evaluation, situation, policy)
    else:
        evaluation = _with_changes(evaluation, now, policy)
    if is_taking_over(state):
        evaluation = _taking_over(evaluation, writes_reference)
    if state.elsewhere:
        evaluation = _with_elsewhere(evaluation, known, now)
    return _without_quarantined(_as_offered(evaluation), now)


def _as_offered(evaluation: Evaluation) -> Evaluation:
    """Leave out changes of a facet that the marketplace has no place for."""
    unplaced = evaluation.wanted.unplaced
    if not unplaced:
        return evaluation

    def offered(changes: Iterable[Planned]) -> tuple[Planned, ...]:
        kinds = ((each, FACET_OF.get(each.change.kind)) for each in changes)
        return tuple(each for each, facet in kinds if facet not in unplaced)

    changes, there = offered(evaluation.changes), offered(evaluation.elsewhere)
    return replace(evaluation, changes=changes, elsewhere=there)


def _problem(wanted: Wanted, state: State) -> Hold | None:
    """Return the reason why a listing on sale is not wholly right, if so."""
    packs = packs_held(wanted.lacking, state).values()
    return wanted.problem or next(iter(packs), None)


def situation_of(
    wanted: Wanted, state: State, read_whole: bool, lag_over: bool
) -> Situation:
    """Read the situation off a wish and a state."""
    found = found_to_evaluate(wanted, state)
    if state.base is Base.NEVER_SENT:
        found = Found.ABSENT if read_whole else Found.UNREAD
    if state.unreadable:
        found = Found.UNREADABLE
    situation = Situation(
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
    return as_not_ours(situation, state)


def _is_cured(state: State, wanted: Wanted) -> bool:
    """Say whether the refused content, or the mapping that made it, has changed."""
    if "create" not in state.refused:
        return True
    fingerprints = partial(fingerprint_of_new, wanted.values or {})
    return not stands(state, "create", fingerprints, wanted.mapping_version)


def _once_approved(state: State) -> State:
    """Return the state as if changes in review had been approved.

    Changes that are sent meanwhile come on top of it. An edit there that the
    marketplace reviews by itself stays an edit.
    """
    if state.found is not Found.IN_REVIEW:
        return state
    if agree(state.sent or {}, state.edited or {}):
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
    evaluation: Evaluation, now: datetime, policy: Mapping[Facet, Policy]
) -> Evaluation:
    """Add the changes that the decision needs."""
    decision = evaluation.decision
    if decision in (Decision.CREATE, Decision.CREATE_ANEW):
        return replace(evaluation, changes=(creation(evaluation, now),))
    if decision is Decision.RESUBMIT:
        return _resubmission(evaluation, now)
    if decision is Decision.WITHDRAW:
        return _withdrawal(evaluation, EVERYTHING)
    if decision is Decision.REPUBLISH:
        return _republication(evaluation, policy)
    if decision in (Decision.CHANGE, Decision.REPAIR):
        return _facet_changes(evaluation, policy, frozenset())
    return evaluation


def _taking_over(evaluation: Evaluation, writes_reference: bool) -> Evaluation:
    """Leave no change to a listing that is not ours yet but the one that makes it ours.

    Changes to doubles of ours go as always.
    """
    ref = evaluation.state.ref
    others = [p for p in evaluation.changes if getattr(p.change, "ref", "") != ref]
    first = update_of(evaluation, writes_reference=writes_reference)
    if first is not None and _was_refused(evaluation, Facet.CONTENT, first):
        first, evaluation = None, replace(evaluation, hold=Hold.CHANGE_REFUSED)
    return replace(evaluation, changes=(*others, *([first] if first else ())))


def _with_owed(
    evaluation: Evaluation, situation: Situation, policy: Mapping[Facet, Policy]
) -> Evaluation:
    """Add the changes that go while a person is asked, of the decision without them."""
    asked, decision = beneath(situation)
    holds, state = set(asked), evaluation.state
    if state.doubles or state.elsewhere:  # one is proposed to stay, and kept right
        holds.discard(Hold.DOUBLED)
    never = {Act.STOCK_UP} if offers_more(state) else set()
    if decision is Decision.WITHDRAW:
        evaluation = _withdrawal(evaluation, goes_under(holds))
    elif decision in (Decision.CHANGE, Decision.REPAIR):
        evaluation = _facet_changes(evaluation, policy, holds, never)
    changes = sorted([*evaluation.changes, *changes_there(evaluation)], key=_by_urgency)
    return replace(evaluation, changes=tuple(changes))


def _with_elsewhere(evaluation: Evaluation, known: State, now: datetime) -> Evaluation:
    """Add the changes at other accounts, also while the listing here is read back.

    A change that fails again and again there is left out, and keeps nothing back here.

    Args:
        evaluation: The evaluation here.
        known: The known state: a change in review may not be approved.
        now: The present instant, in UTC.
    """
    version, there = evaluation.wanted.mapping_version, list[Planned]()
    for double, planned in changes_elsewhere(replace(evaluation, state=known)):
        failure = double.failures.get(planned.change.kind)
        of = partial(fingerprint_of_sent, planned.change, planned.values, version)
        if not is_quarantined(failure, of, now, owed=evaluation.owes(planned)):
            there.append(replace(planned, again=has_failed_often(failure, of)))
    return replace(evaluation, elsewhere=tuple(sorted(there, key=_by_urgency)))


_IN_ORDER = frozenset({Decision.REPUBLISH, Decision.RESUBMIT})
"""Decisions whose later changes may only follow the earlier ones."""


def _without_quarantined(evaluation: Evaluation, now: datetime) -> Evaluation:
    """Leave out changes in quarantine, and those that may only follow them."""
    state, version = evaluation.state, evaluation.wanted.mapping_version
    if not (state.failures or any(double.failures for double in state.doubles)):
        return evaluation
    kept: list[Planned] = []
    tries = list[datetime]()
    for planned in evaluation.changes:
        change, failure = planned.change, failure_of(state, planned.change)
        of = partial(fingerprint_of_sent, change, planned.values, version)
        owed = evaluation.owes(planned)
        if failure is not None and owed and fits(failure.of, of):
            at = next_try(replace(failure, owed=True))
            tries += [at] if at else []
        if not is_quarantined(failure, of, now, owed=owed):
            kept.append(replace(planned, again=has_failed_often(failure, of)))
        elif evaluation.decision in _IN_ORDER:
            break
    evaluation = replace(evaluation, next_try_at=min(tries, default=None))
    if len(kept) == len(evaluation.changes):
        return replace(evaluation, changes=tuple(kept))
    return replace(evaluation, changes=tuple(kept), hold=Hold.QUARANTINED)


def _resubmission(evaluation: Evaluation, now: datetime) -> Evaluation:
    """Send refused content again: as new, or into the listing that it left.

    The content goes last, as the marketplace evaluates that anew.
    """
    state = evaluation.state
    if not state.ref:
        return replace(evaluation, changes=(creation(evaluation, now),))
    values = _sparing_sales(evaluation, Target(cast(Values, evaluation.wanted.values)))
    differ = differing_facets(values, state.shown) - {Facet.CONTENT}
    others = _repairs(evaluation, values, differ)
    if len(others) < len(differ):
        return replace(evaluation, hold=Hold.CHANGE_REFUSED)
    content = values[Facet.CONTENT]
    update = content_change(evaluation, content, frozenset(content))
    return replace(evaluation, changes=(*others, update))


def _withdrawal(evaluation: Evaluation, goes: frozenset[Act]) -> Evaluation:
    """Take a listing from sale; until that is done, no more is on offer than there is.

    Its withdrawal may fail, or wait for a person. A stock that goes to zero by no
    count takes the same from buyers, and waits with it.
    """
    first = evaluation
    if Act.WITHDRAW in goes:
        first = _unless_refused(evaluation, withdrawal(evaluation))
    lower = _lower_stock(evaluation, goes - {Act.STOCK_UP})
    if lower is None or (first.changes and lower.removes):
        return first
    if _was_refused(evaluation, Facet.STOCK, lower):
        return replace(first, hold=evaluation.hold or Hold.CHANGE_REFUSED)
    return replace(first, changes=(*first.changes, lower))


def _lower_stock(evaluation: Evaluation, goes: frozenset[Act]) -> Planned | None:
    """Return the change that lowers the shown stock to the available one."""
    wanted, state = evaluation.wanted, evaluation.state
    there = state.shown.get(Facet.STOCK, {})
    if state.found is not Found.LIVE or not there:
        return None
    most = {**wanted.at_most, **(wanted.values or {}).get(Facet.STOCK.value, {})}
    value = stock_kept_back(most, there, goes)
    return stock_change(evaluation, value) if changed_skus(value, there) else None


def _republication(
    evaluation: Evaluation, policy: Mapping[Facet, Policy]
) -> Evaluation:
    """Bring a listing that is down up to date, and only then put it on sale.

    On sale first, it would show the stock and price of the day on which it was
    withdrawn.
    """
    target = target_of(evaluation.wanted, evaluation.state, policy)
    if target.hold is not None:
        return replace(evaluation, hold=target.hold)
    values = _sparing_sales(evaluation, target)
    differ = differing_facets(values, evaluation.state.shown)
    first = _repairs(evaluation, values, differ)
    if len(first) < len(differ):
        return replace(evaluation, hold=Hold.CHANGE_REFUSED)
    evaluation = _unless_refused(evaluation, republication(evaluation))
    return replace(evaluation, changes=(*first, *evaluation.changes))


def _repairs(
    evaluation: Evaluation, values: Values, facets: frozenset[Facet]
) -> list[Planned]:
    """Return a change for each of *facets* that was not refused as it is.

    Nothing is taken from buyers: the listing is not on sale yet. Held by the budget, a
    correction would be overtaken by the change that puts the listing on sale.
    """
    changes = [
        (facet, replace(CHANGE_OF[facet](evaluation, values[facet]), removes=False))
        for facet in sorted(facets)
    ]
    kept = [
        each for facet, each in changes if not _was_refused(evaluation, facet, each)
    ]
    return sorted(kept, key=_by_urgency)


def _was_refused(evaluation: Evaluation, facet: Facet, planned: Planned) -> bool:
    """Say whether the marketplace has refused this very value."""
    fingerprints = partial(fingerprint_of_facet, facet, planned.values)
    return stands(evaluation.state, facet, fingerprints, _version(evaluation))


def _version(evaluation: Evaluation) -> int:
    return evaluation.wanted.mapping_version


def _sparing_sales(evaluation: Evaluation, target: Target) -> Values:
    """Return the values to write: stock that may have been sold is not put back.

    A person may say that it was not sold.
    """
    values, state = target.values, evaluation.state
    if Facet.STOCK in values and state.capped:
        stock = not_raised(state, values[Facet.STOCK])
        values = {**values, Facet.STOCK.value: stock}
    if Facet.STOCK not in values or not is_edited(state, Facet.STOCK):
        return values
    if word_of(evaluation.wanted, state, Facet.STOCK):
        return values
    stock = _stock_to_write(evaluation, values[Facet.STOCK])
    return {**values, Facet.STOCK.value: stock}


def _unless_refused(evaluation: Evaluation, planned: Planned) -> Evaluation:
    """A change that the marketplace refused as such is not sent again and again."""
    change = planned.change
    fingerprints = partial(fingerprint_of_act, change, planned.values)
    if stands(evaluation.state, change.kind.value, fingerprints, _version(evaluation)):
        return replace(evaluation, hold=evaluation.hold or Hold.CHANGE_REFUSED)
    return replace(evaluation, changes=(planned,))


def _facet_changes(
    evaluation: Evaluation,
    policy: Mapping[Facet, Policy],
    holds: Collection[Hold],
    never: Collection[Act] = (),
) -> Evaluation:
    """Return a change for each facet that differs, most urgent first.

    Args:
        evaluation: The evaluation that needs them.
        policy: The policy for facets that were edited there.
        holds: The holds of the whole listing.
        never: The acts that never go, under any hold.
    """
    wanted, state = evaluation.wanted, evaluation.state
    goes = goes_under({*holds, *_doubts(wanted)}).difference(never)
    target = target_of(wanted, state, policy)
    hold = evaluation.hold or target.hold or _problem(wanted, state)
    values = kept_back(wanted, _sparing_sales(evaluation, target), state.shown, goes)
    is_said = word_of(wanted, state, Facet.STOCK) is not None
    waits = not (evaluation.sales_known or is_said) and may_be_sold(state)
    changes = []
    for facet in sorted(differing_facets(values, state.shown)):
        planned = _change(evaluation, facet, values[facet], goes)
        if _was_refused(evaluation, facet, planned):
            hold = evaluation.hold or Hold.CHANGE_REFUSED
            continue
        changes.append(planned)
    changes.sort(key=_by_urgency)
    waits = waits and Act.STOCK_UP in goes
    return replace(evaluation, changes=tuple(changes), hold=hold, waits=waits)


def _change(
    evaluation: Evaluation, facet: Facet, value: Value, goes: Collection[Act]
) -> Planned:
    """Return the change that writes a facet; packs that it adds are stock as well."""
    if facet is Facet.CONTENT:
        return content_change(evaluation, value, offers=Act.STOCK_UP in goes)
    return CHANGE_OF[facet](evaluation, value)


def _doubts(wanted: Wanted) -> Collection[Hold]:
    """Return the unknown facts of a product that is on sale all the same, if any."""
    if wanted.want is not Want.UNKNOWN:
        return ()
    return (wanted.problem or Hold.UNKNOWN_FACT,)


def _by_urgency(planned: Planned) -> tuple[int, bool]:
    return planned.urgency, not isinstance(planned.change, Update)


def _stock_to_write(evaluation: Evaluation, wanted: Value) -> Value:
    return stock_to_write(evaluation.state, wanted, sales_known=evaluation.sales_known)
