"""Write the whole catalog to a file, page by page."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import BinaryIO, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.reader import pages
from catalog.db.sources import source_of_export
from catalog.feed.cells.stamp import Stamp
from catalog.feed.write.csv_feed import write_csv
from catalog.feed.write.json_feed import JsonFeed
from catalog.feed.write.xlsx_feed import XlsxFeed
from catalog.model.product import Entry
from catalog.progress import Count, no_progress
from catalog.spreadsheet.writing import write_workbook

EXPORTS: Final = (".csv", ".json", ".xlsx")
"""The kinds of files, by the end of their names."""


async def export_as(
    conn: AsyncConnection,
    kind: str,
    stream: BinaryIO,
    stamp: Stamp,
    progress: Count = no_progress,
) -> int:
    """Write the catalog as a file of *kind*, by product id; return how many rows."""
    total = 0
    with _open(kind, stream, stamp) as write:
        async for page in pages(conn):
            rows = write(page)
            total += rows
            progress(rows)
    return total


@contextmanager
def _open(
    kind: str, stream: BinaryIO, stamp: Stamp
) -> Iterator[Callable[[Sequence[Entry]], int]]:
    """Begin a file of *kind*; it is complete when the block is left."""
    if kind == ".csv":
        write_csv((), stream, stamp=stamp)  # the header
        yield partial(write_csv, stream=stream, header=False, stamp=stamp)
    elif kind == ".json":
        with JsonFeed(stream, stamp=stamp) as feed:
            yield feed.write
    else:
        with write_workbook(stream) as writer:
            yield XlsxFeed(writer, stamp=stamp).write


async def export_catalog(
    conn: AsyncConnection,
    *,
    stream: BinaryIO,
    kind: str,
    now: datetime,
    progress: Count = no_progress,
) -> int:
    """Write the catalog so that it can be imported again; return the number of rows.

    The connection sees one state of the catalog; the file is stamped with *now*.
    """
    stamp = Stamp(now, await source_of_export(conn))
    return await export_as(conn, kind, stream, stamp, progress)
