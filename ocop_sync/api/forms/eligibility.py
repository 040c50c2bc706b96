"""Which products may be listed, and why, as it is shown."""

from collections.abc import AsyncIterator
from typing import Any

from catalog.eligibility import Rules, Standing
from catalog.model.fact import Fact
from ocop_sync.api.forms.held import StaffReasonForm, staff_reason_form
from ocop_sync.api.forms.words import WordsForm, words_form
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


class RuleForm(Model):
    """A rule by which products are evaluated."""

    code: str
    """Its code; it never changes."""
    title: WordsForm
    """Its question, in one sentence."""
    outcome: str
    """What follows where it is not met, unless a finding has its own."""
    basis: tuple[str, ...]
    """The decrees and decisions on which it stands."""
    confirmed: bool
    """The legal office has confirmed it."""
    in_force_from: Date | None
    """First day on which it is applied; null for always."""
    note: WordsForm | None
    """The open question, and who can close it; null if there is none."""
    sets: tuple[str, ...]
    """The product sets that it asks about; empty if it asks about none."""


class RulesForm(Model):
    """The rules."""

    version: str
    """Becomes another with any of them."""
    rules: tuple[RuleForm, ...]
    """By code."""


def rules_form(rules: Rules) -> RulesForm:
    """Return the rules as they are shown, without the words of their findings."""
    return RulesForm(
        version=rules.version,
        rules=tuple(
            RuleForm(
                code=each.code,
                title=words_form(each.title),
                outcome=each.outcome.value,
                basis=each.basis,
                confirmed=each.confirmed,
                in_force_from=each.in_force_from,
                note=words_form(each.note) if each.note else None,
                sets=tuple(sorted(each.sets)),
            )
            for each in rules.rules.values()
        ),
    )
