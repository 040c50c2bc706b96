"""Carry out the runs that people ask for, in every worker: look, claim, carry out.

Whose a run is, is decided by the database (`ocop_sync.service.requests.claim`). Here
stands when one looks, and what becomes of a claim: its end is stored, and a process
that is told to stop hands it back.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.telling import Told, tell
from ocop_sync.calls.stop import Stop
from ocop_sync.errors import ClaimLostError, StoppedError
from ocop_sync.service.claims.claimant import LEASE, Claimant
from ocop_sync.service.claims.held_claim import HeldClaim
from ocop_sync.service.requests.carry_out import carry_out
from ocop_sync.service.requests.claim import (
    ClaimedRun,
    RequestEnd,
    claim_next,
    end,
)
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.store.runs import accounts, run_requests
from ocop_sync.store.runs.run_requests import RequestOutcome, RunRequest
from ocop_sync.worker import Wake

LOOK_S: Final = 5.0
"""Longest time between two looks, in seconds: a request that nobody has told of is
noticed by then."""
_CANCELLED_BY: Final = "yêu cầu hủy / cancelled"

_log = logging.getLogger(__name__)


class RequestedRuns:
    """Carries requested runs out, one after the other, beside other processes.

    Args:
        at: What works are given.
        wake: Asked when somebody has asked for a run, or wants one to end.
        lease: How long a claim holds without a sign of life.
    """

    def __init__(self, at: AtWork, wake: Wake, lease: timedelta = LEASE) -> None:
        self._at = at
        self._deployment = at.deployment
        self._wake = wake
        self._lease = lease
        self._is_lost = False

    async def run(self) -> None:
        """Look again and again, until told to stop; a run that goes on is awaited."""
        stop = self._deployment.stop
        with suppress(StoppedError):
            while True:
                stop.ensure_going()
                self._wake.take()
                await self.look()
                pause = self._deployment.sleep(LOOK_S)
                await stop.while_going(self._wake.asked_within(pause))

    async def look(self) -> None:
        """Carry out what was asked for, until nothing of it is left."""
        while not self._deployment.stop.reason:
            try:
                claimed = await self._claimed()
            except Exception as error:  # noqa: BLE001  (the database may be back soon)
                if not self._is_lost:
                    more = {"reason": type(error).__name__}
                    _log.warning("requested runs could not be read", extra=more)
                self._is_lost = True
                return
            self._is_lost = False
            if claimed is None:
                return
            await self._carry_out(claimed)

    async def _claimed(self) -> ClaimedRun | None:
        """Claim a run once no sync goes on here: until then it is any process's."""
        database = self._deployment.database
        if not await database.fetch(run_requests.open_requests):
            return None
        async with self._at.turn:
            if self._deployment.stop.reason:
                return None
            claimant = Claimant(
                holder=self._deployment.holder,
                token=token_hex(16),
                now=self._deployment.clock(),
                lease=self._lease,
            )
            claim = partial(claim_next, claimant=claimant, deployment=self._deployment)
            return await database.write(claim)

    async def _carry_out(self, found: ClaimedRun) -> None:
        claimed, cancelled = found.request, asyncio.Event()
        more = {"run": claimed.id}
        _log.info("a requested run begins", extra=more | {"kind": claimed.kind.value})
        claim = HeldClaim(
            deployment=self._deployment,
            lease=self._lease,
            until=claimed.lease_until or claimed.asked_at,
            renew=partial(self._renew, claimed, cancelled),
            about=more,
        )
        at = self._at.of(claim)
        try:
            ended = await claim.carry_out(carry_out(at, found, cancelled.is_set))
        except ClaimLostError:
            _log.warning("a run has lost its claim, and is broken off", extra=more)
        except StoppedError:
            _log.info("a requested run is handed back", extra=more)
            await self._store(claimed, self._release)
        except Exception:  # noqa: BLE001  (stored, and logged)
            _log.exception("a requested run failed", extra=more)
            await self._end(claimed, RequestEnd(RequestOutcome.FAILED))
        else:
            await self._end(claimed, ended)

    async def _end(self, claimed: RunRequest, ended: RequestEnd) -> None:
        now = self._deployment.clock()
        is_held = await self._store(claimed, partial(end, ended=ended, now=now))
        more = {"run": claimed.id, "outcome": ended.outcome.value, "stored": is_held}
        _log.info("a requested run has ended", extra=more | {"reason": ended.reason})

    async def _store(
        self, claimed: RunRequest, act: Callable[..., Awaitable[bool]]
    ) -> bool:
        """Write to the claimed request; say whether the claim was still held."""
        work = partial(act, id_=claimed.id, token=claimed.token)
        try:
            return await self._deployment.database.write(work)
        except Exception:  # noqa: BLE001  (its lease ends, and it is taken over)
            _log.exception("the end of a run could not be stored")
            return False

    async def _release(self, conn: AsyncConnection, id_: str, token: str) -> bool:
        is_held = await run_requests.CLAIMS.release(conn, id_, token)
        await tell(conn, Told.RUNS)
        return is_held

    async def _renew(
        self,
        claimed: RunRequest,
        cancelled: asyncio.Event,
        conn: AsyncConnection,
        until: datetime,
    ) -> bool:
        """Renew a claim, and learn of a person who wants the run to end."""
        is_held = await run_requests.CLAIMS.renew(
            conn, claimed.id, claimed.token, until
        )
        if is_held and await run_requests.is_cancelled(conn, claimed.id):
            cancelled.set()
            # Its runs may have taken accounts after the person's word.
            now = self._deployment.clock()
            await accounts.cancel_run(conn, claimed.id, _CANCELLED_BY, now)
        return is_held


@asynccontextmanager
async def carrying_out(runs: RequestedRuns, stop: Stop) -> AsyncIterator[None]:
    """Carry requested runs out during any work inside; then *stop* is asked.

    A run that goes on is awaited: it stops in order, and is handed back.
    """
    task = asyncio.ensure_future(runs.run())
    try:
        yield
    finally:
        stop.ask("worker dừng / the worker ends")
        await task
