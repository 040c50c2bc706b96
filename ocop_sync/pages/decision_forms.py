"""Decisions by form: a reason and one of two answers, on a matter as it was seen."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from catalog.eligibility import Text
from ocop_sync.service.decisions.text_limits import LONGEST_REASON

FIELD: Final = "reason"
"""The field that faults are told at; `ocop_sync.pages.visit` takes it as the reason."""

Fault = tuple[str, Text]
"""A field of the form, and what is to be corrected there."""

_NO_REASON: Final = Text(
    "Ghi lý do bằng một câu ngắn.", "Say why, in one short sentence."
)
_TOO_LONG: Final = Text(
    f"Rút ngắn lý do: nhiều nhất {LONGEST_REASON} chữ cái.",
    f"Shorten the reason to {LONGEST_REASON} letters.",
)
_NO_ANSWER: Final = Text("Bấm một trong các nút.", "Press one of the buttons.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A decision that was not taken.

    Attributes:
        status: The status of the page that says so.
        kind: "faulty", "second" (another decided first) or "changed" (the matter).
        faults: What is to be corrected.
    """

    status: int
    kind: Literal["faulty", "second", "changed"]
    faults: tuple[Fault, ...] = ()


ANSWERS: Final = frozenset({"approve", "refuse"})
"""The answers of a question."""


def faulty(
    form: Mapping[str, str], answers: Container[str] = ANSWERS
) -> Attempt | None:
    """Return the attempt that a form is whose reason or answer will not do."""
    reason = form.get(FIELD, "").strip()
    fault = _fault(reason, form.get("answer", ""), answers)
    if fault is None:
        return None
    return Attempt(status=422, kind="faulty", faults=((FIELD, fault),))


def _fault(reason: str, answer: str, answers: Container[str]) -> Text | None:
    if (fault := reason_fault(reason)) is not None:
        return fault
    return None if answer in answers else _NO_ANSWER


def reason_fault(reason: str) -> Text | None:
    """Return what is to be corrected in a reason; None if nothing is."""
    if not reason:
        return _NO_REASON
    return _TOO_LONG if len(reason) > LONGEST_REASON else None
