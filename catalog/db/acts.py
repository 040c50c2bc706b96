"""The audit: one entry for each act, only ever added to.

Entries hold ids. Names, reasons and origins lie beside them and can be erased; their
digests stay, so that the chain (`catalog.db.audit_chain`) still holds. Functions over a
connection that the caller opened; none of them commits.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.audit_chain import FIRST, Entry, digest
from catalog.db.chunks import IDS, rows_of
from catalog.db.counters import ACT, next_numbers
from catalog.db.tables import act, act_note, actor
from catalog.model.act import Act
from catalog.model.actor import Actor, ActorKind

PAGE = 1000

_COLUMNS = act.c[
    "n",
    "at",
    "actor_id",
    "actor_digest",
    "acts_for",
    "kind",
    "subjects",
    "refs",
    "note_digest",
    "previous",
]
_KNOWN: Select[Any] = select(actor).where(
    actor.c.ref == bindparam("ref"),
    actor.c.kind == bindparam("kind"),
    actor.c.name == bindparam("name"),
    actor.c.os_user == bindparam("os_user"),
    # An erased actor has no salt: one who gives no name is another one.
    actor.c.salt != "",
)
_ACTORS = (
    select(actor.c.id)
    .where(actor.c.ref == bindparam("ref"), actor.c.kind == bindparam("kind"))
    .order_by(actor.c.id)
)
_CALLED = (
    select(actor.c.id)
    .where(
        actor.c.kind == ActorKind.COMMAND_LINE.value,
        actor.c.name == bindparam("name"),
    )
    .order_by(actor.c.id)
)
_LAST = select(*act.c["n", "hash"]).order_by(act.c.n.desc()).limit(1)
_PAGE: Select[Any] = (
    select(
        *_COLUMNS,
        act.c.hash,
        actor.c.kind.label("actor_kind"),
        *actor.c["ref", "name", "os_user", "salt"],
        *act_note.c["reason", "origin"],
        act_note.c.salt.label("note_salt"),
    )
    .join(actor, actor.c.id == act.c.actor_id)
    .outerjoin(act_note, act_note.c.act == act.c.n)
    .where(act.c.n > bindparam("after"))
    .order_by(act.c.n)
    .limit(bindparam("size"))
)
_DOERS: Any = (
    select(act.c.n, act.c.acts_for, actor.c.kind, *actor.c["ref", "name", "os_user"])
    .join(actor, actor.c.id == act.c.actor_id)
    .where(act.c.n.in_(IDS))
)
_ERASED = {"name": "", "os_user": "", "salt": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An act as the audit holds it.

    Attributes:
        entry: The entry.
        hash: The hash that is stored with it.
        by: Who has acted; without name and user if they are erased.
        reason: The words of the person; "" if erased, or never given.
        actor_fits: Whether the stored name is the one of the entry; None if erased.
        note_fits: The same of the reason and the origin; None if erased or none.
    """

    entry: Entry
    hash: str
    by: Actor
    reason: str
    actor_fits: bool | None
    note_fits: bool | None

    @property
    def is_forgotten(self) -> bool:
        """Whether the name of who has acted was erased."""
        return self.actor_fits is None


def _salt() -> str:
    return secrets.token_hex(16)


async def record_act(
    conn: AsyncConnection, done: Act, *, new_salt: Callable[[], str] = _salt
) -> int:
    """Add an act to the audit, in the transaction of the act; return its number.

    The chain stays locked until the transaction ends. Danger: a writer of the catalog
    takes its lock (`catalog.db.writer.lock`) first, or two of them would wait for
    each other.
    """
    numbers = await next_numbers(conn, ACT, 1)
    by = done.by
    who, actor_digest = await _actor(conn, by, new_salt)
    note = (done.reason or by.reason, by.origin)
    salt = new_salt() if any(note) else ""
    last = (await conn.execute(_LAST)).first()
    entry = Entry(
        n=numbers[0],
        at=done.at,
        actor_id=who,
        actor_digest=actor_digest,
        acts_for=by.acts_for,
        kind=done.kind,
        subjects=list(done.subjects),
        refs=dict(done.refs),
        note_digest=digest(salt, *note) if salt else "",
        previous=FIRST if last is None else last.hash,
    )
    values = {column.name: getattr(entry, column.name) for column in _COLUMNS}
    await conn.execute(insert(act), {**values, "hash": entry.hash()})
    if salt:
        reason, origin = note
        values = {"act": entry.n, "reason": reason, "origin": origin, "salt": salt}
        await conn.execute(insert(act_note), values)
    return entry.n


