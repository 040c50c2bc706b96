"""Bring the tables of a database up to date, and say whether they are.

One linear history of versions, in `ocop_sync/store/migrations`, covers the
catalog's tables and ours. An upgrade is one transaction: it happens whole or
not at all. Whether to upgrade without being asked is decided in
`ocop_sync.bootstrap`.
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from catalog.db import tables as catalog_tables
from ocop_sync.errors import ConfigurationError
from ocop_sync.store import (
    identity_tables,
    notice_tables,
    plan_tables,
    run_event_tables,
    run_request_tables,
    schedule_tables,
)
from ocop_sync.store.db.outage import outage_of
from ocop_sync.store.db.sqlite import keep_private, sqlite_engine, transaction

T = TypeVar("T")

_OURS = (
    identity_tables.person,
    notice_tables.notice,
    plan_tables.plan,
    run_event_tables.run_event,
    run_request_tables.run_request,
    schedule_tables.schedule,
)
METADATA = (catalog_tables.metadata, _OURS[0].metadata)
"""All tables of one deployment; the second has those of `store.tables`, too."""

_MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"
VERSIONS = tuple(sorted(each.name[:4] for each in _MIGRATIONS.glob("[0-9]*.py")))
"""The versions of `ocop_sync/store/migrations`, the present one last."""
_READ_VERSION = text("SELECT version_num FROM alembic_version")
_ONE_AT_A_TIME = 7_021_948
"""PostgreSQL's advisory lock of an upgrade: any number of our own."""
_BUSY_S = 60


class Tables(StrEnum):
    """The state of a database's tables, against the need of this program."""

    NONE = "none"
    """There are none yet."""
    OLDER = "older"
    """They must be upgraded first."""
    CURRENT = "current"
    UNKNOWN = "unknown"
    """A newer program made them, or no program of ours."""


async def look(url: str) -> Tables:
    """Say how the tables of the database at *url* stand; changes none of them.

    Raises:
        ConfigurationError: It cannot be used.
    """
    return await _inside(url, _look, writes=False)


class Current(NamedTuple):
    """How far a database is.

    Attributes:
        tables: The state of its tables, against the need of this program.
        version: The version of its tables; empty if there are none.
    """

    tables: Tables
    version: str


async def current(url: str) -> Current:
    """Say how far the database at *url* is; changes nothing and makes nothing.

    Raises:
        ConfigurationError: It cannot be used.
    """
    if is_sqlite(url) and not _is_there(url):
        return Current(Tables.NONE, "")
    return await _inside(url, _current, writes=False)


async def upgrade(url: str) -> bool:
    """Bring the tables of the database at *url* up to date.

    Two processes that do so at once are kept apart by the database.

    Returns:
        Whether anything had to be done.

    Raises:
        ConfigurationError: It cannot be used; or a newer program, or none of
            ours, made the tables.
    """
    return await _inside(url, _upgrade, writes=True)


async def _inside(url: str, work: Callable[[Connection], T], *, writes: bool) -> T:
    """Do *work* in one transaction."""
    file = _ensure_url(url).database or ""
    try:
        if is_sqlite(url):
            keep_private(file)
        engine = upgrading_engine(url, writes=writes)
        try:
            async with transaction(engine, waits_s=_BUSY_S) as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()
    except (OSError, SQLAlchemyError, sqlite3.Error) as error:
        if _cannot_open(error):
            message = (
                f"database.url: không mở được tệp {file}: thư mục phải có sẵn và ghi"
                f" được / cannot open the file {file}: its folder must exist and be"
                " writable"
            )
            raise ConfigurationError(message) from error
        if _is_of_disk(error) and (outage := outage_of(error)):
            raise outage from error
        raise unusable(error) from error


