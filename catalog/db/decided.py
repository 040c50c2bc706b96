"""Decisions on certificates as they are stored: their numbers, and ends stood for.

A person who has entered an earlier end, and was told what it takes from buyers, stands
for that end: it passes outside the budget on its day. Functions over a connection that
the caller opened; none of them commits.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.tables import certificate, confirmed_end
from catalog.db.upsert import upsert

_RECOGNISING: Any = select(
    certificate.c.product_id, certificate.c.decision, certificate.c.decided_on
).where(
    certificate.c.decided_on.between(bindparam("first"), bindparam("last")),
    certificate.c.decision != "",
    certificate.c.voided_by == "",
)
_REVOKING: Any = select(
    certificate.c.product_id, certificate.c.revoked_by, certificate.c.revoked_on
).where(
    certificate.c.revoked_on.between(bindparam("first"), bindparam("last")),
    certificate.c.revoked_by != "",
    certificate.c.voided_by == "",
)
OF_YEAR: Final = union_all(_RECOGNISING, _REVOKING)
"""The decisions of a year: those that grant stars, and those that revoke them."""


async def decisions_of_year(
    conn: AsyncConnection, year: int
) -> list[tuple[str, str, date]]:
    """Return product, number and day of all decisions of *year*."""
    days = {"first": date(year, 1, 1), "last": date(year, 12, 31)}
    rows = await conn.execute(OF_YEAR, days)
    return [(id_, text, day) for id_, text, day in rows]


async def stand_for_ends(conn: AsyncConnection, ends: Mapping[str, str]) -> None:
    """Keep for which end of its certificates, by product, a person stands."""
    rows = [{"product_id": id_, "ends_on": end} for id_, end in sorted(ends.items())]
    if rows:
        await conn.execute(upsert(conn, confirmed_end), rows)
