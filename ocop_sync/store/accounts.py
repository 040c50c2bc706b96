"""Accounts as remembered: the lease, and when each was last read whole.

One run works on an account at a time. It holds a lease that ends by itself; a
run that died loses it, and whoever takes it over treats what was sent without
an outcome as unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.counting import upsert
from ocop_sync.errors import SyncInProgressError
from ocop_sync.marketplace.account import Account
from ocop_sync.store.tables import account


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on some accounts, until it ends.

    Attributes:
        token: Unique to one run of one process.
        holder: How that process names itself, for people.
        lasts: How long it lasts after each renewal; longer than any call.
    """

    token: str
    holder: str
    lasts: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An account whose lease another run holds.

    Attributes:
        key: The account.
        holder: Who holds it.
        until: When the lease ends unless it is renewed, in UTC.
    """

    key: str
    holder: str
    until: datetime


_KEYS: BindParameter[list[str]] = bindparam("keys", expanding=True)
_TAKE = (
    update(account)
    .where(
        account.c.key.in_(_KEYS),
        or_(
            account.c.lease_until.is_(None),
            account.c.lease_until <= bindparam("now"),
            account.c.token == bindparam("mine"),
        ),
    )
    .values(
        holder=bindparam("new_holder"),
        token=bindparam("new_token"),
        lease_until=bindparam("new_until"),
    )
)
_RENEW = (
    update(account)
    .where(
        account.c.token == bindparam("mine"), account.c.lease_until > bindparam("now")
    )
    .values(lease_until=bindparam("new_until"))
)


async def know(conn: AsyncConnection, accounts: Sequence[Account]) -> None:
    """Make a row for each of *accounts* that has none."""
    keys = [each.key for each in accounts]
    rows = await conn.execute(select(account.c.key).where(account.c.key.in_(keys)))
    known = {key for (key,) in rows.all()}
    values = [
        {
            "key": each.key,
            "marketplace": each.marketplace,
            "read_whole_at": None,
            "event_cursor": None,
            "holder": "",
            "token": "",
            "lease_until": None,
        }
        for each in accounts
        if each.key not in known
    ]
    if values:
        await conn.execute(upsert(conn, account), values)


async def take(
    conn: AsyncConnection, keys: Sequence[str], lease: Lease, now: datetime
) -> list[Held]:
    """Take the lease of each of *keys* that nobody holds.

    Returns:
        The accounts that another run holds.
    """
    await conn.execute(
        _TAKE,
        {
            "keys": list(keys),
            "now": now,
            "mine": lease.token,
            "new_holder": lease.holder,
            "new_token": lease.token,
            "new_until": now + lease.lasts,
        },
    )
    rows = await conn.execute(
        select(account.c.key, account.c.holder, account.c.lease_until).where(
            account.c.key.in_(list(keys)), account.c.token != lease.token
        )
    )
    return [Held(key=key, holder=who, until=until) for key, who, until in rows.all()]


async def renew(conn: AsyncConnection, key: str, lease: Lease, now: datetime) -> None:
    """Renew the lease, in the transaction that relies on it.

    Args:
        conn: A connection in that transaction.
        key: The account that the transaction is about.
        lease: The lease; all its accounts are renewed at once.
        now: The present instant, in UTC.

    Raises:
        SyncInProgressError: It has ended, and may be held by another run: the
            transaction must not go on.
    """
    await conn.execute(
        _RENEW, {"mine": lease.token, "now": now, "new_until": now + lease.lasts}
    )
    row = (
        await conn.execute(
            select(account.c.token, account.c.holder, account.c.lease_until).where(
                account.c.key == key
            )
        )
    ).one()
    if row.token != lease.token or row.lease_until <= now:
        raise SyncInProgressError(key, row.holder)


async def give_back(conn: AsyncConnection, lease: Lease) -> None:
    """End the lease of all accounts that it holds."""
    await conn.execute(
        update(account)
        .where(account.c.token == lease.token)
        .values(holder="", token="", lease_until=None)
    )


async def read_whole_at(
    conn: AsyncConnection, keys: Sequence[str]
) -> dict[str, datetime | None]:
    """Return when each of *keys* was last read whole, in UTC."""
    rows = await conn.execute(
        select(account.c.key, account.c.read_whole_at).where(
            account.c.key.in_(list(keys))
        )
    )
    return {row.key: row.read_whole_at for row in rows.all()}


async def was_read_whole(conn: AsyncConnection, key: str, at: datetime) -> None:
    """Remember that all of *key* was read at *at*."""
    await conn.execute(
        update(account).where(account.c.key == key).values(read_whole_at=at)
    )
