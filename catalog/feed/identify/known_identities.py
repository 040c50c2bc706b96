"""The products and producers of the catalog, read by the marks that tell them apart.

Functions over a connection that the caller opened. How names are compared is decided in
`catalog.feed.identify.identity`.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.identities import producer_pages, product_pages
from catalog.feed.identify.identity import Identities
from catalog.model.reach import WHOLE_CATALOG, Reach


async def known_identities(
    conn: AsyncConnection, reach: Reach = WHOLE_CATALOG
) -> Identities:
    """Return the products and producers within *reach*, with their marks.

    Danger: messages name those that are like a row's. What is out of reach is not known
    here, so that no message tells of it.
    """
    found = Identities()
    async for page in product_pages(conn):
        for id_, producer_id, name, ocop_code in page:
            if reach.holds(producer_id):
                found.know_product(id_, producer_id, name, ocop_code)
    await _know_producers(conn, found, reach)
    return found


async def known_producers(conn: AsyncConnection) -> Identities:
    """Return all producers by their names, and no product."""
    found = Identities()
    await _know_producers(conn, found, WHOLE_CATALOG)
    return found


async def _know_producers(
    conn: AsyncConnection, found: Identities, reach: Reach
) -> None:
    async for page in producer_pages(conn):
        for id_, name in page:
            if reach.holds(id_):
                found.know_producer(id_, name)
