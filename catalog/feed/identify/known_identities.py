"""The products and producers of the catalog, read by the marks that tell them apart.

Functions over a connection that the caller opened. How names are compared is decided in
`catalog.feed.identify.identity`.
"""

import asyncio

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.former_marks import former_mark_pages
from catalog.db.from_rows import Row
from catalog.db.identities import (
    producer_pages,
    product_pages,
    products_near,
    products_of_ids,
)
from catalog.feed.identify.code_spelling import fold_code
from catalog.feed.identify.identity import Identities
from catalog.model.producer import Producer
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.text import fold


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


async def identities_near(
    conn: AsyncConnection, maker: Producer, name: str, ocop_code: str
) -> Identities:
    """Return the products that a name or a code may mean as one of *maker*'s.

    They are its own products, nobody's, those called or coded so, those that were
    called so before, and those that were its own or nobody's before: whatever a row
    about one product is compared with. All others are left out, as a large catalog
    takes seconds.
    """
    found, wanted = Identities(), set[str]()
    found.know_producer(maker.id, maker.name)
    former: list[Row] = []
    folded = fold(name)
    async for page in former_mark_pages(conn):
        former += [
            row
            for row in page
            if row[1] and (row[2] in {"", maker.id} or fold(row[3]) == folded)
        ]
    wanted.update(row[1] for row in former)
    if code := fold_code(ocop_code):
        async for page in product_pages(conn):
            await asyncio.sleep(0)
            wanted.update(row[0] for row in page if fold_code(row[3]) == code)
    for rows in (
        await products_near(conn, maker.id, name),
        await products_of_ids(conn, sorted(wanted)),
    ):
        for row in rows:
            found.know_product(*row)
    for _, product_id, producer_id, called in former:
        found.know_former_product(product_id, producer_id, called)
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
