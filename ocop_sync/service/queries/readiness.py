"""Whether the service can take calls, and whether a worker lives.

It takes them while its database answers and nobody stops it, whether a worker lives or
not: what people enter is kept, and synced once one does.
"""

from dataclasses import dataclass
from typing import Final

from catalog.db import reader
from ocop_sync.errors import OcopSyncError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.run.heartbeat import Trouble, Verdict, trouble_of
from ocop_sync.store.db.outage import DATABASE_ERRORS
from ocop_sync.store.runs import heartbeats

_LOOKED_AT: Final = 8
"""Workers of which one has to live: those that were heard of last."""


_NAMED: Final = 50
"""Workers that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether calls are taken.

    Attributes:
        is_ready: A call would be answered now.
        worker: Why no worker is healthy, by the one that was heard of last; None if
            one is, and while nothing could be found out.
    """

    is_ready: bool
    worker: Trouble | None = None


async def readiness(deployment: Deployment) -> Readiness:
    """Say whether a call would be answered now. No marketplace is asked."""
    if deployment.stop.reason:
        return Readiness(is_ready=False)
    try:
        async with deployment.database.read() as conn:
            await reader.current_revision(conn)
            beats = await heartbeats.latest(conn, _LOOKED_AT)
    except (OcopSyncError, *DATABASE_ERRORS):
        return Readiness(is_ready=False)
    now = deployment.clock()
    troubles = [trouble_of(each, now) for each in beats] or [Trouble.NEVER]
    worker = None if None in troubles else troubles[0]
    return Readiness(is_ready=True, worker=worker)


async def workers(deployment: Deployment) -> list[Verdict]:
    """Return the workers of the last seven days, those first that were heard of last.

    There are 50 of them at most.
    """
    async with deployment.database.read() as conn:
        beats = await heartbeats.latest(conn, _NAMED)
    now = deployment.clock()
    return [
        Verdict(name=each.name, trouble=trouble_of(each, now), beat=each)
        for each in beats
    ]
