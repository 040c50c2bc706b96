"""Let SQLite refuse the same as PostgreSQL, and promise no further order.

Most tests are on SQLite alone (`tests/databases.py`). SQLite keeps any value in any
column and returns rows as they were written: a test would pass there with a value, or
a statement without an order, that is good for nothing on PostgreSQL.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, String
from sqlalchemy.ext.asyncio import AsyncEngine

from ocop_sync.store.db import database
from ocop_sync.store.db.sqlite import sqlite_engine


class NotForPostgresqlError(ValueError):
    """A value that only SQLite takes."""


def be_strict() -> None:
    """Check each value that is sent to SQLite, and turn what has no order."""
    for kind, processor in ((String, _of_text), (Integer, _of_number)):
        setattr(kind, "bind_processor", processor)  # noqa: B010  (mypy)
    setattr(database, "sqlite_engine", _backwards)  # noqa: B010  (mypy)


def _of_text(_: String, dialect: Dialect) -> Callable[[Any], Any] | None:
    return _text if dialect.name == "sqlite" else None


def _text(value: Any) -> Any:
    if value is None or (isinstance(value, str) and "\0" not in value):
        return value
    message = f"no text: {value!r}"
    raise NotForPostgresqlError(message)


def _of_number(self: Integer, dialect: Dialect) -> Callable[[Any], Any] | None:
    if dialect.name != "sqlite":
        return None
    beyond = 1 << (63 if isinstance(self, BigInteger) else 31)

    def number(value: Any) -> Any:
        if value is None or (isinstance(value, int) and -beyond <= value < beyond):
            return value
        message = f"no number of {beyond.bit_length()} bits: {value!r}"
        raise NotForPostgresqlError(message)

    return number


def _backwards(url: str, *, pragmas: Sequence[str], **settings: Any) -> AsyncEngine:
    """Open an engine that returns what a statement does not order from behind."""
    backwards = (*pragmas, "reverse_unordered_selects=ON")
    return sqlite_engine(url, pragmas=backwards, **settings)
