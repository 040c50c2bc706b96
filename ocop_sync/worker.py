"""Sync at regular times until told to stop: the async worker.

When a sync starts is decided here; what it does, by whoever hands it in. Syncs
never overlap, one that is late is made up for once, and one that fails does not
stop the next.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from ocop_sync.service.stop import Stop

_log = logging.getLogger(__name__)


async def work_regularly(
    sync: Callable[[], Awaitable[object]], *, every: timedelta, stop: Stop
) -> None:
    """Call *sync* now and at regular times, until told to stop.

    A sync that is running then is awaited: it asks *stop* itself.

    Args:
        sync: What to do; its errors are logged.
        every: The time from one start to the next.
        stop: Ends it.
    """
    idle = asyncio.Event()
    idle.set()

    async def once() -> None:
        if stop.reason:
            return
        idle.clear()
        try:
            await sync()
        except Exception:  # noqa: BLE001  (logged; the next one may work)
            _log.exception("sync failed")
        finally:
            idle.set()

    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(
        once,
        "interval",
        seconds=every.total_seconds(),
        next_run_time=datetime.now(UTC),
        coalesce=True,
        max_instances=1,
        # The default drops a sync that is a second late.
        misfire_grace_time=None,
    )
    scheduler.start()
    try:
        await stop.wait()
        # Shutting the scheduler down cancels what runs, so that must end first.
        await idle.wait()
    finally:
        scheduler.shutdown(wait=False)
