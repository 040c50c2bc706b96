"""An empty catalog for each test: SQLite in memory, or PostgreSQL by address.

PostgreSQL is used where `OCOP_TEST_POSTGRESQL` holds the address of a database
to which schemas may be added; each test has a schema of its own.
"""

import csv
import io
import os
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from catalog.feed.csv_feed import read_csv
from catalog.importing import ImportReport, import_feed
from catalog.tables import metadata

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
"""Nine in the morning of 24 November 2026 in Vietnam."""

DIALECTS = ("sqlite", "postgresql")


@asynccontextmanager
async def open_catalog(dialect: str) -> AsyncIterator[AsyncConnection]:
    """Open a connection in a transaction on an empty catalog."""
    if dialect == "sqlite":
        async with _connection("sqlite+aiosqlite://") as conn:
            yield conn
        return
    url = os.environ.get("OCOP_TEST_POSTGRESQL")
    if not url:
        pytest.skip("OCOP_TEST_POSTGRESQL=postgresql+asyncpg://... runs this one too")
    async with _schema(url) as name, _connection(url, name) as conn:
        yield conn


@asynccontextmanager
async def _connection(url: str, schema: str = "") -> AsyncIterator[AsyncConnection]:
    settings = {"server_settings": {"search_path": schema}} if schema else {}
    engine = create_async_engine(url, connect_args=settings)
    try:
        async with engine.begin() as conn:
            await conn.run_sync(metadata.create_all)
            yield conn
    finally:
        await engine.dispose()


@asynccontextmanager
async def _schema(url: str) -> AsyncIterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        await conn.execute(text(f"CREATE SCHEMA {name}"))
    try:
        yield name
    finally:
        async with engine.begin() as conn:
            await conn.execute(text(f"DROP SCHEMA {name} CASCADE"))
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
) -> ImportReport:
    """Import *rows* as one file."""
    return await import_feed(conn, read_csv(as_csv(*rows)), now=now, source=source)
