"""A decision on certificates, and what it does, as they are shown."""

from typing import Annotated, Literal

from pydantic import Field

from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.typed.values import Count, Model
from ocop_sync.service.decisions.certificate_effects import ListingEffect
from ocop_sync.service.decisions.certificates import CertificateDecision, DecidedProduct

ActKind = Literal[
    "grant_certificate",
    "reassess_certificate",
    "correct_certificate",
    "void_certificate",
    "restore_certificate",
    "revoke",
    "undo_certificates",
]
Stars = Annotated[int, Field(ge=0, le=5)]


class DecidedProductForm(Model):
    """A product on whose certificates was decided."""

    product: str
    """Its code."""
    name: str
    """Its name."""
    changed: bool
    """Its certificates became others; false if they were so already."""
    listings: ListingEffect
    """What becomes of its listings at marketplaces, at once."""
    stars_before: Stars
    """The stars that counted before; 0 for none."""
    stars: Stars
    """The stars that count since."""
    ends_on_before: str
    """The last day of its certificates before; empty if none was known."""
    ends_on: str
    """Their last day since."""


class CertificateDecisionForm(Model):
    """A decision on certificates, and what it does."""

    kind: ActKind
    """The act, as the audit names it."""
    act: Count | None
    """Its number in the audit; null if nothing was entered."""
    products: tuple[DecidedProductForm, ...]
    """The products, by code."""
    effects: tuple[WordsForm, ...]
    """What it does."""
    doubts: tuple[WordsForm, ...]
    """What was asked about it."""
    token: str
    """Confirms it, if it has to be confirmed; else empty."""


def certificate_decision_form(found: CertificateDecision) -> CertificateDecisionForm:
    """Return a decision on certificates as it is shown."""
    return CertificateDecisionForm(
        kind=found.kind,  # type: ignore[arg-type]  # (the acts that there are)
        act=found.act,
        products=tuple(map(_product_form, found.products)),
        effects=tuple(map(words_form, found.effects)),
        doubts=tuple(map(words_form, found.doubts)),
        token=found.token,
    )


def _product_form(each: DecidedProduct) -> DecidedProductForm:
    return DecidedProductForm(
        product=each.product_id,
        name=each.name,
        changed=each.changed,
        listings=each.listings,
        stars_before=each.stars[0],
        stars=each.stars[1],
        ends_on_before=each.ends_on[0],
        ends_on=each.ends_on[1],
    )
