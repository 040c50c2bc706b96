"""Sources: of which one a file is, and which ones are known.

A source is called as a person says, as the file's stamp says, or as the file was
called when it first came. A file that nobody has told apart, and that names a
product of another source, is asked about before anything of it is taken in; the
answer is kept by the file's name. Functions over a connection that the caller
opened; none of them commits.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, chunks
from catalog.db.tables import naming, product, source, source_file
from catalog.db.upsert import upsert
from catalog.text import clean

WHOLE: Final = "danh-muc-chung"
"""Source of an export, where no single source names the whole catalog."""

_BOUND = select(source_file.c.source).where(source_file.c.file == bindparam("file"))
_KNOWN = select(source.c.name, source.c.imported_at)
_BY_TIME = _KNOWN.order_by(source.c.imported_at.desc().nulls_last(), source.c.name)
_CALLED = _KNOWN.where(source.c.name == bindparam("name"))
_NAMED: Any = (
    select(naming.c.product_id)
    .where(naming.c.product_id.in_(IDS))
    # The products of this import itself stand there by now.
    .where(naming.c.source != bindparam("name"))
    .limit(1)
)
_COUNTS = select(naming.c.source, func.count()).group_by(naming.c.source)
_SIZE = select(func.count()).select_from(product)


class Basis(StrEnum):
    """How the source of a file is known."""

    PERSON = "person"
    STAMP = "stamp"
    """The sheet names it itself."""
    FILE = "file"
    """Files of this name are known to be of it."""
    GUESS = "guess"
    """It is called as its file."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The source of a file."""

    name: str
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source that is known.

    Attributes:
        name: Its name.
        imported_at: When a file of it was last taken in; None if that was before
            it was kept.
    """

    name: str
    imported_at: datetime | None


async def origin_of(
    conn: AsyncConnection, *, named: str, stamped: str, file: str
) -> Origin:
    """Return of which source a file is.

    Args:
        conn: A connection.
        named: The source that a person has named; "" if nobody has.
        stamped: The source that the file names; "" if it names none.
        file: Name of the file.
    """
    if name := clean(named):
        return Origin(name, Basis.PERSON)
    if name := clean(stamped):
        return Origin(name, Basis.STAMP)
    called = clean(file)
    bound = (await conn.execute(_BOUND, {"file": called})).scalar_one_or_none()
    if bound is not None:
        return Origin(bound, Basis.FILE)
    known = (await conn.execute(_CALLED, {"name": called})).first()
    return Origin(called, Basis.GUESS if known is None else Basis.FILE)


async def sources_in_question(
    conn: AsyncConnection, origin: Origin, named: Collection[str]
) -> Sequence[Source]:
    """Return the sources that a file may be of; () if nobody has to be asked."""
    if origin.basis is not Basis.GUESS:
        return ()
    for ids in chunks(sorted(named)):
        values = {"ids": ids, "name": origin.name}
        if (await conn.execute(_NAMED, values)).first() is not None:
            return await known_sources(conn)
    return ()


async def may_be_asked(conn: AsyncConnection, origin: Origin) -> bool:
    """Say whether a file may be asked about once its rows are read."""
    return origin.basis is Basis.GUESS and bool(await known_sources(conn))


async def known_sources(conn: AsyncConnection) -> Sequence[Source]:
    """Return all sources, the one last imported first."""
    rows = await conn.execute(_BY_TIME)
    return [Source(name=name, imported_at=at) for name, at in rows]


async def remember_source(
    conn: AsyncConnection, origin: Origin, *, file: str, now: datetime
) -> None:
    """Keep that a file of a source was taken in, and its name, if that tells it.

    A stamped file may have any name: nothing is concluded from it.
    """
    await conn.execute(upsert(conn, source), {"name": origin.name, "imported_at": now})
    if file and origin.basis in {Basis.PERSON, Basis.GUESS}:
        bound = {"file": clean(file), "source": origin.name}
        await conn.execute(upsert(conn, source_file), bound)


async def source_of_export(conn: AsyncConnection) -> str:
    """Return the source that the whole catalog is of.

    It is the one that names every product, the one last imported if there are
    several; else `WHOLE`, which no file is of but exports.
    """
    size = (await conn.execute(_SIZE)).scalar_one()
    counts = {row[0]: row[1] for row in await conn.execute(_COUNTS)}
    whole = (
        each.name for each in await known_sources(conn) if counts.get(each.name) == size
    )
    return next(whole, WHOLE) if size else WHOLE
