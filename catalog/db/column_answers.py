"""The answers of people on the columns of a source, so that it is asked once.

A heading that nobody knows and that is nearly a known one is a question; its answer is
kept with the source, and the next file of that source is read with it. The meaning of a
file's headings is decided in `catalog.feed`.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from catalog.db.tables import column_answer
from catalog.db.upsert import upsert
from catalog.text import clean

_OF_SOURCE = select(column_answer.c.heading, column_answer.c.means).where(
    column_answer.c.source == bindparam("source")
)


async def known_columns(conn: AsyncConnection, source: str) -> dict[str, str]:
    """Return the meanings of headings of *source*: our columns, "" for none.

    The keys are those of `catalog.feed.headings.heading_answers.heading_key`.
    """
    rows = await conn.execute(_OF_SOURCE, {"source": clean(source)})
    return {row.heading: row.means for row in rows}


async def keep_columns(
    conn: AsyncConnection, source: str, answers: Mapping[str, str], *, now: datetime
) -> None:
    """Remember the meanings of headings of *source*, in place of earlier ones.

    *answers* have our name of the column by the heading's key; "" to pass it over.
    """
    rows = [
        {"source": clean(source), "heading": key, "means": means, "answered_at": now}
        for key, means in answers.items()
    ]
    await execute_each(conn, upsert(conn, column_answer), rows)
