"""A session that was sent half a statement keeps its rows locked for a minute only."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.service.run import heartbeat
from ocop_sync.service.run.heartbeat import Pulse
from ocop_sync.store.db.stuck_sessions import end_stuck_sessions
from tests.world import World, listed

pytestmark = pytest.mark.postgresql


class Session:
    """A session that speaks PostgreSQL's protocol by hand."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader, self._writer = reader, writer

    def send(self, kind: bytes, body: bytes) -> None:
        self._writer.write(kind + struct.pack("!I", len(body) + 4) + body)

    async def until(self, kind: bytes) -> None:
        """Read answers up to one of *kind*."""
        found = b""
        while found != kind:
            found = await self._reader.readexactly(1)
            (length,) = struct.unpack("!I", await self._reader.readexactly(4))
            await self._reader.readexactly(length - 4)

    async def ended(self) -> None:
        await self._reader.read()
        self._writer.close()


@asynccontextmanager
async def half_a_statement(url: str, first: str) -> AsyncIterator[Session]:
    """Carry *first* out in a transaction, and send the half of another statement."""
    address = make_url(url)
    socket = f"{address.query['host']}/.s.PGSQL.5432"
    session = Session(*await asyncio.open_unix_connection(socket))
    names = {"user": address.username, "database": address.database}
    names |= {"application_name": "ocop-sync"}
    said = "".join(f"{name}\0{value}\0" for name, value in names.items()) + "\0"
    session.send(b"", struct.pack("!I", 196_608) + said.encode())
    await session.until(b"Z")
    session.send(b"Q", f"BEGIN; {first}\0".encode())
    await session.until(b"Z")
    session.send(b"P", b"\0SELECT 1\0\0\0")  # it is parsed, and never carried out
    session.send(b"H", b"")
    await session.until(b"1")
    yield session


async def test_a_session_in_the_middle_of_a_statement_is_ended_and_its_rows_are_free(
    world: World,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if world.database.dialect == "sqlite":
        assert await world.database.write(end_stuck_sessions) == 0
        return
    pulse = Pulse(world.deployment, "một", timedelta(minutes=1))
    await pulse.beat()
    await listed(world, 1)
    row = "SELECT 1 FROM account FOR UPDATE"

    async def locked(conn: AsyncConnection) -> None:
        await conn.execute(text(f"{row} NOWAIT"))

    async with half_a_statement(url, row) as stuck, asyncio.timeout(30):
        early = await world.database.write(end_stuck_sessions)
        at_once = partial(end_stuck_sessions, after=timedelta(0))
        monkeypatch.setattr(heartbeat, "end_stuck_sessions", at_once)
        while "sessions of a suspended process were ended" not in caplog.text:
            await pulse.beat()
        await stuck.ended()
    while await world.database.fetch(still_there):
        pass
    await world.database.write(locked)

    assert early == 0


async def still_there(conn: AsyncConnection) -> bool:
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'ClientRead'"
        " AND state = 'active' AND datname = current_database()"
    )
    return bool(await conn.scalar(query))
