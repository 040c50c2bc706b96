"""Engines on PostgreSQL that stay open from one test of a file to the next.

A connection that is new knows no table and no statement, and learns them all anew,
which took a quarter of the time of a test. Its knowledge belongs to the tables, not to
a test; a database whose tables a test has changed is not lent again. All tests of a
file have one event loop, as connections belong to a loop.
"""

import asyncio
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from ocop_sync.store.db import database


class Lent:
    """An engine that stays open, and is given back, when it is disposed of."""

    def __init__(self, engine: AsyncEngine, idle: list[AsyncEngine]) -> None:
        self._engine = engine
        self._idle = idle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def dispose(self) -> None:
        """Give it back, without connections that are still in use."""
        if self._engine.pool.checkedout():  # type: ignore[attr-defined]
            await self._engine.dispose()
        if self._engine not in self._idle:
            self._idle.append(self._engine)


class KeptEngines:
    """The engines of one file of tests, by what they were opened with."""

    def __init__(self) -> None:
        self._open = database._postgresql
        self._engines: list[AsyncEngine] = []
        self._idle: dict[Any, list[AsyncEngine]] = {}
        self._connections: list[Any] = []

    def open(self, url: str, isolation: Any, **settings: str) -> Any:
        """Lend an engine that nobody uses, or open one."""
        key = url, isolation, *sorted(settings.items())
        idle = self._idle.setdefault(key, [])
        return Lent(idle.pop() if idle else self._new(url, isolation, settings), idle)

    def _new(self, url: str, isolation: Any, settings: dict[str, str]) -> AsyncEngine:
        engine = self._open(url, isolation, **settings)
        event.listen(engine.sync_engine, "connect", self._note)
        self._engines.append(engine)
        return engine

    def begin_test(self, patch: pytest.MonkeyPatch) -> None:
        """Have whoever opens a database lent engines, until *patch* is undone."""
        patch.setattr(database, "_postgresql", self.open)

    async def close(self) -> None:
        """Close them all, and each connection that was not given back."""
        for engine in self._engines:
            await engine.dispose()
        for connection in self._connections:
            connection.terminate()
        await asyncio.sleep(0)

    def _note(self, connection: Any, _record: object) -> None:
        self._connections.append(connection.driver_connection)
