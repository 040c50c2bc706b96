"""Whether a worker lives: its own loop and its database, and nothing else.

The worker writes down its activity at short intervals (`Pulse`), and whoever asks
compares that with the time of now (`pulse_of`). A marketplace that is down leaves it
healthy: a sync that waits for it goes on making calls and pauses. It is unhealthy with
a loop that does not turn, a sync that neither calls nor pauses nor evaluates any more,
a sync that was due and has not begun, or a database that takes no heartbeat.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.clock import Clock
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.stuck_sessions import end_stuck_sessions
from ocop_sync.store.runs import heartbeats
from ocop_sync.store.runs.heartbeats import Doing, Heartbeat

BEAT_S = 20.0
"""Seconds from one heartbeat to the next."""

WITHIN = timedelta(minutes=5)
"""After so long without a heartbeat, the loop counts as stuck. An import of a whole
province keeps other writers of SQLite waiting for a minute or two."""

STUCK_AFTER = timedelta(minutes=15)
"""After so long without a sign of work, a sync counts as stuck. No wait of its own is
longer than three minutes: retries, quotas and breakers all end before."""

_log = logging.getLogger(__name__)


@asynccontextmanager
async def beating(
    beat: Callable[[], Awaitable[None]],
    every_s: float,
    sleep: Callable[[float], Awaitable[None]],
) -> AsyncIterator[None]:
    """Call *beat* every *every_s* seconds, during any work inside."""

    async def go_on() -> None:
        while True:
            await sleep(every_s)
            await beat()

    task = asyncio.ensure_future(go_on())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Trouble(StrEnum):
    """Why a worker is not healthy."""

    NEVER = "never"
    """No worker of that name has ever had a heartbeat."""
    ENDED = "ended"
    """It was told to stop, and has ended."""
    SILENT = "silent"
    """No heartbeat for too long, or one of the future."""
    STUCK = "stuck"
    """A sync goes on, and does nothing any more."""
    OVERDUE = "overdue"
    """The next sync was due and has not begun."""


_OTHERS = 5
"""Workers that are named where the one that is asked for never ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a worker is healthy.

    Attributes:
        trouble: Why it is not; None if it is.
        beat: Its last heartbeat, if it has ever had one.
        others: Names of workers that have run, if it never has.
        error: Why nothing could be found out; "" if it could.
    """

    name: str
    trouble: Trouble | None
    beat: Heartbeat | None
    others: tuple[str, ...] = ()
    error: str = ""

    @property
    def is_healthy(self) -> bool:
        """Say whether nothing is wrong, as far as could be found out."""
        return not self.error and self.trouble is None


class Pulse:
    """The heartbeat of the worker that runs in this process."""

    def __init__(self, deployment: Deployment, name: str, every: timedelta) -> None:
        now = deployment.clock()
        self._deployment = deployment
        self._name = name
        self._every = every
        self._doing = Doing.IDLE
        self._since = self._active_at = now
        self._seen = deployment.activity.count
        self._is_lost = False

    def turn_to(self, doing: Doing) -> None:
        """Note the activity of the worker from now on."""
        self._doing = doing
        self._since = self._active_at = self._deployment.clock()

    async def beat(self) -> None:
        """Write down the activity of the worker; a failure of this is logged once."""
        now, count = self._deployment.clock(), self._deployment.activity.count
        if count != self._seen:
            self._seen, self._active_at = count, now
        beat = Heartbeat(
            name=self._name,
            holder=self._deployment.holder,
            at=now,
            doing=self._doing,
            since=self._since,
            active_at=self._active_at,
            every_s=int(self._every.total_seconds()),
        )
        try:
            stuck = await self._deployment.database.write(partial(_store, beat=beat))
        except Exception as error:  # noqa: BLE001  (the database may be back soon)
            if not self._is_lost:
                why = type(error).__name__
                _log.warning("no heartbeat could be stored", extra={"reason": why})
            self._is_lost = True
        else:
            self._is_lost = False
            if stuck:
                more = {"count": stuck}
                _log.warning("sessions of a suspended process were ended", extra=more)


async def _store(conn: AsyncConnection, beat: Heartbeat) -> int:
    """Store *beat*; return how many sessions were ended that kept rows locked."""
    await heartbeats.save(conn, beat)
    await heartbeats.forget_old(conn, beat.at)
    return await end_stuck_sessions(conn)


async def pulse_of(
    database: Database,
    clock: Clock,
    name: str,
    *,
    within: timedelta = WITHIN,
    stuck_after: timedelta = STUCK_AFTER,
) -> Verdict:
    """Say whether the worker *name* is healthy.

    It is not after *within* without a heartbeat, nor after *stuck_after* without a sign
    of work or a sync that was due.
    """
    async with database.read() as conn:
        beat = await heartbeats.load(conn, name)
        others = [] if beat else await heartbeats.latest(conn, _OTHERS)
    trouble = trouble_of(beat, clock(), within=within, stuck_after=stuck_after)
    return Verdict(
        name=name, trouble=trouble, beat=beat, others=tuple(e.name for e in others)
    )


def trouble_of(
    beat: Heartbeat | None,
    now: datetime,
    *,
    within: timedelta = WITHIN,
    stuck_after: timedelta = STUCK_AFTER,
) -> Trouble | None:
    """Return why a worker with this last heartbeat is not healthy, or None."""
    if beat is None:
        return Trouble.NEVER
    if beat.doing is Doing.ENDED:
        return Trouble.ENDED
    if abs(now - beat.at) > within:  # one of the future: the clock was put back
        return Trouble.SILENT
    if beat.doing is Doing.SYNCING:
        is_stuck = beat.at - beat.active_at > stuck_after
        return Trouble.STUCK if is_stuck else None
    due = beat.since + timedelta(seconds=beat.every_s)
    return Trouble.OVERDUE if beat.at - due > stuck_after else None
