"""Sessions: who signs in, who is signed in, and where it ends.

A session is opened here and nowhere else, and is new at each sign-in. It is read anew
for each call, with the person as it stands now: another role, a disabling or a
revocation holds from the next call on.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.model.actor import Actor, ActorKind
from catalog.text import legible
from ocop_sync.redaction import one_line
from ocop_sync.service.identity.identity import Identity, record
from ocop_sync.service.identity.keys import USED_EVERY
from ocop_sync.service.identity.people import ensure_person, sign_in_name
from ocop_sync.service.identity.role import LONGEST_LIFETIME, Role
from ocop_sync.service.identity.signed_in import SignedIn
from ocop_sync.service.identity.tokens import digest_of, is_token, new_token
from ocop_sync.store.identity import people, sessions
from ocop_sync.store.identity.people import PersonRow
from ocop_sync.store.identity.sessions import SessionRow

LONGEST_DEVICE = 200


_MANY = 2**31 - 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    """A session that was opened: the only time that its token is known.

    Attributes:
        token: What proves it, for a cookie.
        person_id: Who is signed in.
        role: The role of the person, which says how long it lasts.
    """

    token: str
    person_id: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingSession:
    """A session that holds.

    Attributes:
        row: The session as stored.
        ends_at: When it ends if it is not used any more.
    """

    row: SessionRow
    ends_at: datetime


async def sign_in(
    identity: Identity, *, name: str, password: str, device: str, origin: str
) -> OpenedSession | None:
    """Sign a member of staff in; None if name and password do not belong together.

    An unknown name takes as long as a wrong password, and is answered alike.
    """
    found = await identity.database.fetch(people.named, sign_in_name(name))
    person, kept = found or (None, "")
    if person is None or person.disabled_at is not None:
        kept = ""
    checked = await identity.passwords.check(kept, password)
    if person is None or not checked.right:
        return None
    now, token = identity.clock(), new_token(identity.random_bytes)

    async def store(conn: AsyncConnection) -> OpenedSession | None:
        # Meanwhile the password may have been set anew, or the person disabled.
        current = await people.named(conn, sign_in_name(name))
        if current is None or current[1] != kept or current[0].disabled_at is not None:
            return None
        if checked.new_hash:
            await people.change(conn, person.id, password_hash=checked.new_hash)
        return await open_session(
            conn, current[0], token, device=device, origin=origin, now=now
        )

    return await identity.database.write(store)


async def open_for(
    identity: Identity, person_id: str, *, device: str, origin: str
) -> OpenedSession | None:
    """Sign somebody in whom the caller knows; None if that person may not.

    Danger: nothing is proven here. It is for the demonstration, where nobody has a
    password, and for no other service.
    """
    now, token = identity.clock(), new_token(identity.random_bytes)

    async def store(conn: AsyncConnection) -> OpenedSession | None:
        person = await people.find(conn, person_id)
        if person is None or person.disabled_at is not None:
            return None
        return await open_session(
            conn, person, token, device=device, origin=origin, now=now
        )

    return await identity.database.write(store)


async def open_session(
    conn: AsyncConnection,
    person: PersonRow,
    token: str,
    *,
    device: str,
    origin: str,
    now: datetime,
    link_id: int | None = None,
) -> OpenedSession:
    """Open a session that *token* proves, in the transaction of the sign-in."""
    device = shown_device(device)
    # Nothing that old can hold, whatever the role.
    await sessions.drop_old(conn, person.id, now - LONGEST_LIFETIME)
    number = await sessions.add(
        conn, person_id=person.id, digest=digest_of(token), device=device, now=now
    )
    by = Actor(
        kind=ActorKind.PERSON,
        name=person.name,
        ref=person.id,
        origin=f"{origin} {device}".strip(),
    )
    refs = {"person": person.id, "session": str(number)}
    refs |= {} if link_id is None else {"link": str(link_id)}
    kind = "sign_in" if link_id is None else "sign_in_by_link"
    await record(conn, kind, by=by, now=now, refs=refs, producers=person.producers)
    return OpenedSession(token=token, person_id=person.id, role=Role(person.role))


def shown_device(device: str) -> str:
    """Return a device's own words as they are kept: one line, not too long."""
    # Danger: a header may hold bytes that are no UTF-8, which no database takes.
    return one_line(legible(device[: 2 * LONGEST_DEVICE]))[:LONGEST_DEVICE]


