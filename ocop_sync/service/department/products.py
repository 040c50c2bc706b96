"""Products that the department enters and moves, each in one transaction.

What is allowed, and what is asked first, is decided in `catalog.commands`; edits of
values are in `ocop_sync.service.producer.changes`, as producers make them as well.
"""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import add_product as adding
from catalog.commands import move_product as moving
from catalog.commands.add_product import NewProduct
from catalog.commands.own import own_pack
from catalog.db.packs import Pack
from catalog.model.actor import Actor
from catalog.model.product import Entry
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.changes import Edited
from ocop_sync.service.producer.products import one_product


async def add_product(deployment: Deployment, new: NewProduct, by: Actor) -> Entry:
    """Add a product; return it. Errors: `catalog.commands.add_product`."""

    async def work(conn: AsyncConnection) -> Entry:
        id_ = await adding.add_product(conn, new, by=by, now=deployment.clock())
        return await one_product(conn, id_, reach=WHOLE_CATALOG)

    return await deployment.database.write(work)


async def add_pack(
    deployment: Deployment,
    code: str,
    texts: Mapping[str, str],
    by: Actor,
) -> Pack:
    """Add a pack to a product; return it. Errors: `catalog.commands.add_product`."""

    async def work(conn: AsyncConnection) -> Pack:
        now = deployment.clock()
        sku = await adding.add_pack(conn, code, texts, by=by, now=now)
        return await own_pack(conn, sku, WHOLE_CATALOG)

    return await deployment.database.write(work)


async def move_product(
    deployment: Deployment,
    code: str,
    producer_id: str,
    by: Actor,
    *,
    token: str = "",
    seen: int | None = None,
) -> Edited:
    """Give a product another producer; return the product then.

    Errors: `catalog.commands.move_product`.
    """

    async def work(conn: AsyncConnection) -> Edited:
        is_changed = await moving.move_product(
            conn,
            code,
            producer_id,
            by=by,
            now=deployment.clock(),
            rules=deployment.rules,
            token=token,
            seen=seen,
        )
        entry = await one_product(conn, code, reach=WHOLE_CATALOG)
        return Edited(entry=entry, is_changed=is_changed)

    return await deployment.database.write(work)
