"""Write the whole catalog to a file, page by page."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import BinaryIO, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.reader import pages
from catalog.db.sources import source_of_export
from catalog.feed.cells.stamp import Stamp
from catalog.feed.write.csv_feed import write_csv
from catalog.feed.write.json_feed import JsonFeed
from catalog.feed.write.xlsx_feed import XlsxFeed
from catalog.model.product import Entry
from catalog.spreadsheet.writing import write_workbook

Progress = Callable[[int], object]
"""Called with how many rows more have been written."""


def _no_progress(rows: int) -> None:
    del rows


async def export_csv(
    conn: AsyncConnection,
    stream: BinaryIO,
    stamp: Stamp,
    progress: Progress = _no_progress,
) -> int:
    """Write the catalog as CSV, sorted by product id; return the number of rows."""
    head = write_csv((), stream, stamp=stamp)
    return head + await _write_pages(
        conn, lambda page: write_csv(page, stream, header=False, stamp=stamp), progress
    )


async def export_json(
    conn: AsyncConnection,
    stream: BinaryIO,
    stamp: Stamp,
    progress: Progress = _no_progress,
) -> int:
    """Write the catalog as JSON, sorted by product id; return the number of rows."""
    with JsonFeed(stream, stamp=stamp) as feed:
        return await _write_pages(conn, feed.write, progress)


async def export_xlsx(
    conn: AsyncConnection,
    stream: BinaryIO,
    stamp: Stamp,
    progress: Progress = _no_progress,
) -> int:
    """Write the catalog as a workbook, sorted by product id; return the rows."""
    with write_workbook(stream) as writer:
        feed = XlsxFeed(writer, stamp=stamp)
        return await _write_pages(conn, feed.write, progress)


async def _write_pages(
    conn: AsyncConnection, write: Callable[[Sequence[Entry]], int], progress: Progress
) -> int:
    total = 0
    async for page in pages(conn):
        rows = write(page)
        total += rows
        progress(rows)
    return total


EXPORTS: Final = {".csv": export_csv, ".json": export_json, ".xlsx": export_xlsx}
"""The writer of the catalog, by the end of the file's name."""


async def export_catalog(
    conn: AsyncConnection,
    *,
    stream: BinaryIO,
    kind: str,
    now: datetime,
    progress: Progress = _no_progress,
) -> int:
    """Write the catalog so that it can be imported again; return the number of rows.

    Args:
        conn: A connection that sees one state of the catalog.
        stream: Where it is written.
        kind: One of `EXPORTS`.
        now: The present instant, which the file is stamped with.
        progress: Called with how many rows more have been written.
    """
    stamp = Stamp(now, await source_of_export(conn))
    return await EXPORTS[kind](conn, stream, stamp, progress)
