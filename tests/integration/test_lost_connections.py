"""An idle connection to PostgreSQL that is lost is replaced, and asked for seldom."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ocop_sync.store.db import database, postgresql
from tests.postgres import Server

pytestmark = pytest.mark.postgresql


@pytest.fixture
async def engine(postgres: Server) -> AsyncIterator[AsyncEngine]:
    with postgres.empty_database() as url:
        engine = database._postgresql(url, "READ COMMITTED")
        yield engine
        await engine.dispose()


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    ping: Any = AsyncAdapt_asyncpg_connection.ping

    def noted(connection: Any) -> None:
        found.append(connection)
        ping(connection)

    monkeypatch.setattr(AsyncAdapt_asyncpg_connection, "ping", noted)
    return found


async def session(engine: AsyncEngine) -> int:
    async with engine.connect() as conn:
        number = await conn.scalar(text("SELECT pg_backend_pid()"))
    assert isinstance(number, int)
    return number


async def end(engine: AsyncEngine, number: int) -> None:
    """Have the server end a session that is idle, over a connection of its own."""
    other = create_async_engine(engine.url)
    async with other.connect() as conn:
        ends = text("SELECT pg_terminate_backend(:number, 5000)")
        assert await conn.scalar(ends, {"number": number})
    await other.dispose()


async def test_one_that_was_just_used_is_not_asked(
    engine: AsyncEngine, pings: list[Any]
) -> None:
    assert await session(engine) == await session(engine)

    assert pings == []


async def test_one_that_was_idle_for_long_is_asked(
    engine: AsyncEngine, pings: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "BELIEVED_S", 0)

    assert await session(engine) == await session(engine)

    assert len(pings) == 1


@pytest.mark.parametrize("believed_s", [10, 0])
async def test_one_that_the_server_has_ended_is_replaced(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, believed_s: int
) -> None:
    monkeypatch.setattr(postgresql, "BELIEVED_S", believed_s)
    before = await session(engine)
    await end(engine, before)

    assert await session(engine) != before
