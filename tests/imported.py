"""The content of a feed, read as users read it: imported into an empty catalog."""

import asyncio
from datetime import datetime
from typing import BinaryIO

from catalog.db.reader import pages
from catalog.db.tables import metadata
from catalog.feed.rows.open_feed import open_feed
from catalog.imports.import_feed import import_feed
from catalog.model.product import Entry
from catalog.values import replace
from ocop_sync.store.db.sqlite import sqlite_engine


def import_csv(stream: BinaryIO, now: datetime) -> list[Entry]:
    """Return the entries of a CSV file; a row with a problem fails the test.

    Revisions are set back to 0, as they say nothing of the feed.
    """
    return asyncio.run(_import(stream, now))


async def _import(stream: BinaryIO, now: datetime) -> list[Entry]:
    engine = sqlite_engine("sqlite://")
    try:
        async with engine.begin() as conn:
            await conn.run_sync(metadata.create_all)
            rows = open_feed(stream).rows
            report = await import_feed(conn, rows, now=now, source="test")
            found = [entry async for page in pages(conn) for entry in page]
    finally:
        await engine.dispose()
    assert report.problems == []
    return [(replace(product, revision=0), producer) for product, producer in found]
