"""Keys of programs as stored: a digest of each, and what it opens."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    bindparam,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from ocop_sync.store.identity_tables import api_key, key_producer


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key, without what it is proved by.

    Attributes:
        id: The visible beginning of the key, such as "ocop_1a2b3c4d".
        name: What it is for.
        role: Word of the role.
        producers: Ids of the producers that it is bound to, sorted.
        ends_at: When it ends by itself; None for never.
        used_at: When it was last used, to the minute.
        replaced_by: Id of the key that came in its place; "" if none did.
    """

    id: str
    name: str
    role: str
    producers: tuple[str, ...]
    made_at: datetime
    ends_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    replaced_by: str = ""


KeyPlace = tuple[datetime, str]
"""When a key was made, and its id: its place among all."""

_OF: BindParameter[Any] = bindparam("of")
_NOW: BindParameter[Any] = bindparam("now")
_ALL = select(api_key).order_by(api_key.c.made_at, api_key.c.id)
_FIRST = _ALL.limit(bindparam("size"))
_BEHIND = _FIRST.where(
    tuple_(api_key.c.made_at, api_key.c.id)
    > tuple_(
        bindparam("made_at", type_=api_key.c.made_at.type),
        bindparam("id", type_=api_key.c.id.type),
    )
)
_PRODUCERS: Any = (
    select(key_producer)
    .where(key_producer.c.key_id.in_(IDS))
    .order_by(key_producer.c.key_id, key_producer.c.producer_id)
)
_ONE = (
    select(api_key, key_producer.c.producer_id)
    .outerjoin(key_producer, key_producer.c.key_id == api_key.c.id)
    .where(api_key.c.id == _OF)
    .order_by(key_producer.c.producer_id)
)
_CHANGE = update(api_key).where(api_key.c.id == _OF)
_TOUCH = (
    update(api_key)
    .where(
        api_key.c.id == _OF,
        or_(api_key.c.used_at.is_(None), api_key.c.used_at < _NOW),
    )
    .values(used_at=_NOW)
)


async def add(conn: AsyncConnection, key: KeyRow, digest: str) -> None:
    """Add a key that is proved by *digest*."""
    values = {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "digest": digest,
        "made_at": key.made_at,
        "ends_at": key.ends_at,
        "replaced_by": key.replaced_by,
    }
    await conn.execute(insert(api_key), values)
    await _add_producers(conn, key.id, key.producers)


async def all_keys(conn: AsyncConnection) -> Sequence[KeyRow]:
    """Return all keys in the order in which they were made."""
    return await _with_producers(conn, (await conn.execute(_ALL)).all())


async def keys_behind(
    conn: AsyncConnection, after: KeyPlace | None, size: int
) -> Sequence[KeyRow]:
    """Return the *size* keys made behind *after*, None for the first, in that order."""
    page: Any = _FIRST
    values: dict[str, Any] = {"size": size}
    if after is not None:
        page, values = _BEHIND, values | {"made_at": after[0], "id": after[1]}
    return await _with_producers(conn, (await conn.execute(page, values)).all())


async def _with_producers(
    conn: AsyncConnection, rows: Sequence[Row[Any]]
) -> list[KeyRow]:
    producers = defaultdict[str, list[str]](list)
    for each in await rows_of(conn, _PRODUCERS, [row.id for row in rows]):
        producers[each.key_id].append(each.producer_id)
    return [_key(row, producers[row.id]) for row in rows]


async def find(conn: AsyncConnection, key_id: str) -> tuple[KeyRow, str] | None:
    """Return a key and its digest by one statement; None if there is none."""
    rows = (await conn.execute(_ONE, {"of": key_id})).all()
    if not rows:
        return None
    bound = (row.producer_id for row in rows if row.producer_id is not None)
    return _key(rows[0], bound), rows[0].digest


async def change(conn: AsyncConnection, key_id: str, **values: object) -> None:
    """Change columns of a key, called as the table calls them."""
    await conn.execute(_CHANGE.values(values), {"of": key_id})


async def touch(conn: AsyncConnection, key_id: str, now: datetime) -> None:
    """Store that a key was used *now*, unless a later use is stored."""
    await conn.execute(_TOUCH, {"of": key_id, "now": now})


async def _add_producers(
    conn: AsyncConnection, key_id: str, producers: Collection[str]
) -> None:
    if producers:
        rows = [{"key_id": key_id, "producer_id": each} for each in producers]
        await conn.execute(insert(key_producer), rows)


def _key(row: Row[Any], producers: Iterable[str]) -> KeyRow:
    return KeyRow(
        id=row.id,
        name=row.name,
        role=row.role,
        producers=tuple(producers),
        made_at=row.made_at,
        ends_at=row.ends_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
        replaced_by=row.replaced_by,
    )
