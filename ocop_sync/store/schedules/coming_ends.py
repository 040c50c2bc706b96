"""Keep which certificates come to their end, until somebody has told of it.

Each is kept once for each of the marks that it passes. Whoever tells reads the untold
ones (`untold`) and marks them (`mark_told`) in the transaction that stores the message.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Executable,
    Row,
    Select,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from catalog.db.upsert import insert_in
from ocop_sync.store.schedule_tables import coming_end


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ComingEnd:
    """A certificate that has come within some days of its end.

    Attributes:
        ends_on: Last day of the claim, in Vietnam.
        product_id: Its product.
        days: The mark that it has passed: 90, 60 or 30 days.
    """

    ends_on: date
    product_id: str
    days: int


_c = coming_end.c
_UNTOLD: Select[Any] = (
    select(_c.ends_on, _c.product_id, _c.days)
    .where(_c.told_at.is_(None))
    .order_by(_c.ends_on, _c.product_id, _c.days)
)
_THIS = (
    _c.product_id == bindparam("product"),
    _c.ends_on == bindparam("end"),
    _c.days == bindparam("mark"),
    _c.told_at.is_(None),
)
_TOLD = update(coming_end).where(*_THIS).values(told_at=bindparam("at"))
_DROP = delete(coming_end).where(*_THIS)
_FORGET = delete(coming_end).where(_c.ends_on < bindparam("before"))


async def add(
    conn: AsyncConnection, found: Collection[ComingEnd], now: datetime
) -> None:
    """Keep those of *found* that are not kept yet, as untold."""
    rows = (
        {
            "product_id": each.product_id,
            "ends_on": each.ends_on,
            "days": each.days,
            "found_at": now,
        }
        for each in found
    )
    await execute_each(conn, _add(conn.dialect.name), rows)


@cache
def _add(dialect: str) -> Executable:
    return insert_in(dialect, coming_end).on_conflict_do_nothing(
        index_elements=list(coming_end.primary_key)
    )


async def untold(conn: AsyncConnection) -> Sequence[ComingEnd]:
    """Return those that nobody has told of, the earliest end first."""
    return [_end(each) for each in await conn.execute(_UNTOLD)]


async def mark_told(
    conn: AsyncConnection, told: Iterable[ComingEnd], now: datetime
) -> None:
    """Note that these were told of."""
    await execute_each(conn, _TOLD, (_this(each) | {"at": now} for each in told))


async def drop(conn: AsyncConnection, untrue: Iterable[ComingEnd]) -> None:
    """Forget untold ones that hold no longer."""
    await execute_each(conn, _DROP, (_this(each) for each in untrue))


async def forget_before(conn: AsyncConnection, before: date) -> None:
    """Forget those whose end lies before *before*."""
    await conn.execute(_FORGET, {"before": before})


def _this(each: ComingEnd) -> dict[str, Any]:
    return {"product": each.product_id, "end": each.ends_on, "mark": each.days}


def _end(row: Row[Any]) -> ComingEnd:
    return ComingEnd(ends_on=row.ends_on, product_id=row.product_id, days=row.days)
