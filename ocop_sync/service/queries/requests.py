"""Runs that people have asked for, as they stand now."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import who_did
from catalog.model.actor import Actor
from ocop_sync.service.claims.claimant import is_dead
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.runs import run_requests
from ocop_sync.store.runs.run_requests import RunRequest


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A run that somebody has asked for.

    Attributes:
        request: The request.
        is_dead: Its process shows no sign of life: it is taken over.
        by: Who has asked; None if an earlier version has not kept that.
    """

    request: RunRequest
    is_dead: bool = False
    by: Actor | None = None


@dataclass(frozen=True, slots=True)
class RequestsPage:
    """Some requests, those asked for last first.

    Attributes:
        requests: The requests, open or ended.
        last: When and under which id the last one was asked for; None if no more
            follow.
    """

    requests: Sequence[SeenRequest]
    last: tuple[datetime, str] | None


async def open_requests(deployment: Deployment) -> Sequence[SeenRequest]:
    """Return the requests that have not ended, the first asked for first."""
    async with deployment.database.read() as conn:
        found = await run_requests.open_requests(conn)
        return await _seen(conn, deployment, found)


async def requests_page(
    deployment: Deployment, *, after: tuple[datetime, str] | None, size: int
) -> RequestsPage:
    """Return the *size* requests after a place; they are kept for 30 days."""
    async with deployment.database.read() as conn:
        found = await run_requests.latest(conn, after, size + 1)
        shown = await _seen(conn, deployment, found[:size])
    last = shown[-1].request if len(found) > size else None
    return RequestsPage(shown, None if last is None else (last.asked_at, last.id))


async def request_of(deployment: Deployment, run_id: str) -> SeenRequest | None:
    """Return the request that a run carries out; None if nobody has asked for it."""
    found = await requests_of(deployment, [run_id])
    return found.get(run_id.partition(":")[0])


async def requests_of(
    deployment: Deployment, run_ids: Collection[str]
) -> dict[str, SeenRequest]:
    """Return the requests that runs carry out, by id; those that there are."""
    ids = {each.partition(":")[0] for each in run_ids}
    async with deployment.database.read() as conn:
        found = await run_requests.some(conn, sorted(ids))
        shown = await _seen(conn, deployment, found.values())
    return {each.request.id: each for each in shown}


async def _seen(
    conn: AsyncConnection, deployment: Deployment, found: Iterable[RunRequest]
) -> list[SeenRequest]:
    """Return requests with who has asked, and whether anybody carries them out."""
    now, requests = deployment.clock(), list(found)
    acts = {each.act for each in requests if each.act is not None}
    by = await who_did(conn, acts) if acts else {}
    return [
        SeenRequest(
            each,
            is_dead=is_dead(each, now),
            by=None if each.act is None else by.get(each.act),
        )
        for each in requests
    ]
