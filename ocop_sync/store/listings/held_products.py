"""The products that are held by themselves, as the last sync left them.

Those that wait with a group are decided with it (`ocop_sync.store.decisions`).
"""

from collections.abc import Collection
from typing import Final, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.hold import Hold
from ocop_sync.store.tables import listing

_OF_GROUPS: Final = (Hold.BUDGET.value, Hold.VANISHED_MANY.value)
# The index on what is held finds them; one that is held is three short texts here.
_HELD = (
    select(*listing.c["marketplace", "product_id", "hold"])
    .where(
        listing.c.account.in_(bindparam("keys", expanding=True)),
        listing.c.hold.is_not(None),
        listing.c.hold.not_in(_OF_GROUPS),
    )
    .order_by(listing.c.marketplace, listing.c.product_id)
)


class HeldProduct(NamedTuple):
    """A product that is held at a marketplace."""

    marketplace: str
    product_id: str
    hold: Hold


async def held_products(
    conn: AsyncConnection, accounts: Collection[str]
) -> list[HeldProduct]:
    """Return the products that are held by themselves, by marketplace and id.

    They are those of *accounts*, and those that have none.
    """
    rows = await conn.execute(_HELD, {"keys": ["", *accounts]})
    return [HeldProduct(name, id_, Hold(hold)) for name, id_, hold in rows.all()]
