"""How a listing that somebody made by hand is taken over: in one act, or not at all.

Pure. It is found, read, and then written to once: an `Update` of all of its content
that differs, with our reference where the marketplace has a place for it. Until that is
done it is not ours (`Twin.TAKING_OVER`): no claim, price or stock is written to it, and
nothing is lowered, withdrawn or put back on sale there, under any verdict on its
product. If the `Update` is refused, unknown, held or not sent, it stays as somebody
made it. Which listing is adopted is decided in `ocop_sync.engine.matching.candidates`
and by persons; later differences are changed as with any listing.
"""

from typing import cast

from catalog.values import replace
from ocop_sync.engine.facet import Value, Values, differing_fields, is_same
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.plan.packs import with_packs_held
from ocop_sync.engine.plan.planned_changes import content_change
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Base, Decision, Found, Situation, Twin, Want
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import Kind, Update
from ocop_sync.marketplace.listing import Facet, RemoteListing

REFERENCE = "client_ref"
"""The field of `Listing` that says of which product of ours it is."""

_CONTENT = Facet.CONTENT.value
_WRITES_CONTENT = frozenset({Decision.ADOPT, Decision.REPUBLISH, Decision.RESUBMIT})
"""Decisions by which content is written to a listing that is not ours yet."""


_OPEN = frozenset({Found.IN_REVIEW, Found.ABSENT, Found.UNREAD})
"""The states whose content is not known, or not for certain."""


def is_taking_over(state: State) -> bool:
    """Say whether a listing is to become ours, and is not ours yet."""
    return state.twin is Twin.TAKING_OVER


def as_not_ours(situation: Situation, state: State) -> Situation:
    """Return the situation of a product whose listing is not ours before its content.

    Nothing was sent, and a listing that is certainly of the same product is there. A
    change without an answer, or in review, is awaited as always.
    """
    if not is_taking_over(state):
        return situation
    if not _is_untouched(state):
        return replace(situation, twin=Twin.NONE)
    found = Found.ABSENT if situation.read_whole else Found.UNREAD
    if situation.found is Found.UNREADABLE:
        found = situation.found
    return replace(
        situation, base=Base.NEVER_SENT, found=found, twin=Twin.SURE, moved=False
    )


def _is_untouched(state: State) -> bool:
    is_open = state.awaiting is not None or state.found is not Found.LIVE
    return is_taking_over(state) and not is_open


def once_taken_over(wanted: Wanted, state: State, *, writes_reference: bool) -> State:
    """Return *state* as that of a listing of ours, if nothing is left to take over."""
    is_open = state.awaiting is not None or state.found in _OPEN
    if not is_taking_over(state) or is_open or wanted.want is not Want.LISTED:
        return state
    content = _content(with_packs_held(wanted, state))
    if content is not None and (writes_reference or _differing(content, state)):
        return state
    return taken_over(state)


def taken_over(state: State) -> State:
    """Return the state of a listing that is ours from now on."""
    return replace(state, twin=Twin.NONE, twin_ref="")


def update_of(evaluation: Evaluation, *, writes_reference: bool) -> Planned | None:
    """Return the one change by which a listing becomes ours, if it may be made now."""
    content = _content(evaluation.wanted)
    if evaluation.decision not in _WRITES_CONTENT or content is None:
        return None
    fields = _differing(content, evaluation.state)
    if evaluation.decision is Decision.RESUBMIT:
        fields = frozenset(content)
    planned = content_change(evaluation, content, fields)
    if not writes_reference:
        return planned if fields else None
    change = replace(cast(Update, planned.change), fields=fields | {REFERENCE})
    return replace(planned, change=change)


def _content(wanted: Wanted) -> Value | None:
    return (wanted.values or {}).get(_CONTENT) if wanted.listing else None


def _differing(content: Value, state: State) -> frozenset[str]:
    return differing_fields(content, state.shown.get(_CONTENT, {}))


def after_seen(before: State, state: State, remote: RemoteListing) -> State:
    """Return *state* after a read of a listing that is not ours yet, or was not.

    It is ours once it shows our reference, which comes with the content, or the content
    that was sent. As long as it is not, no content of it is anybody's edit. *state* is
    that which the read would give for a listing of ours.
    """
    if not is_taking_over(before):
        return state
    if remote.shown.client_ref == before.product_id or _shows_sent(before, state):
        return taken_over(state)
    if state.found is not Found.LIVE:
        return state
    shown = state.shown
    return replace(state, sent=shown, confirmed=shown, edited=None)


def _shows_sent(before: State, state: State) -> bool:
    """Say whether content shows that was sent to a listing, and did not show before."""
    is_sent = before.awaiting is Kind.UPDATE or before.found is Found.IN_REVIEW
    if not is_sent or before.sent is None or before.confirmed is None:
        return False
    sent, was = _in(before.sent), _in(before.edited or before.confirmed)
    is_new = not is_same(_CONTENT, sent, was)
    return is_new and is_same(_CONTENT, sent, _in(state.shown))


def _in(values: Values) -> Value:
    return values.get(_CONTENT, {})
