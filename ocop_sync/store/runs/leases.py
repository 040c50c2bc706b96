"""Take the leases of accounts, those of runs that have died included.

Of a run that died it is known how long it may have lived: it renewed its lease whenever
a third of that was over. Until then it may have made calls, however long before their
intents were stored: it may have waited for the quota, tried again, or have been in the
middle of a method of several calls. So its unanswered changes count as sent then, and
are read back only once they would show.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.runs import accounts, ledger
from ocop_sync.store.runs.accounts import HeldLease, Lease
from ocop_sync.store.tables import account, listing

_SENT_BY = (
    update(listing)
    .where(
        listing.c.account == bindparam("via"),
        listing.c.awaiting.is_not(None),
        listing.c.sent_at < bindparam("alive"),
    )
    .values(sent_at=bindparam("alive"))
)
_DEAD = select(account.c.key, account.c.lease_until).where(
    account.c.key.in_(bindparam("keys", expanding=True)),
    account.c.token != "",
    account.c.lease_until <= bindparam("now"),
)


async def take(
    conn: AsyncConnection, keys: Sequence[str], lease: Lease, now: datetime
) -> list[HeldLease]:
    """Take the free ones of *keys*; close the work that dead runs left open.

    Returns:
        The accounts that another run holds.
    """
    alive = await _last_alive(conn, keys, lease, now)
    busy = await accounts.take(conn, keys, lease, now)
    taken = set(keys) - {held.key for held in busy}
    dead = [{"via": key, "alive": alive[key]} for key in sorted(taken & alive.keys())]
    if dead:
        await conn.execute(_SENT_BY, dead)
    await ledger.close_dead(conn, sorted(taken), now)
    return busy


async def _last_alive(
    conn: AsyncConnection, keys: Sequence[str], lease: Lease, now: datetime
) -> Mapping[str, datetime]:
    """Return until when the dead runs of accounts may have lived, by account.

    Their leases are taken to have lasted as long as *lease*.
    """
    rows = await conn.execute(_DEAD, {"keys": list(keys), "now": now})
    return {key: until - lease.lasts * 2 / 3 for key, until in rows.all()}
