"""The history of a product, pack or producer, as it is shown."""

from typing import Any

from catalog.db.field_changes import Entity
from catalog.db.timeline import PastChange, TimelineSubject
from ocop_sync.api.forms.actors import ActorForm, actor_form
from ocop_sync.api.typed.values import Instant, Model, Page


class PastChangeForm(Model):
    """A change of the history, with who made it, when and why."""

    n: int
    """Its number in the history."""
    at: Instant
    """When it was made."""
    entity: Entity
    """What kind of thing was changed."""
    subject: str
    """The code of the product or the producer."""
    key: str
    """Which of its parts, such as a pack; empty of the whole."""
    field: str
    """Which field."""
    before: Any
    """As it was: a value, or values by column; null if there was none."""
    after: Any
    """As the change has left it."""
    erased: bool
    """Values of it are erased: they may have told of a person."""
    revision: int | None
    """The revision of the product since; null for a producer."""
    act: int | None
    """The number of the act in the audit; null if there was none."""
    kind: str
    """The act; empty if there was none."""
    by: ActorForm | None
    """Who has acted; null if there was no act."""
    is_forgotten: bool
    """The name of who has acted was erased."""
    author: str
    """Who changed it without an act, such as an import's name."""
    reason: str
    """The words that came with the act."""
    import_id: int | None
    """The import that made it; null if none did."""
    file: str
    """The file of that import."""


class TimelineSubjectForm(Model):
    """The subject of a history."""

    id: str
    """The code of the product or the producer."""
    name: str
    """Its name."""
    sku: str
    """The code of the pack, if the history is of one alone."""


class TimelineForm(Model):
    """A history; its changes stand beside."""

    of: TimelineSubjectForm
    """The product, pack or producer."""


class TimelinePage(TimelineForm, Page[PastChangeForm]):
    """A page of a history, the latest change first."""

    is_whole: bool | None
    """On the last page: the history reaches back to when the subject was made; what is
    older than the history is not known. Null on all others."""


def change_form(found: PastChange) -> PastChangeForm:
    """Return a change of the history as it is shown."""
    change = found.change
    return PastChangeForm(
        n=found.n,
        at=found.at,
        **change.where._asdict(),
        before=change.before,
        after=change.after,
        erased=change.erased,
        revision=found.revision,
        act=found.act,
        kind=found.kind,
        by=None if found.by is None else actor_form(found.by),
        is_forgotten=found.is_forgotten,
        author=found.author,
        reason=found.reason,
        import_id=found.import_id,
        file=found.file,
    )


def subject_form(of: TimelineSubject) -> TimelineSubjectForm:
    """Return the subject of a history as it is shown."""
    return TimelineSubjectForm(id=of.id, name=of.name, sku=of.sku)
