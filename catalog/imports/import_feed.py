"""Import a feed in one transaction: evaluate it, and write what it changes.

Whoever holds the lock meanwhile keeps every other writer waiting:
`catalog.imports.import_apart` evaluates files without it.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.prepared import PreparedRows
from catalog.db.writer import lock
from catalog.feed.rows.row import FeedRow
from catalog.imports.apply_import import apply_feed
from catalog.imports.evaluate_feed import evaluate_feed
from catalog.imports.import_report import ImportReport
from catalog.imports.prepare_import import prepare_feed


async def import_feed(
    conn: AsyncConnection, rows: Iterable[FeedRow], **options: Any
) -> ImportReport:
    """Take *rows* in as the present state of a source.

    Importing the same rows twice changes nothing, and moves no revision.

    Args:
        conn: A connection in a transaction of the caller.
        rows: As `open_feed` returns them.
        options: Those of `evaluate_feed`.

    Raises:
        FeedError: The feed as a whole cannot be read; roll back.
        CatalogError: The source's name is empty or too long.
        AttestationError: It is not said who confirms, or at too great length.
    """
    await lock(conn)
    evaluated, made = await evaluate_feed(conn, rows, **options), PreparedRows(conn)
    prepared = await prepare_feed(conn, evaluated, made)
    report = await apply_feed(conn, evaluated, prepared)
    await made.clear()
    return report
