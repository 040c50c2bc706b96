"""Imports that were made: their changes seen, and one taken back."""

from typing import Annotated, Final, NamedTuple

from pydantic import Field

from catalog.db.field_changes import ChangedField, Entity
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_history import changes_behind, imports_behind
from catalog.undo.undo import undo_import
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.pages import page_with
from ocop_sync.api.forms.past_imports import (
    ImportChangesPage,
    PastImportForm,
    UndoForm,
    import_change_form,
    import_head_form,
    past_import_form,
    undo_form,
)
from ocop_sync.api.problems import CATALOG_REFUSED
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Model, Number, Page, PageQuery

TAG: Final = "past-imports"


class _ChangePlace(NamedTuple):
    """The place of a change among those of an import."""

    entity: Entity
    subject: str
    key: str
    field: str


class ImportPath(Model):
    """Which import."""

    number: Number
    """Its number: `import_id` of its report."""


class UndoBody(Model):
    """Whether it is carried out."""

    confirm: Annotated[str, Field(max_length=64, pattern=r"^[0-9a-f]*$")] = ""
    """The token that was told; without one, it is only told what would change."""


@operation(
    "GET",
    "/api/v1/past-imports",
    summary="The imports that have changed the catalog",
    allowed=STAFF,
    tag=TAG,
)
async def list_past_imports(call: Call, query: PageQuery) -> Page[PastImportForm]:
    """List them, the latest first; each attempt has a report at `/imports`."""
    as_department(asker_of(call))
    found = await deployment_of(call).database.fetch(
        imports_behind, call.position(query, int), size=query.limit
    )
    return call.page(tuple(map(past_import_form, found.imports)), found.last)


@operation(
    "GET",
    "/api/v1/past-imports/{number}",
    summary="What an import has changed",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def get_past_import(
    call: Call, path: ImportPath, query: PageQuery
) -> ImportChangesPage:
    """Return an import with each value that it has changed, before and after.

    Values that may be of a person are kept for 30 days.
    """
    as_department(asker_of(call))
    place = call.position(query, _ChangePlace)
    found = await deployment_of(call).database.fetch(
        changes_behind,
        path.number,
        ChangedField(*place) if place else None,
        size=query.limit,
    )
    page = call.page(tuple(map(import_change_form, found.changes)), found.last)
    return ImportChangesPage(
        **page_with(import_head_form(found.made)),
        changes=page.items,
        next=page.next,
    )


@operation(
    "POST",
    "/api/v1/past-imports/{number}/undo",
    summary="Take an import back",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, CATALOG_REFUSED),
    takes_key=True,
)
async def undo_past_import(call: Call, path: ImportPath, body: UndoBody) -> UndoForm:
    """Tell what taking an import back would change, with a token; with it, do so.

    Only values that nobody has changed since go back. What it takes from buyers counts
    in the budget. 200 values of each list are named, and all are counted.
    """
    deployment, by = deployment_of(call), as_department(asker_of(call))
    confirmed = Confirmation(token=body.confirm, by=by) if body.confirm else None
    return undo_form(
        await deployment.database.write(
            lambda conn: undo_import(
                conn,
                path.number,
                now=deployment.clock(),
                rules=deployment.rules,
                confirmed=confirmed,
            )
        )
    )


OPERATIONS: Final = (list_past_imports, get_past_import, undo_past_import)
