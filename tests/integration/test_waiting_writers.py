"""Who waits for SQLite's lock is let first, and holds nobody up."""

import asyncio
import errno
import fcntl
from pathlib import Path

import pytest

from ocop_sync.store.db.waiting_writers import ENDING, WaitingWriters


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shared.db"


async def test_nobody_is_waited_for_where_nobody_waits(file: Path) -> None:
    ours, theirs = WaitingWriters(file), WaitingWriters(file)
    with theirs.among_them():
        theirs.tell()
    letting = asyncio.create_task(ours.let_first())

    await asyncio.sleep(0)

    assert letting.done()


async def test_who_waits_is_let_first_by_every_process(file: Path) -> None:
    ours, theirs, third = (WaitingWriters(file) for _ in range(3))
    with theirs.among_them(), third.among_them():
        theirs.tell()
        third.tell()
        letting = asyncio.create_task(ours.let_first())
        await asyncio.sleep(0)
        assert not letting.done()
    await letting


async def test_one_who_waits_and_never_writes_holds_nobody_up(file: Path) -> None:
    ours, theirs = WaitingWriters(file), WaitingWriters(file)
    with theirs.among_them():
        theirs.tell()

        await ours.let_first()


async def test_a_process_that_has_gone_waits_no_more(file: Path) -> None:
    ours, theirs = WaitingWriters(file), WaitingWriters(file)
    with theirs.among_them():
        theirs.tell()
        theirs.close()  # as the kernel does with a process that is killed
        letting = asyncio.create_task(ours.let_first())
        await asyncio.sleep(0)
        assert letting.done()


async def test_the_file_is_for_its_owner_alone(file: Path) -> None:
    await WaitingWriters(file).let_first()

    made = file.with_name(file.name + ENDING)
    assert made.stat().st_mode & 0o077 == 0


async def test_where_no_file_can_be_made_all_goes_on(tmp_path: Path) -> None:
    ours = WaitingWriters(tmp_path / "no folder" / "shared.db")
    with ours.among_them():
        ours.tell()

        await ours.let_first()


async def test_where_the_disk_knows_no_locks_nobody_is_waited_for(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    ours = WaitingWriters(file)
    letting = asyncio.create_task(ours.let_first())

    await asyncio.sleep(0)

    assert letting.done()
