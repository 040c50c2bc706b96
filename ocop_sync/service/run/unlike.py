"""Which listings are left alone, as they do not resemble the product that they name.

Why each is held stands with its product (`Hold.UNLIKE`). Where one account has many,
the likeliest cause is one for all of them: products were numbered anew.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions import possible_twins
from ocop_sync.store.decisions.possible_twins import Unlike
from ocop_sync.store.listings import coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class AllUnlike:
    """The listings that the last sync left alone as unlike their products.

    Attributes:
        listings: Each with its product.
        many: Accounts where there are so many that ids were given out anew.
    """

    listings: Sequence[Unlike] = ()
    many: Sequence[str] = ()


async def all_unlike(deployment: Deployment, names: Collection[str] = ()) -> AllUnlike:
    """Return the listings left alone so at the marketplaces *names*, or at all."""
    async with deployment.database.read() as conn:
        return await unlike_at(conn, deployment, names)


async def unlike_at(
    conn: AsyncConnection, deployment: Deployment, names: Collection[str] = ()
) -> AllUnlike:
    """Return the same over a connection that is open."""
    found = [
        each
        for each in await possible_twins.unlike(conn)
        if not names or each.marketplace in names
    ]
    at = Counter((each.account, each.marketplace) for each in found)
    known = await coverage.known_at(conn, sorted(key for key, _ in at)) if at else {}
    many = [
        key
        for (key, name), n in sorted(at.items())
        if n > deployment.budget_at(name).vanishing(known.get(key, 0))
    ]
    return AllUnlike(listings=found, many=many)
