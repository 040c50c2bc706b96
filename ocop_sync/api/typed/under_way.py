"""The calls that are under way: awaited at the end, while new ones are refused.

Whether the end has begun, and what a refused caller is told, is said by whoever serves.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from ocop_sync.api.typed.frame import route_of
from ocop_sync.api.typed.problem import ProblemError

_log = logging.getLogger(__name__)


class CallsUnderWay:
    """Counts the calls that are under way, and takes no new one at the end.

    A call is under way from its head to the end of its answer: while its body comes,
    too.

    Args:
        refusal: Returns what a new caller is told; None as long as calls are taken.
        spared: Routes that are answered all the same, and awaited by nobody.

    Attributes:
        count: How many are under way.
    """

    def __init__(
        self,
        refusal: Callable[[], ProblemError | None],
        *,
        spared: Collection[str] = (),
    ) -> None:
        self.count = 0
        self._refusal = refusal
        self._spared = frozenset(spared)
        self._none_left = asyncio.Event()
        self._none_left.set()

    @asynccontextmanager
    async def awaited_at_the_end(
        self, end: Callable[[], Awaitable[None]], within_s: float
    ) -> AsyncIterator[None]:
        """Await calls that are under way after the work inside, once that has ended.

        Args:
            end: Waits for the end to begin, which may be long before the work inside
                has ended.
            within_s: From then on calls are awaited for so many seconds at most.
        """
        draining = asyncio.ensure_future(self._drain(end, within_s))
        try:
            yield
            await draining
        finally:
            draining.cancel()

    async def _drain(self, end: Callable[[], Awaitable[None]], within_s: float) -> None:
        await end()
        _log.info("no new call is taken", extra={"under_way": self.count})
        try:
            async with asyncio.timeout(within_s):
                await self._none_left.wait()
        except TimeoutError:
            _log.warning("calls are cut off", extra={"count": self.count})

    @property
    def middleware(self) -> Middleware:
        """Return the middleware that counts calls, inside of the frame."""

        @web.middleware
        async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
            if route_of(request) in self._spared:
                return await handler(request)
            if (refusal := self._refusal()) is not None:
                # Another process may take the next call; this one ends.
                refusal.headers[hdrs.CONNECTION] = "close"
                raise refusal
            self.count += 1
            self._none_left.clear()
            try:
                return await handler(request)
            finally:
                self.count -= 1
                if not self.count:
                    self._none_left.set()

        return counted
