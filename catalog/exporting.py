"""Write the whole catalog to a file, page by page."""

from datetime import datetime
from typing import BinaryIO

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.feed.csv_feed import write_csv
from catalog.feed.json_feed import JsonFeed
from catalog.repository import pages


async def export_csv(conn: AsyncConnection, stream: BinaryIO) -> int:
    """Write the catalog as CSV, sorted by product id; return the number of rows."""
    count = write_csv((), stream)
    async for page in pages(conn):
        count += write_csv(page, stream, header=False)
    return count


async def export_json(
    conn: AsyncConnection, stream: BinaryIO, *, exported_at: datetime
) -> int:
    """Write the catalog as JSON, sorted by product id; return the number of rows."""
    count = 0
    with JsonFeed(stream, exported_at=exported_at) as feed:
        async for page in pages(conn):
            count += feed.write(page)
    return count
