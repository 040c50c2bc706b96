"""The worklists for people, as they are shown."""

from typing import Any, Literal

from catalog.queries.worklists import Lack
from ocop_sync.api.forms.outlook import EndForm
from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.typed.values import Date, Instant, Model, Page
from ocop_sync.service.queries.worklists import Worklist


class WorklistForm(Model):
    """A worklist; its rows stand beside."""

    as_of: Instant
    """The instant of all that."""
    faulty: tuple[str, ...]
    """Codes of products that could not be evaluated."""


class ExpiringPage(WorklistForm, Page[EndForm]):
    """A page of certificates that end soon."""


class LackForm(Model):
    """A paper for want of which a product is held or blocked."""

    product: str
    """The product's code."""
    name: str
    """Its name."""
    producer: str
    """Its producer's name, or empty."""
    skus: tuple[str, ...]
    """The codes of its packs."""
    rule: str
    """The rule that asks for the paper."""
    paper: WordsForm
    """The paper, and its missing part."""
    state: Literal["missing", "expired", "unknown"]
    """Known not to be there, ended, or not known."""
    blocks: bool
    """The product may not be on sale; else its new listing waits."""
    since: Date | None
    """Since which day; null if there is no trace."""
    todo: WordsForm
    """The advice."""


class LacksPage(WorklistForm, Page[LackForm]):
    """A page of papers that are missing."""


def worklist_form(found: Worklist[Any]) -> WorklistForm:
    """Return a worklist as it is shown, without its rows."""
    return WorklistForm(as_of=found.as_of, faulty=tuple(found.faulty))


def lack_form(each: Lack) -> LackForm:
    """Return a paper that is missing, as it is shown."""
    state: Any = each.state
    return LackForm(
        product=each.product_id,
        name=each.product,
        producer=each.producer,
        skus=each.skus,
        rule=each.rule,
        paper=words_form(each.paper),
        state=state,
        blocks=each.blocks,
        since=each.since,
        todo=words_form(each.todo),
    )
