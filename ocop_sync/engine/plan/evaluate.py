"""From a wanted listing and a state to a decision and the changes that it needs.

Pure. The decision itself is the table in `ocop_sync.engine.plan.decision_table`; the
changes by which differences go are chosen in `ocop_sync.engine.plan.diff`. Whether a
removal goes at all is decided in `ocop_sync.engine.approval.budget`; when each change
is sent, in `ocop_sync.service.send.slices`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from catalog.values import replace
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.adoption import is_taking_over, update_of
from ocop_sync.engine.plan.decision_table import beneath, decide
from ocop_sync.engine.plan.diff import (
    by_urgency,
    facet_changes,
    problem_of,
    republication_of,
    resubmission,
    was_refused,
    withdrawal_of,
)
from ocop_sync.engine.plan.doubled_changes import (
    changes_there,
    offers_more,
    other_account_changes,
)
from ocop_sync.engine.plan.doubles import failure_of
from ocop_sync.engine.plan.drift_policy import DEFAULT_POLICY, Policy, hold_of_down
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.plan.owed import EVERYTHING, Act, goes_under
from ocop_sync.engine.plan.packs import with_packs_held
from ocop_sync.engine.plan.planned_changes import creation
from ocop_sync.engine.plan.situation import once_approved, situation_of
from ocop_sync.engine.state.fingerprints import fingerprint_of_sent
from ocop_sync.engine.state.quarantine import has_failed_often, is_quarantined, next_try
from ocop_sync.engine.state.state import State
from ocop_sync.engine.state.stored_shape import fits
from ocop_sync.engine.terms import Decision, Situation
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.features import FACET_OF
from ocop_sync.marketplace.listing import Facet


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
        wanted: The wanted listing.
        state: The known state.
        read_whole: The whole account was read lately (`sync.read_whole_every_h`).
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
    known, decision, state = state, decide(situation), once_approved(state)
    hold = decision if isinstance(decision, Hold) else None
    if hold is Hold.UNKNOWN_FACT and wanted.problem is not None:
        hold = wanted.problem
    if decision is Decision.IN_SYNC:
        hold = problem_of(wanted, state)
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
    if state.other_account_doubles:
        evaluation = _with_other_account_changes(evaluation, known, now)
    return _without_quarantined(_as_offered(evaluation), now)


def _as_offered(evaluation: Evaluation) -> Evaluation:
    """Leave out changes of a facet that the marketplace has no place for."""
    unplaced = evaluation.wanted.unplaced
    if not unplaced:
        return evaluation

    def offered(changes: Iterable[Planned]) -> tuple[Planned, ...]:
        kinds = ((each, FACET_OF.get(each.change.kind)) for each in changes)
        return tuple(each for each, facet in kinds if facet not in unplaced)

    changes, there = (
        offered(evaluation.changes),
        offered(evaluation.other_account_changes),
    )
    return replace(evaluation, changes=changes, other_account_changes=there)


def _with_changes(
    evaluation: Evaluation, now: datetime, policy: Mapping[Facet, Policy]
) -> Evaluation:
    """Add the changes that the decision needs."""
    decision = evaluation.decision
    if decision in (Decision.CREATE, Decision.CREATE_ANEW):
        return replace(evaluation, changes=(creation(evaluation, now),))
    if decision is Decision.RESUBMIT:
        return resubmission(evaluation, now)
    if decision is Decision.WITHDRAW:
        return withdrawal_of(evaluation, EVERYTHING)
    if decision is Decision.REPUBLISH:
        return republication_of(evaluation, policy)
    if decision in (Decision.CHANGE, Decision.REPAIR):
        return facet_changes(evaluation, policy, frozenset())
    return evaluation


def _taking_over(evaluation: Evaluation, writes_reference: bool) -> Evaluation:
    """Leave no change to a listing that is not ours yet but the one that makes it ours.

    Changes to doubles of ours go as always.
    """
    ref = evaluation.state.ref
    others = [p for p in evaluation.changes if getattr(p.change, "ref", "") != ref]
    first = update_of(evaluation, writes_reference=writes_reference)
    if first is not None and was_refused(evaluation, Facet.CONTENT, first):
        first, evaluation = None, replace(evaluation, hold=Hold.CHANGE_REFUSED)
    return replace(evaluation, changes=(*others, *([first] if first else ())))


def _with_owed(
    evaluation: Evaluation, situation: Situation, policy: Mapping[Facet, Policy]
) -> Evaluation:
    """Add the changes that go while a person is asked, of the decision without them."""
    asked, decision = beneath(situation)
    holds, state = set(asked), evaluation.state
    if (
        state.doubles or state.other_account_doubles
    ):  # one is proposed to stay, and kept right
        holds.discard(Hold.DOUBLED)
    never = {Act.STOCK_UP} if offers_more(state) else set()
    if decision is Decision.WITHDRAW:
        evaluation = withdrawal_of(evaluation, goes_under(holds))
    elif decision in (Decision.CHANGE, Decision.REPAIR):
        evaluation = facet_changes(evaluation, policy, holds, never)
    changes = sorted([*evaluation.changes, *changes_there(evaluation)], key=by_urgency)
    return replace(evaluation, changes=tuple(changes))


def _with_other_account_changes(
    evaluation: Evaluation, known: State, now: datetime
) -> Evaluation:
    """Add the changes at other accounts, also while the listing here is read back.

    A change that fails again and again there is left out, and keeps nothing back here.
    The *known* state counts: a change in review may not be approved.
    """
    version, there = evaluation.wanted.mapping_version, list[Planned]()
    for double, planned in other_account_changes(replace(evaluation, state=known)):
        failure = double.failures.get(planned.change.kind)
        of = partial(fingerprint_of_sent, planned.change, planned.values, version)
        if not is_quarantined(failure, of, now, owed=evaluation.owes(planned)):
            there.append(replace(planned, again=has_failed_often(failure, of)))
    return replace(
        evaluation, other_account_changes=tuple(sorted(there, key=by_urgency))
    )


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
