"""Pauses of accounts: a person has said that nothing is written there for now.

A run that holds the account sees a pause when it renews its lease
(`ocop_sync.store.runs.accounts`), in the transaction of its next intent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.tables import account

_KEYS: BindParameter[list[str]] = bindparam("keys", expanding=True)
_COLUMNS = account.c["key", "marketplace", "paused_at", "paused_by", "pause_reason"]
_PAUSED = (
    select(*_COLUMNS)
    .where(account.c.key.in_(_KEYS), account.c.paused_at.is_not(None))
    .order_by(account.c.key)
)
_PAUSE = (
    update(account)
    .where(account.c.key.in_(_KEYS), account.c.paused_at.is_(None))
    .values(
        paused_at=bindparam("at"),
        paused_by=bindparam("by"),
        pause_reason=bindparam("why"),
    )
    .returning(account.c.key)
)
_RESUME = (
    update(account)
    .where(account.c.key.in_(_KEYS), account.c.paused_at.is_not(None))
    .values(paused_at=None, paused_by=None, pause_reason=None)
    .returning(account.c.key)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause of an account.

    Attributes:
        account: Key of the account.
        marketplace: Its marketplace.
        at: Since when, in UTC.
        by: Who has said so.
        reason: Why, in that person's words.
    """

    account: str
    marketplace: str
    at: datetime
    by: str
    reason: str


async def paused(conn: AsyncConnection, keys: Sequence[str]) -> list[Pause]:
    """Return the pauses of those of *keys* that are paused, by key."""
    rows = await conn.execute(_PAUSED, {"keys": list(keys)})
    return [
        Pause(account=key, marketplace=name, at=at, by=by or "", reason=why or "")
        for key, name, at, by, why in rows
    ]


async def pause(
    conn: AsyncConnection, keys: Sequence[str], *, by: str, reason: str, now: datetime
) -> list[str]:
    """Pause accounts that have a row; return those that were not paused, sorted."""
    values = {"keys": list(keys), "at": now, "by": by, "why": reason}
    return sorted(await conn.scalars(_PAUSE, values))


async def resume(conn: AsyncConnection, keys: Sequence[str]) -> list[str]:
    """Let paused accounts go on; return those that were paused, sorted."""
    return sorted(await conn.scalars(_RESUME, {"keys": list(keys)}))
