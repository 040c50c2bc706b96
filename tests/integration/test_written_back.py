"""In a process that answers people, SQLite's log is written back by a thread."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ocop_sync.service.sync.sync_changed import RegularSync
from ocop_sync.store.db import written_back
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.written_back import PAGES, write_back
from tests.world import open_world

WORD = "măng khô Mẫu"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ocop.db"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{file}")
    yield opened
    await opened.close()


async def write(database: Database) -> None:
    create = text("CREATE TABLE IF NOT EXISTS t (words TEXT)")
    await database.write(lambda conn: conn.execute(create))
    insert = text("INSERT INTO t VALUES (:words)")
    await database.write(lambda conn: conn.execute(insert, {"words": WORD}))


def is_in_file(file: Path) -> bool:
    return WORD.encode() in file.read_bytes()


async def test_a_write_is_written_back_afterwards_and_no_commit_does_it(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written_back, "AFTER_S", 0)
    database.write_back_apart()
    await write(database)
    kept: list[int] = []

    async def look(conn: object) -> None:
        driver = conn.sync_connection.connection.driver_connection  # type: ignore[attr-defined]
        kept.append(driver.execute("PRAGMA wal_autocheckpoint").fetchone()[0])

    await database.write(look)
    back = database._writing_back
    assert back is not None
    while back._due is not None:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await back.aclose()

    assert is_in_file(file)
    assert kept == [PAGES]


async def test_a_process_that_answers_nobody_leaves_it_to_sqlite(
    database: Database, file: Path
) -> None:
    await write(database)

    assert database._writing_back is None
    assert not is_in_file(file)


async def test_what_a_reader_still_needs_stays_in_the_log(
    database: Database, file: Path
) -> None:
    create = text("CREATE TABLE IF NOT EXISTS t (words TEXT)")
    await database.write(lambda conn: conn.execute(create))
    async with database.read() as conn:
        await conn.execute(text("SELECT * FROM t"))
        await write(database)

        write_back(file)
        assert not is_in_file(file)

    write_back(file)
    assert is_in_file(file)


@pytest.mark.parametrize(("large", "begins_anew"), [(0, True), (1000, False)])
async def test_a_large_log_begins_anew_though_something_was_left_at_first(
    database: Database,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    large: int,
    begins_anew: bool,
) -> None:
    class Seen(sqlite3.Connection):
        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
            done = super().execute(statement, *values)
            if "PASSIVE" in statement:
                reader.close()
            return done

    monkeypatch.setattr(written_back, "LARGE", large)
    monkeypatch.setattr(written_back, "connect", partial(sqlite3.connect, factory=Seen))
    database.write_back_apart()
    await write(database)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t").fetchall()
        await write(database)
        write_back(file)
    log = file.with_name("ocop.db-wal")
    before = log.stat().st_size

    await write(database)

    assert (log.stat().st_size == before) is begins_anew


def test_a_file_that_is_gone_is_not_made_anew(file: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        write_back(file)

    assert not file.exists()


async def test_a_database_that_is_closed_writes_back_no_more(
    database: Database,
) -> None:
    database.write_back_apart()
    await write(database)

    await database.close()

    assert database._writing_back is not None
    assert database._writing_back._due is None


async def test_for_whoever_syncs_again_and_again_a_thread_does_it(file: Path) -> None:
    async with open_world(f"sqlite:///{file}") as world:
        RegularSync(world.deployment, follow_for=timedelta(0))

        assert world.database._writing_back is not None
