"""Put a backup of an SQLite database in its place, whole or not at all.

Nothing is lost by it: the database that stood there is kept beside it, under a name
that says when. The backup itself is only read.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy.engine import make_url

from ocop_sync.errors import ConfigurationError
from ocop_sync.files import not_written, place_whole
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.schema import (
    Tables,
    current,
    is_sqlite,
    sqlite_file,
    unknown_tables,
    upgrade,
)
from ocop_sync.store.db.sent_beside import SENT
from ocop_sync.store.db.waiting_writers import ENDING

_BUSY_S: Final = 2
_BESIDE: Final = ("-wal", "-shm", "-journal", SENT)
_HELD: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_POSTGRESQL: Final = (
    "database.url: là PostgreSQL: dùng pg_restore rồi `ocop-sync db restored`, như"
    " docs/operations.md chỉ / is PostgreSQL: use pg_restore, and then `ocop-sync db"
    " restored`, as docs/operations.md shows"
)
_IN_USE: Final = (
    "đang có lệnh dùng cơ sở dữ liệu này: dừng dịch vụ và chờ các lệnh khác xong / the"
    " database is in use: stop the service, and wait for other commands to end"
)


@asynccontextmanager
async def restored(
    url: str, backup: Path, now: datetime
) -> AsyncIterator[tuple[Database, Path | None]]:
    """Yield the database of *backup*, which takes its place at the end.

    It is checked, and of this version. If anything is raised inside, all stays as it
    was.

    Yields:
        That database, and the name under which the present one is kept; None if
        there is none.

    Raises:
        ConfigurationError: *backup* is damaged, of a newer version, or no database
            of ours; the present one is in use, or is no database of SQLite.
        NotWrittenError: It cannot be put in its place.
    """
    if not is_sqlite(url):
        raise ConfigurationError(_POSTGRESQL)
    file = (sqlite_file(url) or Path()).resolve()
    _ensure_another(backup, file)
    kept = file.with_name(f"{file.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    with _nobody_else(file), place_whole(file) as fresh:
        _copy_whole(backup, fresh)
        fresh_url = make_url(url).set(database=str(fresh))
        await _bring_up_to_date(backup, fresh_url.render_as_string(hide_password=False))
        database = Database(fresh_url.render_as_string(hide_password=False))
        try:
            yield database, kept if file.exists() else None
        finally:
            await database.close()
            for end in (*_BESIDE, ENDING):  # those are gone, if all went well
                _beside(fresh, end).unlink(missing_ok=True)
        _keep(file, kept)


def _ensure_another(backup: Path, file: Path) -> None:
    if file.exists() and backup.exists() and backup.samefile(file):
        message = f"{backup}: là chính cơ sở dữ liệu / is the database itself"
        raise ConfigurationError(message)


def _copy_whole(backup: Path, fresh: Path) -> None:
    """Write the content of *backup* to *fresh*, once it is known to be whole."""
    try:
        with closing(_open(backup, "ro")) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                raise _damaged(backup, found)
            connection.execute("VACUUM INTO ?", [str(fresh)])
    except sqlite3.Error as error:
        raise _damaged(backup, str(error)) from error


def _damaged(backup: Path, why: str) -> ConfigurationError:
    message = (
        f"{backup}: không dùng được, hãy lấy bản sao khác; chưa thay đổi gì / cannot be"
        f" used, take another copy; nothing was changed: {why}"
    )
    return ConfigurationError(message)


async def _bring_up_to_date(backup: Path, url: str) -> None:
    """Upgrade a copy of an earlier version.

    Raises:
        ConfigurationError: It is of a newer one, or no database of ours.
    """
    match (await current(url)).tables:
        case Tables.NONE:
            raise _damaged(backup, "không phải của ocop-sync / not of ocop-sync")
        case Tables.UNKNOWN:
            raise unknown_tables()
        case Tables.OLDER:
            await upgrade(url)


@contextmanager
def _nobody_else(file: Path) -> Iterator[None]:
    """Keep everybody else out of the database *file*, and empty its log into it.

    One that is damaged, or not there, is let be.

    Raises:
        ConfigurationError: Another connection to it is open.
    """
    if not file.exists():
        yield
        return
    with closing(_open(file, "rw")) as connection:
        try:
            # Danger: to leave the log is what SQLite lets only the last connection do.
            # A mere lock would come between the transactions of a running command.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF in _HELD:
                message = f"database.url: {file}: {_IN_USE}"
                raise ConfigurationError(message) from error
        yield


def _keep(file: Path, kept: Path) -> None:
    """Give what stands at *file* a further name, and its log that name alone.

    An old log beside another database would be taken for its own.
    """
    try:
        if file.exists():
            kept.hardlink_to(file)
        for end in _BESIDE:
            with suppress(FileNotFoundError):
                _beside(file, end).replace(_beside(kept, end))
    except OSError as error:
        raise not_written(kept, error.strerror or str(error)) from error


def _beside(file: Path, end: str) -> Path:
    return file.with_name(f"{file.name}{end}")


def _open(file: Path, mode: str) -> sqlite3.Connection:
    """Open *file*; it is not made if it is not there."""
    name = f"file:{quote(str(file.absolute()))}?mode={mode}"
    return sqlite3.connect(name, uri=True, timeout=_BUSY_S, isolation_level=None)
