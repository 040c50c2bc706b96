"""All tables of a new database, their statements compiled once for all tests."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, create_mock_engine, inspect

from ocop_sync.store.schema import METADATA

NAMES = frozenset(name for metadata in METADATA for name in metadata.tables)
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+asyncpg"}


def create_tables(connection: Connection) -> None:
    """Make all tables, unless they are there."""
    if not set(inspect(connection).get_table_names()) >= NAMES:
        for statement in statements(connection.dialect.name):
            connection.exec_driver_sql(statement)


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
