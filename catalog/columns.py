"""Column types whose values come back from every database as they went in.

Which columns there are is said in `catalog.db.tables`.
"""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Integer,
    String,
    Text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from catalog.values import types_of

_WITHOUT_OFFSET = len("2026-11-24 02:00:00.000000")
_TIMES = 1_000
"""Times of which SQLite's text is remembered."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware and in UTC out.

    SQLite keeps no offset: it would return 09:00+07:00 as a naive 09:00.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 (SQLAlchemy's signature)
    ) -> datetime | None:
        """Return *value* in UTC; `ValueError` if it is naive."""
        return None if value is None else _in_utc(value)

    def bind_processor(
        self, dialect: Dialect
    ) -> Callable[[datetime | None], Any] | None:
        """Return the function that writes a value: one call for each written row."""
        if dialect.name == "sqlite":
            return _write_text
        return super().bind_processor(dialect)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None] | None:
        """Return the function that reads a value: one call for each row of a page."""
        if dialect.name == "sqlite":
            return _read_text
        return super().result_processor(dialect, coltype)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 (SQLAlchemy's signature)
    ) -> datetime | None:
        """Return the aware instant that the database returned, in UTC."""
        return None if value is None else value.astimezone(UTC)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        message = "a naive datetime is not an instant"
        raise ValueError(message)
    return value.astimezone(UTC)


# Most rows that are written together have the same times, and so do those read again.
@lru_cache(maxsize=_TIMES)
def _write_text(value: datetime | None) -> str | None:
    """Write SQLite's text, as SQLAlchemy does, in a quarter of the time."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        value = _in_utc(value)
    return value.isoformat(" ", "microseconds")[:_WITHOUT_OFFSET]


@lru_cache(maxsize=_TIMES)
def _read_text(value: str | None) -> datetime | None:
    """Read SQLite's text, which is in UTC and does not say so."""
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def exact(length: int | None = None) -> TypeEngine[str]:
    """Return a text type that is compared and ordered by code point.

    Every database then orders keys as Python does, in any locale; a page that ends
    after a key would otherwise not mean the same to both.
    """
    if length is None:
        return Text().with_variant(Text(collation="C"), "postgresql")
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def document() -> JSON:
    """Return a type for values that are read whole and never searched.

    None is stored as NULL and not as the text "null".
    """
    return JSON(none_as_null=True)


_PLAIN: dict[Any, Callable[[str], Column[Any]]] = {
    str: lambda name: Column(name, Text, nullable=False),
    int: lambda name: Column(name, Integer, nullable=False),
    int | None: lambda name: Column(name, Integer),
    bool: lambda name: Column(name, Boolean, nullable=False),
    date | None: lambda name: Column(name, Date),
    datetime | None: lambda name: Column(name, UtcDateTime),
}
"""Makes the column of a plain field, by the field's type."""


def with_plain(
    value: Any, *columns: Column[Any], but: Collection[str]
) -> list[Column[Any]]:
    """Return *columns* and one for each field of *value* that they leave out.

    Args:
        value: The class of values. A column is called as its field is.
        columns: Those with a key, an index or a type of their own.
        but: Fields that have no column in this table.

    Raises:
        KeyError: A field that was left out has a type that is not plain.
    """
    told = {*but, *(column.name for column in columns)}
    plain = {name: kind for name, kind in types_of(value).items() if name not in told}
    return [*columns, *(_PLAIN[kind](name) for name, kind in plain.items())]
