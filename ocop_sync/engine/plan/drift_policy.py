"""The drift policy: how edits and take-downs by others are answered.

Pure. By policy, facet by facet, it is put right, left, or asked about. A named person's
decision goes before the policy as long as neither the wanted nor the found values have
changed since. A field that is repaired and edited again and again is asked about as
well. None of this stops a change that is owed: a claim that has ended goes, and stock
is lowered.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any, cast

from ocop_sync.engine.facet import (
    Value,
    Values,
    differing_facets,
    differing_fields,
    fingerprint,
    is_same,
    is_same_field,
)
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.owed import WHILE_HELD, stock_kept_back
from ocop_sync.engine.plan.packs import with_packs_held
from ocop_sync.engine.state import stored_shape
from ocop_sync.engine.state.drift import DriftKind, field_of, part_of
from ocop_sync.engine.state.fingerprints import fingerprint_of_new
from ocop_sync.engine.state.state import DriftDecision, State
from ocop_sync.engine.state.stored_shape import fits
from ocop_sync.engine.terms import Found, Want
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.listing import Facet

FIGHT_WINDOW = timedelta(days=7)
"""So far back returns are counted."""

FIGHT_RETURNS = 3
"""Drift that has come back so often after our repair is asked about."""


class Policy(StrEnum):
    """The answer to an edit of a facet at the marketplace."""

    REPAIR = "repair"
    ACCEPT = "accept"
    ASK = "ask"


DEFAULT_POLICY: Mapping[Facet, Policy] = {
    Facet.STARS: Policy.REPAIR,
    Facet.STOCK: Policy.REPAIR,
    Facet.PRICE: Policy.ASK,
    Facet.CONTENT: Policy.ASK,
}
"""Stars are a state certificate and stock a promise; the rest is a person's."""


@dataclass(frozen=True, slots=True)
class Target:
    """The values that are to stand there now, edits considered.

    Attributes:
        values: The wanted values, with the found ones where an edit is left.
        hold: Why a person is asked, if one is.
    """

    values: Values
    hold: Hold | None = None


def target_of(wanted: Wanted, state: State, policy: Mapping[Facet, Policy]) -> Target:
    """Return the values to write now, after policy and decisions on edits."""
    values, holds = dict(cast(Values, wanted.values)), set[Hold]()
    for facet in differing_facets(values, state.shown):
        left = [
            (name, hold)
            for name in _edited_parts(wanted, state, facet)
            if (hold := _left(wanted, state, facet, name, policy)) is not _WRITTEN
        ]
        holds |= {hold for _, hold in left if isinstance(hold, Hold)}
        if left:
            names = [name for name, _ in left]
            values[facet.value] = _with_left(state, facet, values[facet], names)
    return Target(values, min(holds, key=_ASKED.index, default=None))


_ASKED = (Hold.EDITED_THERE, Hold.FOUGHT)
_WRITTEN, _TAKEN_OVER = "written", "taken over"


def is_edited(state: State, facet: Facet, name: str = "") -> bool:
    """Say whether somebody edited a facet there, or a field of its content."""
    if state.edited is None or state.confirmed is None:
        return False
    now, was = state.edited.get(facet), state.confirmed.get(facet)
    if now is None or was is None:
        return now != was
    if not name:
        return not is_same(facet, was, now)
    known = name in now and name in was
    return known and not is_same_field(name, was[name], now[name])


def is_owed(wanted: Wanted, facet: Facet) -> bool:
    """Say whether a facet is written over any edit: it may hold an ended claim."""
    return wanted.want is Want.WITHOUT_CLAIM and facet in (Facet.STARS, Facet.CONTENT)


def _edited_parts(wanted: Wanted, state: State, facet: Facet) -> Iterator[str]:
    """Yield the edited differences: fields of content, "" for the other facets."""
    if not is_edited(state, facet):
        return
    if facet is not Facet.CONTENT:
        yield ""
        return
    value = cast(Values, wanted.values)[facet]
    for name in differing_fields(value, state.shown.get(facet, {})):
        if is_edited(state, facet, name):
            yield name


