"""Hear what other processes tell over PostgreSQL, and look now and then all the same.

A message says where to look (`catalog.db.telling`). One connection listens; while it is
lost nobody hears anything, so that all is looked at when it is back, and every few
seconds meanwhile. A connection that is lost without a word is found by a question that
gets no answer.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from catalog.db.telling import CHANNEL, Told
from ocop_sync.store.db.database import Database

LOOK_S: Final = 10.0
"""Seconds after which all is looked at, and the connection asked whether it lives."""
AGAIN_S: Final = 5.0
"""Seconds from one try to connect to the next; all is looked at each time."""
_ANSWER_S: Final = 5.0

_log = logging.getLogger(__name__)

Hear = Callable[[Told], None]
"""Is called for each message, and for all of them where some may have been missed."""


@asynccontextmanager
async def listening(
    database: Database, hear: Hear, sleep: Callable[[float], Awaitable[None]]
) -> AsyncIterator[None]:
    """Call *hear* for what other processes tell, during any work inside.

    On SQLite nobody tells anything, and nothing is done.
    """
    engine = database.engine_apart()
    if engine is None:
        yield
        return
    task = asyncio.ensure_future(_Listener(engine, hear, sleep).listen())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await engine.dispose()


class _Listener:
    def __init__(
        self,
        engine: AsyncEngine,
        hear: Hear,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._engine = engine
        self._hear = hear
        self._sleep = sleep
        self._is_lost = False

    async def listen(self) -> None:
        """Listen for ever; connect again whenever the connection is lost."""
        while True:
            try:
                await self._while_connected()
            except Exception as error:  # noqa: BLE001  (the server may be back soon)
                self._tell_lost(type(error).__name__)
            self._look_everywhere()
            await self._sleep(AGAIN_S)

    async def _while_connected(self) -> None:
        """Listen over one connection until it is lost."""
        lost = asyncio.Event()
        pooled = await self._engine.raw_connection()
        # Its driver's own: SQLAlchemy has no words for messages.
        connection: Any = pooled.driver_connection
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._heard)
            self._tell_back()
            while not lost.is_set():
                # Also at first: what was told before is not heard any more.
                self._look_everywhere()
                await self._until(lost)
                if not lost.is_set():
                    await connection.fetchval("SELECT 1", timeout=_ANSWER_S)
        finally:
            connection.terminate()
            pooled.invalidate()
        self._tell_lost("connection lost")

    async def _until(self, lost: asyncio.Event) -> None:
        """Wait until the next look, or until the connection is lost."""
        waits = [
            asyncio.ensure_future(each) for each in (self._sleep(LOOK_S), lost.wait())
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _heard(self, _connection: Any, _pid: int, _channel: str, what: str) -> None:
        # Danger: a newer version may say more than is known here.
        if what in set(Told):
            self._hear(Told(what))

    def _look_everywhere(self) -> None:
        for each in Told:
            self._hear(each)

    def _tell_lost(self, why: str) -> None:
        if not self._is_lost:
            _log.warning("no messages of other processes", extra={"reason": why})
        self._is_lost = True

    def _tell_back(self) -> None:
        if self._is_lost:
            _log.info("messages of other processes come again")
        self._is_lost = False
