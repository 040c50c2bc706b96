"""The request to stop, which a run checks before it begins anything.

Once it is asked to, nothing new is begun: no slice, no call, no wait. Calls that are
under way are awaited until a limit, which is shorter than a lease lasts, so that their
outcome can still be stored. Who asks, and the fate of the unsent changes, are decided
elsewhere.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

from ocop_sync.errors import OutcomeUnknownError, StoppedError

WITHIN_S = 20.0
"""Seconds that calls under way are awaited; shorter than a lease lasts."""


class Stop:
    """Whether to stop, and how long calls under way may still take.

    It is asked for once, and never taken back.

    Calls under way are awaited *within_s* from then on.

    Attributes:
        reason: Why, or "" as long as nobody has asked.
    """

    def __init__(self, within_s: float = WITHIN_S) -> None:
        self.reason = ""
        self._within_s = within_s
        self._asked = asyncio.Event()
        self._ends_at = 0.0  # by the event loop's own clock
        self._awaited: dict[asyncio.Timeout, bool] = {}

    def ask(self, reason: str) -> None:
        """Stop: waits end now, calls under way at the limit. The first reason stays."""
        if self.reason:
            return
        self.reason = reason
        self._ends_at = asyncio.get_running_loop().time() + self._within_s
        self._asked.set()
        for awaited, is_call in self._awaited.items():
            awaited.reschedule(self._end_of(is_call=is_call))

    def ensure_going(self) -> None:
        """Do nothing as long as nobody has asked.

        Raises:
            StoppedError: Somebody has.
        """
        if self.reason:
            raise StoppedError(self.reason)

    async def wait(self) -> None:
        """Wait until somebody asks."""
        await self._asked.wait()

    async def while_going(self, pause: Awaitable[None]) -> None:
        """Wait for *pause*, but no longer than until somebody asks.

        Raises:
            StoppedError: Somebody has, before or meanwhile.
        """
        async with self._limited(is_call=False):
            await pause
        self.ensure_going()

    @asynccontextmanager
    async def finishing(self) -> AsyncIterator[None]:
        """Make a call inside; give up on it when the limit is over.

        Raises:
            OutcomeUnknownError: It was given up: it may have been applied.
        """
        async with self._limited(is_call=True):
            yield
            return
        message = f"{self.reason}: chưa có trả lời / no answer yet"
        raise OutcomeUnknownError(message)

    @asynccontextmanager
    async def _limited(self, *, is_call: bool) -> AsyncIterator[None]:
        """End the work inside, without an error, once its time is over."""
        end = self._end_of(is_call=is_call) if self.reason else None
        limit = asyncio.timeout_at(end)
        try:
            async with limit:
                self._awaited[limit] = is_call
                try:
                    yield
                finally:
                    del self._awaited[limit]
        except TimeoutError:
            if not limit.expired():  # what was awaited has its own
                raise

    def _end_of(self, *, is_call: bool) -> float:
        return self._ends_at if is_call else self._ends_at - self._within_s
