"""The changes of an import that was made, for people and machines."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.field_changes import Change, ChangedField
from catalog.db.history import PAGE
from catalog.db.imports import Import, import_made, list_imports
from catalog.db.kept_changes import (
    changes_page,
    count_changes,
    ensure_recorded,
)
from catalog.db.reader import names_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstChanges:
    """The first changes of an import.

    So many *more* were made besides.
    """

    made: Import
    changes: Sequence[Change]
    names: Mapping[str, str]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AllChanges:
    """All changes of an import, to be gone through once.

    Attributes:
        made: The import.
        changes: Its changes, by their place, as they are read.
    """

    made: Import
    changes: AsyncIterator[Change]


async def recorded_import(conn: AsyncConnection, number: int) -> Import:
    """Return import *number*, whose changes are in the history.

    Raises:
        PastImportError: There is no such import, or its changes are not kept.
    """
    made = await import_made(conn, number)
    ensure_recorded(made)
    return made


async def each_change(
    conn: AsyncConnection, number: int, *, size: int = PAGE
) -> AsyncIterator[Change]:
    """Yield all changes of import *number*, by their place, read *size* at once."""
    last = None
    while page := await changes_page(conn, number, last, size=size):
        for each in page:
            yield each
        last = page[-1].where


async def first_changes(
    conn: AsyncConnection, number: int, *, size: int
) -> FirstChanges:
    """Return the first *size* changes of import *number*.

    Raises:
        PastImportError: There is no such import, or its changes are not kept.
    """
    made = await recorded_import(conn, number)
    changes = await changes_page(conn, number, size=size)
    return FirstChanges(
        made=made,
        changes=changes,
        names=await names_of(conn, [each.where.subject for each in changes]),
        more=await count_changes(conn, number) - len(changes),
    )


async def all_changes(conn: AsyncConnection, number: int) -> AllChanges:
    """Return all changes of import *number*, read page by page: there may be many.

    Raises:
        PastImportError: There is no such import, or its changes are not kept.
    """
    made = await recorded_import(conn, number)
    return AllChanges(made=made, changes=each_change(conn, number))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportsPart:
    """Some imports, the latest first; the last one's number, None at the end."""

    imports: Sequence[Import]
    last: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPart:
    """An import with some of its changes, and the place of the last one, likewise."""

    made: Import
    changes: Sequence[Change]
    last: ChangedField | None


async def imports_behind(
    conn: AsyncConnection, before: int | None, *, size: int
) -> ImportsPart:
    """Return the *size* imports with numbers below *before*, the latest first."""
    found = await list_imports(conn, limit=size + 1, before=before)
    imports = found[:size]
    return ImportsPart(
        imports=imports, last=imports[-1].id if len(found) > size else None
    )


async def changes_behind(
    conn: AsyncConnection, number: int, last: ChangedField | None, *, size: int
) -> ChangesPart:
    """Return import *number* with the *size* changes behind the place *last*.

    Raises:
        PastImportError: There is no such import, or its changes are not kept.
    """
    made = await recorded_import(conn, number)
    found = await changes_page(conn, number, last, size=size + 1)
    changes = found[:size]
    return ChangesPart(
        made=made,
        changes=changes,
        last=changes[-1].where if len(found) > size else None,
    )
