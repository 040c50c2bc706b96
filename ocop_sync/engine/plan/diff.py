"""From the differences of a listing to the changes that it needs.

Pure. How each change is made is in `ocop_sync.engine.plan.planned_changes`; which ones
go while a person is asked, in `ocop_sync.engine.plan.owed`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import cast

from catalog.values import replace
from ocop_sync.engine.facet import Value, Values, changed_skus, differing_facets
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.drift_policy import (
    Policy,
    Target,
    decision_on,
    is_edited,
    target_of,
)
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.plan.owed import Act, goes_under, kept_back, stock_kept_back
from ocop_sync.engine.plan.packs import packs_held
from ocop_sync.engine.plan.planned_changes import (
    CHANGE_OF,
    content_change,
    creation,
    republication,
    stock_change,
    withdrawal,
)
from ocop_sync.engine.state.drift import may_be_sold
from ocop_sync.engine.state.fingerprints import fingerprint_of_act, fingerprint_of_facet
from ocop_sync.engine.state.inferred_sales import not_raised
from ocop_sync.engine.state.refusal import stands
from ocop_sync.engine.state.state import State
from ocop_sync.engine.state.stock import stock_to_write
from ocop_sync.engine.terms import Found, Want
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import Update
from ocop_sync.marketplace.listing import Facet


def problem_of(wanted: Wanted, state: State) -> Hold | None:
    """Return the reason why a listing on sale is not wholly right, if so."""
    packs = packs_held(wanted.lacking, state).values()
    return wanted.problem or next(iter(packs), None)


def resubmission(evaluation: Evaluation, now: datetime) -> Evaluation:
    """Add the changes that send refused content again: as new, or into its listing.

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


def withdrawal_of(evaluation: Evaluation, goes: frozenset[Act]) -> Evaluation:
    """Add the withdrawal of a listing, and lower its stock until that is done.

    Its withdrawal may fail, or wait for a person. A stock that goes to zero by no
    count takes the same from buyers, and waits with it.
    """
    first = evaluation
    if Act.WITHDRAW in goes:
        first = _unless_refused(evaluation, withdrawal(evaluation))
    lower = _lower_stock(evaluation, goes - {Act.STOCK_UP})
    if lower is None or (first.changes and lower.removes):
        return first
    if was_refused(evaluation, Facet.STOCK, lower):
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


def republication_of(
    evaluation: Evaluation, policy: Mapping[Facet, Policy]
) -> Evaluation:
    """Add the changes that update a listing that is down, and then put it on sale.

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
    kept = [each for facet, each in changes if not was_refused(evaluation, facet, each)]
    return sorted(kept, key=by_urgency)


def was_refused(evaluation: Evaluation, facet: Facet, planned: Planned) -> bool:
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
    if decision_on(evaluation.wanted, state, Facet.STOCK):
        return values
    stock = stock_to_write(
        state, values[Facet.STOCK], sales_known=evaluation.sales_known
    )
    return {**values, Facet.STOCK.value: stock}


def _unless_refused(evaluation: Evaluation, planned: Planned) -> Evaluation:
    """Return *evaluation* with this change alone, or held if it was refused as is."""
    change = planned.change
    fingerprints = partial(fingerprint_of_act, change, planned.values)
    if stands(evaluation.state, change.kind.value, fingerprints, _version(evaluation)):
        return replace(evaluation, hold=evaluation.hold or Hold.CHANGE_REFUSED)
    return replace(evaluation, changes=(planned,))


def facet_changes(
    evaluation: Evaluation,
    policy: Mapping[Facet, Policy],
    holds: Collection[Hold],
    never: Collection[Act] = (),
) -> Evaluation:
    """Return a change for each facet that differs, most urgent first.

    *holds* are those of the whole listing; the acts *never* go, under any hold.
    """
    wanted, state = evaluation.wanted, evaluation.state
    goes = goes_under({*holds, *_doubts(wanted)}).difference(never)
    target = target_of(wanted, state, policy)
    hold = evaluation.hold or target.hold or problem_of(wanted, state)
    values = kept_back(wanted, _sparing_sales(evaluation, target), state.shown, goes)
    is_decided = decision_on(wanted, state, Facet.STOCK) is not None
    waits = not (evaluation.sales_known or is_decided) and may_be_sold(state)
    changes = []
    for facet in sorted(differing_facets(values, state.shown)):
        planned = _change(evaluation, facet, values[facet], goes)
        if was_refused(evaluation, facet, planned):
            hold = evaluation.hold or Hold.CHANGE_REFUSED
            continue
        changes.append(planned)
    changes.sort(key=by_urgency)
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


def by_urgency(planned: Planned) -> tuple[int, bool]:
    """Return by which changes are sorted, the most urgent first."""
    return planned.urgency, not isinstance(planned.change, Update)
