"""Several listings of ours: which one is proposed to stay, and which are second.

Pure. Where a marketplace shows several listings with our reference, the one that
we knew first stays, as long as it is on sale, unless a person has chosen another;
of those that we did not know, the one with the lowest number, as marketplaces count
up. It is the listing of `State`; the others are its `State.doubles`. What is written
to them is decided in `ocop_sync.engine.doubled_changes`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from ocop_sync.engine.decide import Found
from ocop_sync.engine.drift import DriftKind
from ocop_sync.engine.facet import Values, fingerprint
from ocop_sync.engine.failure import Failure
from ocop_sync.engine.state import Double, State
from ocop_sync.marketplace.change import Change, Create, Kind, PutSeller, StopSeller
from ocop_sync.marketplace.listing import Facet, RemoteListing, RemoteState
from ocop_sync.marketplace.result import Refused, Result, Unknown

ON_SALE = frozenset({RemoteState.LIVE, RemoteState.IN_REVIEW})
_FOUND = {RemoteState.LIVE: Found.LIVE, RemoteState.IN_REVIEW: Found.IN_REVIEW}


def print_of_kept(ref: str) -> str:
    """Return what a person's word on two listings is bound to: the one that stays."""
    return fingerprint(ref)


def kept_ref(state: State) -> str:
    """Return the listing that a person has chosen to stay, if it is still there."""
    word = state.past.words.get(DriftKind.DOUBLED)
    refs = (state.ref, *(double.ref for double in state.doubles))
    found = [ref for ref in refs if word and word.print == print_of_kept(ref)]
    return found[0] if found else ""


def proposed(
    before: State, found: Sequence[RemoteListing], kept: str = ""
) -> RemoteListing:
    """Return the listing with which to go on, of one or several.

    Args:
        before: What was known.
        found: What is there; at least one.
        kept: What stands for the one that a person has chosen
            (`print_of_kept`), or "".
    """
    on_sale = [each for each in found if each.state in ON_SALE]

    def rank(each: RemoteListing) -> tuple[bool, bool, bool, int, str]:
        is_known = each.ref == before.ref
        sells = each.state is RemoteState.LIVE or (
            is_known and before.confirmed is not None
        )
        is_chosen = print_of_kept(each.ref) == kept
        return (not is_chosen, not sells, not is_known, len(each.ref), each.ref)

    return min(on_sale or found, key=rank)


def going_on_with(before: State, ref: str) -> State:
    """Return what is known once another of our listings is gone on with.

    What was known of the one before is over; what the other shows, a read says.
    """
    if not before.ref or ref == before.ref or before.awaiting is Kind.CREATE:
        return before
    return replace(
        before,
        ref=ref,
        ticket="",
        version="",
        found=Found.LIVE,
        awaiting=None,
        sent=None,
        confirmed=None,
        edited=None,
        problems=(),
        refused={},
        failures={},
        stock_at={},
    )


def with_doubles(
    before: State,
    state: State,
    others: Iterable[tuple[RemoteListing, Values]],
    odd: Collection[str] = (),
) -> State:
    """Return *state* with the second listings that a look-up has found.

    Args:
        before: What was known.
        state: What is known of the listing that stays.
        others: All other listings with our reference, with their values.
        odd: Listings that are there and cannot be read. What was known of them
            stays, and nothing is written to them.
    """
    known = {double.ref: double for double in before.doubles}
    doubles = tuple(
        _seen(known.get(each.ref), each, values)
        for each, values in others
        if each.state in ON_SALE
    )
    doubles += tuple(
        replace(each, pending=True) for each in before.doubles if each.ref in odd
    )
    stays = is_elsewhere(before.doubled_ref) or before.doubled_ref in odd
    ref = before.doubled_ref if stays else ""
    ref = doubles[0].ref if doubles else ref
    return replace(state, doubles=doubles, doubled_ref=ref)


