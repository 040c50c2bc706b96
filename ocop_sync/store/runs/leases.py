"""Take the leases of accounts, those of runs that have died included.

Of a run that died it is known how long it may have lived: it renewed its lease whenever
a third of that was over. Until then it may have made calls, however long before their
intents were stored: it may have waited for the quota, tried again, or have been in the
middle of a method of several calls. So its unanswered changes count as sent then, and
are read back only once they would show.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.runs import accounts, ledger
from ocop_sync.store.runs.accounts import HeldLease, Lease, LockedAccount
from ocop_sync.store.tables import listing

_SENT_BY = (
    update(listing)
    .where(
        listing.c.account == bindparam("via"),
        listing.c.awaiting.is_not(None),
        listing.c.sent_at < bindparam("alive"),
    )
    .values(sent_at=bindparam("alive"))
)


async def take(
    conn: AsyncConnection, keys: Sequence[str], lease: Lease, now: datetime
) -> list[HeldLease]:
    """Take the free ones of *keys*; close the work that dead runs left open.

    Returns:
        The accounts that another run holds.
    """
    locked = await accounts.lock(conn, keys)
    alive = _last_alive(locked, lease, now)
    busy = await accounts.take_locked(conn, locked, lease, now)
    taken = set(keys) - {held.key for held in busy}
    dead = [{"via": key, "alive": alive[key]} for key in sorted(taken & alive.keys())]
    if dead:
        await conn.execute(_SENT_BY, dead)
    await ledger.close_dead(conn, sorted(taken), now)
    return busy


def _last_alive(
    locked: Iterable[LockedAccount], lease: Lease, now: datetime
) -> Mapping[str, datetime]:
    """Return until when the dead runs of accounts may have lived, by account.

    Their leases are taken to have lasted as long as *lease*.
    """
    return {
        each.key: each.until - lease.lasts * 2 / 3
        for each in locked
        if each.token and each.until is not None and each.until <= now
    }
