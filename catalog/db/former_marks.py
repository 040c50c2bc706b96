"""The former names and producers of what was renamed or moved, by hand or by a sheet.

Another sheet still says them: without these marks its rows would be taken for new
products. What an import renames is kept by `catalog.db.prepared`. Functions over a
connection that the caller opened; none of them commits.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import CHUNK
from catalog.db.from_rows import Row
from catalog.db.tables import former_mark

_OWN = (former_mark.c.producer_id == bindparam("of"), former_mark.c.product_id == "")
_AFTER: Any = (
    select(*former_mark.c["n", "product_id", "producer_id", "name"])
    .where(former_mark.c.n > bindparam("after"))
    .order_by(former_mark.c.n)
    .limit(bindparam("size"))
)
_NAMES: Any = select(former_mark.c.name).where(*_OWN)
_FORGET: Any = delete(former_mark).where(*_OWN)


async def keep_former_product(
    conn: AsyncConnection, product_id: str, producer_id: str | None, name: str
) -> None:
    """Remember that a product was called *name*, as one of a producer or of nobody."""
    values = {"product_id": product_id, "producer_id": producer_id or "", "name": name}
    await conn.execute(insert(former_mark), values)


async def keep_former_producer(
    conn: AsyncConnection, producer_id: str, name: str
) -> None:
    """Remember that a producer was called *name*."""
    await keep_former_product(conn, "", producer_id, name)


async def former_mark_pages(conn: AsyncConnection) -> AsyncIterator[Sequence[Row]]:
    """Yield number, product ("" for a producer itself), producer and name of all."""
    behind = {"after": 0, "size": CHUNK}
    page: Sequence[Row]
    while page := (await conn.execute(_AFTER, behind)).all():
        yield page
        behind["after"] = page[-1][0]


async def former_names_of(conn: AsyncConnection, producer_id: str) -> set[str]:
    """Return the former names of a producer itself."""
    return {row[0] for row in await conn.execute(_NAMES, {"of": producer_id})}


async def forget_former_names(conn: AsyncConnection, producer_id: str) -> None:
    """Erase the former names of a producer itself; those of its products stay."""
    await conn.execute(_FORGET, {"of": producer_id})
