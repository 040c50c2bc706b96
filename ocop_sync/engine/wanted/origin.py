"""Who stands for a removal: a person, a sheet, or a rule.

A removal that a named person entered for a product passes outside the budget. A removal
that a sheet entered counts in it, under the import's own cause, until a named person
has confirmed that import. All else counts under its rule. Which findings a named person
stands for is the rule's data (`by_person`). Pure; the effects of imports are decided in
`catalog.eligibility.effects`.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.eligibility import Reason, Verdict
from catalog.model.effect import Effect, EffectKind
from catalog.model.product import Product

_IMPORT = "import:"

CONSENT_RULE = "E11"
"""The rule by which a seller is stopped, which has no verdict of its own."""


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
    cause: str


def cause_of_import(number: int) -> str:
    """Return the cause of all that import *number* takes."""
    return f"{_IMPORT}{number}"


def import_of(cause: str) -> int | None:
    """Return the number of the import that *cause* names; None if it names none."""
    number = cause.removeprefix(_IMPORT)
    return int(number) if number != cause and number.isdigit() else None


def origin_of(product: Product, verdict: Verdict, ends_on: str) -> Origin:
    """Return who stands for the removal by *verdict*.

    Args:
        product: The product, with the effects of imports.
        verdict: The catalog's verdict on it now.
        ends_on: Day on which the claim ends or has ended, or "".
    """
    decisive, effects = verdict.decisive, product.effects
    by_person = any(_is_by_person(reason, effects) for reason in verdict.reasons)
    mine = _behind(decisive, effects) if decisive is not None else []
    sheets = [effect.import_id for effect in mine if not effect.confirmed]
    return Origin(
        by_person=by_person,
        end_confirmed=bool(mine) and not sheets and _is_end(decisive),
        cause=cause_of_import(max(sheets)) if sheets else _of_rule(decisive, ends_on),
    )


def emptied_by(product: Product) -> Mapping[str, int]:
    """Return by which import each SKU has no stock, where nobody has confirmed it."""
    return {
        effect.key: effect.import_id
        for effect in product.effects
        if effect.kind is EffectKind.EMPTIED and not effect.confirmed
    }


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


def _of_rule(reason: Reason | None, ends_on: str) -> str:
    """A rule is a cause; for ends of certificates, each day is one."""
    if reason is None:
        return "catalog"
    return f"{reason.code}@{ends_on}" if reason.about_end else reason.code
