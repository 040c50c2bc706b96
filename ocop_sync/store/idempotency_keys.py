"""The keys of calls that may be repeated, each with its answer.

What a key's state means for a second call is decided by whoever takes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.upsert import insert_into
from ocop_sync.store.tables import idempotency_key


class KeyState(StrEnum):
    """What became of the first call with a key."""

    UNDER_WAY = "under_way"
    DONE = "done"
    SHOWN_ONCE = "shown_once"
    """It was done, and its answer is not kept: it holds a secret."""
    ERASED = "erased"
    """It was done, and its answer was erased: it may have told of a person."""
    FAILED = "failed"
    """Nobody knows what was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key as it is stored.

    Attributes:
        fingerprint: The hash of its first request.
        begun_at: When that came, in UTC.
        state: What became of it.
        status: The status of its answer; None if there is none.
        headers: The kept headers of its answer.
        body: The answer itself.
    """

    fingerprint: str
    begun_at: datetime
    state: KeyState
    status: int | None
    headers: Mapping[str, str] | None
    body: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOf:
    """What is kept of one scope.

    Attributes:
        keys: Its keys.
        text: The characters of their answers.
        oldest: When the oldest one was taken, in UTC; None if there is none.
    """

    keys: int
    text: int
    oldest: datetime | None


_KEY = idempotency_key.c


async def take(
    conn: AsyncConnection, scope: str, key: str, fingerprint: str, now: datetime
) -> StoredKey | None:
    """Take a key; return it as it is stored if it was taken before, or else None."""
    values = {
        "scope": scope,
        "key": key,
        "fingerprint": fingerprint,
        "begun_at": now,
        "state": KeyState.UNDER_WAY.value,
    }
    insert = insert_into(conn, idempotency_key).on_conflict_do_nothing()
    taken = await conn.execute(insert.values(values).returning(_KEY.key))
    return None if taken.first() is not None else await find(conn, scope, key)


async def find(conn: AsyncConnection, scope: str, key: str) -> StoredKey | None:
    """Return a key as it is stored; None if it was not taken."""
    query = select(
        _KEY.fingerprint,
        _KEY.begun_at,
        _KEY.state,
        _KEY.status,
        _KEY.headers,
        _KEY.body,
    ).where(_of(scope, key))
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    return StoredKey(**row._asdict() | {"state": KeyState(row.state)})


async def kept_of(conn: AsyncConnection, scope: str) -> KeptOf:
    """Return how much is kept of *scope*."""
    query = select(
        func.count().label("keys"),
        func.coalesce(func.sum(func.length(_KEY.body)), 0).label("text"),
        func.min(_KEY.begun_at).label("oldest"),
    ).where(_KEY.scope == scope)
    row = (await conn.execute(query)).one()
    return KeptOf(keys=row.keys, text=int(row.text), oldest=row.oldest)


async def settle(
    conn: AsyncConnection,
    scope: str,
    key: str,
    state: KeyState,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
) -> None:
    """Store what became of the first call with a key.

    What was erased while that went on is not kept after all.
    """
    values = {"state": state.value, "status": status, "headers": headers, "body": body}
    is_open = _KEY.state == KeyState.UNDER_WAY.value
    this = update(idempotency_key).where(_of(scope, key), is_open)
    await conn.execute(this.values(values))


async def release(conn: AsyncConnection, scope: str, key: str) -> None:
    """Forget a key: nothing was done with it."""
    await conn.execute(delete(idempotency_key).where(_of(scope, key)))


async def forget_before(conn: AsyncConnection, moment: datetime) -> None:
    """Forget the keys that were taken before *moment*, with their answers."""
    await conn.execute(delete(idempotency_key).where(_KEY.begun_at < moment))


async def erase_answers(conn: AsyncConnection, holding: str = "") -> None:
    """Erase the kept answers that hold this text, or all of them.

    All go with those of the calls under way, which may have read what is erased. What
    was done is not done again: their keys stay, and say so.
    """
    concerned: ColumnElement[bool] = _KEY.state.in_(
        [KeyState.DONE.value, KeyState.UNDER_WAY.value]
    )
    if holding:
        concerned = func.replace(_KEY.body, holding, "") != _KEY.body
    erased = {"state": KeyState.ERASED.value, "body": None, "headers": None}
    await conn.execute(update(idempotency_key).where(concerned).values(erased))


async def fail_all_under_way(conn: AsyncConnection) -> int:
    """Note of every first call under way that nobody knows; return how many."""
    is_under_way = _KEY.state == KeyState.UNDER_WAY.value
    failed = update(idempotency_key).where(is_under_way)
    return (await conn.execute(failed.values(state=KeyState.FAILED.value))).rowcount


def _of(scope: str, key: str) -> ColumnElement[bool]:
    return and_(_KEY.scope == scope, _KEY.key == key)
