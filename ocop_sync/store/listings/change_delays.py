"""Keep how long a change of a facet takes until a read shows it at the marketplace.

A delay begins when an evaluation first finds that a facet should be another one. It is
taken once the marketplace has answered that it has applied the change, and ends when a
read shows the wanted value. One whose wanted value changes again before it was sent is
superseded; one that was sent by then is overtaken: no read will ever show it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_each, rows_of
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDelay:
    """A delay that has not ended.

    Attributes:
        id: Its number.
        facet: A facet's name, or "sale": whether it is on sale at all.
        fingerprint: Of the wanted value.
        changed_at: Since when that is wanted, in UTC.
    """

    id: int
    product_id: str
    facet: str
    fingerprint: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelay:
    """A delay that begins."""

    product_id: str
    facet: str
    fingerprint: str


_OPEN = (
    select(
        change_delay.c.id,
        change_delay.c.product_id,
        change_delay.c.facet,
        change_delay.c.fingerprint,
        change_delay.c.changed_at,
    )
    .where(
        change_delay.c.marketplace == bindparam("of"),
        change_delay.c.product_id.in_(IDS),
        change_delay.c.ended_at.is_(None),
    )
    .order_by(change_delay.c.id)
)
_END = (
    update(change_delay)
    .where(change_delay.c.id == bindparam("this"))
    .values(ended_at=bindparam("at"), outcome=bindparam("how"))
)
_TAKE = (
    update(change_delay)
    .where(change_delay.c.id == bindparam("this"), change_delay.c.taken_at.is_(None))
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
        found.setdefault(row.product_id, []).append(OpenDelay(**row._asdict()))
    return found


async def begin(
    conn: AsyncConnection, marketplace: str, new: Iterable[NewDelay], now: datetime
) -> None:
    """Begin delays; none of the same facet may be open."""
    rows = (
        {
            "marketplace": marketplace,
            "product_id": each.product_id,
            "facet": each.facet,
            "fingerprint": each.fingerprint,
            "changed_at": now,
        }
        for each in new
    )
    await execute_each(conn, insert(change_delay), rows)


async def end(
    conn: AsyncConnection, ended: Mapping[int, DelayEnd], now: datetime
) -> None:
    """End delays, each as said."""
    rows = ({"this": id_, "at": now, "how": how.value} for id_, how in ended.items())
    await execute_each(conn, _END, rows)


async def take(conn: AsyncConnection, ids: Collection[int], now: datetime) -> None:
    """Write down that the marketplace has answered to have applied changes."""
    await execute_each(conn, _TAKE, ({"this": id_, "at": now} for id_ in ids))


async def ended_since(conn: AsyncConnection, since: datetime) -> Sequence[Any]:
    """Return the delays that have ended after *since*, as rows."""
    return (await conn.execute(_ENDED, {"since": since})).all()


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
