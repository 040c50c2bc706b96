"""Certificates of 3 to 5 stars, and on which days they are valid.

A certificate is identified by the recognising decision. Public reports often
name only a year: then there are days on which its validity is not known, and
they are computed here, not guessed. Whether a product may show its stars is
decided in `catalog.eligibility`.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from catalog.model.decision import read_number, same_number
from catalog.model.fact import Fact
from catalog.text import fold
from catalog.vietnam_time import add_months

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_YEARS: Final = range(1900, 9900)
"""Any other year is a slip of the pen, and as good as none."""


class Evidence(StrEnum):
    """The evidence behind a certificate."""

    DECISION = "decision"
    """The recognising decision: its number, its body and its day, all known."""
    PUBLISHED = "published"
    """A public report that names stars and year, or less than a whole decision."""


class YearMeans(StrEnum):
    """The meaning of the one year that a report names."""

    GRANTED = "granted"
    HELD = "held"
    """The stars were held in that year, or their withdrawal was proposed: it
    is the latest year in which they can have been granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """The days on which a certificate may be valid, and surely is.

    Revocation aside. All days are days in Vietnam and belong to the term.

    Attributes:
        granted_from: The earliest day of its decision.
        granted_to: The latest day of its decision; the same, if it is known.
        surely_from: First day on which it is valid for certain; None if there
            is no such day.
        surely_to: Last such day.
        last: Last day on which it may be valid.
        boundaries: The days from which `valid_on` or `granted_by` may differ.
    """

    granted_from: date
    granted_to: date
    surely_from: date | None
    surely_to: date | None
    last: date
    boundaries: tuple[date, ...] = field(init=False)

    def __post_init__(self) -> None:
        ends = (self.surely_to, self.last)
        days = {self.granted_from, self.granted_to, self.surely_from}
        days |= {end + _DAY for end in ends if end is not None}
        boundaries = tuple(sorted(day for day in days if day is not None))
        object.__setattr__(self, "boundaries", boundaries)

    @property
    def known(self) -> bool:
        """Whether the day of the decision, and so the last day, is known."""
        return self.granted_from == self.granted_to

    def valid_on(self, day: date) -> Fact:
        """Say whether *day* lies within the term."""
        if not self.granted_from <= day <= self.last:
            return Fact.NO
        if self.surely_from is None or self.surely_to is None:
            return Fact.UNKNOWN
        surely = self.surely_from <= day <= self.surely_to
        return Fact.YES if surely else Fact.UNKNOWN

    def granted_by(self, day: date) -> Fact:
        """Say whether its decision was taken on *day* or before."""
        if day < self.granted_from:
            return Fact.NO
        return Fact.YES if day >= self.granted_to else Fact.UNKNOWN

    def granted_after(self, other: "Term") -> Fact:
        """Say whether its decision is later than that of *other*."""
        if self.granted_from > other.granted_to:
            return Fact.YES
        return Fact.NO if self.granted_to <= other.granted_from else Fact.UNKNOWN


@dataclass(frozen=True, slots=True)
class Validity:
    """For how long certificates are valid: a dated table.

    Attributes:
        steps: First day of decisions to which a length applies, and the length
            in months; the earliest first. Earlier decisions get the first.
        extend_rest_days: Whether a last day on a Saturday or Sunday moves to
            the next working day (Civil Code 2015, article 148.5; whether it
            applies to certificates is not confirmed, so False is the default).
            Public holidays are not known here.
    """

    steps: tuple[tuple[date, int], ...]
    extend_rest_days: bool = False

    def months(self, decided_on: date) -> int:
        """Return the length in months for a decision of that day."""
        at = bisect_right(self.steps, decided_on, key=lambda step: step[0])
        return self.steps[max(at - 1, 0)][1]

    def last_day(self, decided_on: date) -> date:
        """Return the last day of validity of a decision of that day.

        The first day is not counted, and the term ends at 24:00 of the
        corresponding day (Civil Code 2015, articles 147 and 148).
        """
        months = self.months(decided_on)
        last = add_months(decided_on, months)
        if self.extend_rest_days and last.weekday() >= _SATURDAY:
            return last + timedelta(days=7 - last.weekday())
        return last

    def of(self, certificate: "Certificate") -> Term | None:
        """Return the term of *certificate*; None if no day and no year is known."""
        return _term(
            self, certificate.decided_on, certificate.year, certificate.year_means
        )


