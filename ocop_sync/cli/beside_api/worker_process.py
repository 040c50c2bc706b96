"""The worker of `serve`, in a process of its own, as long as the API serves.

One that is killed (the system may end it for want of memory) is started again, later
each time, and the API goes on. One that ends with an exit code has said why: what it
met, `serve` would meet as well, and ends with the same code.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Final

import click
from prometheus_client.core import Metric

from ocop_sync.calls.stop import Stop
from ocop_sync.cli.beside_api.child import Child, started
from ocop_sync.errors import LongWorkDiedError, StoppedError
from ocop_sync.metrics.of_worker import told_by_worker
from ocop_sync.settings import Settings

FIRST_WAIT_S: Final = 1.0
"""Seconds until a worker that has died is started again; twice as long each time."""
LONGEST_WAIT_S: Final = 60.0
LIVES_S: Final = 600.0
"""A worker that has lived so long is started again as if none had died before it."""

ANSWERS_WITHIN_S: Final = 5.0
"""A worker that is asked has so many seconds."""

Start = Callable[..., AbstractAsyncContextManager[Child]]

_log = logging.getLogger(__name__)


class WorkerProcess:
    """Keeps a worker running.

    Args:
        words: The arguments by which Python becomes the worker.
        settings: Those that every worker goes by, the ones of this process: a file that
            was edited meanwhile would have the two disagree.
        stop: Asked to, the worker stops, too.
        seconds: Monotonic seconds.
        sleep: Waits for some seconds.
        start: Starts a process.
    """

    def __init__(
        self,
        words: Sequence[str],
        settings: Settings,
        stop: Stop,
        *,
        seconds: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        start: Start = started,
    ) -> None:
        self._words = words
        self._settings = settings
        self._stop = stop
        self._seconds = seconds
        self._sleep = sleep
        self._start = start
        self._child: Child | None = None

    def wake(self) -> None:
        """Have the worker sync what has changed, as soon as it can.

        One that is being started goes through everything anyway.
        """
        if self._child is not None:
            self._child.wake()

    async def told(self) -> Sequence[Metric]:
        """Return the metrics of the worker's process and its calls; none without one.

        A worker that computes answers late, and one that answers too late not at all.
        """
        if self._child is None:
            return ()
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                return await self._child.partner.do(told_by_worker)
        except (LongWorkDiedError, TimeoutError):
            return ()

    async def run(self) -> None:
        """Keep the worker running until told to stop, and wait for its end.

        Raises:
            click.exceptions.Exit: It has ended with an exit code; it has said why.
        """
        wait_s = FIRST_WAIT_S
        with suppress(StoppedError):
            while True:
                self._stop.ensure_going()
                began = self._seconds()
                code = await self._once()
                if code > 0:
                    raise click.exceptions.Exit(code)
                self._stop.ensure_going()
                if self._seconds() - began > LIVES_S:
                    wait_s = FIRST_WAIT_S
                told = {"signal": -code, "again_in_s": wait_s}
                _log.error("the worker has died and is started again", extra=told)
                await self._stop.while_going(self._sleep(wait_s))
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _once(self) -> int:
        """Run a worker to its end; return its exit code."""
        async with self._start(*self._words) as child:
            child.partner.tell(self._settings)
            self._child = child
            stopping = asyncio.create_task(self._pass_stop_on(child))
            try:
                return await child.wait()
            finally:
                self._child = None
                stopping.cancel()
                await asyncio.gather(stopping, return_exceptions=True)

    async def _pass_stop_on(self, child: Child) -> None:
        await self._stop.wait()
        child.stop()
