"""All that waits for a person, as it is shown."""

from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.typed.values import Count, Instant, Model, Page
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.service.department.all_work import AllWork
from ocop_sync.service.department.work_items import WorkItem


class WorkItemForm(Model):
    """One thing that waits for a person."""

    kind: WorkKind
    """The kind of work."""
    marketplace: str
    """Where; empty if it is about the catalog."""
    subject: str
    """The code of the product or producer, or the key of the account; or empty."""
    name: str
    """The name of the product or the producer, or that of a file; or empty."""
    number: int | None
    """The number of the group, the drift or the report; null of all else."""
    size: Count
    """How many products it is about."""
    since: Instant | None
    """Since when it waits, if that is known."""
    due: Instant | None
    """When it has to be done; null if it has no date."""
    seen: WordsForm
    """The finding."""
    todo: WordsForm
    """The advice."""


class WorkCountForm(Model):
    """How many things there are of a kind."""

    kind: WorkKind
    """The kind of work."""
    count: Count
    """How many."""
    words: WordsForm
    """What it is."""


class WorkForm(Model):
    """All that waits for a person, as counts; the list stands beside."""

    as_of: Instant
    """The instant of all that."""
    simulated: bool
    """A marketplace is a mock."""
    counts: tuple[WorkCountForm, ...]
    """Every kind, the most urgent first; of all that filters other than it leave."""
    faulty: tuple[str, ...]
    """Codes of products that could not be evaluated."""


class WorkPage(WorkForm, Page[WorkItemForm]):
    """A page of all that waits for a person, the most urgent first."""


def work_form(found: AllWork) -> WorkForm:
    """Return how many things wait, as it is shown."""
    return WorkForm(
        as_of=found.as_of,
        simulated=found.simulated,
        counts=tuple(
            WorkCountForm(kind=kind, count=count, words=words_form(kind.words))
            for kind, count in found.counts.items()
        ),
        faulty=tuple(found.faulty),
    )


def work_item_form(each: WorkItem) -> WorkItemForm:
    """Return one thing that waits, as it is shown."""
    return WorkItemForm(
        kind=each.kind,
        marketplace=each.marketplace,
        subject=each.subject,
        name=each.name,
        number=each.number,
        size=each.size,
        since=each.since,
        due=each.due,
        seen=words_form(each.seen),
        todo=words_form(each.todo),
    )
