"""Claim a run that somebody has asked for: a waiting one, or one whose process is dead.

It is decided in one transaction that holds the request's row, so that any number of
processes agree.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.telling import Told, tell
from ocop_sync.service.claims.claimant import WORDS_DIED, Claimant, is_worn_out
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.notices.record import record_given_up
from ocop_sync.store.runs import run_requests
from ocop_sync.store.runs.run_requests import RequestOutcome, RunRequest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RequestEnd:
    """How a run that was asked for has ended.

    Attributes:
        outcome: How.
        reason: Why it failed, or what waits; "" if there is nothing to say.
    """

    outcome: RequestOutcome
    reason: str = ""


CANCELLED: Final = RequestEnd(RequestOutcome.CANCELLED)


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run that this process has to carry out.

    Attributes:
        request: The request, as claimed.
        is_first: No process has begun it before.
    """

    request: RunRequest
    is_first: bool


async def claim_next(
    conn: AsyncConnection, claimant: Claimant, deployment: Deployment
) -> ClaimedRun | None:
    """Claim the first request that no living process has; None if there is none.

    One under which every process has died is given up, and that is told.
    """
    for each in await run_requests.open_requests(conn):
        if not claimant.sees_alive(each):
            claimed = await _claim(conn, each.id, claimant, deployment)
            if claimed is not None:
                return claimed
    return None


async def _claim(
    conn: AsyncConnection, id_: str, claimant: Claimant, deployment: Deployment
) -> ClaimedRun | None:
    """Claim a request, unless another process was quicker, or it is given up."""
    request = await run_requests.lock(conn, id_)
    if request is None or request.ended_at or claimant.sees_alive(request):
        return None
    if outcome := _given_up(request):
        await tell(conn, Told.RUN_EVENTS)
        reason = ""
        if outcome is RequestOutcome.DIED:
            reason = WORDS_DIED
            await record_given_up(conn, deployment, request)
        await run_requests.CLAIMS.end(
            conn, id_, request.token, now=claimant.now, outcome=outcome, reason=reason
        )
        _log.error("a run is given up", extra={"run": id_, "outcome": outcome.value})
        return None
    if request.token:
        more = {"run": id_, "holder": request.holder, "tries": request.tries}
        _log.warning("a run has died, and is taken over", extra=more)
    taken = await claimant.take(conn, run_requests.CLAIMS, id_, request)
    return ClaimedRun(taken, is_first=request.began_at is None)


async def end(
    conn: AsyncConnection, id_: str, token: str, *, ended: RequestEnd, now: datetime
) -> bool:
    """Store how a claimed run has ended; say whether the claim was still held.

    One that has failed as a person wanted it to end was cancelled.
    """
    request = await run_requests.lock(conn, id_)
    is_cancelled = request is not None and request.cancelled_at is not None
    if is_cancelled and ended.outcome is RequestOutcome.FAILED:
        ended = CANCELLED
    await tell(conn, Told.RUN_EVENTS)
    return await run_requests.CLAIMS.end(
        conn, id_, token, now=now, outcome=ended.outcome, reason=ended.reason
    )


def _given_up(request: RunRequest) -> RequestOutcome | None:
    """Return how a request ends that no process is to go on with; None if one is."""
    if request.cancelled_at is not None:
        return RequestOutcome.CANCELLED
    return RequestOutcome.DIED if is_worn_out(request) else None
