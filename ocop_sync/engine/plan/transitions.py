"""The transitions of a state by an intent and by an answer.

Pure: the caller stores the state that comes out. An intent is stored before its call
and the answer after it, so that a crash between the two leaves a state that says so
(`State.awaiting`). Transitions by a read are in `ocop_sync.engine.plan.after_read`.
"""

from datetime import datetime

from catalog.values import replace
from ocop_sync.engine.facet import Values
from ocop_sync.engine.plan.adoption import is_taking_over, taken_over
from ocop_sync.engine.plan.doubles import after_intent_there, is_of_double
from ocop_sync.engine.state.confirmed import confirmed_by_answer
from ocop_sync.engine.state.fingerprints import (
    fingerprint_of_new,
    fingerprint_of_values,
)
from ocop_sync.engine.state.refusal import noted
from ocop_sync.engine.state.state import State
from ocop_sync.engine.state.stock import stock_at_after_write
from ocop_sync.engine.terms import Found, Twin
from ocop_sync.marketplace.change import Change, Create, Kind
from ocop_sync.marketplace.features import FACET_OF
from ocop_sync.marketplace.listing import Facet, Problem, RemoteState
from ocop_sync.marketplace.result import Applied, Refused, Result, Submitted, Unknown


def after_intent(
    before: State,
    change: Change,
    values: Values,
    account: str,
    now: datetime,
    *,
    mapping_version: int = 0,
) -> State:
    """Return the state to store before a change is sent.

    *values* are all those that it has once the change is applied.
    """
    if is_of_double(before, change):
        return replace(after_intent_there(before, change), sent_at=now, account=account)
    state = replace(
        before,
        awaiting=change.kind,
        sent=values,
        sent_at=now,
        account=account,
        mapping_version=mapping_version,
    )
    if isinstance(change, Create):  # nothing is known of it but what is sent
        return replace(
            state,
            seller_ref=change.listing.seller_ref,
            confirmed=None,
            edited=None,
            stock_at={},
        )
    return state


def after_result(before: State, change: Change, result: Result) -> State:
    """Return the state after the marketplace's answer to *change*.

    *before* has the intent, as `after_intent` made it.
    """
    if isinstance(result, Unknown) or _is_half_done(change, result):
        return before
    after = answered(before, change.kind)
    if isinstance(result, Refused):
        return _after_refusal(after, change, result.problems)
    after = replace(after, stock_at=stock_at_after_write(before))
    if isinstance(result, Submitted):
        return _after_submission(after, change.kind, result)
    return _after_applied(after, change.kind, result)


def _is_half_done(change: Change, result: Result) -> bool:
    """Say whether *change* is a withdrawal that was only taken in: a read will tell."""
    return change.kind is Kind.WITHDRAW and isinstance(result, Submitted)


def answered(state: State, kind: Kind) -> State:
    """Return *state* with changes of *kind* answered: not awaited, and not failing."""
    failures = {k: failure for k, failure in state.failures.items() if k is not kind}
    return replace(state, awaiting=None, failures=failures)


def after_not_sent(before: State, intended: State) -> State:
    """Return the state after a call that is known not to have been applied.

    *before* is the state before the intent.
    """
    return replace(before, account=intended.account)


def _after_applied(state: State, kind: Kind, result: Applied) -> State:
    """Return the state after a change was applied.

    A refused listing that is written to again stays refused until it is read.
    """
    # Danger: a sale may have come since the last read. The version in the answer to any
    # other change than stock is newer than that sale, and would hide it.
    version = result.version if kind in (Kind.CREATE, Kind.SET_STOCK) else ""
    state = replace(state, ref=result.ref or state.ref, version=version)
    if kind is Kind.WITHDRAW:
        return _after_withdrawal(_accepted(state, kind.value))
    if kind is Kind.CREATE:
        return _made(replace(state, found=Found.LIVE, confirmed=state.sent))
    if kind is Kind.REPUBLISH:
        state = _accepted(state, kind.value)
        return replace(state, found=Found.LIVE, read_at=None)
    if kind is Kind.UPDATE and is_taking_over(state):
        state = taken_over(state)
    if state.found is Found.REFUSED and kind is Kind.UPDATE:
        fingerprint_ = note_on_new(state)
        state = _with_facet(state, Facet.CONTENT)
        return replace(
            state, refused={**state.refused, "create": fingerprint_}, read_at=None
        )
    if state.found is Found.DOWN_BY_US and result.state is RemoteState.LIVE:
        state = replace(state, found=Found.LIVE, read_at=None)  # it put it up itself
    return _with_facet(state, FACET_OF[kind])


