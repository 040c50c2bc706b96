"""Import a file while others write: evaluated apart, written in one short transaction.

Nobody waits while a file is evaluated, over a connection that sees one state, and made
into rows. If something on which that stands has changed by the time of writing, it is
evaluated again; at last under the lock, so that it ends however busy the catalog is.
That is only done with a file that takes some seconds: other writers wait so long, and
give up after some more. A larger one is tried more often, and refused then.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.writer import lock
from catalog.errors import MovingCatalogError
from catalog.feed.rows.table import Note
from catalog.imports.apply_import import unmoved
from catalog.imports.evaluated_file import EvaluatedFile, FileImport, FileToImport
from catalog.imports.import_file import (
    PreparedFile,
    apply_file,
    evaluate_file,
    import_file,
    prepare_file,
)
from catalog.values import replace

P = TypeVar("P")
T = TypeVar("T")

TRIES: Final = 3
"""So often a file is evaluated without the lock."""
MOST_TRIES: Final = 8
"""So often one is that takes too long to be evaluated under the lock."""
UNDER_LOCK_S: Final = 5.0
"""A file that took longer is never evaluated under the lock. Writers in other processes
give up after 15 seconds."""

_MOVED: Final = Note(
    vi="danh mục đã đổi trong lúc xét tệp: tệp được xét lại từ đầu với danh mục mới",
    en="the catalog has changed while the file was evaluated: it was evaluated again",
)


class CatalogDatabase(Protocol):
    """A database with a catalog, as `ocop_sync.store.db.database` opens it."""

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a connection that sees one state."""
        ...

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Carry *work* out in one transaction, committed if it returns."""
        ...

    async def write_prepared(
        self,
        prepare: Callable[[AsyncConnection], Awaitable[P]],
        work: Callable[[AsyncConnection, P], Awaitable[T]],
    ) -> T:
        """Carry *work* out likewise, with what *prepare* has prepared before."""
        ...


async def import_apart(
    database: CatalogDatabase,
    file: FileToImport,
    *,
    now: Callable[[], datetime],
    tries: int = TRIES,
    seconds: Callable[[], float] = monotonic,
    **options: Any,
) -> FileImport:
    """Take *file* in as the present state of its source; keep others waiting shortly.

    Importing the same file twice changes nothing. A file that is only checked takes no
    lock at all, and one that is held for its report alone.

    Args:
        database: The database.
        file: The file.
        now: Returns the present instant.
        tries: So often it is evaluated without the lock.
        seconds: Monotonic seconds.
        options: Those of `evaluate_file`.

    Raises:
        FeedError: It cannot be read.
        CatalogError: Its source has no usable name, or it has no such heading.
        AttestationError: It is not said who confirms, or at too great length.
        MovingCatalogError: The catalog has changed each time, and the file takes too
            long to keep others out; nothing was imported.
    """
    for tried in range(MOST_TRIES):
        began = seconds()
        async with database.read() as conn:
            evaluated = await evaluate_file(conn, file, now=now(), **options)
        took = seconds() - began
        if not evaluated.writes:
            return _told(evaluated.found, tried)
        found = await database.write_prepared(
            partial(_prepare, file=evaluated), partial(_apply, file=evaluated)
        )
        if found is not None:
            return _told(found, tried)
        if tried + 1 >= tries and took <= UNDER_LOCK_S:
            break
    else:
        raise MovingCatalogError(MOST_TRIES)

    async def under_lock(conn: AsyncConnection) -> FileImport:
        return await import_file(conn, file, now=now(), **options)

    return _told(await database.write(under_lock), tries)


class _Ready(NamedTuple):
    """A prepared file, and the counters up to which nothing of it has moved."""

    file: PreparedFile
    counters: Mapping[str, int]


async def _prepare(conn: AsyncConnection, file: EvaluatedFile) -> _Ready | None:
    """Make an evaluated file into rows; None if something has moved already.

    What moves in the seconds that an evaluation takes is looked at here, too: under the
    lock only the rest is.
    """
    counters: Mapping[str, int] | None = {}
    if file.rows is not None:
        counters = await unmoved(conn, file.rows, file.rows.counters)
    if counters is None:
        return None
    return _Ready(await prepare_file(conn, file), counters)


async def _apply(
    conn: AsyncConnection, ready: _Ready | None, file: EvaluatedFile
) -> FileImport | None:
    """Write an evaluated file; None if something has moved on which it stands."""
    if ready is None:
        return None
    await lock(conn)
    rows = file.rows
    if rows is not None and await unmoved(conn, rows, ready.counters) is None:
        return None
    return await apply_file(conn, file, ready.file)


def _told(found: FileImport, tried: int) -> FileImport:
    return replace(found, notes=[*found.notes, _MOVED]) if tried else found
