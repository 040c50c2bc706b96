"""The situation of a listing, read off a wanted listing and a state.

Pure. The decision on it is the table in `ocop_sync.engine.plan.decision_table`.
"""

from functools import partial

from catalog.values import replace
from ocop_sync.engine.facet import agree, differing_facets
from ocop_sync.engine.plan.adoption import as_not_ours
from ocop_sync.engine.plan.drift_policy import found_to_evaluate, is_edited
from ocop_sync.engine.state.fingerprints import fingerprint_of_new
from ocop_sync.engine.state.refusal import stands
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Base, Differs, Found, Situation
from ocop_sync.engine.wanted.wanted import Wanted


def situation_of(
    wanted: Wanted, state: State, read_whole: bool, lag_over: bool
) -> Situation:
    """Read the situation off a wanted listing and a state."""
    found = found_to_evaluate(wanted, state)
    if state.base is Base.NEVER_SENT:
        found = Found.ABSENT if read_whole else Found.UNREAD
    if state.unreadable:
        found = Found.UNREADABLE
    situation = Situation(
        want=wanted.want,
        found=found,
        base=state.base,
        differs=_differs(wanted, once_approved(state))
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


def once_approved(state: State) -> State:
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
