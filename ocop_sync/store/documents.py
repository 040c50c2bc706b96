"""Turn values of a listing into the documents in which they are stored, and back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ocop_sync.engine.facet import Values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.state import stored_shape
from ocop_sync.engine.state.quarantine import Failure, Way
from ocop_sync.engine.state.state import Double
from ocop_sync.engine.terms import Decision, Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem
from ocop_sync.store.rows import values_of

_ASKS = "hold_"
"""Before the name of a hold, as the stored text of a decision that asks a person."""

_TEXT_OF: dict[Decision | Hold, str] = {
    **{decision: decision.value for decision in Decision},
    **{hold: f"{_ASKS}{hold.value.removesuffix('_fact')}" for hold in Hold},
}
_DECISION_OF = {text: decision for decision, text in _TEXT_OF.items()}

_SHAPE = "shape"
"""By which a document of values says in which version of the shape they are."""


def from_decision(decision: Decision | Hold) -> str:
    """Return the stored text of a decision of the table."""
    return _TEXT_OF[decision]


def to_decision(stored: str) -> Decision | Hold:
    """Return the decision that is stored as *stored*."""
    return _DECISION_OF[stored]


def to_document(values: Values | None) -> dict[str, Any] | None:
    """Return *values* as they are stored: with the version of their shape."""
    return None if values is None else {_SHAPE: stored_shape.present(), **values}


def from_document(stored: Mapping[str, Any] | None) -> Values | None:
    """Return stored values of any shape in the present shape.

    Version 1 did not say so.
    """
    if stored is None:
        return None
    values = {name: value for name, value in stored.items() if name != _SHAPE}
    return stored_shape.upgraded(values, stored.get(_SHAPE, 1))


def from_problems(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return the marketplace's words as a document."""
    return [asdict(problem) for problem in problems]


def to_problems(stored: Sequence[Mapping[str, Any]]) -> tuple[Problem, ...]:
    """Return the marketplace's words, from a document."""
    return tuple(Problem(**problem) for problem in stored)


def from_doubles(doubles: Iterable[Double]) -> list[dict[str, Any]] | None:
    """Return doubles as a document; None, as for nearly all, if none is."""
    return [*map(_from_double, doubles)] or None


def to_doubles(stored: Sequence[Mapping[str, Any]]) -> tuple[Double, ...]:
    """Return doubles, from a document."""
    return tuple(map(_to_double, stored))


def _to_double(stored: Mapping[str, Any]) -> Double:
    values = from_document(stored["values"]) or {}
    found, failures = Found(stored["found"]), to_failures(stored.get("failures"))
    known = {"found": found, "values": values, "failures": failures}
    return Double(**{**stored, **known})


def _from_double(double: Double) -> dict[str, Any]:
    found, values = double.found.value, to_document(double.values)
    failures = from_failures(double.failures)
    known = {"found": found, "values": values, "failures": failures}
    return {**values_of(double), **known}


def to_failures(stored: Mapping[str, Any] | None) -> dict[Kind, Failure]:
    """Return how changes fail, from a document."""
    return {
        Kind(kind): Failure(
            **{
                **failure,
                "way": Way(failure["way"]),
                "at": datetime.fromisoformat(failure["at"]),
            }
        )
        for kind, failure in (stored or {}).items()
    }


def from_failures(failures: Mapping[Kind, Failure]) -> dict[str, Any] | None:
    """Return how changes fail as a document; None, as for nearly all, if none does."""
    return {
        kind.value: {**values_of(failure), "at": failure.at.isoformat()}
        for kind, failure in failures.items()
    } or None


def from_times(times: Mapping[str, datetime]) -> dict[str, str]:
    """Return times by SKU as a document."""
    return {sku: at.isoformat() for sku, at in times.items()}


def to_times(stored: Mapping[str, str]) -> dict[str, datetime]:
    """Return times by SKU, from a document."""
    return {sku: datetime.fromisoformat(at) for sku, at in stored.items()}
