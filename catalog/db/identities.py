"""The marks by which all products and producers of the catalog are told apart.

They are read some at a time, each page with a query of its own. Their likeness is
decided in `catalog.feed.identify`.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import CHUNK, IDS, rows_of
from catalog.db.from_rows import Row
from catalog.db.tables import producer, product
from catalog.text import fold

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


_MARKS: Select[Any] = select(*product.c["id", "producer_id", "name", "ocop_code"])
_OF_ONE = _MARKS.where(product.c.producer_id == bindparam("of"))
_OF_NOBODY = _MARKS.where(product.c.producer_id.is_(None))
_CALLED = _MARKS.where(product.c.name_folded == bindparam("called"))
_WITH_IDS = _MARKS.where(product.c.id.in_(IDS))


async def products_near(
    conn: AsyncConnection, producer_id: str, name: str
) -> Sequence[Row]:
    """Return the same of one producer's products, of nobody's, and of those called so.

    Names are compared folded; no product is read twice for another reason than that.
    """
    found = [
        *await conn.execute(_OF_ONE, {"of": producer_id}),
        *await conn.execute(_OF_NOBODY),
        *await conn.execute(_CALLED, {"called": fold(name)}),
    ]
    return sorted({row[0]: row for row in found}.values(), key=lambda row: str(row[0]))


async def products_of_ids(conn: AsyncConnection, ids: Sequence[str]) -> Sequence[Row]:
    """Return the same of the products *ids*."""
    return await rows_of(conn, _WITH_IDS, ids)


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
