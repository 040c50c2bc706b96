"""Persons' requests for a retry, and the failures that are forgotten for them.

A request is kept until a run reads it, under its lease: a run would overwrite any other
change to its listings.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.tables import account, listing, retry

_ASKED = (
    select(retry.c.marketplace, retry.c.product_id)
    .where(
        retry.c.read_at.is_(None),
        retry.c.marketplace.in_(bindparam("names", expanding=True)),
    )
    .distinct()
)


async def in_vain(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> set[str]:
    """Return those of *product_ids* of which something was refused or has failed."""
    rows = await conn.execute(
        select(listing.c.product_id, listing.c.refused, listing.c.failures).where(
            listing.c.marketplace == marketplace,
            listing.c.product_id.in_(list(product_ids)),
        )
    )
    return {row.product_id for row in rows if row.refused or row.failures}


async def ask(
    conn: AsyncConnection,
    marketplace: str,
    product_ids: Sequence[str],
    *,
    by: str,
    now: datetime,
) -> None:
    """Remember that a person asks for some products to be tried again."""
    rows = [
        {
            "marketplace": marketplace,
            "product_id": product_id,
            "asked_by": by,
            "asked_at": now,
        }
        for product_id in product_ids
    ]
    await conn.execute(insert(retry), rows)


async def asked(
    conn: AsyncConnection, marketplaces: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the requests that no run has read: marketplace and product of each."""
    rows = await conn.execute(_ASKED, {"names": marketplaces})
    return [(marketplace, product_id) for marketplace, product_id in rows.all()]


async def carry_out(
    conn: AsyncConnection,
    marketplaces: Sequence[str],
    keys: Collection[str],
    now: datetime,
) -> None:
    """Forget the refusals and failures of all products requested at *keys*.

    These are the accounts whose lease the run holds, at *marketplaces*.
    """
    by_marketplace: dict[str, list[str]] = {}
    for marketplace, product_id in await asked(conn, marketplaces):
        by_marketplace.setdefault(marketplace, []).append(product_id)
    for marketplace, product_ids in by_marketplace.items():
        mine = and_(
            listing.c.marketplace == marketplace,
            listing.c.product_id.in_(product_ids),
            listing.c.account.in_(sorted(keys)),
        )
        forgotten = update(listing).where(mine).returning(listing.c.product_id)
        rows = await conn.scalars(
            forgotten.values(failures=None, refused={}, settled_fingerprint="")
        )
        these = and_(
            retry.c.read_at.is_(None),
            retry.c.marketplace == marketplace,
            retry.c.product_id.in_(rows.all()),
        )
        await conn.execute(update(retry).where(these).values(read_at=now))


_THESE = account.c.key.in_(bindparam("keys", expanding=True))
_IS_DOWN = (
    update(account)
    .where(_THESE, account.c.down_since.is_(None))
    .values(down_since=bindparam("now"))
)
_RECOVERS = (
    update(account)
    .where(_THESE, account.c.down_since.is_not(None))
    .values(down_since=None)
    .returning(account.c.key)
)


async def note_health(
    conn: AsyncConnection,
    *,
    down: Collection[str],
    well: Collection[str],
    now: datetime,
) -> None:
    """Remember which accounts are of no use, and forget failures where one recovers.

    One that is *well* has taken something.
    """
    if down:
        await conn.execute(_IS_DOWN, {"keys": sorted(down), "now": now})
    rows = await conn.scalars(_RECOVERS, {"keys": sorted(well)})
    if recovered := rows.all():
        await conn.execute(
            update(listing)
            .where(listing.c.account.in_(recovered), listing.c.failures.is_not(None))
            .values(failures=None, settled_fingerprint="")
        )
