"""An empty catalog for each test, and rows to import into it."""

import csv
import io
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from catalog.feed.rows.open_feed import open_feed
from catalog.imports.import_feed import import_feed
from catalog.imports.import_report import ImportReport
from ocop_sync.store.db import database
from ocop_sync.store.db.sqlite import sqlite_engine
from tests.tables import create_tables, statements

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
"""Nine in the morning of 24 November 2026 in Vietnam."""

IN_MEMORY = "sqlite://"


@asynccontextmanager
async def open_catalog(url: str = IN_MEMORY) -> AsyncIterator[AsyncConnection]:
    """Open a connection, in a transaction, on a database without rows."""
    engine = _engine(url)
    try:
        async with engine.connect() as conn:
            if url == IN_MEMORY:
                await conn.run_sync(_copy_tables)
            async with conn.begin():
                await conn.run_sync(create_tables)
                yield conn
    finally:
        await engine.dispose()


def _engine(url: str) -> AsyncEngine:
    """Open an engine, or take one that is kept open (`tests/kept_engines.py`)."""
    if url == IN_MEMORY:
        return sqlite_engine(url)
    if url.startswith("sqlite"):
        return database._sqlite(url, "DEFERRED", waits_s=0, pool_size=1)
    return database._postgresql(url, "READ COMMITTED")


def _copy_tables(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    _tables().backup(driver)


@cache
def _tables() -> sqlite3.Connection:
    """Return a database in memory with all tables, made once."""
    made = sqlite3.connect(":memory:")
    for each in statements("sqlite"):
        made.execute(each)
    return made


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
