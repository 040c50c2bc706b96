"""SQLite files that stay open from one test to the next: no test finds another's."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ocop_sync.store.db import database
from ocop_sync.store.db.database import Database
from tests.kept_files import KeptFiles

A_ROW = "INSERT INTO mapping (marketplace, set_by, set_at) VALUES ('m', 'ai', '2026')"
ROWS = text("SELECT count(*), max(id) FROM mapping")


@pytest.fixture
async def kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[KeptFiles]:
    kept = KeptFiles(tmp_path)
    monkeypatch.setattr(database, "_sqlite", kept.open)
    yield kept
    await kept.close()


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def names_in(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def put_another(path: Path) -> None:
    path.unlink()
    path.touch()


async def write(url: str, *statements: str) -> None:
    opened = Database(url)
    async with opened._writer.begin() as conn:
        for each in statements:
            await conn.execute(text(each))
    await opened.close()


async def test_a_file_is_lent_again_without_what_was_written_to_it(
    kept: KeptFiles,
) -> None:
    with kept.database() as first:
        await write(first, A_ROW)

    with kept.database() as second:
        await write(second, A_ROW)
        opened = Database(second)
        async with opened.read() as conn:
            found = (await conn.execute(ROWS)).one()
        await opened.close()
    assert second == first
    assert tuple(found) == (1, 1)


@pytest.mark.parametrize(
    "changed",
    [
        "CREATE TABLE more (id INTEGER)",
        "DROP TABLE mapping",
        "PRAGMA user_version = 7",
        "ANALYZE",
    ],
)
async def test_a_file_that_a_test_has_changed_is_not_lent_again(
    kept: KeptFiles, changed: str
) -> None:
    with kept.database() as first:
        await write(first, changed)

    with kept.database() as second:
        assert second != first


async def test_a_file_that_was_put_in_its_place_is_not_lent_again(
    kept: KeptFiles,
) -> None:
    with kept.database() as first:
        put_another(path_of(first))

    with kept.database() as second:
        assert second != first


async def test_a_file_that_somebody_still_writes_is_not_lent_again(
    kept: KeptFiles,
) -> None:
    with kept.database() as first:
        holder = sqlite3.connect(path_of(first), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")

    with kept.database() as second:
        assert second != first
    holder.close()


async def test_two_who_open_one_file_have_connections_of_their_own(
    kept: KeptFiles,
) -> None:
    with kept.database() as url:
        one, other = Database(url), Database(url)

        assert one._writer.pool is not other._writer.pool
        for each in (one, other):
            await each.close()


async def test_what_is_not_kept_is_closed_as_the_service_closes_it(
    kept: KeptFiles, tmp_path: Path
) -> None:
    with kept.database():
        await write(f"sqlite:///{tmp_path}/own.db", "CREATE TABLE more (id INTEGER)")

    assert names_in(tmp_path) >= {"own.db"}
    assert not names_in(tmp_path) & {"own.db-wal", "own.db-shm"}
