"""Who stands for a removal: a person, a sheet, or a rule.

A removal that a named person entered for a product passes outside the budget. A removal
that a sheet entered counts in it, under the import's own cause, until a named person
has confirmed that import. All else counts under its rule. Which findings a named person
stands for is the rule's data (`by_person`). Pure; the effects of imports are decided in
`catalog.eligibility.effects`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from catalog.eligibility import Reason, Verdict
from catalog.model.effect import NO_IMPORT, Effect, EffectKind
from catalog.model.product import Product

_IMPORT = "import:"


class Cause(str):
    """Why something is removed from buyers, or sent: removals by one are one group.

    It is stored and shown as its text: a rule ("E04"), a rule and the day on which
    certificates end ("E02@2026-03-01"), an import ("import:7"), a hold, or one of the
    constants below.
    """

    __slots__ = ()

    @classmethod
    def of_end(cls, rule: str, day: str) -> "Cause":
        """Return the cause of the ends of certificates on one ISO day."""
        return cls(f"{rule}@{day}")

    @classmethod
    def of_import(cls, number: int) -> "Cause":
        """Return the cause of all that import *number* removes."""
        return cls(f"{_IMPORT}{number}")

    @property
    def import_id(self) -> int | None:
        """Return the number of its import; None if it is no import."""
        number = self.removeprefix(_IMPORT)
        return int(number) if number != self and number.isdigit() else None


CATALOG = Cause("catalog")
"""The catalog says so, and no rule."""

CONSENT_RULE = Cause("E11")
"""The rule by which a seller is stopped, which has no verdict of its own."""

VANISHED = Cause("vanished")
"""The cause of creating vanished listings anew."""


class Origin(NamedTuple):
    """Who stands for the removal by a verdict.

    Attributes:
        by_person: A named person entered it for this very product, or has
            confirmed the import that did.
        end_confirmed: The same of the certificate's end.
        cause: Its cause, for the budget.
    """

    by_person: bool
    end_confirmed: bool
    cause: Cause


def origin_of(product: Product, verdict: Verdict, ends_on: str) -> Origin:
    """Return who stands for the removal by *verdict*.

    *ends_on* is the day on which the claim ends or has ended, or "".
    """
    decisive, effects = verdict.decisive, list(_of_end(product.effects, ends_on))
    by_person = any(_is_by_person(reason, effects) for reason in verdict.reasons)
    mine = _behind(decisive, effects) if decisive is not None else []
    sheets = [effect.import_id for effect in mine if not effect.confirmed]
    return Origin(
        by_person=by_person,
        end_confirmed=bool(mine) and not sheets and _is_end(decisive),
        cause=Cause.of_import(max(sheets)) if sheets else _of_rule(decisive, ends_on),
    )


def emptied_by(product: Product) -> Mapping[str, int]:
    """Return by which import each SKU has no stock, where nobody has confirmed it."""
    return {
        effect.key: effect.import_id
        for effect in product.effects
        if effect.kind is EffectKind.EMPTIED and not effect.confirmed
    }


def _of_end(effects: Iterable[Effect], ends_on: str) -> Iterator[Effect]:
    """Yield *effects* without the ends that persons have entered for other days."""
    for each in effects:
        if each.import_id != NO_IMPORT or each.key == ends_on:
            yield each


def _is_by_person(reason: Reason, effects: Iterable[Effect]) -> bool:
    """Say whether a named person stands for the finding of *reason*."""
    if not reason.known or _is_end(reason):
        return False  # whose end is known is asked by itself
    if behind := _behind(reason, effects):
        return all(effect.confirmed for effect in behind)
    return reason.by_person


def _behind(reason: Reason, effects: Iterable[Effect]) -> list[Effect]:
    """Return the effects of imports that *reason* is about."""
    if not effects or not reason.known:
        return []
    papers = dict(reason.details).get("kinds")
    if isinstance(papers, tuple):
        return [e for e in effects if e.kind is EffectKind.PAPER and e.key in papers]
    return [effect for effect in effects if effect.kind is reason.effect]


def _is_end(reason: Reason | None) -> bool:
    """Say whether a certificate has ended; not that a person has voided it."""
    return reason is not None and reason.about_end and not reason.by_person


def _of_rule(reason: Reason | None, ends_on: str) -> Cause:
    """Return the rule as a cause; for ends of certificates, with their day."""
    if reason is None:
        return CATALOG
    is_end = reason.about_end
    return Cause.of_end(reason.code, ends_on) if is_end else Cause(reason.code)
