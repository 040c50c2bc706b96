"""Long queries of SQLite beside the event loop: others go on meanwhile."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ocop_sync.errors import DatabaseGoneError
from ocop_sync.store.db.database import Database

WAITS_S = 30
"""Nobody waits so long: a query that kept the event loop would, and fail then."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'ocop.db'}")
    await database.write(lambda conn: conn.execute(text("CREATE TABLE t (n INTEGER)")))
    yield database
    await database.close()


async def add(database: Database, n: int) -> None:
    insert = text("INSERT INTO t VALUES (:n)")
    await database.write(lambda conn: conn.execute(insert, {"n": n}))


async def total(conn: Any) -> int:
    return int(await conn.scalar(text("SELECT coalesce(sum(n), 0) FROM t")))


class Held:
    """A query that goes on until it is let go, and then sees what it saw first."""

    def __init__(self) -> None:
        self.began, self.let_go = threading.Event(), threading.Event()

    async def ask(self, conn: Any) -> tuple[int, int]:
        first = await total(conn)
        self.began.set()
        assert self.let_go.wait(WAITS_S)
        return first, await total(conn)


async def test_others_read_and_write_while_it_goes_on(database: Database) -> None:
    held = Held()
    await add(database, 1)
    asked = asyncio.ensure_future(database.fetch_apart(held.ask))
    assert await asyncio.to_thread(held.began.wait, WAITS_S)

    await add(database, 2)
    assert await database.fetch(total) == 3
    held.let_go.set()

    assert await asked == (1, 1)
    assert await database.fetch_apart(total) == 3


async def test_one_that_nobody_waits_for_any_more_ends_before_the_next(
    database: Database,
) -> None:
    held = Held()
    asked = asyncio.ensure_future(database.fetch_apart(held.ask))
    assert await asyncio.to_thread(held.began.wait, WAITS_S)
    following = asyncio.ensure_future(database.fetch_apart(total))

    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert not following.done()
    held.let_go.set()

    assert await following == 0


async def test_what_fails_is_told_to_who_asks(
    database: Database, tmp_path: Path
) -> None:
    with pytest.raises(OperationalError, match="no such table"):
        await database.fetch_apart(lambda conn: conn.execute(text("SELECT 1 FROM u")))
    assert await database.fetch_apart(total) == 0

    (tmp_path / "ocop.db").unlink()
    with pytest.raises(DatabaseGoneError):
        await database.fetch_apart(total)


async def test_a_closed_database_has_no_thread_left(database: Database) -> None:
    before = threading.active_count()
    assert await database.fetch_apart(total) == 0
    assert threading.active_count() == before + 1

    await database.close()

    assert threading.active_count() == before
