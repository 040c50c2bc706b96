"""The papers of products, and what came of an entry, as they are shown to staff."""

from collections.abc import Mapping

from catalog.commands.papers import PapersEntered
from catalog.eligibility import Rules, Text
from catalog.model.fact import Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.product import Product
from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.typed.values import Count, Date, Model, Page


class PaperForm(Model):
    """A paper of a product, as far as it is known."""

    kind: PaperKind
    """The subject that it proves."""
    name: WordsForm
    """Its name."""
    held: Fact
    """Whether it is there; unknown until somebody has seen it."""
    seen_by: str
    """Who has seen it, or that it is not there; empty if nobody has."""
    seen_on: Date | None
    """When that was; null if nobody has."""
    number: str
    """Its number, as written on it; empty if not known."""
    issued_on: Date | None
    """The day of its issue; null if not known."""
    expires_on: Date | None
    """The last day on which it holds; null if it has no end, or none is known."""


class ProductPapersForm(Model):
    """The papers of a product; of a kind that is missing nothing is known."""

    product: str
    """Its code."""
    name: str
    """Its name."""
    producer: str | None
    """The code of its producer; null if that is not known."""
    papers: tuple[PaperForm, ...]
    """The papers, by kind."""


class PapersPageForm(Page[ProductPapersForm]):
    """A page of products with their papers."""


class PapersEnteredForm(Model):
    """What came of an entry."""

    changed: Count
    """How many products it changed."""
    products: tuple[str, ...]
    """Their codes."""
    replaced: Count
    """Of how many another paper of the kind gave way."""
    taken: Count
    """How many can no longer be sold, now or from a later day."""
    without: Count
    """How many have no such paper to correct or to end; they stay as they are."""


def paper_form(each: Paper, names: Mapping[PaperKind, Text]) -> PaperForm:
    """Return a paper as it is shown."""
    return PaperForm(
        kind=each.kind,
        name=words_form(names[each.kind]),
        held=each.held.value,
        seen_by=each.held.by,
        seen_on=each.held.on,
        number=each.number,
        issued_on=each.issued_on,
        expires_on=each.expires_on,
    )


def product_papers_form(item: Product, rules: Rules) -> ProductPapersForm:
    """Return the papers of a product as they are shown."""
    names = rules.tables.papers
    return ProductPapersForm(
        product=item.id,
        name=item.name,
        producer=item.producer_id,
        papers=tuple(paper_form(each, names) for each in item.papers),
    )


def papers_entered_form(found: PapersEntered) -> PapersEnteredForm:
    """Return what came of an entry, as it is shown."""
    return PapersEnteredForm(
        changed=len(found.changed),
        products=tuple(found.changed),
        replaced=found.replaced,
        taken=found.taken,
        without=found.without,
    )
