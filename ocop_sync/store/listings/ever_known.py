"""Tell at which marketplaces any product was ever evaluated: the others are new."""

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.tables import listing

_ONE = (
    select(listing.c.product_id)
    .where(listing.c.marketplace == bindparam("name"))
    .limit(1)
)


async def new_ones(conn: AsyncConnection, names: Collection[str]) -> set[str]:
    """Return those of the marketplaces *names* of which the store knows no product."""
    # One look into an index for each: marketplaces are few.
    rows = {name: (await conn.execute(_ONE, {"name": name})).first() for name in names}
    return {name for name, row in rows.items() if row is None}
