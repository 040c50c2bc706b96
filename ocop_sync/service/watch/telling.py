"""The worker tells what is to be told, beside its syncs; they never wait for it."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from ocop_sync.errors import OcopSyncError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.notices.deliver import Delivering
from ocop_sync.service.notices.sender import Sender
from ocop_sync.service.watch.look import Look
from ocop_sync.store.db.outage import DATABASE_ERRORS

SEND_EVERY_S: Final = 15.0
"""What is due is sent so often."""

LOOKS_EVERY: Final = 20
"""A look at what stands comes with each so many of these: every five minutes."""

_log = logging.getLogger(__name__)


@asynccontextmanager
async def telling(
    deployment: Deployment, senders: Sequence[Sender]
) -> AsyncIterator[None]:
    """Tell what is to be told by *senders*, during any work inside.

    At the end what is being sent is broken off: its claim ends by itself, and whoever
    works next sends it again.
    """
    if not senders:
        yield
        return
    task = asyncio.ensure_future(_tell(deployment, senders))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _tell(deployment: Deployment, senders: Sequence[Sender]) -> None:
    look = Look(deployment)
    delivering = Delivering(deployment.database, deployment.clock, senders)
    turn = 0
    while True:
        try:
            if turn % LOOKS_EVERY == 0:
                await look.look()
            await delivering.deliver()
        except (OcopSyncError, *DATABASE_ERRORS) as error:
            _log.warning("notices put off", extra={"reason": str(error)})
        except Exception as error:  # noqa: BLE001  (logged; see below)
            # Danger: an error that ended this would end what warns of errors.
            # And its text may quote what is nobody else's business.
            line = traceback.extract_tb(error.__traceback__)[-1]
            more = {
                "kind": type(error).__name__,
                "at": f"{line.filename}:{line.lineno}",
            }
            _log.error("notices failed", extra=more)
        turn += 1
        await deployment.sleep(SEND_EVERY_S)
