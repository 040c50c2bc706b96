"""Keep a copy of a database that is in use.

SQLite writes one that is whole, of one moment, while others go on: a plain copy of the
file would lack the changes that are still in its log. The tables are taken as they are,
also those of an earlier version: a copy belongs before each upgrade. PostgreSQL has
programs of its own for that, which `docs/operations.md` shows.

A copy that is restored one day knows nothing of the listings that were made after
it. So each account has to be read whole again in it, before anything is created.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from ocop_sync.errors import ConfigurationError
from ocop_sync.files import not_written, place_whole
from ocop_sync.store.db.installation import COPY
from ocop_sync.store.db.schema import file_of, unusable

_BUSY_S = 60
_NOT_WRITTEN = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
)
"""Codes of errors of the copy: the database itself is only read."""
_HAS_ACCOUNTS = (
    "SELECT 1 FROM pragma_table_info('account') WHERE name = 'read_whole_at'"
)
_READ_WHOLE_AGAIN = "UPDATE account SET read_whole_at = NULL"
_HAS_PLACE = "SELECT 1 FROM pragma_table_info('installation')"
_OF_NO_PLACE = "INSERT OR REPLACE INTO installation (n, place) VALUES (1, ?)"


def back_up(url: str, copy: Path) -> int:
    """Write a copy of the SQLite database at *url* to the file *copy*.

    It is for its owner alone, whole or not at all, and checked before it takes the
    place of an earlier one. Data that were erased from the database are not in it. A
    sync on it reads all accounts whole first.

    Returns:
        Its size in bytes.

    Raises:
        ConfigurationError: It is no database of SQLite, is not there or cannot be
            read; or it would be written over itself.
        NotWrittenError: The copy cannot be written.
    """
    file = file_of(url)
    if copy.exists() and copy.samefile(file):
        message = f"{copy}: là chính cơ sở dữ liệu / is the database itself"
        raise ConfigurationError(message)
    with place_whole(copy) as fresh:
        try:
            _copy(file, fresh)
        except sqlite3.Error as error:
            if error.sqlite_errorcode in _NOT_WRITTEN:
                raise not_written(copy, str(error)) from error
            raise unusable(error) from error
        return fresh.stat().st_size


def _copy(file: Path, fresh: Path) -> None:
    with closing(_open(file)) as connection:
        connection.execute("VACUUM INTO ?", [str(fresh)])
    with closing(_open(fresh)) as connection:
        if connection.execute(_HAS_ACCOUNTS).fetchone():
            connection.execute(_READ_WHOLE_AGAIN)
        if connection.execute(_HAS_PLACE).fetchone():
            connection.execute(_OF_NO_PLACE, [COPY])
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _open(file: Path) -> sqlite3.Connection:
    """Open *file*; it is not made if it is not there."""
    name = f"file:{quote(str(file.absolute()))}?mode=rw"
    return sqlite3.connect(name, uri=True, timeout=_BUSY_S, isolation_level=None)
