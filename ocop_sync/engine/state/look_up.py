"""When a listing is looked up again, and which changes may have come to it late.

Pure. A marketplace may carry out a create twice, or an unanswered change long after its
declared lag. So each create is looked up by its reference once that lag is over, and
each create and each change without an answer some minutes later again. Values that we
sent and thought lost are remembered until then: a listing that shows them late was not
edited by anybody. When looking up is due is stored with the listing; who does it is
decided in `ocop_sync.service.sync.look_up`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from catalog.values import replace
from ocop_sync.engine.facet import Values
from ocop_sync.engine.state.state import Look, State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.features import FACET_OF
from ocop_sync.marketplace.listing import Facet

AGAIN_AFTER = timedelta(minutes=6)
"""From the first look-up to the last: a proxy or a queue that holds a call for five
minutes, a common longest time-out, has let it go by then. A later effect is left to the
next whole read."""


def to_look_up(state: State, at: datetime) -> State:
    """Return *state* once something was sent that is looked up, such as a create.

    By the declared lag, all its effects would show *at* that moment.
    """
    return replace(state, look=Look.FIRST, look_at=at)


def after_settled(before: State, state: State, now: datetime) -> State:
    """Return *state* after a read has settled an unanswered change.

    It was a first look-up. Effects that it has not shown may still come.
    """
    return replace(
        state,
        look=Look.LAST,
        look_at=now + AGAIN_AFTER,
        lost={**before.lost, **_with_sent(before)},
    )


def after_look(state: State, now: datetime) -> State:
    """Return *state* after it was looked up by its reference at *now*."""
    if state.look_at is None or state.look_at > now:
        return state
    again = state.look_at + AGAIN_AFTER
    if any(double.found is Found.IN_REVIEW for double in state.doubles):
        # Nobody tells that a second one has been approved.
        return replace(state, look=Look.LAST, look_at=now + AGAIN_AFTER)
    if state.look is Look.FIRST and now < again:
        return replace(state, look=Look.LAST, look_at=again)
    return replace(state, look=None, look_at=None, lost={})


def is_told_by(
    started: datetime, state: State, *, shows_at: datetime | None, now: datetime
) -> bool:
    """Say whether a reading of all pages tells whether a listing is there, or two.

    A listing that one reading has not shown is absent for certain only by another one.

    Args:
        started: When the reading began, in UTC.
        state: The known state of the listing.
        shows_at: When all that was sent shows; None if nothing was.
        now: The present instant, in UTC.
    """
    if state.absent_reads and state.read_at is not None and started <= state.read_at:
        return False
    if state.look_at is not None and started < state.look_at <= now:
        return False
    return shows_at is None or started >= shows_at


def _with_sent(before: State) -> Mapping[str, list[Any]]:
    """Return the remembered values of each field that was sent without an answer."""
    found = {}
    for name, value in _sent(before):
        known = [each for each in before.lost.get(name, []) if each != value]
        found[name] = [*known, value]
    return found


def _sent(before: State) -> Iterator[tuple[str, Any]]:
    """Yield the sent values: fields as `is_late` names them, and values."""
    kind = before.awaiting
    if kind is Kind.WITHDRAW:
        yield Kind.WITHDRAW.value, True
    if kind not in FACET_OF:
        return
    facet = FACET_OF[kind].value
    sent = (before.sent or {}).get(facet, {})
    # A refused listing shows that change itself.
    edited = None if before.found is Found.REFUSED else before.edited
    was = (edited or before.confirmed or {}).get(facet, {})
    if facet == Facet.STARS:
        if sent != was:
            yield facet, sent
        return
    for name, value in sent.items():
        if value != was.get(name):
            yield f"{facet}.{name}", value


def is_late(state: State, field: str, value: Any) -> bool:
    """Say whether *value* is one that we sent for *field* and thought lost.

    *field* is a facet, a point, and a field of its content or an SKU; or "stars".
    """
    return value in state.lost.get(field, ())


def with_late(before: State, confirmed: Values, shown: Values) -> Values:
    """Return *confirmed* with values that show late, as we sent them.

    Nobody has edited that: it is ours, and written over if it is not wanted. A stock
    below the one we left may have been sold, so only more counts; and some of a late
    stock may have been sold since.
    """
    if not before.lost:
        return confirmed
    return {
        name: _late(before, name, value, shown.get(name))
        for name, value in confirmed.items()
    }


def _late(before: State, name: str, known: Any, shown: Any) -> Any:
    if shown is None or shown == known:
        return known
    if name == Facet.STARS:
        return shown if is_late(before, name, shown) else known
    return {
        key: shown[key] if _came_late(before, name, key, value, shown) else value
        for key, value in known.items()
    }


def _came_late(
    before: State, facet: str, key: str, known: Any, shown: Mapping[str, Any]
) -> bool:
    if key not in shown or shown[key] == known:
        return False
    if facet == Facet.STOCK:
        lost = before.lost.get(f"{facet}.{key}", ())
        return bool(known < shown[key] <= max(lost, default=known))
    return is_late(before, f"{facet}.{key}", shown[key])
