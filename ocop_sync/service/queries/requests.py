"""Runs that people have asked for, as they stand now."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.service.deployment import Deployment
from ocop_sync.store.runs import run_requests
from ocop_sync.store.runs.accounts import farthest_end
from ocop_sync.store.runs.run_requests import RunRequest


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A run that somebody has asked for.

    Attributes:
        request: The request.
        is_dead: Its process shows no sign of life: it is taken over.
    """

    request: RunRequest
    is_dead: bool = False


async def open_requests(deployment: Deployment) -> Sequence[SeenRequest]:
    """Return the requests that have not ended, the first asked for first."""
    found = await deployment.database.fetch(run_requests.open_requests)
    return [seen(deployment, each) for each in found]


async def request_of(deployment: Deployment, run_id: str) -> SeenRequest | None:
    """Return the request that a run carries out; None if nobody has asked for it."""

    async def find(conn: AsyncConnection) -> RunRequest | None:
        return await run_requests.find(conn, run_id.partition(":")[0])

    found = await deployment.database.fetch(find)
    return None if found is None else seen(deployment, found)


def seen(deployment: Deployment, request: RunRequest) -> SeenRequest:
    """Return a request with whether anybody still carries it out."""
    now = deployment.clock()
    farthest = farthest_end(now, deployment.limits.lease_lasts)
    is_begun = bool(request.token) and request.ended_at is None
    return SeenRequest(request, is_begun and not request.is_held(now, farthest))
