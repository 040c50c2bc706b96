"""Tell whether what products are made of has changed, without reading it.

The database takes all that entries are read from together, and a digest of that is
kept. Nobody has to say that something has changed: the data themselves are held
against the digest. What is read is said in `catalog.db.reader`, and nowhere again.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Float,
    LargeBinary,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.tables import product

AFTER: Final[Any] = bindparam("after")
END: Final[Any] = bindparam("end")
"""The bounds of a range of ids, where a statement has them."""


class Content(NamedTuple):
    """What the products of a range are made of.

    Attributes:
        products: How many there are.
        digest: Of all that is read of them.
    """

    products: int
    digest: bytes


def within(id_: Column[Any], *, is_open: bool) -> ColumnElement[bool]:
    """Choose the ids behind `AFTER`, up to `END` unless the range is open."""
    behind: ColumnElement[bool] = id_ > AFTER
    return behind if is_open else and_(behind, id_ <= END)


def all_of(dialect: str, rows: Select[Any] | CompoundSelect[Any]) -> Select[tuple[Any]]:
    """Select all values of *rows* as one; NULL if there are none.

    Other values never give the same one on SQLite. PostgreSQL, which may be elsewhere,
    returns the MD5 of them: nobody who could choose the values gains by an equal one.
    """
    if dialect == "sqlite":
        # They come by the key, in which they lie; to say so takes a third longer.
        each = rows.order_by(None).subquery()
        values = func.json_array(*(_in_full(column) for column in each.c))
        return select(cast(func.json_group_array(values), LargeBinary))
    each = rows.subquery("each")
    row = cast(literal_column("each"), Text)
    return select(func.md5(func.string_agg(row, "\n"))).select_from(each)


def _in_full(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a value that JSON writes in full: of a float it would leave digits out."""
    return func.quote(column) if isinstance(column.type, Float) else column


def digest_of(parts: Iterable[bytes | str | None]) -> bytes:
    """Return the digest of *parts*, each where it stands."""
    whole = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part or b""
        whole.update(len(content).to_bytes(8, "big"))
        whole.update(content)
    return whole.digest()


async def content_of(conn: AsyncConnection, after: str, end: str | None) -> Content:
    """Return what the products behind *after* are made of, up to *end* if given."""
    counted, *sources = _content(conn.dialect.name, is_open=end is None)
    among = bounds(after, end)
    # One after the other: together they would keep other tasks waiting for long.
    parts = [await conn.scalar(source, among) for source in sources]
    return Content(await conn.scalar(counted, among), digest_of(parts))


def bounds(after: str, end: str | None) -> dict[str, str]:
    """Return the values of `AFTER` and `END`; without *end* the range is open."""
    return {"after": after} if end is None else {"after": after, "end": end}


@cache
def _content(dialect: str, *, is_open: bool) -> Sequence[Select[Any]]:
    def chosen(id_: Column[Any]) -> ColumnElement[bool]:
        return within(id_, is_open=is_open)

    products = select(func.count()).select_from(product).where(chosen(product.c.id))
    return [
        products,
        *(all_of(dialect, rows) for rows in reader.sources_of(chosen)),
    ]


@cache
def _nth(*, is_open: bool) -> Select[tuple[str]]:
    behind = select(product.c.id).where(within(product.c.id, is_open=is_open))
    return behind.order_by(product.c.id).offset(bindparam("n")).limit(1)


async def cut(
    conn: AsyncConnection, after: str, end: str | None, size: int
) -> str | None:
    """Return where to cut a range that has more than twice *size* products.

    Returns:
        The id of its last product, *size* products behind *after*; *end* if that is
        not too far.
    """
    statement, among = _nth(is_open=end is None), bounds(after, end)
    far = await conn.scalar(statement, {**among, "n": 2 * size})
    if far is None:
        return end
    last: str | None = await conn.scalar(statement, {**among, "n": size - 1})
    return last
