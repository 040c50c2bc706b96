"""The outlook of drift, as things are now: for people who read the ledger.

Pure. It is read off an evaluation: nothing here decides anything.
"""

from collections.abc import Mapping
from enum import StrEnum

from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.doubles import kept_ref
from ocop_sync.engine.plan.drift_policy import decision_on
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.state.drift import Drift, DriftKind, part_of
from ocop_sync.engine.terms import Decision

ASKED: Mapping[DriftKind, frozenset[Hold]] = {
    DriftKind.EDITED: frozenset({Hold.EDITED_THERE, Hold.FOUGHT}),
    DriftKind.VANISHED: frozenset({Hold.VANISHED_MANY, Hold.FOUGHT}),
    DriftKind.TAKEN_DOWN: frozenset({Hold.TAKEN_DOWN}),
    DriftKind.BANNED: frozenset({Hold.BANNED}),
    DriftKind.DOUBLED: frozenset({Hold.DOUBLED}),
}
"""Why a person is asked about each kind of drift, if one is."""


class DriftOutlook(StrEnum):
    """The outlook of one drift."""

    ASKED = "asked"
    """A person decides."""
    HEALED = "healed"
    """The next sync puts it right."""
    LEFT = "left"
    """It stays as it was found: a person said so, or the policy does."""
    UNNEEDED = "unneeded"
    """The product need not be on sale there: nothing is done."""
    WITHDRAWN = "withdrawn"
    """The product may not be on sale there: the next sync withdraws it."""
    HELD = "held"
    """The product is held for a reason of its own."""
    OPEN = "open"
    """The next sync looks again before anything is decided."""


_LOOKS_AGAIN = frozenset(
    {
        Decision.WAIT,
        Decision.READ_BACK,
        Decision.READ_WHOLE,
        Decision.READ_AGAIN,
        Decision.ADOPT,
        Decision.FOLLOW,
    }
)
_MAKES = frozenset({Decision.CREATE_ANEW, Decision.REPUBLISH})
_BY_DECISION = {
    Decision.NOTHING: DriftOutlook.UNNEEDED,
    Decision.WITHDRAW: DriftOutlook.WITHDRAWN,
}


def outlook_of(drift: Drift, evaluation: Evaluation, hold: Hold | None) -> DriftOutlook:
    """Return the outlook of *drift*.

    A change that must pass the gate may be under *hold* although the evaluation knows
    of no reason.
    """
    if drift.kind is DriftKind.DOUBLED and kept_ref(evaluation.state):
        return DriftOutlook.HEALED
    field = drift.field or drift.kind
    decision = decision_on(evaluation.wanted, evaluation.state, field)
    asks = hold in ASKED[drift.kind] and decision is None
    heals = any(_heals(each, drift, evaluation, hold) for each in evaluation.changes)
    if heals and not (asks and drift.kind is not DriftKind.EDITED):
        return DriftOutlook.HEALED
    if asks:
        return DriftOutlook.ASKED
    if hold is Hold.LEFT or (decision is not None and not decision.ours):
        return DriftOutlook.LEFT
    return _undecided(evaluation, hold)


def _undecided(evaluation: Evaluation, hold: Hold | None) -> DriftOutlook:
    if hold is not None:
        return DriftOutlook.HELD
    decision = evaluation.decision
    if isinstance(decision, Decision) and decision in _BY_DECISION:
        return _BY_DECISION[decision]
    is_open = decision in _LOOKS_AGAIN or evaluation.waits
    return DriftOutlook.OPEN if is_open else DriftOutlook.LEFT


def _heals(
    planned: Planned, drift: Drift, evaluation: Evaluation, hold: Hold | None
) -> bool:
    """Say whether a change that is not held puts *drift* right."""
    if hold is Hold.BUDGET and planned.removes:
        return False
    if drift.kind is not DriftKind.EDITED:
        return evaluation.decision in _MAKES
    shown = part_of(evaluation.state.shown, drift.field)
    return bool(part_of(planned.values, drift.field) != shown)
