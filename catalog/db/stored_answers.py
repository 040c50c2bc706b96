"""The answers of people that producers and certificates hold.

Their use for the next sheet is decided in `catalog.imports.answers`. Functions over a
connection that the caller opened.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from catalog.db.from_rows import Row
from catalog.db.tables import certificate, producer

_COMMUNES = select(
    *producer.c["id", "name", "address", "old_commune_code", "commune_code"]
).where(producer.c.old_commune_code != "", producer.c.commune_code != "")
_BODIES: Any = select(
    *certificate.c["product_id", "decision", "decided_on", "body"]
).where(
    certificate.c.body != "",
    certificate.c.decision != "",
    certificate.c.voided_by == "",
    certificate.c.decided_on.in_(IDS),
)
_OF_DAY = select(certificate.c.product_id, certificate.c.decision)


async def answered_communes(conn: AsyncConnection) -> Sequence[Row]:
    """Return id, name, address, old and new commune of producers that have both."""
    rows: Sequence[Row] = (await conn.execute(_COMMUNES)).all()
    return rows


async def known_bodies(
    conn: AsyncConnection, days: Collection[date]
) -> list[tuple[str, str, date, str]]:
    """Return product, number, day and body of decisions of *days* with a known body.

    They are as certificates state them; voided ones are left out.
    """
    rows = await rows_of(conn, _BODIES, sorted(days))
    return [(id_, text, day, body) for id_, text, day, body in rows]


async def decisions_of_day(conn: AsyncConnection, day: date) -> list[tuple[str, str]]:
    """Return product and number of the decision, of all certificates of *day*."""
    rows = await conn.execute(_OF_DAY.where(certificate.c.decided_on == day))
    return [(product_id, text) for product_id, text in rows]