def _after_withdrawal(state: State) -> State:
    """A cancelled submission that left nothing behind was never made."""
    if state.ref:
        return replace(state, found=Found.DOWN_BY_US, ticket="")
    return replace(
        state, found=Found.ABSENT, ticket="", sent=None, confirmed=None, edited=None
    )


def _after_submission(state: State, kind: Kind, result: Submitted) -> State:
    """A change in review is not confirmed: it may yet be refused."""
    state = replace(
        state,
        ticket=result.ticket,
        ref=result.ref or state.ref,
        found=Found.IN_REVIEW,
    )
    if kind is Kind.CREATE:
        return _made(state)
    return _accepted(state, FACET_OF.get(kind, kind.value))


def _made(state: State) -> State:
    """Return the state of a new listing: the knowledge of an earlier one is over."""
    return replace(
        state,
        read_at=None,
        absent_reads=0,
        problems=(),
        refused={},
        failures={},
        twin=Twin.NONE,
        twin_ref="",
    )


def _with_facet(state: State, facet: Facet) -> State:
    """Return *state* with the written facet confirmed; the others stay as they were."""
    sent = state.sent or {}
    names = tuple(name for name in _written(facet) if name in sent)
    return replace(
        _accepted(state, facet.value),
        confirmed=confirmed_by_answer(state, names),
        edited=state.edited and {**state.edited, **{n: sent[n] for n in names}},
    )


def _accepted(state: State, what: str) -> State:
    """Return *state* without the refusal of a change that is accepted now."""
    refused = {
        name: fingerprint_
        for name, fingerprint_ in state.refused.items()
        if name != what
    }
    return replace(state, refused=refused, problems=state.problems if refused else ())


def _written(facet: Facet) -> tuple[str, ...]:
    """Return the names of the written facets.

    Of packs, one that stays keeps the price and the stock that show there, one that is
    added comes with those of the wanted listing, and one that is not named is gone with
    its own. All three facets were remembered so when it was sent.
    """
    if facet is not Facet.CONTENT:
        return (facet.value,)
    return (Facet.CONTENT.value, Facet.PRICE.value, Facet.STOCK.value)


def _after_refusal(
    state: State, change: Change, problems: tuple[Problem, ...]
) -> State:
    kind, sent = change.kind, state.sent or {}
    if kind is Kind.UPDATE and state.found is Found.REFUSED:
        refused = {**state.refused, "create": note_on_new(state)}
        return replace(state, problems=problems, refused=refused, sent=state.shown)
    if kind is Kind.CREATE:
        return replace(
            state,
            found=Found.REFUSED,
            ref="",
            problems=problems,
            refused={"create": note_on_new(state)},
        )
    facet = FACET_OF.get(kind)
    what = facet.value if facet else kind.value
    fingerprint_ = noted(fingerprint_of_values(change, sent), state.mapping_version)
    refused = {**state.refused, what: fingerprint_}
    # The rest of the sent values may still be in review.
    kept = {n: v for n, v in state.shown.items() if facet and n in _written(facet)}
    return replace(state, problems=problems, refused=refused, sent={**sent, **kept})


def note_on_new(state: State) -> str:
    """Return the note on a new listing whose values were sent last."""
    return noted(fingerprint_of_new(state.sent or {}), state.mapping_version)
