"""All tables of a new database, their statements compiled once for all tests."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Connection, create_mock_engine

from ocop_sync.store.db.schema import METADATA

NAMES = frozenset(name for metadata in METADATA for name in metadata.tables)
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+asyncpg"}


_THERE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}


def create_tables(connection: Connection) -> None:
    """Make all tables, unless they are there; SQLite's by its driver alone."""
    dialect = connection.dialect.name
    if {name for (name,) in connection.exec_driver_sql(_THERE[dialect])} >= NAMES:
        return
    execute: Callable[[str], object] = connection.exec_driver_sql
    if dialect == "sqlite":
        driver = connection.connection.driver_connection
        assert driver is not None
        execute = driver.execute
    for statement in statements(dialect):
        execute(statement)


@cache
def statements(dialect: str) -> tuple[str, ...]:
    """Return what makes all tables of a database without any."""
    made: list[str] = []

    def note(statement: Any, *_: object) -> None:
        made.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine(f"{_DRIVERS[dialect]}://", note)
    for metadata in METADATA:
        metadata.create_all(engine, checkfirst=False)
    return tuple(made)
