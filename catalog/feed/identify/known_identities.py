"""The products and producers of the catalog, read by the marks that tell them apart.

Functions over a connection that the caller opened. How names are compared is decided in
`catalog.feed.identify.identity`.
"""

import asyncio

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.former_marks import former_mark_pages
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
        await asyncio.sleep(0)  # a page is some milliseconds: others go on
        for id_, producer_id, name, ocop_code in page:
            if reach.holds(producer_id):
                found.know_product(id_, producer_id, name, ocop_code)
    await _know_producers(conn, found, reach)
    await _know_former(conn, found, reach)
    return found


async def known_producers(conn: AsyncConnection) -> Identities:
    """Return all producers by their names, and no product."""
    found = Identities()
    await _know_producers(conn, found, WHOLE_CATALOG)
    await _know_former(conn, found, WHOLE_CATALOG)
    return found


async def _know_former(conn: AsyncConnection, found: Identities, reach: Reach) -> None:
    async for page in former_mark_pages(conn):
        for _, product_id, producer_id, name in page:
            if not product_id and reach.holds(producer_id):
                found.know_former_producer(producer_id, name)
            elif product_id in found:
                found.know_former_product(product_id, producer_id, name)


async def _know_producers(
    conn: AsyncConnection, found: Identities, reach: Reach
) -> None:
    async for page in producer_pages(conn):
        for id_, name in page:
            if reach.holds(id_):
                found.know_producer(id_, name)
