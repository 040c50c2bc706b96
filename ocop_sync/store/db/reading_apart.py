"""Queries of SQLite that take long, carried out beside the event loop.

Statements run on the loop itself, and most take microseconds. One that looks at each
product takes tens of milliseconds, and everybody who asks would wait for it. Python's
lock is free while SQLite looks, so a thread does it, over a connection of its own. That
helps where rows are counted by SQLite: to make many rows of Python takes the lock.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")


class ReadingApart:
    """One thread, that has an engine alone: who asks meanwhile is the next.

    Attributes:
        engine: For one connection, which stays open: its pages are in memory then.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._thread = ThreadPoolExecutor(1, "reading apart")

    async def carry_out(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the result of *work*, which has an event loop of its own there.

        If the calling task is cancelled, it is carried out all the same.
        """
        loop, context = asyncio.get_running_loop(), copy_context()
        return await loop.run_in_executor(
            self._thread, lambda: context.run(asyncio.run, work())
        )

    async def aclose(self) -> None:
        """Close the connection, once what is under way has ended."""
        await self.carry_out(self.engine.dispose)
        self._thread.shutdown()
