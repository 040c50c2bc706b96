"""Sessions as stored: a digest of each, and who is signed in by it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.identity_tables import person, person_producer, session


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session, without what it is proved by.

    Attributes:
        id: Number of the session.
        person_id: Who is signed in.
        used_at: When it was last used, to the minute.
        ended_at: When somebody ended it; None if nobody has.
        device: The device, in its own words. A personal datum.
    """

    id: int
    person_id: str
    began_at: datetime
    used_at: datetime
    ended_at: datetime | None
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who is signed in by a session, as the person stands now.

    Attributes:
        session: The session.
        name: The name for people. A personal datum.
        role: Word of the role.
        producers: Ids of the producers that the person serves, sorted.
        disabled: Whether the person may sign in no longer.
    """

    session: SessionRow
    name: str
    role: str
    producers: tuple[str, ...]
    disabled: bool


_OF: BindParameter[Any] = bindparam("of")
_NOW: BindParameter[Any] = bindparam("now")
_PERSON: BindParameter[Any] = bindparam("person")
_LAST_BEGUN = (
    select(session.c.person_id, func.max(session.c.began_at).label("began_at"))
    .where(session.c.person_id.in_(bindparam("people", expanding=True)))
    .group_by(session.c.person_id)
)
_HOLDER = (
    select(
        session,
        *person.c["name", "role", "disabled_at"],
        person_producer.c.producer_id,
    )
    .join(person, person.c.id == session.c.person_id)
    .outerjoin(person_producer, person_producer.c.person_id == person.c.id)
    .where(session.c.digest == _OF)
    .order_by(person_producer.c.producer_id)
)
_LISTED = (
    select(session)
    .where(
        session.c.person_id == _PERSON,
        session.c.id > bindparam("after"),
        session.c.ended_at.is_(None),
        session.c.began_at > bindparam("began_after"),
        session.c.used_at > bindparam("used_after"),
    )
    .order_by(session.c.id)
    .limit(bindparam("size"))
)
_OPEN = (session.c.person_id == _PERSON, session.c.ended_at.is_(None))
_END = update(session).where(session.c.id == _OF, *_OPEN).values(ended_at=_NOW)
_END_ALL = update(session).where(*_OPEN).values(ended_at=_NOW)
_TOUCH = (
    update(session)
    .where(session.c.id == _OF, session.c.used_at < _NOW)
    .values(used_at=_NOW)
)
_DROP_OLD = delete(session).where(
    session.c.person_id == _PERSON, session.c.began_at < bindparam("before")
)
_FORGET_DEVICES = (
    update(session).where(session.c.person_id == _PERSON).values(device="")
)


async def add(
    conn: AsyncConnection, *, person_id: str, digest: str, device: str, now: datetime
) -> int:
    """Add a session that is proved by *digest* and return its number."""
    values = {
        "person_id": person_id,
        "digest": digest,
        "began_at": now,
        "used_at": now,
        "device": device,
    }
    made = insert(session).returning(session.c.id)
    number: int = (await conn.execute(made, values)).scalar_one()
    return number


async def last_begun(
    conn: AsyncConnection, people_ids: Collection[str]
) -> Mapping[str, datetime]:
    """Return when the last session of each of some people began, ended or not.

    Who never had one is left out. What is dropped as too old is never the last.
    """
    rows = await conn.execute(_LAST_BEGUN, {"people": sorted(people_ids)})
    return {row.person_id: row.began_at for row in rows}


async def holder(conn: AsyncConnection, digest: str) -> Holder | None:
    """Return who is signed in by the session of *digest*, by one statement.

    Whether the session still holds is for the caller to say.
    """
    rows = (await conn.execute(_HOLDER, {"of": digest})).all()
    if not rows:
        return None
    row = rows[0]
    bound = (each.producer_id for each in rows if each.producer_id is not None)
    return Holder(
        session=_session(row),
        name=row.name,
        role=row.role,
        producers=tuple(bound),
        disabled=row.disabled_at is not None,
    )


async def listed(
    conn: AsyncConnection,
    person_id: str,
    *,
    began_after: datetime,
    used_after: datetime,
    after: int,
    size: int,
) -> Sequence[SessionRow]:
    """Return *size* sessions of a person behind number *after*, the oldest first.

    Those that somebody has ended are left out, and so are those that did not begin, or
    were not used, after the given instants.
    """
    values = {
        "person": person_id,
        "after": after,
        "began_after": began_after,
        "used_after": used_after,
        "size": size,
    }
    return [_session(row) for row in (await conn.execute(_LISTED, values)).all()]


async def end(
    conn: AsyncConnection, session_id: int, person_id: str, now: datetime
) -> bool:
    """End one session of a person; return False if that person has no such one."""
    values = {"of": session_id, "person": person_id, "now": now}
    return (await conn.execute(_END, values)).rowcount == 1


async def end_all(conn: AsyncConnection, person_id: str, now: datetime) -> int:
    """End all sessions of a person and return how many there were."""
    done = await conn.execute(_END_ALL, {"person": person_id, "now": now})
    return done.rowcount


async def touch(conn: AsyncConnection, session_id: int, now: datetime) -> None:
    """Store that a session was used *now*, unless a later use is stored."""
    await conn.execute(_TOUCH, {"of": session_id, "now": now})


async def drop_old(conn: AsyncConnection, person_id: str, before: datetime) -> None:
    """Delete the sessions of a person that began before *before*."""
    await conn.execute(_DROP_OLD, {"person": person_id, "before": before})


async def forget_devices(conn: AsyncConnection, person_id: str) -> None:
    """Erase what is known of the devices of a person."""
    await conn.execute(_FORGET_DEVICES, {"person": person_id})


def _session(row: Row[Any]) -> SessionRow:
    return SessionRow(
        id=row.id,
        person_id=row.person_id,
        began_at=row.began_at,
        used_at=row.used_at,
        ended_at=row.ended_at,
        device=row.device,
    )
