"""Keep how long a change of a facet takes until a read shows it at the marketplace.

A delay is found by the evaluation that first wants another value of a facet, and begins
with the entry that asks for it (`service.evaluate.delay_beginnings`). It is taken once
the marketplace has answered that it has applied the change, and ends when a read shows
the wanted value. One whose wanted value changes again before it was sent is superseded;
one that was sent by then is overtaken: no read will ever show it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Double,
    Select,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_each, execute_for, rows_of
from ocop_sync.store.rows import values_of
from ocop_sync.store.tables import change_delay

KEPT: Final = timedelta(days=90)
"""So long a delay that has ended is kept."""


class DelayEnd(StrEnum):
    """How a delay has ended."""

    CONFIRMED = "confirmed"
    SUPERSEDED = "superseded"
    """Another value was wanted before it was sent."""
    OVERTAKEN = "overtaken"
    """Another value was wanted once it was sent, and before a read."""


class OpenDelay(Struct, frozen=True):
    """A delay that has not ended.

    Attributes:
        id: Its number.
        facet: A facet's name, or "sale": whether it is on sale at all.
        fingerprint: Of the wanted value.
        changed_at: Since when that is wanted, in UTC.
        found_at: The evaluation that found it, in UTC.
    """

    product_id: str
    id: int
    facet: str
    fingerprint: str
    changed_at: datetime
    found_at: datetime


class NewDelay(Struct, frozen=True, kw_only=True):
    """A delay that is found; *changed_at* as of `OpenDelay`."""

    product_id: str
    facet: str
    fingerprint: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDelay:
    """A value that was replaced before any evaluation found it."""

    product_id: str
    facet: str
    changed_at: datetime
    ended_at: datetime


_OPEN = select(
    change_delay.c.product_id,
    change_delay.c.id,
    change_delay.c.facet,
    change_delay.c.fingerprint,
    change_delay.c.changed_at,
    func.coalesce(change_delay.c.found_at, change_delay.c.changed_at),
).where(
    change_delay.c.marketplace == bindparam("of"),
    change_delay.c.product_id.in_(IDS),
    change_delay.c.ended_at.is_(None),
)
_BEGIN = insert(change_delay)
_END = (
    update(change_delay)
    .where(change_delay.c.id == bindparam("this"))
    .values(ended_at=bindparam("at"), outcome=bindparam("how"))
)
_TAKE = (
    update(change_delay)
    .where(
        change_delay.c.marketplace == bindparam("of"),
        change_delay.c.product_id.in_(IDS),
        change_delay.c.facet == bindparam("this"),
        change_delay.c.ended_at.is_(None),
        change_delay.c.taken_at.is_(None),
    )
    .values(taken_at=bindparam("at"))
)
_ENDED = select(
    change_delay.c.marketplace,
    change_delay.c.facet,
    change_delay.c.changed_at,
    change_delay.c.taken_at,
    change_delay.c.ended_at,
    change_delay.c.outcome,
).where(change_delay.c.ended_at > bindparam("since"))
_DAY_S: Final = 86_400


@cache
def _shown(dialect: str) -> Select[Any]:
    """Return the query for the seconds of each delay that a read has ended."""
    began, end = change_delay.c.changed_at, change_delay.c.ended_at
    took: ColumnElement[float]
    if dialect == "sqlite":
        took = (func.julianday(end) - func.julianday(began)) * _DAY_S
    else:
        took = sql_cast(func.extract("epoch", end - began), Double)
    return select(change_delay.c.marketplace, took.label("seconds")).where(
        change_delay.c.ended_at > bindparam("since"),
        change_delay.c.outcome == DelayEnd.CONFIRMED.value,
    )


_COUNT_OPEN = (
    select(change_delay.c.marketplace, func.count().label("n"))
    .where(change_delay.c.ended_at.is_(None))
    .group_by(change_delay.c.marketplace)
)
_ERASE = delete(change_delay).where(change_delay.c.ended_at < bindparam("before"))


async def open_delays(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> dict[str, list[OpenDelay]]:
    """Return the delays of *product_ids* that have not ended, by product."""
    found: dict[str, list[OpenDelay]] = {}
    for row in await rows_of(conn, _OPEN, product_ids, {"of": marketplace}):
        found.setdefault(row[0], []).append(OpenDelay(*row))
    return found


async def begin(
    conn: AsyncConnection, marketplace: str, new: Iterable[NewDelay], now: datetime
) -> None:
    """Begin delays that are found *now*; none of the same facet may be open."""
    about = {"marketplace": marketplace, "found_at": now}
    rows = ({**about, **values_of(each)} for each in new)
    await execute_each(conn, _BEGIN, rows)


async def keep_superseded(
    conn: AsyncConnection, marketplace: str, past: Iterable[PastDelay], now: datetime
) -> None:
    """Keep values that were replaced before an evaluation, as superseded."""
    about = {"marketplace": marketplace, "found_at": now, "fingerprint": ""}
    about["outcome"] = DelayEnd.SUPERSEDED.value
    rows = ({**about, **values_of(each)} for each in past)
    await execute_each(conn, _BEGIN, rows)


async def end(
    conn: AsyncConnection, ended: Mapping[int, DelayEnd], now: datetime
) -> None:
    """End delays, each as said."""
    rows = ({"this": id_, "at": now, "how": how.value} for id_, how in ended.items())
    await execute_each(conn, _END, rows)


async def take(
    conn: AsyncConnection,
    marketplace: str,
    facet: str,
    product_ids: Sequence[str],
    now: datetime,
) -> None:
    """Write down that changes of a facet were answered as applied."""
    values = {"of": marketplace, "this": facet, "at": now}
    await execute_for(conn, _TAKE, product_ids, values)


async def ended_since(conn: AsyncConnection, since: datetime) -> Sequence[Any]:
    """Return the delays that have ended after *since*, as rows."""
    return (await conn.execute(_ENDED, {"since": since})).all()


async def shown_since(conn: AsyncConnection, since: datetime) -> dict[str, list[float]]:
    """Return how long each change took that a read has shown after *since*.

    Returns:
        Seconds, right to the millisecond, by marketplace. Nothing else is read: these
        are asked for by a page that people wait for.
    """
    found: dict[str, list[float]] = {}
    rows = await conn.execute(_shown(conn.dialect.name), {"since": since})
    for marketplace, seconds in rows.all():
        found.setdefault(marketplace, []).append(seconds)
    return found


async def count_open(conn: AsyncConnection) -> dict[str, int]:
    """Return how many delays have not ended, by marketplace."""
    rows = await conn.execute(_COUNT_OPEN)
    return {row.marketplace: row.n for row in rows.all()}


async def erase_after(conn: AsyncConnection, latest: datetime) -> None:
    """Erase delays that began or ended after *latest*: a wrong clock has dated them."""
    ill = or_(change_delay.c.changed_at > latest, change_delay.c.ended_at > latest)
    await conn.execute(delete(change_delay).where(ill))


async def erase_old_delays(conn: AsyncConnection, now: datetime) -> None:
    """Erase delays that have ended long ago."""
    await conn.execute(_ERASE, {"before": now - KEPT})
