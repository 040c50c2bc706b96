"""Keys of programs: made, rotated, revoked, believed. Each act is in the audit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hmac import compare_digest
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.model.actor import Actor, ActorKind
from catalog.text import clean
from catalog.values import replace
from ocop_sync.errors import NoSuchKeyError, PlanError
from ocop_sync.service.decisions.text_limits import LONGEST_NAME, ensure_text
from ocop_sync.service.identity.identity import Identity, ensure_scope, record
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.signed_in import SignedIn
from ocop_sync.service.identity.tokens import digest_of, key_id_of, new_key
from ocop_sync.store.identity import keys
from ocop_sync.store.identity.keys import KeyPlace, KeyRow

USED_EVERY: Final = timedelta(minutes=1)
"""How often it is stored at most that a key or a session was used."""
_NAME = ("NAME", "tên của khóa", "name", "what is the key for")


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A key that was made: the only time that it is shown.

    Attributes:
        secret: The whole key.
        key: The key as stored.
        old_ends_at: When the key that it replaces ends; None if it replaces none.
    """

    secret: str
    key: KeyRow
    old_ends_at: datetime | None = None


async def make_key(
    identity: Identity,
    *,
    name: str,
    role: Role,
    by: Actor,
    producers: Collection[str] = (),
    ends_at: datetime | None = None,
) -> MadeKey:
    """Make a key and return it, the only time that it is known.

    Args:
        identity: Where keys are kept.
        name: What it is for: a program, not a person.
        role: What it may do.
        by: Who makes it.
        producers: The producers that a producer's key is bound to.
        ends_at: When it ends by itself; None for never.

    Raises:
        PlanError: It has no name, an end that has passed, or producers that do not
            fit its role.
    """
    name, now = clean(name), identity.clock()
    ensure_text(name, LONGEST_NAME, _NAME)
    _ensure_ahead(ends_at, now)
    secret = new_key(identity.random_bytes)

    async def store(conn: AsyncConnection) -> MadeKey:
        bound = await ensure_scope(conn, role, producers)
        row = KeyRow(
            id=_id_of(secret),
            name=name,
            role=role,
            producers=bound,
            made_at=now,
            ends_at=ends_at,
        )
        await keys.add(conn, row, digest_of(secret))
        await record(
            conn,
            "make_key",
            by=by,
            now=now,
            refs={"key": row.id, "role": role},
            producers=bound,
        )
        return MadeKey(secret=secret, key=row)

    return await identity.database.write(store)


async def rotate_key(
    identity: Identity, key_id: str, *, hold: timedelta, by: Actor
) -> MadeKey:
    """Make a key in the place of another one, which ends after *hold*.

    Raises:
        NoSuchKeyError: There is no such key, or it holds no longer.
    """
    now, secret = identity.clock(), new_key(identity.random_bytes)

    async def store(conn: AsyncConnection) -> MadeKey:
        old = await _ensure_holding(conn, key_id, now)
        old_ends_at = min(now + hold, old.ends_at or now + hold)
        row = replace(old, id=_id_of(secret), made_at=now, used_at=None)
        await keys.add(conn, row, digest_of(secret))
        await keys.change(conn, key_id, ends_at=old_ends_at, replaced_by=row.id)
        refs = {"key": key_id, "replaced_by": row.id}
        await record(
            conn, "rotate_key", by=by, now=now, refs=refs, producers=old.producers
        )
        return MadeKey(secret=secret, key=row, old_ends_at=old_ends_at)

    return await identity.database.write(store)


async def revoke_key(identity: Identity, key_id: str, *, by: Actor) -> KeyRow:
    """Let a key open nothing from the next call on.

    Raises:
        NoSuchKeyError: There is no such key, or it holds no longer.
    """
    now = identity.clock()

    async def store(conn: AsyncConnection) -> KeyRow:
        row = await _ensure_holding(conn, key_id, now)
        await keys.change(conn, key_id, revoked_at=now)
        await record(
            conn,
            "revoke_key",
            by=by,
            now=now,
            refs={"key": key_id},
            producers=row.producers,
        )
        return replace(row, revoked_at=now)

    return await identity.database.write(store)


async def all_keys(identity: Identity) -> Sequence[KeyRow]:
    """Return all keys in the order in which they were made."""
    return await identity.database.fetch(keys.all_keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysPage:
    """Some keys, and the place of the last one; None if no more follow."""

    keys: Sequence[KeyRow]
    last: KeyPlace | None


async def keys_page(
    identity: Identity, after: KeyPlace | None, *, size: int
) -> KeysPage:
    """Return the *size* keys made behind *after*, None for the first, in that order."""
    found = await identity.database.fetch(keys.keys_behind, after, size + 1)
    shown, more = found[:size], len(found) > size
    last = (shown[-1].made_at, shown[-1].id) if more else None
    return KeysPage(keys=shown, last=last)


async def believe_key(
    identity: Identity, secret: str, *, is_use: bool = True
) -> SignedIn | None:
    """Return what the key *secret* stands for now; None if it opens nothing.

    It is read anew for each call: what was revoked opens nothing from then on. That it
    was used is noted, unless it was only looked at.
    """
    key_id = key_id_of(secret)
    if key_id is None:
        return None
    found = await identity.database.fetch(keys.find, key_id)
    # Compared in constant time: a guess learns nothing from how long it took.
    if found is None or not compare_digest(found[1], digest_of(secret)):
        return None
    row, now = found[0], identity.clock()
    if not holds(row, now):
        return None
    if is_use:
        _note_use(identity, row, now)
    return SignedIn(
        kind=ActorKind.KEY,
        id=row.id,
        name=row.name,
        role=Role(row.role),
        producers=frozenset(row.producers),
    )


def holds(key: KeyRow, now: datetime) -> bool:
    """Say whether *key* opens anything."""
    return key.revoked_at is None and (key.ends_at is None or now < key.ends_at)


def _note_use(identity: Identity, row: KeyRow, now: datetime) -> None:
    if row.used_at is None or row.used_at <= now - USED_EVERY:
        touch = partial(keys.touch, key_id=row.id, now=now)
        identity.last_use.note(identity.database, row.id, touch)


async def _ensure_holding(conn: AsyncConnection, key_id: str, now: datetime) -> KeyRow:
    found = await keys.find(conn, key_id)
    if found is None or not holds(found[0], now):
        message = (
            f"không có khóa {key_id} đang dùng được; xem: `ocop-sync keys list` / no"
            f" key {key_id} that holds; see that command"
        )
        raise NoSuchKeyError(message)
    return found[0]


def _ensure_ahead(ends_at: datetime | None, now: datetime) -> None:
    if ends_at is not None and ends_at <= now:
        message = (
            "hạn dùng đã qua: ghi một lúc chưa tới / the end has passed: give one that"
            " is still ahead"
        )
        raise PlanError(message)


def _id_of(secret: str) -> str:
    found = key_id_of(secret)
    assert found is not None  # noqa: S101  (it was just made)
    return found