class Certificate(Struct, frozen=True, kw_only=True):
    """One recognition of one product.

    Attributes:
        stars: 3, 4 or 5, or 1 or 2 for "takes part"; None if not stated.
        evidence: The evidence behind it.
        decision: Number of the decision, such as "377/QĐ-BNN-VPĐP", or "".
        body: Who decided: "huyện", "tỉnh", "trung ương", or "".
        decided_on: Date of the decision, if known.
        year: The one year that a report names, if no date is known.
        year_means: The meaning of that year.
        revoked_by: Number of the revoking decision, or "".
        revoked_on: Day from which it is revoked.
        revocation_proposed: A withdrawal was proposed; that is not one.
        potential_5: "Tiềm năng 5 sao": four stars, awaiting the ministry.
        source: Where these facts come from.
        voided_by: Who has said that it was entered by mistake, or "". It counts
            as if it had never been there, and stays to be read.
        voided_on: When that was said.
        void_reason: Why.
    """

    stars: int | None
    evidence: Evidence = Evidence.DECISION
    decision: str = ""
    body: str = ""
    decided_on: date | None = None
    year: int | None = None
    year_means: YearMeans = YearMeans.GRANTED
    revoked_by: str = ""
    revoked_on: date | None = None
    revocation_proposed: bool = False
    potential_5: bool = False
    source: str = ""
    voided_by: str = ""
    voided_on: date | None = None
    void_reason: str = ""

    @property
    def voided(self) -> bool:
        """Whether it was entered by mistake."""
        return bool(self.voided_by)

    @property
    def starred(self) -> Fact:
        """Whether it grants 3 to 5 stars; unknown if they are not stated."""
        if self.stars is None:
            return Fact.UNKNOWN
        return Fact.YES if 3 <= self.stars <= 5 else Fact.NO  # noqa: PLR2004  (the stars themselves)

    @property
    def lacks(self) -> tuple[str, ...]:
        """The unknown parts of the decision: of number, body and day, by attribute."""
        known = {
            "decision": read_number(self.decision),
            "body": self.body,
            "decided_on": self.decided_on,
        }
        return tuple(name for name, value in known.items() if not value)

    @property
    def proven(self) -> bool:
        """Whether the recognising decision stands behind it, with all that names it."""
        return self.evidence is Evidence.DECISION and not self.lacks

    @property
    def of_year(self) -> int | None:
        """The year of its decision, or the one that a report names, if known."""
        return self.year if self.decided_on is None else self.decided_on.year

    def may_be(self, other: "Certificate") -> bool:
        """Say whether it is of the same number and year, and no other authority."""
        if not self.decision or not same_number(self.decision, other.decision):
            return False
        bodies = {fold(body) for body in (self.body, other.body) if body}
        return self.of_year == other.of_year and len(bodies) <= 1

    def revoked_by_day(self, day: date) -> Fact:
        """Say whether it is revoked on *day*, a day in Vietnam.

        A decision whose date is not known leaves it unknown.
        """
        if self.revoked_on is None:
            return Fact.UNKNOWN if self.revoked_by else Fact.NO
        return Fact.YES if self.revoked_on <= day else Fact.NO


@lru_cache(maxsize=2048)
def _term(
    validity: Validity, decided_on: date | None, year: int | None, means: YearMeans
) -> Term | None:
    """Work out a term; many products share one decision, so it is kept."""
    if decided_on is not None:
        if decided_on.year not in _YEARS:
            return None
        last = validity.last_day(decided_on)
        return Term(
            granted_from=decided_on,
            granted_to=decided_on,
            surely_from=decided_on,
            surely_to=last,
            last=last,
        )
    if year is None or year not in _YEARS:
        return None
    return _term_of_year(validity, year, means)


def _term_of_year(validity: Validity, year: int, means: YearMeans) -> Term:
    """Work out a term where only a year is known.

    Granted in a year Y under 36 months: unknown in Y, valid to the end of
    Y + 2, unknown in Y + 3, then ended. Held in Y: granted in Y - 3 at the
    earliest, as it would have ended before; unknown to the end of Y + 3.
    """
    first, end = date(year, 1, 1), date(year, 12, 31)
    if means is YearMeans.HELD:
        earliest = date(year - -(-validity.months(first) // 12), 1, 1)
        return Term(
            granted_from=earliest,
            granted_to=end,
            surely_from=None,
            surely_to=None,
            last=validity.last_day(end),
        )
    surely_to = validity.last_day(first) - _DAY
    return Term(
        granted_from=first,
        granted_to=end,
        surely_from=end + _DAY,
        surely_to=surely_to,
        last=validity.last_day(end),
    )


def paired(
    before: Sequence[Certificate], after: Sequence[Certificate]
) -> Iterator[tuple[int | None, int | None]]:
    """Yield the places of each certificate in a history, as it was and as it is.

    The order stays. A removed certificate has no place in *after*, a new one none in
    *before*.
    """
    place = 0
    for n, old in enumerate(before):
        remaining = after[place:]
        goes = len(before) - n > len(remaining) and (
            not remaining or (remaining[0] != old and remaining[0] in before[n + 1 :])
        )
        if goes:
            yield n, None
        else:
            yield n, place
            place += 1
    for new in range(place, len(after)):
        yield None, new
