"""A claim that this process has: renewed while its work goes on, lost if it is not.

A process that was suspended for longer than its claim lasts has lost it without a word:
so work asks before it begins anything, and writes in transactions that ask.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.errors import ClaimLostError
from ocop_sync.service.deployment import Deployment

_RENEWALS: Final = 3
"""Renewals of a lease before it would end."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldClaim:
    """A claim that this process has.

    Attributes:
        deployment: Of this process.
        lease: How long the claim holds without a sign of life.
        until: When it ends unless it is renewed, in UTC.
        renew: Renews it until the instant that it is given, in an open transaction;
            says whether it was still held.
        about: Names the work in the log.
    """

    deployment: Deployment
    lease: timedelta
    until: datetime
    renew: Callable[[AsyncConnection, datetime], Awaitable[bool]]
    about: Mapping[str, object] = field(default_factory=dict)

    async def hold(self, conn: AsyncConnection) -> None:
        """Renew the claim in the transaction of its work.

        Raises:
            ClaimLostError: It is another's.
        """
        if not await self._is_held(conn):
            raise ClaimLostError

    async def carry_out(self, work: Awaitable[T]) -> T:
        """Carry the claimed work out, breaking it off once the claim is lost.

        Raises:
            ClaimLostError: The claim was lost.
        """
        going = asyncio.ensure_future(work)
        lost = asyncio.Event()

        def give_up() -> None:
            lost.set()
            going.cancel()

        try:
            async with self._renewing(give_up):
                return await going
        except asyncio.CancelledError:
            going.cancel()
            if lost.is_set():
                raise ClaimLostError from None
            raise  # we are ended, not the claim

    @asynccontextmanager
    async def _renewing(self, give_up: Callable[[], object]) -> AsyncIterator[None]:
        """Renew the lease during the work inside; *give_up* once the claim is lost."""

        async def go_on() -> None:
            until: datetime | None = self.until
            while until is not None:
                pause_s = self.lease.total_seconds() / _RENEWALS
                await self.deployment.sleep(pause_s)
                until = await self._renewed(until)
            give_up()

        task = asyncio.ensure_future(go_on())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _renewed(self, until: datetime) -> datetime | None:
        """Return until when the claim holds now; None if it is another's."""
        now = self.deployment.clock()
        try:
            is_held = await self.deployment.database.write(self._is_held)
        except Exception as error:  # noqa: BLE001  (the database may be back in time)
            more = {**self.about, "reason": type(error).__name__}
            _log.warning("a claim could not be renewed", extra=more)
            return until if self.deployment.clock() < until else None
        return now + self.lease if is_held else None

    async def _is_held(self, conn: AsyncConnection) -> bool:
        return await self.renew(conn, self.deployment.clock() + self.lease)
