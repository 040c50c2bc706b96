"""Imports that were made, their changes, and taking one back, as it is shown."""

from typing import Any

from pydantic import Field

from catalog.db.field_changes import Change, Entity
from catalog.db.imports import Import
from catalog.undo.plan import Staying
from catalog.undo.undo import UndoReport
from ocop_sync.api.typed.values import Count, Instant, Model

NAMED = 200
"""Values of an undoing that are named over the API; all of them are counted."""


class PastImportForm(Model):
    """An import that has changed the catalog."""

    id: int
    """Its number."""
    source: str
    """Its source."""
    file: str
    """Its file."""
    imported_at: Instant
    """When it was made."""
    confirmed_by: str
    """Who has confirmed it, or empty."""
    created: Count | None
    """How many products it has made; null if that was not kept."""
    changed: Count | None
    """How many others it has changed; null if that was not kept."""
    changes_until: Instant | None
    """Until when it can be taken back; null if its changes were never kept."""
    undoes: int | None
    """The import that it takes back; null if it is one of a file."""
    undone_in: int | None
    """The one that took it back; null if it stands."""
    exported_at: Instant | None
    """When its sheet was exported from this catalog; null if never."""


class ImportChangeForm(Model):
    """A value that an import has changed."""

    entity: Entity
    """What kind of thing was changed."""
    subject: str
    """The code of the product or the producer."""
    key: str
    """Which of its parts; empty of the whole."""
    field: str
    """Which field."""
    before: Any
    """As it was."""
    after: Any
    """As the import has left it."""
    changed_before_at: Instant | None
    """When it was changed before that; null if that is not known."""
    changed_before_by: str | None
    """By whom; null if that is not known."""
    erased: bool
    """Values of it are erased: they may have told of a person."""


class ImportHeadForm(Model):
    """An import; its changes stand beside."""

    import_: PastImportForm = Field(alias="import")
    """The import."""


class ImportChangesPage(ImportHeadForm):
    """An import with a page of its changes."""

    changes: tuple[ImportChangeForm, ...]
    """Its changes, by their place."""
    next: str | None
    """The cursor of the page after this one; null if this is the last."""


class GoingBackForm(Model):
    """A value that goes back."""

    entity: Entity
    """What kind of thing it is of."""
    subject: str
    """The code of the product or the producer."""
    key: str
    """Which of its parts; empty of the whole."""
    field: str
    """Which field."""
    now: Any
    """As the import has left it."""
    then: Any
    """As it was before, and will be."""


class StayingForm(Model):
    """A value that stays, as it was changed since."""

    entity: Entity
    """What kind of thing it is of."""
    subject: str
    """The code of the product or the producer."""
    key: str
    """Which of its parts; empty of the whole."""
    field: str
    """Which field."""
    left: Any
    """As the import has left it."""
    now: Any
    """As it is."""
    changed_at: Instant | None
    """When it was changed since; null if that is not known."""
    changed_by: str | None
    """By whom; null if that is not known."""


class UndoForm(Model):
    """What taking an import back changes, or would change."""

    import_: PastImportForm = Field(alias="import")
    """The import."""
    written: bool
    """It was carried out; if not, all else tells the possible changes."""
    import_id: int | None
    """The number of the undoing; null if nothing was written."""
    back_count: Count
    """How many values go back."""
    back: tuple[GoingBackForm, ...]
    """The first of them."""
    stays_count: Count
    """How many values stay, as they were changed since."""
    stays: tuple[StayingForm, ...]
    """The first of them."""
    created: tuple[str, ...]
    """Products that it made and nobody else names: they stay, marked."""
    named: tuple[str, ...]
    """Products that it made and another import names: they stay as they are."""
    renamed: Count
    """How many products the source names again, or no longer."""
    takes: dict[str, int]
    """From how many products it takes something, by kind."""
    later: tuple[int, ...]
    """Imports of the same source that were made since, and stand."""
    token: str
    """Confirms it, as `confirm` of the same call."""
    stale: bool
    """The token that was given is of another state: read again."""


def past_import_form(made: Import) -> PastImportForm:
    """Return an import as it is shown."""
    return PastImportForm(
        id=made.id,
        source=made.source,
        file=made.file,
        imported_at=made.imported_at,
        confirmed_by=made.confirmed_by,
        created=made.created,
        changed=made.changed,
        changes_until=made.changes_until,
        undoes=made.undoes,
        undone_in=made.undone_in,
        exported_at=made.exported_at,
    )


def import_head_form(made: Import) -> ImportHeadForm:
    """Return an import as it is shown, without its changes."""
    return ImportHeadForm(**_named(made))


def import_change_form(change: Change) -> ImportChangeForm:
    """Return a value that an import has changed, as it is shown."""
    touch = change.touch
    return ImportChangeForm(
        **change.where._asdict(),
        before=change.before,
        after=change.after,
        changed_before_at=touch.at if touch else None,
        changed_before_by=touch.by if touch else None,
        erased=change.erased,
    )


def undo_form(report: UndoReport, most: int = NAMED) -> UndoForm:
    """Return what taking an import back changes, with the *most* first values."""
    return UndoForm(
        **_named(report.made),
        written=report.written,
        import_id=report.import_id,
        back_count=len(report.back),
        back=tuple(
            GoingBackForm(**each.where._asdict(), now=each.now, then=each.then)
            for each in report.back[:most]
        ),
        stays_count=len(report.stays),
        stays=tuple(map(_staying, report.stays[:most])),
        created=tuple(report.created[:most]),
        named=tuple(report.named[:most]),
        renamed=report.renamed,
        takes=dict(report.takes),
        later=tuple(report.later),
        token=report.token,
        stale=report.stale,
    )


def _named(made: Import) -> dict[str, Any]:
    return {"import": past_import_form(made)}


def _staying(each: Staying) -> StayingForm:
    since = each.since
    return StayingForm(
        **each.where._asdict(),
        left=each.imported,
        now=each.now,
        changed_at=since.at if since else None,
        changed_by=since.by if since else None,
    )
