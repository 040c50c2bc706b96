"""A copy of a database in use is whole, of one moment, and for its owner alone."""

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.values import replace
from ocop_sync.errors import ConfigurationError, NotWrittenError
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.works import DONE, WORKS, AtWork
from ocop_sync.store.db import schema
from ocop_sync.store.db.backup import back_up
from ocop_sync.store.db.backup_folder import BackupFolder
from ocop_sync.store.db.schema import Tables
from tests.factories import AT
from tests.world import open_world

ROOT = Path(__file__).parents[2]
SECRET = "hồ sơ đã xoá " * 2000
"""More than a page: what it took is free then, and not cleared."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ocop.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.fixture
def service(file: Path) -> Iterator[sqlite3.Connection]:
    """A service that works with the database meanwhile: all of it is in the log."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA secure_delete=OFF")  # some builds have it on
        connection.execute("CREATE TABLE t (n)")
        connection.execute("INSERT INTO t VALUES (?)", [SECRET])
        connection.execute("DELETE FROM t")
        connection.execute("INSERT INTO t VALUES (1)")
        yield connection


def rows(file: Path) -> list[object]:
    with closing(sqlite3.connect(file)) as connection:
        return [n for (n,) in connection.execute("SELECT n FROM t")]


def test_a_copy_has_all_that_is_committed_and_no_more(
    tmp_path: Path, url: str, service: sqlite3.Connection
) -> None:
    service.execute("BEGIN IMMEDIATE")
    service.execute("INSERT INTO t VALUES (2)")

    size = back_up(url, tmp_path / "copy.db")

    service.execute("COMMIT")
    assert rows(tmp_path / "copy.db") == [1]
    assert size == (tmp_path / "copy.db").stat().st_size
    assert {path.name for path in tmp_path.iterdir()} == {
        *("copy.db", "ocop.db", "ocop.db-wal", "ocop.db-shm")
    }


@pytest.mark.usefixtures("service")
def test_a_copy_is_for_its_owner_alone_and_takes_the_place_of_an_earlier_one(
    tmp_path: Path, url: str
) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("earlier")
    copy.chmod(0o644)

    back_up(url, copy)

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert rows(copy) == rows(tmp_path / "ocop.db")


@pytest.mark.usefixtures("service")
def test_what_was_erased_is_not_in_a_copy(tmp_path: Path, url: str) -> None:
    back_up(url, tmp_path / "copy.db")

    piece = SECRET[:100].encode()
    assert piece in (tmp_path / "ocop.db-wal").read_bytes()
    assert piece not in (tmp_path / "copy.db").read_bytes()


def test_a_copy_of_a_damaged_database_is_not_kept(
    tmp_path: Path, file: Path, url: str
) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("earlier")
    file.write_bytes(b"no database" * 1000)

    with pytest.raises(ConfigurationError, match="cannot be used: file is not a data"):
        back_up(url, copy)

    assert copy.read_text() == "earlier"
    assert {path.name for path in tmp_path.iterdir()} == {"copy.db", "ocop.db"}


def test_a_copy_that_finds_no_room_is_told_as_such(
    tmp_path: Path, url: str, service: sqlite3.Connection
) -> None:
    """A limit on the size of files is refused as a full disk is: at some write."""
    service.execute("INSERT INTO t VALUES (zeroblob(200000))")
    (tmp_path / "copy.db").write_text("earlier")
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from ocop_sync.store.db.backup import back_up\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (90_000, resource.RLIM_INFINITY))\n"
        "back_up(sys.argv[1], Path(sys.argv[2]))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, url, str(tmp_path / "copy.db")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "copy.db: không ghi được / cannot be written: disk I/O" in done.stderr
    assert (tmp_path / "copy.db").read_text() == "earlier"
    assert not list(tmp_path.glob(".copy.db.*"))


@pytest.mark.usefixtures("service")
def test_a_copy_never_goes_through_a_link(tmp_path: Path, url: str) -> None:
    (tmp_path / "target").write_text("mine")
    (tmp_path / "copy.db").symlink_to(tmp_path / "target")

    with pytest.raises(NotWrittenError, match="it is a link"):
        back_up(url, tmp_path / "copy.db")

    assert (tmp_path / "target").read_text() == "mine"


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("name", ["ocop.db", "link.db"])
def test_a_database_is_not_copied_over_itself(
    tmp_path: Path, url: str, name: str
) -> None:
    (tmp_path / "link.db").symlink_to("ocop.db")

    with pytest.raises(ConfigurationError, match="is the database itself"):
        back_up(url, tmp_path / name)

    assert rows(tmp_path / "ocop.db") == [1]


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no file .*ocop\.db"):
        back_up(url, tmp_path / "copy.db")

    assert list(tmp_path.iterdir()) == []


def test_a_copy_of_postgresql_is_left_to_its_own_program(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is PostgreSQL: use pg_dump"):
        back_up("postgresql+asyncpg://u:bi-mat@h/d", tmp_path / "copy.db")


async def test_a_copy_of_a_newer_or_older_version_stays_of_that(
    tmp_path: Path, file: Path, url: str
) -> None:
    await schema.upgrade(url)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0002'")

    back_up(url, tmp_path / "copy.db")

    found = await schema.current(f"sqlite:///{tmp_path}/copy.db")
    assert found == (Tables.OLDER, "0002")


async def test_a_schedule_keeps_the_latest_backups_and_nothing_else_is_removed(
    tmp_path: Path,
) -> None:
    url, folder = f"sqlite:///{tmp_path}/ocop.db", tmp_path / "kept"
    backups = BackupFolder(url, folder, kept=2)
    async with open_world(url) as world:
        for _ in range(3):
            at = AtWork(deployment=replace(world.deployment, backups=backups))
            assert await WORKS[ScheduleKind.BACKUP](at) == DONE
            (folder / "cua-toi.db").touch()
            world.time.pass_(days=1)

    assert sorted(path.name for path in folder.iterdir()) == [
        "cua-toi.db",
        f"ocop-{AT + timedelta(days=1):%Y%m%dT%H%M%SZ}.db",
        f"ocop-{AT + timedelta(days=2):%Y%m%dT%H%M%SZ}.db",
    ]
