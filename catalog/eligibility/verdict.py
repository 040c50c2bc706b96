"""The decision on one product on one day, with every reason for it.

Texts are templates of the rules' files and are put together only when
somebody reads them: a run looks at twenty thousand verdicts and shows a few.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct

from catalog.model.certificate import Certificate
from catalog.model.effect import EffectKind
from catalog.model.fact import Fact


class Outcome(StrEnum):
    """The outcome of a rule for a product that fails it, the strongest first."""

    OUT_OF_SCOPE = "out_of_scope"
    """Never listed; a listing of ours is held for a person."""
    BLOCK = "block"
    """May not be on sale: withdrawn."""
    NO_OCOP_CLAIM = "no_ocop_claim"
    """A listing stays without any OCOP claim; no new one is made."""
    WARN = "warn"
    """May be listed; a person looks."""


STRENGTH = {outcome: place for place, outcome in enumerate(Outcome)}
"""Place of each outcome, 0 for the strongest."""


class Standing(StrEnum):
    """The standing of a product, all reasons taken together."""

    LISTED = "listed"
    WITHOUT_CLAIM = "without_claim"
    NOT_LISTED = "not_listed"
    OUT_OF_SCOPE = "out_of_scope"
    UNKNOWN = "unknown"
    """A fact is missing: it holds a new listing, and takes nothing from a live one."""


NOT_KNOWN: Final = "-"
"""What stands for a value that is not known, such as the number of a decision."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the two languages of the service."""

    vi: str
    en: str

    def __str__(self) -> str:
        return f"{self.vi} / {self.en}"

    def filled(self, details: tuple[tuple[str, object], ...]) -> "Text":
        """Return it with its placeholders filled in, each in its language."""
        if not details:
            return self
        return Text(
            self.vi.format_map({name: _shown(value, "vi") for name, value in details}),
            self.en.format_map({name: _shown(value, "en") for name, value in details}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a rule can find.

    Attributes:
        outcome: Its outcome.
        seen: Template of the finding.
        todo: Template of the advice.
        by_person: Whether a named person stands for it.
        by_person_with: Or: name of the value that must be known for that.
        effect: The entry of a sheet that leads to it; None if there is none.
        about_end: It is about the day on which certificates end.
    """

    outcome: Outcome
    seen: Text
    todo: Text
    by_person: bool = False
    by_person_with: str = ""
    effect: EffectKind | None = None
    about_end: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a verdict.

    Attributes:
        code: The rule, such as "E04".
        outcome: Its effect on the product, if it is known.
        known: Whether it is known; False if a fact is missing.
        key: Which of the rule's findings it is, such as "ended".
        details: Names and values that its texts mention.
    """

    code: str
    outcome: Outcome
    known: bool
    key: str
    details: tuple[tuple[str, object], ...]
    _finding: Finding = field(compare=False, repr=False)

    @property
    def seen(self) -> Text:
        """The finding."""
        return self._finding.seen.filled(self.details)

    @property
    def todo(self) -> Text:
        """The advice for it."""
        return self._finding.todo.filled(self.details)

    @property
    def by_person(self) -> bool:
        """Whether a named person stands for it, unless a sheet has entered it."""
        if value := self._finding.by_person_with:
            return dict(self.details).get(value, NOT_KNOWN) != NOT_KNOWN
        return self._finding.by_person

    @property
    def effect(self) -> EffectKind | None:
        """The entry of a sheet that leads to this finding; papers aside."""
        return self._finding.effect

    @property
    def about_end(self) -> bool:
        """Whether it is about the day on which certificates end."""
        return self._finding.about_end


class Verdict(Struct, frozen=True, kw_only=True):
    """All that is decided of one product at one instant.

    Attributes:
        product_id: The product.
        standing: Its standing.
        reasons: Every reason: the strongest outcome first, then by code, known ones
            before unknown ones.
        certified: Whether it holds valid 3 to 5 stars on that day, services
            included.
        stars_stated: Whether some certificate of it states 3 to 5 stars. Where
            *certified* is unknown, True means that the validity is not known,
            and False that the stars are not.
        stars: Stars of the certificate in force; None if none surely is.
        certificate: That certificate, the latest if there are several.
        claim_ends_on: Last day, in Vietnam, on which it is in force; None if
            that day is not known.
        trace_page: The traceability page that may be shown, or "".
        changes_at: Next instant, in UTC, at which the verdict can differ
            though no fact changes; None if there is none.
    """

    product_id: str
    standing: Standing
    reasons: tuple[Reason, ...]
    certified: Fact
    stars_stated: bool
    stars: int | None
    certificate: Certificate | None
    claim_ends_on: date | None
    trace_page: str
    changes_at: datetime | None

    @property
    def validity_unknown(self) -> bool:
        """Whether it has stars, but not surely on that day."""
        return self.certified is Fact.UNKNOWN and self.stars_stated

    @property
    def decisive(self) -> Reason | None:
        """The reason for the standing; None if listed."""
        for reason in self.reasons:
            if reason.outcome is Outcome.WARN:
                return None
            if reason.known or self.standing is Standing.UNKNOWN:
                return reason
        return None


_FOLLOWS: Mapping[Outcome, Standing] = {
    Outcome.OUT_OF_SCOPE: Standing.OUT_OF_SCOPE,
    Outcome.BLOCK: Standing.NOT_LISTED,
    Outcome.NO_OCOP_CLAIM: Standing.WITHOUT_CLAIM,
}


def weigh(reasons: tuple[Reason, ...]) -> Standing:
    """Return the standing by *reasons*, the strongest outcome first.

    Known facts decide by their strongest outcome. Only where that decides nothing does
    a missing fact count, and never one that would merely warn.
    """
    unknown = False
    for reason in reasons:
        if reason.outcome is Outcome.WARN:
            break
        if reason.known:
            return _FOLLOWS[reason.outcome]
        unknown = True
    return Standing.UNKNOWN if unknown else Standing.LISTED


def _shown(value: object, language: Literal["vi", "en"]) -> str:
    """Return a detail as it is written in *language*."""
    if isinstance(value, Text):
        return value.vi if language == "vi" else value.en
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}" if language == "vi" else value.isoformat()
    if isinstance(value, tuple):
        return ", ".join(_shown(each, language) for each in value)
    return str(value)