def _seen(known: Double | None, each: RemoteListing, values: Values) -> Double:
    """A refusal holds as long as the listing is in the state of which it spoke."""
    found = _FOUND[each.state]
    stays = known is not None and known.found is found
    refused = known.refused if known and stays else {}
    failures = known.failures if known and stays else {}
    return Double(
        ref=each.ref, found=found, values=values, refused=refused, failures=failures
    )


def is_elsewhere(double: str) -> bool:
    """Say whether a second listing is at another account: only that tells of it."""
    return "/" in double


def is_of_double(state: State, change: Change) -> bool:
    """Say whether *change* is one of a second listing."""
    return _of(state, change) is not None


def _of(state: State, change: Change) -> Double | None:
    if isinstance(change, Create | PutSeller | StopSeller):
        return None
    found = [double for double in state.doubles if double.ref == change.ref]
    return found[0] if found and change.ref != state.ref else None


def after_intent_there(before: State, change: Change) -> State:
    """Return the state to store before *change* is sent to a second listing."""
    return _with(before, change, pending=True)


def after_result_there(
    before: State, change: Change, result: Result, values: Values
) -> State:
    """Return the state after the answer to *change* of a second listing.

    Without an answer it stays pending, until a look-up shows what there is.

    Args:
        before: The state with the intent.
        change: What was sent.
        result: What the marketplace answered.
        values: All values of that listing once it is applied.
    """
    double = _of(before, change)
    if isinstance(result, Unknown) or double is None:
        return before
    before = _with(before, change, failures=_without(double.failures, change.kind))
    double = cast(Double, _of(before, change))
    if isinstance(result, Refused):
        what = refused_as(change)
        refused = {**double.refused, what: print_there(change, values)}
        return _with(before, change, pending=False, refused=refused)
    if change.kind is not Kind.WITHDRAW:
        return _with(before, change, pending=False, values=values)
    left = tuple(each for each in before.doubles if each is not double)
    return replace(before, doubles=left, doubled_ref=left[0].ref if left else "")


def _without(failures: Mapping[Kind, Failure], kind: Kind) -> Mapping[Kind, Failure]:
    return {each: failure for each, failure in failures.items() if each is not kind}


def failure_of(state: State, change: Change) -> Failure | None:
    """Return how changes like *change* fail, of the listing that it is of."""
    double = _of(state, change)
    return (double.failures if double else state.failures).get(change.kind)


def after_failed(state: State, change: Change, failure: Failure) -> State:
    """Return *state*, with how *change* fails, of the listing that it is of."""
    double = _of(state, change)
    if double is None:
        return replace(state, failures={**state.failures, change.kind: failure})
    return _with(state, change, failures={**double.failures, change.kind: failure})


def refused_as(change: Change) -> str:
    """Return under which name a refusal of *change* is noted."""
    names = {
        Kind.UPDATE: Facet.CONTENT.value,
        Kind.SET_STOCK: Facet.STOCK.value,
        Kind.SET_STARS: Facet.STARS.value,
    }
    return names.get(change.kind, change.kind.value)


def print_there(change: Change, values: Values) -> str:
    """Return the fingerprint of what a marketplace judges in *change*."""
    return fingerprint(values.get(refused_as(change), change.kind.value))


def _with(state: State, change: Change, **differences: object) -> State:
    double = _of(state, change)
    doubles = tuple(
        replace(each, **differences) if each is double else each  # type: ignore[arg-type]
        for each in state.doubles
    )
    return replace(state, doubles=doubles)


def is_settled(before: State, after: State) -> bool:
    """Say whether a read has settled what was sent to second listings."""
    return any(double.pending for double in before.doubles) and not any(
        double.pending for double in after.doubles
    )


def is_done(before: State, after: State) -> bool:
    """Say whether a read shows another thing there than before it was sent."""
    now = {double.ref: double.values for double in after.doubles}
    return any(
        double.pending and now.get(double.ref) != double.values
        for double in before.doubles
    )
