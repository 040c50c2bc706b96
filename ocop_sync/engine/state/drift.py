"""The drift that a state shows: differences at a marketplace from our own writes.

Pure. The answer to an edit is decided in `ocop_sync.engine.plan.drift_policy`; how
drift is remembered, in `ocop_sync.service.evaluate.drift_ledger`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ocop_sync.engine.facet import (
    Value,
    changed_skus,
    differing_facets,
    differing_fields,
    is_same,
    is_same_field,
)
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.listing import Facet

COUNTED = frozenset({Facet.PRICE, Facet.STOCK})
"""The facets of which only the packs that differ are named."""


class DriftKind(StrEnum):
    """The act of somebody else on a listing of ours."""

    EDITED = "edited"
    VANISHED = "vanished"
    """Two reads in a row did not find it."""
    TAKEN_DOWN = "taken_down"
    BANNED = "banned"
    DOUBLED = "doubled"
    """A double there carries our reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One thing that stands at a marketplace otherwise than we left it.

    Attributes:
        kind: The kind of drift.
        field: For an edit: a facet, or "content." and a field; else "".
        expected: How we left it, as plain data; or None.
        found: The value that a read has shown, as plain data; or None.
    """

    kind: DriftKind
    field: str = ""
    expected: Any = None
    found: Any = None

    @property
    def key(self) -> tuple[str, str]:
        """Return its key, unique for each listing."""
        return self.kind.value, self.field


def drifts_of(state: State, *, sales_known: bool = False) -> tuple[Drift, ...]:
    """Return the drift that *state* shows, in the order of kinds and fields.

    A stock that is only lower than we left it may have been sold. If *sales_known*, all
    sales until the last read are taken off: stock that is still missing was not sold.
    """
    return tuple(_drifts(state, sales_known=sales_known))


def may_be_sold(state: State) -> bool:
    """Say whether less shows than we left, which is drift once sales are known."""
    return drifts_of(state) != drifts_of(state, sales_known=True)


def _drifts(state: State, *, sales_known: bool) -> Iterator[Drift]:
    yield from _edits(state, sales_known=sales_known)
    if state.found is Found.ABSENT and state.absent_reads > 1:
        yield Drift(kind=DriftKind.VANISHED, expected=state.ref)
    if state.found is Found.DOWN_BY_PERSON:
        yield Drift(kind=DriftKind.TAKEN_DOWN, expected=state.ref)
    if state.found is Found.BANNED:
        words = [problem.message or problem.code for problem in state.problems]
        yield Drift(kind=DriftKind.BANNED, expected=state.ref, found=words)
    if state.doubled_ref:
        yield Drift(kind=DriftKind.DOUBLED, expected=state.ref, found=state.doubled_ref)


def _edits(state: State, *, sales_known: bool) -> Iterator[Drift]:
    if state.edited is None or state.confirmed is None or is_reviewed(state):
        return
    for facet in sorted(differing_facets(state.confirmed, state.edited)):
        was, now = state.confirmed[facet], state.edited.get(facet, {})
        if facet is Facet.STOCK and not (sales_known or _is_raised(was, now)):
            continue
        for field, expected, found in _parts(facet, was, now):
            yield Drift(
                kind=DriftKind.EDITED, field=field, expected=expected, found=found
            )


def is_reviewed(state: State) -> bool:
    """Say whether the shown values are under review there, and no edit."""
    return state.found in (Found.IN_REVIEW, Found.REFUSED)


def _is_raised(was: Mapping[str, int], now: Mapping[str, int]) -> bool:
    return any(now[sku] > n for sku, n in was.items() if sku in now)


def _parts(facet: Facet, was: Value, now: Value) -> Iterator[tuple[str, Any, Any]]:
    """Yield the differences in one facet: field, value before, and value now."""
    if facet is Facet.CONTENT:
        differing = differing_fields(was, now)
        for name, value in was.items():
            if name in differing:
                yield field_of(facet, name), value, now.get(name)
    elif facet in COUNTED:
        expected = changed_skus(was, now)
        yield facet.value, expected, {sku: now[sku] for sku in expected}
    else:
        yield facet.value, was, now


def field_of(facet: Facet, name: str = "") -> str:
    """Return the name of a facet, or of a field of its content, in the ledger."""
    return f"{facet.value}.{name}" if name else facet.value


def is_ours(before: State, after: State, drift: Drift) -> bool:
    """Say whether our own change is why *after* no longer shows *drift*.

    *before* showed it, and has the intent of the sent change.
    """
    if drift.kind is DriftKind.DOUBLED:
        pending = any(double.pending for double in before.doubles)
        return pending and not after.doubled_ref
    if not (before.awaiting or before.found is Found.IN_REVIEW):
        return False
    if drift.kind in (DriftKind.VANISHED, DriftKind.TAKEN_DOWN):
        return after.found in (Found.LIVE, Found.IN_REVIEW)
    if drift.kind is not DriftKind.EDITED:
        return False
    sent, now = part_of(before.sent, drift.field), part_of(after.shown, drift.field)
    if not _is_same_part(drift.field, now, sent):
        return False
    edited = part_of(before.edited, drift.field)
    return not _is_same_part(drift.field, sent, edited)


def _is_same_part(field: str, one: Any, other: Any) -> bool:
    facet, _, name = field.partition(".")
    if name:
        return is_same_field(name, one, other)
    return is_same(facet, one or {}, other or {})


def part_of(values: Mapping[str, Value] | None, field: str) -> Any:
    """Return the value of the ledger's *field* in *values*."""
    facet, _, name = field.partition(".")
    value = (values or {}).get(facet, {})
    return value.get(name) if name else value