def _is_of_disk(error: Exception) -> bool:
    """Say whether SQLite says that the disk fails: no setting would help."""
    reason = getattr(error, "orig", None) or error
    code = getattr(reason, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _ensure_url(url: str) -> URL:
    """Read *url*; a wrong one is not quoted, as it may hold a password."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        message = "database.url: không phải địa chỉ cơ sở dữ liệu / not a URL"
        raise ConfigurationError(message) from None


def is_sqlite(url: str) -> bool:
    """Say whether the database at *url* is one of SQLite.

    Raises:
        ConfigurationError: It is no address of a database.
    """
    return _ensure_url(url).get_backend_name() == "sqlite"


def file_of(url: str) -> Path:
    """Return the file of the SQLite database at *url*.

    Raises:
        ConfigurationError: It is no database of SQLite, or is not there.
    """
    if not is_sqlite(url):
        message = (
            "database.url: là PostgreSQL, hãy dùng pg_dump như docs/operations.md chỉ"
            " / is PostgreSQL: use pg_dump, as docs/operations.md shows"
        )
        raise ConfigurationError(message)
    if not _is_there(url):
        message = (
            f"database.url: không có tệp {_ensure_url(url).database}"
            f" / there is no file {_ensure_url(url).database}"
        )
        raise ConfigurationError(message)
    return Path(_ensure_url(url).database or "")


def _is_there(url: str) -> bool:
    return Path(_ensure_url(url).database or ":memory:").exists()


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database, there or not; None for PostgreSQL.

    Raises:
        ConfigurationError: It is no URL.
    """
    return Path(_ensure_url(url).database or "") if is_sqlite(url) else None


def missing_file(url: str) -> Path | None:
    """Return the file of an SQLite database that is not there; else None.

    Raises:
        ConfigurationError: It is no URL.
    """
    if not is_sqlite(url) or _is_there(url):
        return None
    return Path(_ensure_url(url).database or "")


def _cannot_open(error: Exception) -> bool:
    """Say whether SQLite cannot open its file, or make it."""
    return _primary_code(error) == sqlite3.SQLITE_CANTOPEN


def _primary_code(error: Exception) -> int | None:
    """Return SQLite's code of *error*; None if it is another's."""
    reason = getattr(error, "orig", None) or error
    code = getattr(reason, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def unusable(error: Exception) -> ConfigurationError:
    """Return the error for a database that cannot be used; it names no password."""
    reason = getattr(error, "orig", None) or error
    why = str(reason).splitlines()[0][:200] if str(reason) else type(reason).__name__
    message = f"database.url: không dùng được cơ sở dữ liệu / cannot be used: {why}"
    if _primary_code(error) == sqlite3.SQLITE_READONLY:
        message = f"{message}; {NOT_WRITABLE}"
    return ConfigurationError(message)


NOT_WRITABLE = (
    "không ghi được: xem quyền ghi của tệp và của thư mục chứa nó (SQLite ghi tệp bên"
    " cạnh) / it cannot be written: check the permissions of the file and of its folder"
    " (SQLite writes files beside it)"
)
"""The advice for a database that cannot be written."""


def unwritable_file(url: str) -> Path | None:
    """Return the file of an SQLite database that we may not write; else None.

    The folder counts: without its log beside it SQLite writes nothing.

    Raises:
        ConfigurationError: It is no URL.
    """
    if not is_sqlite(url):
        return None
    file = Path(_ensure_url(url).database or "")
    if not file.is_file():
        return None
    is_open = os.access(file, os.W_OK) and os.access(file.absolute().parent, os.W_OK)
    return None if is_open else file


def upgrading_engine(url: str, *, writes: bool = True) -> AsyncEngine:
    """Open an engine to look at the tables or upgrade them, and for nothing else.

    On SQLite a changed table is a new one that takes the old one's place, which
    checked foreign keys would not let happen.

    Args:
        url: Address of the database.
        writes: Keep other writers out of SQLite from the start.

    Raises:
        ConfigurationError: The driver of that database is not installed.
    """
    if make_url(url).get_backend_name() != "sqlite":
        return _postgresql(url)
    begin = "IMMEDIATE" if writes else "DEFERRED"
    return sqlite_engine(url, begin=begin, poolclass=NullPool)


def _postgresql(url: str) -> AsyncEngine:
    try:
        return create_async_engine(url, poolclass=NullPool)
    except ModuleNotFoundError as error:
        message = (
            "database.url: thiếu trình điều khiển PostgreSQL / the driver is missing:"
            " pip install 'ocop-sync[postgresql]'"
        )
        raise ConfigurationError(message) from error


def _look(connection: Connection) -> Tables:
    return _current(connection).tables


def _current(connection: Connection) -> Current:
    found: Sequence[str] = ()
    if inspect(connection).has_table("alembic_version"):
        found = connection.execute(_READ_VERSION).scalars().all()
    return Current(_standing(found), ", ".join(found))


def _standing(found: Sequence[str]) -> Tables:
    if not found:
        return Tables.NONE
    if list(found) == [VERSIONS[-1]]:
        return Tables.CURRENT
    return Tables.OLDER if set(found) <= set(VERSIONS) else Tables.UNKNOWN


def _upgrade(connection: Connection) -> bool:
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:number)")
        connection.execute(lock, {"number": _ONE_AT_A_TIME})
    match _look(connection):
        case Tables.CURRENT:
            return False
        case Tables.UNKNOWN:
            raise unknown_tables()
    # Imported here, as it takes longer than most commands.
    from ocop_sync.store.db.upgrade import upgrade_on  # noqa: PLC0415

    upgrade_on(connection)
    _ensure_whole(connection)
    return True


def unknown_tables() -> ConfigurationError:
    """Return the error for tables of a newer program, or of none of ours."""
    message = (
        "database.url: cơ sở dữ liệu do phiên bản mới hơn, hoặc không phải ocop-sync,"
        " tạo ra; hãy cài phiên bản đó, hoặc chỉ đến tệp khác / a newer version, or no"
        " ocop-sync at all, made the database: install that version, or name another"
    )
    return ConfigurationError(message)


def _ensure_whole(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        message = (
            "nâng cấp bị dừng: dữ liệu có tham chiếu hỏng"
            f" / upgrade undone: broken reference in table {broken[0]}"
        )
        raise ConfigurationError(message)
