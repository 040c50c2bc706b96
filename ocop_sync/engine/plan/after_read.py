"""The transitions of a state by a read, and by the outcome of a submission.

Pure: the caller stores the state that comes out. A read settles changes that have no
outcome.
"""

from collections.abc import Mapping
from datetime import datetime

from catalog.values import replace
from ocop_sync.engine.facet import Values, agree, differing_facets, is_same
from ocop_sync.engine.plan.adoption import after_seen, is_taking_over
from ocop_sync.engine.plan.transitions import answered, note_on_new
from ocop_sync.engine.state.confirmed import confirmed_by_read, was_applied
from ocop_sync.engine.state.fingerprints import (
    fingerprint_of_facet,
    fingerprint_of_new,
    fingerprint_of_part,
)
from ocop_sync.engine.state.look_up import after_settled, is_late
from ocop_sync.engine.state.refusal import noted
from ocop_sync.engine.state.state import State
from ocop_sync.engine.state.stock import stock_at_after_read
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.features import FACET_OF
from ocop_sync.marketplace.listing import Facet, RemoteListing, RemoteState, Unreadable
from ocop_sync.marketplace.result import Applied, Refused, Result, Unknown

FACET_NAMES = frozenset(facet.value for facet in Facet)


_FOUND = {
    RemoteState.IN_REVIEW: Found.IN_REVIEW,
    RemoteState.REFUSED: Found.REFUSED,
    RemoteState.LIVE: Found.LIVE,
    RemoteState.BANNED: Found.BANNED,
}


_TO_DOWN = frozenset({Kind.WITHDRAW, Kind.CREATE})
"""The kinds of change that may have taken a listing down without an answer: a create of
several calls that broke off leaves one that is not on sale yet."""


_ACTS = {
    RemoteState.LIVE: frozenset({Kind.WITHDRAW.value}),
    RemoteState.IN_REVIEW: frozenset({Kind.WITHDRAW.value}),
    RemoteState.DOWN: frozenset({Kind.REPUBLISH.value}),
}
"""The changes that may be sent in a state, and so may stay refused."""


def after_follow(before: State, result: Result, now: datetime) -> State:
    """Return the state after asking for the outcome of a submission.

    An approved listing counts as live only once it is read; until then it is
    followed on. Whether a refusal has taken it from sale, a read tells as well.
    """
    if isinstance(result, Refused):
        return replace(
            before,
            found=Found.REFUSED,
            ticket="",
            read_at=now,
            problems=result.problems,
            refused={
                **before.refused,
                **_reviewed(before),
            },
        )
    if isinstance(result, Applied):
        return before if result.ref == before.ref else replace(before, ref=result.ref)
    if isinstance(result, Unknown) and before.ref:
        return replace(before, ticket="")  # the listing itself will tell
    if isinstance(result, Unknown):
        return replace(before, found=Found.ABSENT, ticket="", absent_reads=1)
    return before


def _reviewed(state: State) -> Mapping[str, str]:
    """Return the fingerprints of the reviewed changes, by the name of a refusal."""
    sent, by = state.sent or {}, state.mapping_version
    refused = {"create": note_on_new(state)}
    if _goes_up_again(state):
        refused[Kind.REPUBLISH.value] = noted(
            fingerprint_of_part(sent, None, lambda had: had), by
        )
    if state.confirmed is not None:
        for facet in differing_facets(sent, state.shown):
            refused[facet.value] = noted(fingerprint_of_facet(facet, sent), by)
    return refused


def _goes_up_again(state: State) -> bool:
    """Say whether a republication is in review, or was refused after one.

    A submission in review that changes nothing is one.
    """
    if state.found is Found.REFUSED:
        return Kind.REPUBLISH.value in state.refused
    is_ours = state.found is Found.IN_REVIEW and state.ticket != ""
    if not is_ours or state.confirmed is None or state.sent is None:
        return False
    return agree(state.sent, state.shown)


def after_read(
    before: State, remote: RemoteListing | None, shown: Values, now: datetime
) -> State:
    """Return the state after a read of the marketplace.

    It settles changes without an outcome: the caller must have let the declared lag
    pass before believing it. *remote* is None if the marketplace does not have it;
    *shown* are its values.
    """
    state = _as_read(before, remote, shown, now)
    if remote is not None:
        state = after_seen(before, state, remote)
    if before.awaiting is not None:
        state = after_settled(before, state, now)
    if before.awaiting is not None and is_applied(before, state):
        return answered(state, before.awaiting)
    return state


def after_approval(
    before: State, remote: RemoteListing, shown: Values, now: datetime
) -> State:
    """Return the state after a read of a listing that is said to be approved.

    A value that does not show yet was not refused. The arguments are those of
    `after_read`.
    """
    state = after_read(before, remote, shown, now)
    if state.found is not Found.LIVE:
        return state
    refused = {n: p for n, p in state.refused.items() if n in before.refused}
    return state if refused == state.refused else replace(state, refused=refused)


def after_unreadable(before: State, item: Unreadable) -> State:
    """Return the state after a read of a listing whose content cannot be read.

    It is there: neither absent nor edited. A change without an outcome still has none.
    """
    return replace(
        before,
        ref=before.ref or item.ref,
        absent_reads=0,
        unreadable=item.reason or "?",
    )


def after_unreadable_gone(before: State) -> State:
    """Return the state once a listing that could not be read is there no more.

    It did not have to be there: nothing of ours is missing.
    """
    ref = "" if before.sent is None else before.ref
    return replace(before, ref=ref, unreadable="")


