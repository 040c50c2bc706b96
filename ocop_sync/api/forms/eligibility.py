"""Which products may be listed, and why, as it is shown."""

from collections.abc import AsyncIterator
from typing import Any

from catalog.eligibility import Standing
from catalog.model.fact import Fact
from ocop_sync.api.forms.held import StaffReasonForm, staff_reason_form
from ocop_sync.api.typed.values import Date, Instant, Model
from ocop_sync.service.queries.eligibility import (
    Eligibility,
    EligibilityPart,
    EvaluatedEntry,
)


class EvaluatedForm(Model):
    """A product with its verdict and every reason."""

    product: str
    """Its code."""
    name: str
    """Its name."""
    producer: str | None
    """Its producer's name; null if not known."""
    skus: tuple[str, ...]
    """The codes of its packs."""
    standing: Standing
    """All reasons taken together."""
    certified: Fact
    """Whether a certificate of 3 to 5 stars is valid."""
    validity_unknown: bool
    """It is not known whether one is valid."""
    stars: int | None
    """The stars; null if none are proven."""
    claim_ends_on: Date | None
    """The last day of the claim; null if there is none, or it is not known."""
    changes_at: Instant | None
    """When the verdict may change without anybody doing anything; null if never."""
    reasons: tuple[StaffReasonForm, ...]
    """Every reason, the strongest first."""
    counted: str | None
    """How it is counted at the marketplace that is asked about; else null."""


class EligibilityForm(Model):
    """What products are evaluated by; they stand beside."""

    as_of: Instant
    """The instant of all that."""
    rules: str
    """The version of the rules."""
    accept_published: bool
    """A public report is evidence enough."""
    marketplace: str | None
    """The marketplace whose reasons are among them; null if none is asked about."""
    simulated: bool | None
    """It is a mock; null if none is asked about."""


class EligibilityPage(EligibilityForm):
    """A page of products that were evaluated."""

    products: tuple[EvaluatedForm, ...]
    """The products, by code."""
    next: str | None
    """The cursor of the page after this one; null if this is the last."""


def eligibility_form(found: Eligibility | EligibilityPart) -> EligibilityForm:
    """Return what products are evaluated by, as it is shown."""
    there = found.there
    return EligibilityForm(
        as_of=found.as_of,
        rules=found.rules.version,
        accept_published=found.rules.accept_published,
        marketplace=there.marketplace if there else None,
        simulated=there.simulated if there else None,
    )


def evaluated_form(found: EvaluatedEntry) -> EvaluatedForm:
    """Return a product with its verdict, as it is shown."""
    (product, producer), verdict = found.entry, found.verdict
    return EvaluatedForm(
        product=product.id,
        name=product.name,
        producer=producer.name if producer else None,
        skus=tuple(each.sku for each in product.variants),
        standing=verdict.standing,
        certified=verdict.certified,
        validity_unknown=verdict.validity_unknown,
        stars=verdict.stars,
        claim_ends_on=verdict.claim_ends_on,
        changes_at=verdict.changes_at,
        reasons=tuple(map(staff_reason_form, found.reasons)),
        counted=found.counted or None,
    )


def whole_eligibility(found: Eligibility) -> dict[str, Any]:
    """Return all products as JSON's values: they come one by one, then their counts."""

    async def rows() -> AsyncIterator[EvaluatedForm]:
        async for each in found.entries:
            yield evaluated_form(each)

    head = eligibility_form(found).json_form()
    return head | {"products": rows(), "counts": found.counts}
