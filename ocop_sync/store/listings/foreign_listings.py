"""Listings at a marketplace that are not ours: counted, compared, never touched.

Each is remembered with the keys by which it may be found as the same product as one of
ours. The likeness of two listings is decided in `ocop_sync.engine.matching.similarity`;
persons' decisions on them are kept in `ocop_sync.store.decisions.possible_twins`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each, execute_for, rows_of
from catalog.db.upsert import upsert
from ocop_sync.engine.matching.reference import key_of
from ocop_sync.engine.matching.similarity import HINT, keys_of
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.store.tables import remote, remote_key

_COMMON = 50
"""Listings of one account beyond which a shared name finds nothing."""

_KEYS: BindParameter[list[str]] = bindparam("keys", expanding=True)

_FORGET_COMMON = delete(remote_key).where(
    remote_key.c.account == bindparam("via"),
    remote_key.c.key.in_(
        select(remote_key.c.key)
        .where(remote_key.c.account == bindparam("via"), remote_key.c.key >= HINT)
        .group_by(remote_key.c.key)
        .having(func.count() > _COMMON)
    ),
)

_FORGET = [
    delete(table).where(
        table.c.account == bindparam("via"), table.c.read_at != bindparam("seen_at")
    )
    for table in (remote, remote_key)
]

_KNOWN = select(remote.c.ref).where(
    remote.c.account == bindparam("via"),
    remote.c.ref.in_(bindparam("ids", expanding=True)),
)
_TOUCH = [
    update(table)
    .where(
        table.c.account == bindparam("via"),
        table.c.ref.in_(bindparam("ids", expanding=True)),
    )
    .values(read_at=bindparam("seen_at"))
    for table in (remote, remote_key)
]

_STRANGERS = select(remote.c.account).where(remote.c.account.in_(_KEYS)).distinct()
_COUNT = select(func.count()).select_from(remote).where(remote.c.account.in_(_KEYS))


async def forget(conn: AsyncConnection, account: str, read_at: datetime) -> None:
    """Forget listings that the whole read of *account* at *read_at* has not seen.

    A name that more than fifty listings share is forgotten as well: to look up one
    product never takes longer where there are more listings.
    """
    for statement in _FORGET:
        await conn.execute(statement, {"via": account, "seen_at": read_at})
    await conn.execute(_FORGET_COMMON, {"via": account})


async def remember(
    conn: AsyncConnection,
    account: str,
    listings: Sequence[RemoteListing],
    read_at: datetime,
) -> None:
    """Remember *listings* as not ours, as they were seen last.

    All of a whole read have one *read_at*, the begin of the read.
    """
    rows = [_row(account, each, read_at) for each in listings]
    keys = [
        {"account": account, "key": key, "ref": each.ref, "read_at": read_at}
        for each in listings
        for key in sorted(_keys_of(each))
    ]
    for table, values in ((remote, rows), (remote_key, keys)):
        await execute_each(conn, upsert(conn, table), values)


def _keys_of(each: RemoteListing) -> frozenset[str]:
    """Return the keys by which a listing may be found, its reference included."""
    keys, ref = keys_of(each.shown, each.seller_name), each.shown.client_ref
    return keys | {key_of(ref)} if ref else keys


def _row(account: str, each: RemoteListing, read_at: datetime) -> dict[str, object]:
    return {
        "account": account,
        "ref": each.ref,
        "client_ref": each.shown.client_ref,
        "state": each.state.value,
        "title": each.shown.title,
        "seller_name": each.seller_name,
        "seller_ref": each.shown.seller_ref,
        "packs": [variant.pack for variant in each.shown.variants],
        "read_at": read_at,
    }


async def touch(
    conn: AsyncConnection, account: str, refs: Sequence[str], read_at: datetime
) -> None:
    """Remember that listings that are not ours are there still, though unreadable."""
    for statement in _TOUCH:
        await execute_for(conn, statement, refs, {"via": account, "seen_at": read_at})


async def with_strangers(
    conn: AsyncConnection, accounts: Collection[str]
) -> Sequence[str]:
    """Return those of *accounts* where there are listings that are not ours."""
    if not accounts:
        return ()
    return list(await conn.scalars(_STRANGERS, {"keys": list(accounts)}))


async def known(conn: AsyncConnection, account: str, refs: Sequence[str]) -> set[str]:
    """Return those of *refs* that are remembered as not ours."""
    return {ref for (ref,) in await rows_of(conn, _KNOWN, refs, {"via": account})}


async def count(conn: AsyncConnection, accounts: Sequence[str]) -> int:
    """Return how many listings of *accounts* are not ours."""
    return int(await conn.scalar(_COUNT, {"keys": accounts}) or 0)


async def not_foreign(conn: AsyncConnection, account: str, refs: Sequence[str]) -> None:
    """Forget listings that have become ours."""
    for table in (remote, remote_key):
        await conn.execute(
            delete(table).where(table.c.account == account, table.c.ref.in_(refs))
        )
