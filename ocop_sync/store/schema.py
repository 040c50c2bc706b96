"""Bring the tables of a database up to date, and say whether they are.

One linear history of versions, in `ocop_sync/store/migrations`, covers the
catalog's tables and ours. An upgrade is one transaction: it happens whole or
not at all. Whether to upgrade without being asked is decided in
`ocop_sync.bootstrap`.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from catalog import tables as catalog_tables
from ocop_sync.errors import ConfigurationError
from ocop_sync.store import tables

T = TypeVar("T")

METADATA = (catalog_tables.metadata, tables.metadata)
"""All tables of one deployment."""

_FOLDER = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 7_021_948
"""PostgreSQL's advisory lock of an upgrade: any number of our own."""
_BUSY_S = 60


class Tables(StrEnum):
    """How the tables of a database stand to what this program needs."""

    NONE = "none"
    """There are none yet."""
    OLDER = "older"
    """They must be upgraded first."""
    CURRENT = "current"
    UNKNOWN = "unknown"
    """A newer program made them, or no program of ours."""


async def look(url: str) -> Tables:
    """Say how the tables of the database at *url* stand; changes nothing.

    Raises:
        ConfigurationError: It cannot be used.
    """
    return await _inside(url, _look, writes=False)


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
    try:
        _ensure_usable(url)
        engine = upgrading_engine(url, writes=writes)
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()
    except (OSError, SQLAlchemyError, sqlite3.Error) as error:
        raise unusable(error) from error


def _ensure_usable(url: str) -> None:
    """Open an SQLite file once, and close it.

    aiosqlite leaves a thread behind where that fails, which prints a traceback
    once the event loop is gone.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(address.database or "")) as connection:
            connection.execute("SELECT name FROM sqlite_master").fetchone()


def unusable(error: Exception) -> ConfigurationError:
    """Return the error for a database that cannot be used; it names no password."""
    reason = getattr(error, "orig", None) or error
    why = str(reason).splitlines()[0][:200] if str(reason) else type(reason).__name__
    return ConfigurationError(
        f"database.url: không dùng được cơ sở dữ liệu / cannot be used: {why}"
    )


def configuration() -> Config:
    """Return what Alembic needs to know."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def upgrading_engine(url: str, *, writes: bool = True) -> AsyncEngine:
    """Open an engine for upgrades alone.

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
    engine = create_async_engine(
        url, poolclass=NullPool, connect_args={"timeout": _BUSY_S}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


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
    current = MigrationContext.configure(connection).get_current_heads()
    scripts = ScriptDirectory.from_config(configuration())
    if not current:
        return Tables.NONE
    if current == (scripts.get_current_head(),):
        return Tables.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return Tables.OLDER if known.issuperset(current) else Tables.UNKNOWN


def _upgrade(connection: Connection) -> bool:
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:number)")
        connection.execute(lock, {"number": _ONE_AT_A_TIME})
    match _look(connection):
        case Tables.CURRENT:
            return False
        case Tables.UNKNOWN:
            raise unknown_tables()
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    _ensure_whole(connection)
    return True


def unknown_tables() -> ConfigurationError:
    """Return the error for a database that a newer program has upgraded."""
    message = (
        "database.url: cơ sở dữ liệu do phiên bản khác tạo ra, phiên bản này không"
        " đọc được / made by another version of ocop-sync, which this one cannot read"
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
