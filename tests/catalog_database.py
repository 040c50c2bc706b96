"""An empty catalog for each test, and rows to import into it."""

import csv
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from catalog.db.tables import metadata
from catalog.feed.rows.open_feed import open_feed
from catalog.imports.import_feed import ImportReport, import_feed
from ocop_sync.store.db.sqlite import sqlite_engine

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
"""Nine in the morning of 24 November 2026 in Vietnam."""

IN_MEMORY = "sqlite://"


@asynccontextmanager
async def open_catalog(url: str = IN_MEMORY) -> AsyncIterator[AsyncConnection]:
    """Open a connection, in a transaction, on a database without rows."""
    is_sqlite = url.startswith("sqlite")
    engine = sqlite_engine(url) if is_sqlite else create_async_engine(url)
    try:
        async with engine.begin() as conn:
            await conn.run_sync(metadata.create_all)
            yield conn
    finally:
        await engine.dispose()


def as_csv(*rows: Mapping[str, object]) -> io.BytesIO:
    """Return a file with *rows*; columns that a row lacks are empty there."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode())


async def import_rows(
    conn: AsyncConnection,
    *rows: Mapping[str, object],
    source: str = "bảng mẫu",
    now: datetime = NOW,
    **options: Any,
) -> ImportReport:
    """Import *rows* as one file; *options* are those of `import_feed`."""
    feed = open_feed(as_csv(*rows))
    report = await import_feed(conn, feed.rows, now=now, source=source, **options)
    return replace(report, problems=[*feed.problems, *report.problems])
