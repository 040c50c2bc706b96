"""What must outlive a power cut is on disk before anybody is told that it is done."""

import asyncio
import errno
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text

from ocop_sync.errors import StorageError
from ocop_sync.store.db import log_on_disk
from ocop_sync.store.db.database import Database


class Disk:
    """A disk that takes its time, if it is told to.

    Attributes:
        seen: What was committed each time that something was written to it.
        files: What was written to it: the inode of each.
        threads: Who waited for it.
        goes_on: It waits for this.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.seen: list[list[int]] = []
        self.files: list[int] = []
        self.threads: set[int] = set()
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.error: OSError | None = None

    def write(self, descriptor: int) -> None:
        if self.error:
            raise self.error
        with closing(sqlite3.connect(self._file)) as connection:
            rows = connection.execute("SELECT n FROM t ORDER BY n")
            self.seen.append([n for (n,) in rows])
        self.files.append(os.fstat(descriptor).st_ino)
        self.threads.add(threading.get_ident())
        assert self.goes_on.wait(60)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ocop.db"


@pytest.fixture
def disk(file: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk(file)
    monkeypatch.setattr(log_on_disk, "_to_disk", made.write)
    return made


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{file}")
    await opened.write(lambda conn: conn.execute(text("CREATE TABLE t (n INTEGER)")))
    yield opened
    await opened.close()


def written(database: Database, n: int, *, lasts: bool = True) -> Awaitable[object]:
    insert = text("INSERT INTO t VALUES (:n)")
    return database.write(lambda conn: conn.execute(insert, {"n": n}), lasts=lasts)


async def largest(database: Database) -> int | None:
    query = text("SELECT max(n) FROM t")
    async with database.read() as conn:
        return cast("int | None", await conn.scalar(query))


async def until(disk: Disk, rounds: int) -> None:
    while len(disk.seen) < rounds:  # noqa: ASYNC110  (a thread adds to it)
        await asyncio.sleep(0)


async def test_only_what_must_last_waits_and_its_log_is_what_is_written(
    database: Database, disk: Disk, file: Path
) -> None:
    await written(database, 1, lasts=False)
    assert disk.seen == []

    await written(database, 2)

    assert disk.seen == [[1, 2]]
    assert disk.files == [file.with_name("ocop.db-wal").stat().st_ino]
    assert threading.get_ident() not in disk.threads


async def test_nobody_is_told_before_the_disk_has_it_and_others_go_on(
    database: Database, disk: Disk
) -> None:
    disk.goes_on.clear()
    lasting = asyncio.ensure_future(written(database, 1))
    await until(disk, 1)

    await written(database, 2, lasts=False)

    assert not lasting.done()
    disk.goes_on.set()
    await lasting


async def test_who_commits_while_it_is_written_waits_for_the_next_time(
    database: Database, disk: Disk
) -> None:
    disk.goes_on.clear()
    first = asyncio.ensure_future(written(database, 1))
    await until(disk, 1)
    later = [asyncio.ensure_future(written(database, n)) for n in (2, 3, 4)]
    while await largest(database) != 4:  # noqa: ASYNC110  (others commit)
        await asyncio.sleep(0)
    disk.goes_on.set()
    await first
    await asyncio.gather(*later)

    assert disk.seen == [[1], [1, 2, 3, 4]]


async def test_what_the_disk_refuses_is_told_and_nothing_lasts_any_more(
    database: Database, disk: Disk
) -> None:
    disk.error = OSError(errno.EIO, "Input/output error")
    with pytest.raises(StorageError, match="the disk cannot read or write"):
        await written(database, 1)
    disk.error = None

    with pytest.raises(StorageError, match="the disk cannot read or write"):
        await written(database, 2)
    await written(database, 3, lasts=False)


@pytest.mark.usefixtures("database")
async def test_the_log_of_a_database_behind_a_link_is_found(
    disk: Disk, file: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(file)
    linked = Database(f"sqlite:///{link}")
    await written(linked, 1)
    await linked.close()

    assert disk.files == [file.with_name("ocop.db-wal").stat().st_ino]