async def head(conn: AsyncConnection) -> tuple[int, str]:
    """Return number and hash of the last entry; 0 and zeros if there is none."""
    last = (await conn.execute(_LAST)).first()
    return (0, FIRST) if last is None else (last.n, last.hash)


async def recorded_acts(
    conn: AsyncConnection, after: int = 0
) -> AsyncIterator[Sequence[Recorded]]:
    """Yield the acts with a number above *after* in order, a page at a time."""
    while True:
        rows = (await conn.execute(_PAGE, {"after": after, "size": PAGE})).all()
        if not rows:
            return
        yield [_recorded(row) for row in rows]
        after = rows[-1].n


async def acts_behind(
    conn: AsyncConnection, number: int, size: int
) -> Sequence[Recorded]:
    """Return the *size* acts after entry *number*, in order."""
    rows = await conn.execute(_PAGE, {"after": number, "size": size})
    return [_recorded(row) for row in rows.all()]


async def who_did(conn: AsyncConnection, numbers: Collection[int]) -> dict[int, Actor]:
    """Return who did the acts of these numbers; without a name if that is erased."""
    return {
        row.n: Actor(
            kind=ActorKind(row.kind),
            name=row.name,
            ref=row.ref,
            os_user=row.os_user,
            acts_for=row.acts_for,
        )
        for row in await rows_of(conn, _DOERS, sorted(numbers))
    }


async def erase_actor(conn: AsyncConnection, actor_ids: Sequence[int]) -> None:
    """Erase the names of actors, and reasons and origins of all that they did."""
    if not actor_ids:
        return
    acts = select(act.c.n).where(act.c.actor_id.in_(actor_ids))
    await conn.execute(delete(act_note).where(act_note.c.act.in_(acts)))
    change = update(actor).where(actor.c.id.in_(actor_ids)).values(_ERASED)
    await conn.execute(change)


async def actors_of(conn: AsyncConnection, ref: str, kind: ActorKind) -> Sequence[int]:
    """Return the ids of the actors that a person or a key has acted as."""
    rows = await conn.execute(_ACTORS, {"ref": ref, "kind": kind})
    return [each.id for each in rows.all()]


async def actors_called(conn: AsyncConnection, name: str) -> Sequence[int]:
    """Return the ids of those who have acted at the command line by that name."""
    rows = await conn.execute(_CALLED, {"name": name})
    return [each.id for each in rows.all()]


async def _actor(
    conn: AsyncConnection, by: Actor, new_salt: Callable[[], str]
) -> tuple[int, str]:
    """Return the id of an actor, and the digest of the personal data of it."""
    values = {"kind": by.kind, "ref": by.ref, "name": by.name, "os_user": by.os_user}
    known = (await conn.execute(_KNOWN, values)).first()
    if known is not None:
        return known.id, digest(known.salt, by.name, by.os_user)
    salt = new_salt()
    made = insert(actor).values({**values, "salt": salt}).returning(actor.c.id)
    number: int = (await conn.execute(made)).scalar_one()
    return number, digest(salt, by.name, by.os_user)


def _recorded(row: Row[Any]) -> Recorded:
    entry = Entry(**{column.name: getattr(row, column.name) for column in _COLUMNS})
    note_fits: bool | None = None
    if row.note_salt is not None:
        found = digest(row.note_salt, row.reason, row.origin)
        note_fits = found == entry.note_digest
    actor_fits: bool | None = None
    if row.salt:
        actor_fits = digest(row.salt, row.name, row.os_user) == entry.actor_digest
    return Recorded(
        entry=entry,
        hash=row.hash,
        by=Actor(
            kind=ActorKind(row.actor_kind),
            name=row.name,
            ref=row.ref,
            os_user=row.os_user,
            acts_for=entry.acts_for,
            origin=row.origin or "",
        ),
        reason=row.reason or "",
        actor_fits=actor_fits,
        note_fits=note_fits,
    )
