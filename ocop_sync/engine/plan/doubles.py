"""Several listings of ours: which one is proposed to stay, and which are second.

Pure. Where a marketplace shows several listings with our reference, the one that we
knew first stays, as long as it is on sale, unless a person has chosen another; of those
that we did not know, the one with the lowest number, as marketplaces count up. It is
the listing of `State`; the others are its `State.doubles`. The changes of these are
decided in `ocop_sync.engine.plan.doubled_changes`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from catalog.values import replace
from ocop_sync.engine.facet import Values, fingerprint
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.state.quarantine import Failure
from ocop_sync.engine.state.state import Double, State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Change, Create, Kind, PutSeller, StopSeller
from ocop_sync.marketplace.features import FACET_OF
from ocop_sync.marketplace.listing import Facet, RemoteListing, RemoteState
from ocop_sync.marketplace.result import Refused, Result, Unknown

ON_SALE = frozenset({RemoteState.LIVE, RemoteState.IN_REVIEW})
_FOUND = {RemoteState.LIVE: Found.LIVE, RemoteState.IN_REVIEW: Found.IN_REVIEW}


def fingerprint_of_kept(ref: str) -> str:
    """Return the fingerprint of a decision on two listings: the one that stays."""
    return fingerprint(ref)


def double_name(account: str, ref: str) -> str:
    """Return how a listing is called where those of several accounts are named."""
    return f"{account}/{ref}"


def kept_ref(state: State) -> str:
    """Return the listing that a person has chosen to stay, if it is still there.

    One at another account is called by both.
    """
    decision = state.past.decisions.get(DriftKind.DOUBLED)
    if decision is None:
        return ""
    fingerprints = {
        fingerprint_of_kept(double_name(state.account, state.ref)): state.ref,
        **{fingerprint_of_kept(name): name for name in names_of(state)},
    }
    return fingerprints.get(decision.fingerprint, "")


def names_of(state: State) -> tuple[str, ...]:
    """Return the names of a product's listings, the one that stays first."""
    here = (state.ref, *(double.ref for double in state.doubles))
    away = (
        double_name(double.account, double.ref)
        for double in state.other_account_doubles
    )
    return (*here, *away)


def sells(state: State) -> bool:
    """Say whether the listing that stays is on sale, for all that is known."""
    if state.awaiting in (Kind.CREATE, Kind.WITHDRAW) or state.unreadable:
        return False
    was_on_sale = state.confirmed is not None
    return state.found is Found.LIVE or (state.found is Found.IN_REVIEW and was_on_sale)


def successor(state: State) -> Double | None:
    """Return the listing at another account that is to be gone on with, if one is.

    It is the one that a person has chosen. Where nobody has, and the one that stays
    is certain not to sell, it is one that does.
    """
    chosen = kept_ref(state)
    for double in state.other_account_doubles:
        if double_name(double.account, double.ref) == chosen:
            return double if _can_be_left(state) and not double.pending else None
    if chosen or sells(state) or state.doubles or not _is_over(state):
        return None
    live = [
        d
        for d in state.other_account_doubles
        if d.found is Found.LIVE and not d.pending
    ]
    return min(live, key=lambda d: (len(d.ref), d.ref, d.account), default=None)


def _can_be_left(state: State) -> bool:
    """Say whether a listing will be known by its ref, also if it is left."""
    return bool(state.ref) and state.awaiting is not Kind.CREATE


def _is_over(state: State) -> bool:
    """Say whether it is certain that a listing is not on sale now."""
    if state.awaiting is not None or state.unreadable or not _can_be_left(state):
        return False
    is_gone = state.found is Found.ABSENT and state.absent_reads > 1
    return is_gone or state.found not in (Found.LIVE, Found.ABSENT, Found.UNREAD)


def gone_on_at_other_account(
    before: State, other: Double, *, seller_ref: str, known_at: datetime | None
) -> State:
    """Return the state once a listing at another account is gone on with.

    The remains at the account before are another thing: `left_behind`. *other* is one
    of *before*; its values are of *known_at*, when they were read or answered last.
    """
    packs = other.values.get(Facet.STOCK, {}) if known_at else {}
    return State(
        product_id=before.product_id,
        marketplace=before.marketplace,
        account=other.account,
        seller_ref=seller_ref,
        ref=other.ref,
        found=other.found,
        read_at=known_at,
        sent=other.values,
        confirmed=other.values if other.found is Found.LIVE else None,
        refused=other.refused,
        failures=other.failures,
        mapping_version=before.mapping_version,
        stock_at={sku: known_at for sku in packs if known_at},
        sales_seen=before.sales_seen,
        doubles=tuple(
            replace(each, account="")
            for each in before.other_account_doubles
            if each.account == other.account and each.ref != other.ref
        ),
    )


def left_behind(before: State) -> tuple[Double, ...]:
    """Return the listings that remain at an account, once one at another stays."""
    mine = tuple(replace(each, account=before.account) for each in before.doubles)
    if before.found not in _FOUND.values():
        return mine
    first = Double(
        account=before.account,
        ref=before.ref,
        found=before.found,
        values=before.shown,
        pending=before.awaiting is not None or bool(before.unreadable),
        failures=before.failures,
    )
    return (first, *mine)


