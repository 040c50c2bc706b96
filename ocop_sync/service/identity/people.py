"""People: added, changed, disabled, erased. Each act is one entry of the audit.

Staff have a name to sign in with and a password. People of producers have neither: they
sign in by a link (`ocop_sync.service.identity.links`), and need no name.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import actors_of, erase_actor
from catalog.model.actor import Actor, ActorKind
from catalog.text import clean, fold
from ocop_sync.errors import PlanError
from ocop_sync.service.decisions.text_limits import LONGEST_NAME, ensure_text
from ocop_sync.service.identity.identity import Identity, ensure_scope, record
from ocop_sync.service.identity.passwords import ensure_good
from ocop_sync.service.identity.role import Role
from ocop_sync.store.identity import links, people, sessions
from ocop_sync.store.identity.people import PersonRow

_NAME = ("NAME", "tên", "name", "what is the person called")


async def add_person(
    identity: Identity,
    *,
    name: str,
    role: Role,
    by: Actor,
    producers: Collection[str] = (),
    password: str = "",
) -> PersonRow:
    """Add a person. Staff need a name and a *password*, and others have none.

    Raises:
        PlanError: A name, a password or a producer is lacking, too much or not
            accepted; or somebody of the staff bears that name.
    """
    name = clean(name)
    kept = ""
    if role.is_staff:
        ensure_text(name, LONGEST_NAME, _NAME)
        ensure_good(password)
        kept = await identity.passwords.hash(password)
    elif password:
        raise PlanError(_BY_LINK_ALONE)
    now = identity.clock()

    async def store(conn: AsyncConnection) -> PersonRow:
        bound = await ensure_scope(conn, role, producers)
        with _taken_name_is_told():
            person_id = await people.add(
                conn,
                name=name[:LONGEST_NAME],
                sign_in_name=sign_in_name(name) if role.is_staff else None,
                role=role,
                producers=bound,
                password_hash=kept,
                now=now,
            )
        refs = {"person": person_id, "role": role}
        await record(conn, "add_person", by=by, now=now, refs=refs, producers=bound)
        return await ensure_person(conn, person_id)

    return await identity.database.write(store)


async def change_person(
    identity: Identity,
    person_id: str,
    *,
    by: Actor,
    role: Role | None = None,
    producers: Collection[str] | None = None,
) -> PersonRow:
    """Give a person another role, or other producers; it holds from the next call on.

    Raises:
        PlanError: There is no such person, or role and producers do not fit.
    """
    now = identity.clock()

    async def store(conn: AsyncConnection) -> PersonRow:
        before = await ensure_person(conn, person_id)
        after = role or Role(before.role)
        kept = before.producers if after is Role.PRODUCER else ()
        wanted = kept if producers is None else producers
        bound = await ensure_scope(conn, after, wanted)
        if (after, bound) == (before.role, before.producers):
            return before
        name = sign_in_name(before.name) if after.is_staff else None
        if after.is_staff:
            ensure_text(before.name, LONGEST_NAME, _NAME)
        with _taken_name_is_told():
            await people.change(
                conn, person_id, role=after, sign_in_name=name, changed_at=now
            )
        await people.set_producers(conn, person_id, bound)
        refs = {"person": person_id, "role": after}
        await record(conn, "change_person", by=by, now=now, refs=refs, producers=bound)
        return await ensure_person(conn, person_id)

    return await identity.database.write(store)


async def reset_password(
    identity: Identity, person_id: str, *, password: str, by: Actor
) -> PersonRow:
    """Set a new password; wherever that person is signed in, it ends.

    Raises:
        PlanError: There is no such person, it is of no staff, or the password is not
            accepted.
    """
    ensure_good(password)
    kept = await identity.passwords.hash(password)
    now = identity.clock()

    async def store(conn: AsyncConnection) -> PersonRow:
        if not Role((await ensure_person(conn, person_id)).role).is_staff:
            raise PlanError(_BY_LINK_ALONE)
        await people.change(conn, person_id, password_hash=kept, changed_at=now)
        await sessions.end_all(conn, person_id, now)
        await record(conn, "reset_password", by=by, now=now, refs={"person": person_id})
        return await ensure_person(conn, person_id)

    return await identity.database.write(store)


async def disable_person(identity: Identity, person_id: str, *, by: Actor) -> PersonRow:
    """Let a person in no longer: links and sessions end with the next call.

    Raises:
        PlanError: There is no such person.
    """
    now = identity.clock()

    async def store(conn: AsyncConnection) -> PersonRow:
        before = await ensure_person(conn, person_id)
        if before.disabled_at is not None:
            return before
        await _shut_out(conn, person_id, now)
        await record(conn, "disable_person", by=by, now=now, refs={"person": person_id})
        return await ensure_person(conn, person_id)

    return await identity.database.write(store)


async def enable_person(identity: Identity, person_id: str, *, by: Actor) -> PersonRow:
    """Let a disabled person in again; earlier links and sessions stay ended.

    Raises:
        PlanError: There is no such person.
    """
    now = identity.clock()

    async def store(conn: AsyncConnection) -> PersonRow:
        before = await ensure_person(conn, person_id)
        if before.disabled_at is None:
            return before
        await people.change(conn, person_id, disabled_at=None, changed_at=now)
        await record(conn, "enable_person", by=by, now=now, refs={"person": person_id})
        return await ensure_person(conn, person_id)

    return await identity.database.write(store)


async def erase_person(identity: Identity, person_id: str, *, by: Actor) -> PersonRow:
    """Erase what is known of a person but the id, which nobody else ever gets.

    Raises:
        PlanError: There is no such person, or it is erased already.
    """
    now = identity.clock()

    async def store(conn: AsyncConnection) -> PersonRow:
        await ensure_person(conn, person_id)
        await erase_rows(conn, person_id, now)
        await record(conn, "erase_person", by=by, now=now, refs={"person": person_id})
        found = await people.find(conn, person_id)
        assert found is not None  # noqa: S101  (rows of people are never deleted)
        return found

    return await identity.database.write(store)


async def erase_rows(conn: AsyncConnection, person_id: str, now: datetime) -> None:
    """Erase what is known of a person but the id, in the transaction of an act."""
    await _shut_out(conn, person_id, now)
    await people.change(
        conn,
        person_id,
        name="",
        sign_in_name=None,
        password_hash="",
        erased_at=now,
    )
    await people.set_producers(conn, person_id, ())
    await links.forget_devices(conn, person_id)
    await sessions.forget_devices(conn, person_id)
    await erase_actor(conn, await actors_of(conn, person_id, ActorKind.PERSON))


async def all_people(identity: Identity) -> Sequence[PersonRow]:
    """Return everybody, disabled and erased ones included, by id."""
    return await identity.database.fetch(people.all_people)


def sign_in_name(name: str) -> str:
    """Return the form by which names of staff are compared: without accents."""
    return fold(name)


_BY_LINK_ALONE = (
    "người của cơ sở không có mật khẩu, họ đăng nhập bằng liên kết: `ocop-sync"
    " producers link MÃ-CƠ-SỞ --by TÊN` / people of producers have no password, they"
    " sign in by a link"
)


async def ensure_person(conn: AsyncConnection, person_id: str) -> PersonRow:
    """Return the person *person_id*, who is not erased.

    Raises:
        PlanError: There is no such person.
    """
    found = await people.find(conn, person_id)
    if found is None or found.erased_at is not None:
        message = (
            f"không có người {person_id}; xem: `ocop-sync people list` / no person"
            f" {person_id}; see that command"
        )
        raise PlanError(message)
    return found


@contextmanager
def _taken_name_is_told() -> Iterator[None]:
    """Say in a sentence that somebody of the staff bears that name.

    The database decides: of two who add the same name at once, one is refused.
    """
    try:
        yield
    except IntegrityError as error:
        message = (
            "đã có người của sở đăng nhập bằng tên này (không kể dấu, chữ hoa); hãy"
            " thêm gì đó cho khác / somebody signs in by that name (accents and"
            " capitals do not count); add something to it"
        )
        raise PlanError(message) from error


async def _shut_out(conn: AsyncConnection, person_id: str, now: datetime) -> None:
    await people.change(conn, person_id, disabled_at=now, changed_at=now)
    await links.void_unused(conn, person_id, now)
    await sessions.end_all(conn, person_id, now)
