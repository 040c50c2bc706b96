"""A database of SQLite and its log are for their owner alone."""

import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from ocop_sync.bootstrap.databases import ensure_tables
from ocop_sync.errors import ConfigurationError
from ocop_sync.store.db import schema, sqlite
from ocop_sync.store.db.database import Database

INSERT = text("INSERT INTO catalog_counter (name, value) VALUES ('thu', 1)")


@pytest.fixture(autouse=True)
def no_umask() -> Iterator[None]:
    """Let nothing but the program itself keep others out."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING
    ]


async def test_a_new_database_and_its_log_are_for_their_owner_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path}/ocop.db"
    await ensure_tables(url)
    database = Database(url)
    await database.write(lambda conn: conn.execute(INSERT))

    modes = modes_in(tmp_path)
    await database.close()

    names = ("ocop.db", "ocop.db-wal", "ocop.db-shm", "ocop.db.waiting")
    assert modes == dict.fromkeys(names, 0o600)
    assert warnings(caplog) == []


async def test_a_database_that_others_could_read_is_closed_to_them_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "ocop.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (n)")
        assert set(modes_in(tmp_path).values()) == {0o644}

        await schema.current(f"sqlite:///{file}")

        assert len(modes_in(tmp_path)) == 3
        assert set(modes_in(tmp_path).values()) == {0o600}
        connection.execute("INSERT INTO t VALUES (1)")  # whoever has it goes on
    assert warnings(caplog) == ["closed the database to others"]


async def test_another_users_database_that_others_can_read_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ocop.db").touch(0o666)

    def not_ours(_: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(sqlite, "make_private", not_ours)

    await schema.current(f"sqlite:///{tmp_path}/ocop.db")

    assert warnings(caplog) == ["the database can be read by others"]


async def test_a_folder_in_the_place_of_a_database_stays_as_it_is(
    tmp_path: Path,
) -> None:
    (tmp_path / "ocop.db").mkdir(0o755)

    with pytest.raises(ConfigurationError):
        await ensure_tables(f"sqlite:///{tmp_path}/ocop.db")

    assert modes_in(tmp_path) == {"ocop.db": 0o755}


async def test_a_database_behind_a_link_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "ocop.db").symlink_to(tmp_path / "that.db")

    await ensure_tables(f"sqlite:///{tmp_path}/ocop.db")

    assert stat.S_IMODE((tmp_path / "that.db").stat().st_mode) == 0o600
