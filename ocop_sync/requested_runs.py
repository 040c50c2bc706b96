"""Carry out the runs that people ask for, in every worker: look, claim, carry out.

Whose a run is, is decided by the database (`ocop_sync.service.requests.claim`). Here
stands when one looks, and what becomes of a claim: its lease is renewed while the run
goes on, its end is stored, and a process that is told to stop hands it back.
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
from ocop_sync.errors import StoppedError
from ocop_sync.service.requests.carry_out import carry_out
from ocop_sync.service.requests.claim import (
    ClaimedRun,
    RequestEnd,
    claim_next,
    end,
)
from ocop_sync.service.schedules.claim import LEASE, Claimant
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.store.runs import accounts, run_requests
from ocop_sync.store.runs.run_requests import RequestOutcome, RunRequest
from ocop_sync.worker import Wake

LOOK_S: Final = 5.0
"""Longest time between two looks, in seconds: a request that nobody has told of is
noticed by then."""
_RENEWALS: Final = 3
"""Renewals of a lease before it would end."""
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
                await stop.while_going(self._or_woken())

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
            return await database.write(partial(claim_next, claimant=claimant))

    async def _carry_out(self, found: ClaimedRun) -> None:
        claimed, cancelled = found.request, asyncio.Event()
        more = {"run": claimed.id}
        _log.info("a requested run begins", extra=more | {"kind": claimed.kind.value})
        going = asyncio.ensure_future(carry_out(self._at, found, cancelled.is_set))
        try:
            async with self._renewing(claimed, going.cancel, cancelled):
                ended = await going
        except asyncio.CancelledError:
            if not going.cancelled():  # we are ended, not the claim
                going.cancel()
                raise
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
        is_held = await run_requests.release(conn, id_, token)
        await tell(conn, Told.RUNS)
        return is_held

    @asynccontextmanager
    async def _renewing(
        self,
        claimed: RunRequest,
        give_up: Callable[[], object],
        cancelled: asyncio.Event,
    ) -> AsyncIterator[None]:
        """Renew the lease during the work inside; *give_up* once the claim is lost."""

        async def go_on() -> None:
            until = claimed.lease_until
            while until is not None:
                await self._deployment.sleep(self._lease.total_seconds() / _RENEWALS)
                until = await self._renewed(claimed, until, cancelled)
            give_up()

        task = asyncio.ensure_future(go_on())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _renewed(
        self, claimed: RunRequest, until: datetime, cancelled: asyncio.Event
    ) -> datetime | None:
        """Return until when the claim holds now; None if it is another's."""
        now = self._deployment.clock()

        async def renew(conn: AsyncConnection) -> bool:
            is_held, is_cancelled = await run_requests.renew(
                conn, claimed.id, claimed.token, now + self._lease
            )
            if is_cancelled:
                cancelled.set()
                # Its runs may have taken accounts after the person's word.
                await accounts.cancel_run(conn, claimed.id, _CANCELLED_BY, now)
            return is_held

        try:
            is_held = await self._deployment.database.write(renew)
        except Exception as error:  # noqa: BLE001  (the database may be back in time)
            more = {"run": claimed.id, "reason": type(error).__name__}
            _log.warning("a claim could not be renewed", extra=more)
            return until if self._deployment.clock() < until else None
        return now + self._lease if is_held else None

    async def _or_woken(self) -> None:
        """Wait some seconds, but no longer than until somebody asks for a run."""
        waits = [
            asyncio.ensure_future(each)
            for each in (self._deployment.sleep(LOOK_S), self._wake.asked())
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


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
