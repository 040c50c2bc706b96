"""The heartbeats of workers: the activity of each when it could last tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.upsert import upsert
from ocop_sync.store.rows import values_of
from ocop_sync.store.tables import heartbeat

_KEPT = timedelta(days=7)
"""Heartbeats that are older are forgotten: each new container has a new name."""


class Doing(StrEnum):
    """The activity of a worker."""

    IDLE = "idle"
    SYNCING = "syncing"
    ENDED = "ended"
    """It was told to stop, and has ended well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The activity of a worker at one moment.

    Attributes:
        name: The worker's name.
        holder: How its process names itself, for people.
        at: When it said so, in UTC.
        doing: Its activity.
        since: Since when, in UTC.
        active_at: When the sync that goes on, or the last one, was last seen to go
            on: a call, a pause, some products evaluated.
        every_s: Seconds from one sync to the next.
    """

    name: str
    holder: str
    at: datetime
    doing: Doing
    since: datetime
    active_at: datetime
    every_s: int


async def save(conn: AsyncConnection, beat: Heartbeat) -> None:
    """Store *beat* in the place of the one before."""
    values = values_of(beat) | {"doing": beat.doing.value}
    await conn.execute(upsert(conn, heartbeat), [values])


async def forget_old(conn: AsyncConnection, now: datetime) -> None:
    """Forget heartbeats of workers that have long been gone."""
    await conn.execute(delete(heartbeat).where(heartbeat.c.at < now - _KEPT))


async def latest(conn: AsyncConnection, most: int) -> list[Heartbeat]:
    """Return the last heartbeats of workers, those first that were heard of last."""
    statement = select(heartbeat).order_by(heartbeat.c.at.desc()).limit(most)
    return [_beat(row) for row in await conn.execute(statement)]


async def load(conn: AsyncConnection, name: str) -> Heartbeat | None:
    """Return the last heartbeat of the worker *name*, if it has ever had one."""
    rows = await conn.execute(select(heartbeat).where(heartbeat.c.name == name))
    return next(map(_beat, rows), None)


def _beat(row: Row[Any]) -> Heartbeat:
    return Heartbeat(**row._asdict() | {"doing": Doing(row.doing)})