async def believe_session(
    identity: Identity, token: str, *, is_use: bool = True
) -> SignedIn | None:
    """Return who is signed in by *token* now; None if it holds no longer.

    A use of it has it go on, unless it was only looked at.
    """
    if not is_token(token):
        return None
    holder = await identity.database.fetch(sessions.holder, digest_of(token))
    if holder is None or holder.disabled or holder.session.ended_at is not None:
        return None
    row, now, role = holder.session, identity.clock(), Role(holder.role)
    if now >= _ends_at(row, role):
        return None
    if is_use and row.used_at <= now - USED_EVERY:
        touch = partial(sessions.touch, session_id=row.id, now=now)
        identity.last_use.note(identity.database, f"session {row.id}", touch)
    return SignedIn(
        kind=ActorKind.PERSON,
        id=row.person_id,
        name=holder.name,
        role=role,
        producers=frozenset(holder.producers),
        session_id=row.id,
    )


async def sessions_of(identity: Identity, person_id: str) -> Sequence[LivingSession]:
    """Return the sessions of a person that hold, the oldest first.

    Raises:
        PlanError: There is no such person.
    """
    return (await sessions_page(identity, person_id, 0, size=_MANY)).sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsPage:
    """Some sessions of a person, and the number of the last; None if no more follow."""

    sessions: Sequence[LivingSession]
    last: int | None


async def sessions_page(
    identity: Identity, person_id: str, after: int, *, size: int
) -> SessionsPage:
    """Return the *size* sessions of a person that hold, behind number *after*.

    Raises:
        PlanError: There is no such person.
    """
    now = identity.clock()
    async with identity.database.read() as conn:
        role = Role((await ensure_person(conn, person_id)).role)
        rows = await sessions.listed(
            conn,
            person_id,
            began_after=now - role.lifetime,
            used_after=now - role.idle,
            after=after,
            size=size + 1,
        )
    found = [LivingSession(row=row, ends_at=_ends_at(row, role)) for row in rows]
    shown = found[:size]
    last = shown[-1].row.id if len(found) > size else None
    return SessionsPage(sessions=shown, last=last)


async def last_sign_ins(
    identity: Identity, people_ids: Collection[str]
) -> Mapping[str, datetime]:
    """Return when each of some people last signed in; who never did is left out."""
    return await identity.database.fetch(sessions.last_begun, people_ids)


async def end_session(
    identity: Identity, person_id: str, session_id: int, *, by: Actor
) -> bool:
    """End one session of a person; return False if that person has no such one."""
    now = identity.clock()

    async def store(conn: AsyncConnection) -> bool:
        if not await sessions.end(conn, session_id, person_id, now):
            return False
        refs = {"person": person_id, "session": str(session_id)}
        await record(conn, "end_session", by=by, now=now, refs=refs)
        return True

    return await identity.database.write(store)


async def end_sessions(identity: Identity, person_id: str, *, by: Actor) -> int:
    """End all sessions of a person; return how many there were.

    Raises:
        PlanError: There is no such person.
    """
    now = identity.clock()

    async def store(conn: AsyncConnection) -> int:
        await ensure_person(conn, person_id)
        ended = await sessions.end_all(conn, person_id, now)
        if ended:
            await record(
                conn, "end_session", by=by, now=now, refs={"person": person_id}
            )
        return ended

    return await identity.database.write(store)


def _ends_at(row: SessionRow, role: Role) -> datetime:
    """Return when a session ends, by the role that the person has now."""
    return min(row.began_at + role.lifetime, row.used_at + role.idle)
