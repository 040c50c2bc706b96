"""Rules as data: the content of a rule file, and tables that change with time.

The check of a rule is code, in `catalog.eligibility.checks`; its outcome, its first
day, and its decree are read from the files by `catalog.eligibility.load`.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

from catalog.eligibility.verdict import Finding, Outcome, Reason, Text
from catalog.model.certificate import Validity
from catalog.model.paper import PaperKind

T = TypeVar("T")

Reasons = tuple[Reason, ...]

CONTENT: Final[Reasons] = ()
"""The rule is met, or does not concern the product."""


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A table whose rows hold from one day to the next row's.

    Attributes:
        steps: First day, in Vietnam, and the value from that day on; earliest first.
    """

    steps: tuple[tuple[date, T], ...]

    def at(self, day: date) -> T | None:
        """Return the value on *day*; None before the first row."""
        place = bisect_right(self.steps, day, key=lambda step: step[0])
        return self.steps[place - 1][1] if place else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """The papers that a product needs before it is sold.

    Attributes:
        kinds: Any one of them is enough for every set.
        also: Further papers that are enough, by product set.
    """

    kinds: tuple[PaperKind, ...]
    also: Mapping[str, tuple[PaperKind, ...]]

    def for_set(self, code: str) -> tuple[PaperKind, ...]:
        """Return the kinds of which one is enough for a product of that set."""
        return (*self.kinds, *self.also.get(code, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One eligibility rule, as its file states it.

    Attributes:
        code: "E00" and so on, as its file is called.
        title: Its question, in one sentence.
        outcome: The outcome where it is not met, unless the finding has its own.
        basis: The decrees and decisions on which it stands.
        confirmed: Whether the legal office has confirmed it.
        in_force_from: First day on which it is applied; None for always.
        note: The open question, and who can close it; or None.
        sets: Codes of the product sets that its check asks about; empty if it asks
            about none.
        findings: Its possible findings, by key.
    """

    code: str
    title: Text
    outcome: Outcome
    basis: tuple[str, ...]
    confirmed: bool
    in_force_from: date | None
    note: Text | None
    sets: frozenset[str]
    findings: Mapping[str, Finding]

    def found(self, key: str, **details: object) -> Reasons:
        """Return the one reason that something known gives."""
        return self._reason(key, details, known=True)

    def missing(self, key: str, **details: object) -> Reasons:
        """Return the one reason that a missing fact gives."""
        return self._reason(key, details, known=False)

    def _reason(self, key: str, details: dict[str, object], *, known: bool) -> Reasons:
        finding = self.findings[key]
        values = tuple(details.items())
        return (Reason(self.code, finding.outcome, known, key, values, finding),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The dated tables that rules look things up in.

    Attributes:
        bodies: Who grants how many stars (E01), by day of decision.
        validity: For how long certificates are valid (E02).
        declarations: Which papers declare a product (E05), by day.
        labels: Fields that a label needs (E06), by sector.
        papers: The name of each kind of paper.
        trace_hosts: Hosts whose traceability pages are shown (E07).
    """

    bodies: Dated[Mapping[int, str]]
    validity: Validity
    declarations: Dated[Needed]
    labels: Mapping[str, tuple[str, ...]]
    papers: Mapping[PaperKind, Text]
    trace_hosts: frozenset[str]
