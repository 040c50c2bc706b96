"""The marks by which all products and producers of the catalog are told apart.

They are read some at a time, each page with a query of its own. Their likeness is
decided in `catalog.feed.identify`.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import CHUNK
from catalog.db.from_rows import Row
from catalog.db.tables import producer, product

_PRODUCTS = (
    select(*product.c["id", "producer_id", "name", "ocop_code"])
    .where(product.c.id > bindparam("after"))
    .order_by(product.c.id)
    .limit(bindparam("size"))
)
_PRODUCERS = (
    select(producer.c.id, producer.c.name)
    .where(producer.c.id > bindparam("after"))
    .order_by(producer.c.id)
    .limit(bindparam("size"))
)


def product_pages(conn: AsyncConnection) -> AsyncIterator[Sequence[Row]]:
    """Yield id, producer's id, name and OCOP code of all products, by id."""
    return _pages(conn, _PRODUCTS)


def producer_pages(conn: AsyncConnection) -> AsyncIterator[Sequence[Row]]:
    """Yield id and name of all producers, by id."""
    return _pages(conn, _PRODUCERS)


async def _pages(
    conn: AsyncConnection, query: Select[Any]
) -> AsyncIterator[Sequence[Row]]:
    behind = {"after": "", "size": CHUNK}
    page: Sequence[Row]
    while page := (await conn.execute(query, behind)).all():
        yield page
        behind["after"] = page[-1][0]
