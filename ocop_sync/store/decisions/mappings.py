"""The mappings that persons have put in the place of the adapters' own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.counters import next_numbers
from ocop_sync.store.tables import mapping

_COUNTER = "mapping"
"""The counter that is locked while somebody decides; its numbers mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A person's last decision on a marketplace's mapping.

    Attributes:
        values: The mapping, as plain values; None for the adapter's own.
        by: Who said so.
        at: When, in UTC.
    """

    values: Mapping[str, Any] | None
    by: str
    at: datetime


_NEWEST = select(func.max(mapping.c.id)).group_by(mapping.c.marketplace)
_LAST = select(mapping).where(mapping.c.id.in_(_NEWEST))


async def last(conn: AsyncConnection) -> dict[str, Placed]:
    """Return the last decision on each marketplace's mapping, by its name."""
    rows = await conn.execute(_LAST)
    return {
        row.marketplace: Placed(values=row.mapping, by=row.set_by, at=row.set_at)
        for row in rows.all()
    }


async def lock(conn: AsyncConnection) -> None:
    """Let nobody else decide on a mapping before this transaction ends."""
    await next_numbers(conn, _COUNTER, 1)


async def place(conn: AsyncConnection, marketplace: str, placed: Placed) -> None:
    """Remember a person's decision; earlier ones are kept beside it."""
    row = {
        "marketplace": marketplace,
        "mapping": placed.values,
        "set_by": placed.by,
        "set_at": placed.at,
    }
    await conn.execute(insert(mapping), row)
