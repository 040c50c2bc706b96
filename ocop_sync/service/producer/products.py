"""The products that somebody may read: one, or page by page.

Nobody's contacts are among the values: neither an address nor the name of a person.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.own import own_product
from catalog.db import reader
from catalog.db.chunks import CHUNK
from catalog.db.own_pages import ids_after
from catalog.model.product import Entry
from catalog.model.reach import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPage:
    """Some products, by id.

    Attributes:
        entries: Each with its producer, if that is known.
        last: The place of the last one; None if no further page follows.
    """

    entries: Sequence[Entry]
    last: str | None


async def one_product(conn: AsyncConnection, code: str, *, reach: Reach) -> Entry:
    """Return a product with its producer; *code* is its id, or one of its SKUs.

    Raises:
        NotInCatalogError: There is none within *reach*.
    """
    found = await own_product(conn, code, reach)
    return (await reader.get(conn, [found.id]))[found.id]


async def products_after(
    conn: AsyncConnection, after: str, *, reach: Reach, limit: int
) -> ProductPage:
    """Return at most *limit* products behind the id *after*, "" for the first."""
    ids = await ids_after(conn, reach.producers, after, limit + 1)
    found = await reader.get(conn, ids[:limit])
    entries = [found[each] for each in ids[:limit] if each in found]
    last = ids[limit - 1] if len(ids) > limit else None
    return ProductPage(entries=entries, last=last)


async def all_products(conn: AsyncConnection, *, reach: Reach) -> AsyncIterator[Entry]:
    """Return every product within *reach* by id, to be read over the connection."""
    return _each(conn, reach)


async def _each(conn: AsyncConnection, reach: Reach) -> AsyncIterator[Entry]:
    after: str | None = ""
    while after is not None:
        page = await products_after(conn, after, reach=reach, limit=CHUNK)
        for each in page.entries:
            yield each
        after = page.last
