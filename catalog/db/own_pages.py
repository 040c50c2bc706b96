"""The ids of products, page by page: of all, or of some producers.

Functions over a connection that the caller opened; none of them commits.
"""

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.reader import products_by_producer
from catalog.db.tables import product

_AFTER = (
    select(product.c.id)
    .where(product.c.id > bindparam("after"))
    .order_by(product.c.id)
    .limit(bindparam("size"))
)


async def ids_after(
    conn: AsyncConnection, producers: Collection[str] | None, after: str, size: int
) -> list[str]:
    """Return at most *size* ids behind *after*, of *producers* or, if None, of all.

    All products of the producers are named by their index: a producer has some dozens.
    """
    if producers is not None:
        found = await products_by_producer(conn, sorted(producers))
        return [id_ for id_ in found if id_ > after][:size]
    rows = await conn.execute(_AFTER, {"after": after, "size": size})
    return [id_ for (id_,) in rows]