def proposed(
    before: State, found: Sequence[RemoteListing], kept: str = ""
) -> RemoteListing:
    """Return the listing with which to go on, of one or several.

    *kept* is the fingerprint of the one that a person has chosen
    (`fingerprint_of_kept`), or "".
    """
    on_sale = [each for each in found if each.state in ON_SALE]

    def rank(each: RemoteListing) -> tuple[bool, bool, bool, int, str]:
        is_known = each.ref == before.ref
        sells = each.state is RemoteState.LIVE or (
            is_known and before.confirmed is not None
        )
        is_chosen = fingerprint_of_kept(each.ref) == kept
        return (not is_chosen, not sells, not is_known, len(each.ref), each.ref)

    return min(on_sale or found, key=rank)


def going_on_with(before: State, ref: str) -> State:
    """Return the state once another of our listings is gone on with.

    The state of the one before is over; a read tells the content of the other.
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
    unreadable: Collection[str] = (),
) -> State:
    """Return *state* with the doubles that a look-up has found.

    Args:
        before: The state before.
        state: The state of the listing that stays.
        others: All other listings with our reference, with their values.
        unreadable: Listings that are there and cannot be read. Their known values stay,
            and nothing is written to them. "" is one without a name: it may be any that
            was not seen.
    """
    others = list(others)
    there = set(unreadable)
    if "" in there:
        seen = {state.ref, *(each.ref for each, _ in others)}
        there |= {*(each.ref for each in before.doubles), before.doubled_ref} - seen
    known = {double.ref: double for double in before.doubles}
    doubles = tuple(
        as_seen(known.get(each.ref), each, values)
        for each, values in others
        if each.state in ON_SALE
    )
    doubles += tuple(
        replace(each, pending=True) for each in before.doubles if each.ref in there
    )
    stays = is_at_other_account(before.doubled_ref) or before.doubled_ref in there
    ref = before.doubled_ref if stays else ""
    ref = doubles[0].ref if doubles else ref
    return replace(state, doubles=doubles, doubled_ref=ref)


def as_seen(
    known: Double | None, each: RemoteListing, values: Values, account: str = ""
) -> Double:
    """Return the state of a double that a read has shown on sale.

    A refusal holds as long as the listing is in the state of which it spoke.
    """
    found = _FOUND[each.state]
    stays = known is not None and known.found is found
    refused = known.refused if known and stays else {}
    failures = known.failures if known and stays else {}
    return Double(
        account=account,
        ref=each.ref,
        found=found,
        values=values,
        refused=refused,
        failures=failures,
    )


def is_at_other_account(double: str) -> bool:
    """Say whether the name of a double is that of one at another account."""
    return "/" in double


def is_of_double(state: State, change: Change) -> bool:
    """Say whether *change* is one of a double."""
    return _of(state, change) is not None


def _of(state: State, change: Change) -> Double | None:
    if isinstance(change, Create | PutSeller | StopSeller):
        return None
    found = [double for double in state.doubles if double.ref == change.ref]
    return found[0] if found and change.ref != state.ref else None


def after_intent_there(before: State, change: Change) -> State:
    """Return the state to store before *change* is sent to a double."""
    return _with(before, change, pending=True)


def after_result_there(
    before: State, change: Change, result: Result, values: Values
) -> State:
    """Return the state after the answer to *change* of a double.

    Without an answer it stays pending, until a look-up shows its state. *before* has
    the intent, and *values* are those of that listing once it is applied.
    """
    double = _of(before, change)
    if double is None:
        return before
    after = after_answer(double, change, result, values)
    found = [after if each is double else each for each in before.doubles]
    left = tuple(each for each in found if each is not None)
    if len(left) == len(before.doubles):
        return replace(before, doubles=left)
    return replace(before, doubles=left, doubled_ref=left[0].ref if left else "")


def after_answer(
    double: Double, change: Change, result: Result, values: Values
) -> Double | None:
    """Return a double after the answer to *change*; None if it is down.

    The arguments are those of `after_result_there`.
    """
    if isinstance(result, Unknown):
        return double
    failures = _without(double.failures, change.kind)
    if isinstance(result, Refused):
        refused = {
            **double.refused,
            refused_as(change): fingerprint_there(change, values),
        }
        return replace(double, pending=False, failures=failures, refused=refused)
    if change.kind is Kind.WITHDRAW:
        return None
    return replace(double, pending=False, failures=failures, values=values)


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
    return FACET_OF.get(change.kind, change.kind).value


def fingerprint_there(change: Change, values: Values) -> str:
    """Return the fingerprint of the values that a marketplace evaluates in *change*."""
    return fingerprint(values.get(refused_as(change), change.kind.value))


def _with(state: State, change: Change, **differences: object) -> State:
    double = _of(state, change)
    doubles = tuple(
        replace(each, **differences) if each is double else each  # type: ignore[arg-type]
        for each in state.doubles
    )
    return replace(state, doubles=doubles)


def is_settled(before: State, after: State) -> bool:
    """Say whether a read has settled the changes of doubles."""
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
