"""The changes of an import that was made, for people and machines."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.field_changes import Change
from catalog.db.history import PAGE
from catalog.db.imports import Import, import_made
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

    def json_form(self) -> dict[str, Any]:
        """Return them as JSON's values; the changes come one by one."""
        return {"import": self.made, "changes": self.changes}


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