def _left(
    wanted: Wanted,
    state: State,
    facet: Facet,
    name: str,
    policy: Mapping[Facet, Policy],
) -> Hold | str:
    """Return the answer to an edit: `_WRITTEN`, `_TAKEN_OVER`, or a hold that asks."""
    if is_owed(wanted, facet):
        return _WRITTEN
    field = field_of(facet, name)
    decision = decision_on(wanted, state, field)
    if decision is not None:
        return _WRITTEN if decision.ours else _TAKEN_OVER
    if policy[facet] is Policy.ASK:
        return Hold.EDITED_THERE
    if part_of(wanted.values, field) != part_of(state.confirmed, field):
        return _WRITTEN  # the edited value is one that we want no longer
    if policy[facet] is Policy.ACCEPT:
        return _TAKEN_OVER
    return Hold.FOUGHT if is_fought(state, field) else _WRITTEN


def _with_left(state: State, facet: Facet, value: Value, left: Iterable[str]) -> Value:
    """Return the value of a facet, of which some stays as it was found.

    Stock is lowered all the same: more than there is must not be sold.
    """
    shown = state.shown.get(facet, {})
    if facet is Facet.CONTENT:
        return {**value, **{name: shown.get(name) for name in left}}
    if facet is Facet.STOCK:
        return stock_kept_back(value, shown, WHILE_HELD[Hold.EDITED_THERE].goes)
    return shown


def decision_on(wanted: Wanted, state: State, field: str) -> DriftDecision | None:
    """Return a person's decision on *field*, if it still holds.

    That is a field that was edited, or the kind of drift of the whole listing.
    """
    decision = state.past.decisions.get(field)
    fingerprints = partial(fingerprint_of_decision, wanted, state, field)
    holds = decision is not None and fits(decision.fingerprint, fingerprints)
    return decision if holds else None


def fingerprint_of_decision(
    wanted: Wanted, state: State, field: str, version: int | None = None
) -> str:
    """Return the fingerprint of a decision on *field*: of wanted and found values.

    Of a listing that is gone or down, stock is not part of it: it changes daily, and a
    person is not to be asked daily. Both are taken in *version* of the shape; None is
    the present one.
    """
    version = version or stored_shape.present()
    return stored_shape.marked(
        _fingerprint_of_decision(wanted, state, field, version), version
    )


def _fingerprint_of_decision(
    wanted: Wanted, state: State, field: str, version: int
) -> str:
    ours = with_packs_held(wanted, state).values or {}
    if field in (DriftKind.TAKEN_DOWN, DriftKind.VANISHED):
        return fingerprint(
            [
                fingerprint_of_new(ours, version),
                state.found.value,
                fingerprint_of_new(state.shown, version)
                if field == DriftKind.TAKEN_DOWN
                else "",
            ]
        )
    both = (stored_shape.as_of(values, version) for values in (ours, state.shown))
    name = stored_shape.name_as_of(field, version)
    return fingerprint([_plain(part_of(values, name)) for values in both])


def _plain(value: Any) -> Any:
    """Return a dictionary as sorted pairs: a fingerprint depends on their order."""
    return sorted(value.items()) if isinstance(value, dict) else value


def is_fought(state: State, field: str) -> bool:
    """Say whether our repair was undone too often to go on without asking.

    *field* is one that was edited, or the kind of drift of the whole listing.
    """
    return state.past.repairs.get(field, 0) >= FIGHT_RETURNS


def found_to_evaluate(wanted: Wanted, state: State) -> Found:
    """Return the found state, after persons' decisions and repeated drift.

    A listing that somebody took down, and a person wants on sale again, is republished
    as if we had taken it down. A listing that is gone, and a person leaves so, counts
    as taken down: it is not made anew. Nor is one that has vanished again and again,
    before a person has been asked.
    """
    if state.found is Found.DOWN_BY_PERSON:
        decision = decision_on(wanted, state, DriftKind.TAKEN_DOWN)
        return Found.DOWN_BY_US if decision and decision.ours else state.found
    if state.found is not Found.ABSENT or state.absent_reads <= 1:
        return state.found
    stays = is_left(wanted, state) or is_fought(state, DriftKind.VANISHED)
    return Found.DOWN_BY_PERSON if stays else state.found


def hold_of_down(wanted: Wanted, state: State) -> Hold:
    """Return the hold of a listing that counts as taken down by a person."""
    if is_left(wanted, state):
        return Hold.LEFT
    return Hold.FOUGHT if state.found is Found.ABSENT else Hold.TAKEN_DOWN


def is_left(wanted: Wanted, state: State) -> bool:
    """Say whether a person accepts the drift of the whole listing."""
    kinds = (DriftKind.TAKEN_DOWN, DriftKind.VANISHED)
    decisions = [decision_on(wanted, state, kind) for kind in kinds]
    return any(decision is not None and not decision.ours for decision in decisions)
