"""The changes of one producer in the history: the last one, and those since.

Functions over a connection that the caller opened; none of them commits.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.field_changes import Entity
from catalog.db.tables import field_change

_OWN = (
    field_change.c.subject == bindparam("of"),
    field_change.c.entity == Entity.PRODUCER.value,
)
_LAST: Any = select(func.max(field_change.c.n)).where(*_OWN)
_AFTER: Any = (
    select(field_change.c.field, func.max(field_change.c.changed_at))
    .where(*_OWN, field_change.c.n > bindparam("seen"))
    .group_by(field_change.c.field)
)


async def last_change_of(conn: AsyncConnection, producer_id: str) -> int:
    """Return the number of the last change of a producer; 0 if none is kept."""
    return (await conn.execute(_LAST, {"of": producer_id})).scalar_one() or 0


async def fields_changed_after(
    conn: AsyncConnection, producer_id: str, number: int
) -> dict[str, datetime]:
    """Return which fields of a producer have changed after a number, and when last.

    They are the groups of `catalog.db.field_changes`: an address is one, with its
    communes.
    """
    rows = await conn.execute(_AFTER, {"of": producer_id, "seen": number})
    return {row[0]: row[1] for row in rows}