def _as_read(
    before: State, remote: RemoteListing | None, shown: Values, now: datetime
) -> State:
    if remote is None:
        return _after_absence(before, now)
    found, confirmed = _found(remote, before), confirmed_by_read(before, remote, shown)
    state = replace(
        before,
        ref=remote.ref,
        version=remote.version,
        found=found,
        read_at=now,
        absent_reads=0,
        awaiting=None,
        unreadable="",
        problems=remote.problems or before.problems,
        refused=_refused(before, remote, shown),
        must_reread=False,
        review_unreadable=before.review_unreadable if found is Found.IN_REVIEW else "",
    )
    if found is Found.IN_REVIEW:
        # Values that show during a review, old or new, are neither confirmed nor
        # edited.
        return replace(state, sent=_reviewing(before) or shown)
    return replace(
        state,
        ticket="",
        # A change without an outcome has one now: it shows, or it never will.
        sent=shown if before.awaiting else before.sent or shown,
        confirmed=confirmed,
        edited=None if confirmed == shown else shown,
        stock_at=stock_at_after_read(before, confirmed, shown, now),
    )


def _reviewing(before: State) -> Values | None:
    """Return the values in review: none of ours, if it was on sale and nothing sent."""
    is_ours = before.awaiting is not None or before.found is not Found.LIVE
    return before.sent if is_ours else before.shown


def _refused(before: State, remote: RemoteListing, shown: Values) -> Mapping[str, str]:
    """Return the refusals after a read: each stays while its subject stands."""
    stays = FACET_NAMES | _ACTS.get(remote.state, frozenset())
    refused = {
        name: fingerprint_
        for name, fingerprint_ in before.refused.items()
        if name in stays
    }
    if remote.state is RemoteState.LIVE:
        return {**refused, **_come_to_nothing(before, shown)}
    if remote.state is not RemoteState.REFUSED:
        return refused
    if before.found is Found.IN_REVIEW and before.awaiting is None:
        reviewed = _reviewed(before)
        kept = {n: p for n, p in reviewed.items() if n in ("create", Facet.CONTENT)}
        return {**refused, **kept}
    known = before.refused.get("create")
    if known is not None and not _is_refused_anew(before, shown):
        return {**refused, "create": known}
    fingerprint_ = fingerprint_of_new(before.sent or shown)
    return {**refused, "create": noted(fingerprint_, before.mapping_version)}


def _come_to_nothing(before: State, shown: Values) -> Mapping[str, str]:
    """Return the changes that were reviewed without a ticket, and do not show.

    Nobody says that it was refused. Sent again, it would be reviewed again, or
    twice, and so after each review.
    """
    is_over = before.found is Found.IN_REVIEW and before.ticket == ""
    if not is_over or before.confirmed is None or before.awaiting is not None:
        return {}
    return {
        name: fingerprint_
        for name, fingerprint_ in _reviewed(before).items()
        if name in FACET_NAMES
        and is_same(name, shown.get(name, {}), before.shown.get(name, {}))
    }


def _is_refused_anew(before: State, shown: Values) -> bool:
    """Say whether a refusal is of the last sent change, and not an earlier one."""
    if before.awaiting is None:
        return before.found is not Found.REFUSED
    if before.awaiting is Kind.CREATE:
        return True
    content = Facet.CONTENT.value
    sent = (before.sent or {}).get(content, {})
    return is_same(content, sent, shown.get(content, {}))


def _found(remote: RemoteListing, before: State) -> Found:
    """Return the found state of a read, with the known state considered.

    A listing that is down was taken down by us only if we know of it, or if it was half
    made: it is completed, and then put on sale. One that
    was on sale may stay so while a change is reviewed: the ticket tells when
    that has ended.
    """
    is_change = before.ticket != "" and before.confirmed is not None
    if remote.state is RemoteState.LIVE and before.found is Found.IN_REVIEW:
        return Found.IN_REVIEW if is_change else Found.LIVE
    if remote.state is not RemoteState.DOWN:
        return _FOUND[remote.state]
    if _goes_up_again(before):
        return Found.DOWN_BY_US if before.found is Found.REFUSED else before.found
    is_ours = before.found is Found.DOWN_BY_US or before.awaiting in _TO_DOWN
    ours = is_ours or is_late(before, Kind.WITHDRAW.value, True)
    return Found.DOWN_BY_US if ours else Found.DOWN_BY_PERSON


def _after_absence(before: State, now: datetime) -> State:
    """Return the state after a read without the listing; a lost create was not made."""
    state = replace(
        before,
        awaiting=None,
        found=Found.ABSENT,
        read_at=now,
        edited=None,
        unreadable="",
    )
    if before.awaiting is Kind.CREATE:
        return replace(state, sent=None, confirmed=None, ref="", ticket="")
    return replace(state, absent_reads=before.absent_reads + 1)


def is_applied(before: State, after: State) -> bool:
    """Say whether a read has shown that a change without an answer was applied.

    *before* awaited its answer, and *after* is the state after the read.
    """
    on_sale = after.found in (Found.LIVE, Found.IN_REVIEW)
    if before.awaiting is Kind.WITHDRAW:
        return not on_sale
    if before.awaiting is Kind.REPUBLISH:
        return on_sale
    if before.awaiting is None or before.awaiting is Kind.CREATE:
        return after.sent is not None
    if after.found is Found.IN_REVIEW:
        return True
    if is_taking_over(before):
        return not is_taking_over(after)
    return was_applied(before, FACET_OF[before.awaiting], after.shown)
