"""SQLite's lock is waited for without holding anything else up."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from catalog import turns
from ocop_sync.store.db import sqlite
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.schema import NOT_WRITABLE, unusable
from ocop_sync.store.db.sqlite import sqlite_engine, transaction

INSERT = text("INSERT INTO t VALUES (:n)")
ALL = text("SELECT n FROM t ORDER BY n")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shared.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (n INTEGER)")
    return path


@pytest.fixture
def other(file: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else, who holds the lock."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t VALUES (1)")
        yield connection


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{file}")
    yield opened
    await opened.close()


@pytest.fixture
async def engine(file: Path) -> AsyncIterator[AsyncEngine]:
    """An engine as `transaction` wants it."""
    opened = sqlite_engine(f"sqlite:///{file}", begin="IMMEDIATE")
    yield opened
    await opened.dispose()


async def numbers(database: Database) -> list[int]:
    async with database.read() as connection:
        return list((await connection.execute(ALL)).scalars())


async def test_others_go_on_while_much_is_committed(
    database: Database,
) -> None:
    committed_in: list[int] = []

    def note(*_: object) -> None:
        committed_in.append(threading.get_ident())

    async def work(connection: AsyncConnection, ready: int) -> None:
        await connection.execute(INSERT, {"n": ready})
        event.listen(connection.sync_connection, "commit", note)

    async def prepare(connection: AsyncConnection) -> int:
        return 1 + len(list((await connection.execute(ALL)).scalars()))

    await database.write_prepared(prepare, work)

    assert committed_in
    assert committed_in != [threading.get_ident()]
    assert len(await numbers(database)) == 1


async def test_others_go_on_while_a_writer_waits(
    database: Database, other: sqlite3.Connection
) -> None:
    writing = asyncio.ensure_future(
        database.write(lambda connection: connection.execute(INSERT, {"n": 2}))
    )
    for _ in range(100):
        await asyncio.sleep(0)

    assert await numbers(database) == []
    assert not writing.done()

    other.execute("COMMIT")
    await writing
    assert await numbers(database) == [1, 2]


async def test_what_stays_locked_is_given_up(
    engine: AsyncEngine, other: sqlite3.Connection
) -> None:
    with pytest.raises(OperationalError, match="locked"):
        async with transaction(engine, waits_s=0):
            pass

    other.execute("ROLLBACK")
    async with transaction(engine, waits_s=0) as connection:
        await connection.execute(INSERT, {"n": 3})


async def test_what_fails_inside_is_undone(database: Database) -> None:
    async def fail(connection: AsyncConnection) -> None:
        await connection.execute(INSERT, {"n": 4})
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fail)

    assert await numbers(database) == []


@pytest.mark.parametrize(
    ("by_itself_s", "expected"),
    [
        pytest.param(0, ["somebody else", "the statement"], id="long"),
        pytest.param(3600, ["the statement", "somebody else"], id="short"),
    ],
)
async def test_others_go_on_between_two_statements_of_a_transaction_that_lasts(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    by_itself_s: float,
    expected: list[str],
) -> None:
    monkeypatch.setattr(sqlite, "LONGEST_S", by_itself_s)
    seen: list[str] = []

    async def add(connection: AsyncConnection) -> None:
        asyncio.get_running_loop().call_soon(seen.append, "somebody else")
        await connection.execute(INSERT, {"n": 5})
        seen.append("the statement")

    await database.write(add)
    await asyncio.sleep(0)

    assert seen == expected


@pytest.mark.parametrize(
    ("longest_s", "expected"),
    [
        pytest.param(0, ["somebody else", "the statement"], id="long"),
        pytest.param(3600, ["the statement", "somebody else"], id="short"),
    ],
)
async def test_others_go_on_between_two_statements_that_read_once_a_turn_is_long(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    longest_s: float,
    expected: list[str],
) -> None:
    seen: list[str] = []
    await database.write(lambda connection: connection.execute(INSERT, {"n": 5}))

    async with database.read() as connection:
        await connection.execute(ALL)  # from now on it is known when a turn begins
        await asyncio.sleep(0)
        monkeypatch.setattr(turns, "LONGEST_S", longest_s)
        asyncio.get_running_loop().call_soon(seen.append, "somebody else")
        await connection.execute(ALL)
        seen.append("the statement")
    await asyncio.sleep(0)

    assert seen == expected


async def test_who_writes_again_and_again_lets_those_first_who_wait(
    file: Path, database: Database
) -> None:
    begun, may_end, order = asyncio.Event(), asyncio.Event(), list[str]()
    other = Database(f"sqlite:///{file}")

    async def hold(_: AsyncConnection) -> None:
        begun.set()
        await may_end.wait()

    async def note(_: AsyncConnection, who: str) -> None:
        order.append(who)

    async def twice() -> None:
        await database.write(hold)
        await database.write(partial(note, who="again"))

    writing = asyncio.create_task(twice())
    await begun.wait()
    waiting = asyncio.create_task(other.write(partial(note, who="who waits")))
    while not other._waiting._is_told:  # noqa: ASYNC110
        await asyncio.sleep(0)
    may_end.set()
    await asyncio.gather(writing, waiting)
    await other.close()

    assert order == ["who waits", "again"]


async def test_two_writers_of_one_program_take_turns(database: Database) -> None:
    async def add(connection: AsyncConnection) -> None:
        (last,) = (await connection.execute(text("SELECT count(*) FROM t"))).one()
        await connection.execute(INSERT, {"n": last})

    await asyncio.gather(*(database.write(add) for _ in range(20)))

    assert await numbers(database) == list(range(20))


async def test_a_read_that_is_cancelled_gives_its_connection_back(
    database: Database,
) -> None:
    begun = asyncio.Event()

    async def read() -> None:
        async with database.read():
            begun.set()
            await asyncio.Event().wait()

    reading = asyncio.ensure_future(read())
    await begun.wait()
    reading.cancel()
    await asyncio.wait([reading])

    assert database._reader.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert await numbers(database) == []


def test_a_database_that_cannot_be_written_says_what_to_check() -> None:
    error = sqlite3.OperationalError("attempt to write a readonly database")
    error.sqlite_errorcode = sqlite3.SQLITE_READONLY_DIRECTORY

    said = str(unusable(error))

    assert "attempt to write a readonly database" in said
    assert said.endswith(NOT_WRITABLE)
    assert not str(unusable(sqlite3.OperationalError("x"))).endswith(NOT_WRITABLE)


async def test_a_connection_that_is_idle_is_taken_without_waiting(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise AssertionError

    async with transaction(engine, waits_s=0):
        pass
    monkeypatch.setattr("sqlalchemy.ext.asyncio.engine.greenlet_spawn", refuse)

    async with transaction(engine, waits_s=0) as connection:
        await connection.execute(INSERT, {"n": 1})
        assert list((await connection.execute(ALL)).scalars()) == [1]


async def test_one_is_waited_for_while_all_are_taken(database: Database) -> None:
    order = []

    async def write(n: int) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(INSERT, {"n": n})
            for _ in range(5):
                await asyncio.sleep(0)
            order.append(n)

        await database.write(work)

    await write(1)
    await asyncio.gather(*(write(n) for n in (2, 3, 4, 5)))

    assert sorted(order) == [1, 2, 3, 4, 5]
    assert await numbers(database) == [1, 2, 3, 4, 5]


async def test_pools_tell_nothing_of_themselves(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await database.write(lambda conn: conn.execute(INSERT, {"n": 5}))
        await database.close()

    assert caplog.record_tuples == []
