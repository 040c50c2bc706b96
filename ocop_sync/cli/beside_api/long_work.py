"""Use cases that compute for long, in a process beside the API that is kept warm.

Several are carried out by it at once. It is started when it is first needed, which
takes a second or more, and ended once nobody has asked for a while, as Python keeps the
memory of a large import.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Concatenate, Final, ParamSpec, TypeVar

from ocop_sync.cli.beside_api.child import started
from ocop_sync.cli.beside_api.frames import Partner
from ocop_sync.errors import TooMuchLongWorkError
from ocop_sync.service.deployment import Deployment
from ocop_sync.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE: Final = 8
"""So much is under way at most; an import of 16 MB takes some hundred megabytes."""
IDLE_S: Final = 600.0
"""The process is ended after so long without work."""

_WORDS: Final = ("-m", "ocop_sync.cli.beside_api.long_work_child")


class LongWorkProcess:
    """Carries use cases out in another process: `ocop_sync.api.context.LongWork`.

    Args:
        settings: Those of the deployment that it opens.
        idle_s: It ends after so long without work.
    """

    def __init__(self, settings: Settings, *, idle_s: float = IDLE_S) -> None:
        self._settings = settings
        self._idle_s = idle_s
        self._partner: Partner | None = None
        self._process = AsyncExitStack()
        self._one_at_a_time = asyncio.Lock()
        self._under_way = 0
        self._ending: asyncio.TimerHandle | None = None
        self._ended = set[asyncio.Task[None]]()

    async def do(
        self,
        use_case: Callable[Concatenate[Deployment, P], Awaitable[T]],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        """Return the result of *use_case*; what it raises is raised here.

        Raises:
            TooMuchLongWorkError: Too much is under way; nothing was begun.
            LongWorkDiedError: The process has died: nobody knows what was done.
        """
        if self._under_way >= AT_ONCE:
            raise TooMuchLongWorkError
        self._under_way += 1
        if self._ending is not None:
            self._ending.cancel()
        try:
            partner = await self._found()
            return await partner.do(use_case, *args, **named)
        finally:
            self._under_way -= 1
            if not self._under_way:
                loop = asyncio.get_running_loop()
                self._ending = loop.call_later(self._idle_s, self._end_idle)

    async def _found(self) -> Partner:
        """Return the process, started if there is none that answers."""
        async with self._one_at_a_time:
            if self._partner is None or self._partner.has_gone:
                await self._process.aclose()
                child = await self._process.enter_async_context(started(*_WORDS))
                self._partner = child.partner
                self._partner.tell(self._settings)
            return self._partner

    def _end_idle(self) -> None:
        task = asyncio.ensure_future(self._end())
        self._ended.add(task)
        task.add_done_callback(self._ended.discard)

    async def _end(self) -> None:
        async with self._one_at_a_time:
            if not self._under_way:
                self._partner = None
                await self._process.aclose()

    async def aclose(self) -> None:
        """End the process; what is under way is not awaited."""
        if self._ending is not None:
            self._ending.cancel()
        await asyncio.gather(*self._ended)
        self._partner = None
        await self._process.aclose()
