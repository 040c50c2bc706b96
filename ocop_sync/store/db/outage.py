"""Report a failing disk or database in one sentence, for every driver below.

SQLite, PostgreSQL and the operating system each have their own words for a full disk or
a lost connection, and none of them gives advice. A statement that is refused for its
content (by a constraint, say) is no failure of these: its error stays as it is.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as TooManyWaitError

from ocop_sync.errors import StorageError

DATABASE_ERRORS = (SQLAlchemyError,)
"""All that a database may fail with, for whoever only tells that it did."""

_PRIMARY_CODE = 0xFF

FULL = (
    "ổ đĩa đầy, không ghi thêm được: dọn chỗ rồi chạy lại, những gì đã ghi vẫn còn"
    " / the disk is full, nothing more can be written: make room and run again, what"
    " was written is kept"
)
_BROKEN = (
    "tệp cơ sở dữ liệu bị hỏng hoặc bị ghi đè: dừng mọi lệnh và khôi phục bản sao lưu"
    " / the database file is damaged or was written over: stop everything and restore"
    " a backup"
)
_DISK = (
    "ổ đĩa không đọc hoặc ghi được tệp cơ sở dữ liệu: xem ổ đĩa có đầy, có hỏng, và có"
    " quyền ghi không, rồi chạy lại / the disk cannot read or write the database file:"
    " check whether it is full or broken, and its permissions, and run again"
)
_SERVER_FULL = (
    "ổ đĩa của máy chủ cơ sở dữ liệu đầy: dọn chỗ rồi chạy lại, những gì đã ghi vẫn"
    " còn / the disk of the database server is full: make room and run again, what was"
    " written is kept"
)
_NO_SERVER = (
    "không nối được máy chủ cơ sở dữ liệu, hoặc nó vừa dừng: kiểm tra máy chủ và"
    " mạng; lần sau tự thử lại / the database server cannot be reached, or has just"
    " stopped: check it and the network; the next run tries again"
)

_BUSY = (
    "cơ sở dữ liệu bận ghi việc khác quá lâu, chưa ghi gì: thử lại sau ít phút / the"
    " database is kept by another writer for too long, and nothing was written: try"
    " again in some minutes"
)

_OF_SQLITE = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_CORRUPT: _BROKEN,
    sqlite3.SQLITE_NOTADB: _BROKEN,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_READONLY: _DISK,
    sqlite3.SQLITE_CANTOPEN: _DISK,
}
_FULL_NUMBERS = {errno.ENOSPC, errno.EDQUOT}
_OF_POSTGRESQL = ("08", "57P", "53300")
"""Beginnings of its codes: connections, its own end, and too many connections."""
_LOCKED = "55P03"
"""PostgreSQL's code where a lock is not given in time. `TooManyWaitError` is the same
of our own connections, of which SQLite has one that writes."""
_FULL_CODES = ("53100", "58030")


def outage_of(error: BaseException) -> StorageError | None:
    """Return the one sentence for *error*; None if it is no failure of disk or base."""
    if isinstance(error, OSError):
        return of_disk(error) or StorageError(_NO_SERVER)
    reason = getattr(error, "orig", None) or error
    code = getattr(reason, "sqlite_errorcode", None)
    if code is not None:
        problem = _OF_SQLITE.get(code & _PRIMARY_CODE)
        return StorageError(problem) if problem else None
    state = str(getattr(reason, "sqlstate", None) or "")
    if state.startswith(_FULL_CODES):
        return StorageError(_SERVER_FULL)
    if state == _LOCKED or isinstance(error, TooManyWaitError):
        return StorageError(_BUSY)
    is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if is_lost or state.startswith(_OF_POSTGRESQL):
        return StorageError(_NO_SERVER)
    return None


def of_disk(error: OSError) -> StorageError | None:
    """Return the sentence for a file that does not fit on its disk; None if it does."""
    if error.errno not in _FULL_NUMBERS:
        return None
    where = f": {error.filename}" if error.filename else ""
    return StorageError(f"{FULL}{where}")


def not_on_disk(error: OSError) -> StorageError:
    """Return the sentence for a database of which something does not reach its disk."""
    return of_disk(error) or StorageError(_DISK)


@contextmanager
def told_in_a_sentence(*, connecting: bool = False) -> Iterator[None]:
    """Raise `StorageError` where disk or database fail inside.

    Args:
        connecting: A failure of the network is one of the database's server.
    """
    try:
        yield
    except (DBAPIError, TooManyWaitError, sqlite3.Error) as error:
        if (outage := outage_of(error)) is None:
            raise
        raise outage from error
    except OSError as error:
        outage = outage_of(error) if connecting else of_disk(error)
        if outage is None:
            raise
        raise outage from error
