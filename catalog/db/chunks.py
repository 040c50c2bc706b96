"""Ask for many ids, as many at once as one query can take.

Functions over a connection that the caller opened; none of them commits.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Executable, Select, bindparam
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import UpdateBase

T = TypeVar("T")

CHUNK: Final = 1000
"""Ids in one query; far below the limit of either database."""

IDS: Final[Any] = bindparam("ids", expanding=True)
"""The place of the ids in a query that is asked here."""

_NOTHING: Final[Mapping[str, object]] = {}


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut *items* into pieces of at most *size*."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


async def rows_of(
    conn: AsyncConnection,
    query: Select[Any],
    ids: Sequence[Any],
    values: Mapping[str, object] = _NOTHING,
) -> list[Any]:
    """Return the rows of *query*, which binds *ids* as `IDS` and *values* as named.

    They are in the query's order within each thousand of *ids* only.
    """
    found: list[Any] = []
    for some in chunks(ids):
        found += (await conn.execute(query, {**values, "ids": some})).all()
    return found


async def execute_each(
    conn: AsyncConnection, statement: Executable, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Execute *statement* with each of *rows*, all at once; not at all without any."""
    if values := list(rows):
        await conn.execute(statement, values)


async def execute_for(
    conn: AsyncConnection,
    statement: UpdateBase,
    ids: Sequence[Any],
    values: Mapping[str, object] = _NOTHING,
) -> None:
    """Carry out *statement*, which binds *ids* as `IDS` and *values* as named."""
    for some in chunks(ids):
        await conn.execute(statement, {**values, "ids": some})
