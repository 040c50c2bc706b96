"""Remember the pushes of marketplaces that were taken, so that none counts twice.

Of a push a digest is kept for as long as the same one could come again, and be
believed. Who takes pushes is `ocop_sync.service.evaluate.take_push`.
"""

import hashlib
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.upsert import insert_into
from ocop_sync.store.tables import push

MOST: Final = 5_000
"""Remembered pushes of one account: a burst makes no more rows."""

_OLD: Final = delete(push).where(
    push.c.account == bindparam("via"), push.c.taken_at <= bindparam("until")
)
_COUNT: Final = select(func.count()).where(push.c.account == bindparam("via"))


def digest_of(body: bytes) -> str:
    """Return what is kept of a push: the same content is the same push."""
    return hashlib.sha256(body).hexdigest()


async def remember(
    conn: AsyncConnection, account: str, digest: str, now: datetime
) -> bool:
    """Remember a push; return False if it is known already."""
    row: dict[str, Any] = {"account": account, "digest": digest, "taken_at": now}
    insert = insert_into(conn, push).on_conflict_do_nothing()
    return bool((await conn.execute(insert, row)).rowcount)


async def forget_until(conn: AsyncConnection, account: str, until: datetime) -> None:
    """Forget the pushes of an account that were taken until then."""
    await conn.execute(_OLD, {"via": account, "until": until})


async def is_full(conn: AsyncConnection, account: str) -> bool:
    """Say whether no more pushes of an account are remembered."""
    return int(await conn.scalar(_COUNT, {"via": account}) or 0) >= MOST
