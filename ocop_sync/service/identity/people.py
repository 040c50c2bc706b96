"""People: added, changed, disabled, erased. Each act is one entry of the audit.

Staff have a name to sign in with and a password. People of producers have neither: they
sign in by a link (`ocop_sync.service.identity.links`), and need no name.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import actors_called, actors_of, erase_actor
from catalog.db.erased_names import IN_CATALOG, forget_name
from catalog.db.writer import lock
from catalog.model.actor import Actor, ActorKind
from catalog.text import clean, fold
from ocop_sync.errors import NoAdminLeftError, NoSuchPersonError, PlanError
from ocop_sync.service.decisions.text_limits import LONGEST_NAME, ensure_text
from ocop_sync.service.identity.identity import Identity, ensure_scope, record
from ocop_sync.service.identity.passwords import ensure_good
from ocop_sync.service.identity.role import Role
from ocop_sync.store.idempotency_keys import erase_answers
from ocop_sync.store.identity import links, people, sessions
from ocop_sync.store.identity.erased_names import IN_STORE
from ocop_sync.store.identity.people import PersonRow

_NAME = ("NAME", "tên", "name", "what is the person called")

EnsureSeen = Callable[[str], None]
"""Raises if the version that is there was not the one that was seen."""


def whatever(version: str) -> None:
    """Take any version that is there."""


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
    ensure_seen: EnsureSeen = whatever,
    keeps_an_admin: bool = False,
) -> PersonRow:
    """Give a person another role, or other producers; it holds from the next call on.

    Args:
        identity: Where people are.
        person_id: Who.
        by: Who decides so.
        role: The new role; None for the present one.
        producers: The producers that are served from then on; None for the present
            ones.
        ensure_seen: Called with the version of the person that is there, in the
            transaction: raises if another one was seen.
        keeps_an_admin: Refuse to leave nobody who may add people.

    Raises:
        NoSuchPersonError: There is no such person.
        NoAdminLeftError: It is the last admin.
        PlanError: Role and producers do not fit.
    """
    now = identity.clock()

    async def store(conn: AsyncConnection) -> PersonRow:
        before = await ensure_person(conn, person_id)
        ensure_seen(version_of(before))
        after = role or Role(before.role)
        if keeps_an_admin and after is not Role.ADMIN:
            await ensure_other_admin(conn, before)
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


async def disable_person(
    identity: Identity, person_id: str, *, by: Actor, keeps_an_admin: bool = False
) -> PersonRow:
    """Let a person in no longer: links and sessions end with the next call.

    Raises:
        NoSuchPersonError: There is no such person.
        NoAdminLeftError: It is the last admin, and *keeps_an_admin*.
    """
    now = identity.clock()

    async def store(conn: AsyncConnection) -> PersonRow:
        before = await ensure_person(conn, person_id)
        if before.disabled_at is not None:
            return before
        if keeps_an_admin:
            await ensure_other_admin(conn, before)
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


async def erase_person(
    identity: Identity,
    person_id: str,
    *,
    by: Actor,
    ensure_seen: EnsureSeen = whatever,
    keeps_an_admin: bool = False,
) -> PersonRow:
    """Erase what is known of a person but the id, which nobody else ever gets.

    *ensure_seen* and *keeps_an_admin* are as of `change_person`.

    Raises:
        NoSuchPersonError: There is no such person, or it is erased already.
        NoAdminLeftError: It is the last admin, and *keeps_an_admin*.
    """
    now = identity.clock()

    async def store(conn: AsyncConnection) -> PersonRow:
        before = await ensure_person(conn, person_id)
        ensure_seen(version_of(before))
        if keeps_an_admin:
            await ensure_other_admin(conn, before)
        await erase_rows(conn, person_id, now)
        await record(conn, "erase_person", by=by, now=now, refs={"person": person_id})
        found = await people.find(conn, person_id)
        assert found is not None  # noqa: S101  (rows of people are never deleted)
        return found

    return await identity.database.write(store)


async def erase_rows(conn: AsyncConnection, person_id: str, now: datetime) -> None:
    """Erase what is known of a person but the id, in the transaction of an act.

    The id stands in the place of the name wherever the name was kept. A name that
    somebody else bears as well stays there: nobody can say whose it is.
    """
    await lock(conn)
    before = await people.find(conn, person_id)
    name = before.name if before else ""
    if name and not await people.is_another_called(conn, person_id, name):
        for places in (IN_CATALOG, IN_STORE):
            await forget_name(conn, places, name, person_id)
        await erase_answers(conn, holding=name)
        await erase_actor(conn, await actors_called(conn, name))
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


async def one_person(identity: Identity, person_id: str) -> PersonRow:
    """Return one person.

    Raises:
        NoSuchPersonError: There is no such person, or it is erased.
    """
    return await identity.database.fetch(ensure_person, person_id)


async def all_people(identity: Identity) -> Sequence[PersonRow]:
    """Return everybody, disabled and erased ones included, by id."""
    return await identity.database.fetch(people.all_people)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """Some people by id, and the id of the last one; None if no more follow."""

    people: Sequence[PersonRow]
    last: str | None


async def people_page(
    identity: Identity, after: str, *, size: int, roles: Collection[Role] | None = None
) -> PeoplePage:
    """Return the *size* people behind the id *after*, "" for the first.

    Those of *roles* alone; None for everybody.
    """
    found = await identity.database.fetch(people.people_behind, after, size + 1, roles)
    shown = found[:size]
    return PeoplePage(people=shown, last=shown[-1].id if len(found) > size else None)


def sign_in_name(name: str) -> str:
    """Return the form by which names of staff are compared: without accents."""
    return fold(name)


_BY_LINK_ALONE = (
    "người của cơ sở không có mật khẩu, họ đăng nhập bằng liên kết: `ocop-sync"
    " producers link MÃ-CƠ-SỞ --by TÊN` / people of producers have no password, they"
    " sign in by a link"
)


def version_of(person: PersonRow) -> str:
    """Return what becomes another whenever anything of a person does."""
    return blake2b(repr(person).encode(), digest_size=8).hexdigest()


async def ensure_other_admin(conn: AsyncConnection, person: PersonRow) -> None:
    """Do nothing unless *person* is the only admin who may sign in.

    Raises:
        NoAdminLeftError: It is.
    """
    if person.role != Role.ADMIN or person.disabled_at is not None:
        return
    # Locked, as two admins may each remove the other at once.
    await people.lock_admins(conn)
    everybody = await people.all_people(conn)
    if not any(_is_admin(each) for each in everybody if each.id != person.id):
        message = (
            f"{person.id} là người quản trị cuối cùng: thêm người khác có vai trò admin"
            f" trước / {person.id} is the last admin: give the role to somebody else"
            " first"
        )
        raise NoAdminLeftError(message)


async def has_admin(identity: Identity) -> bool:
    """Say whether anybody may add people over the API."""
    return any(map(_is_admin, await all_people(identity)))


def _is_admin(person: PersonRow) -> bool:
    may_enter = person.disabled_at is None and person.has_password
    return person.role == Role.ADMIN and may_enter


async def ensure_person(conn: AsyncConnection, person_id: str) -> PersonRow:
    """Return the person *person_id*, who is not erased.

    Raises:
        NoSuchPersonError: There is no such person.
    """
    found = await people.find(conn, person_id)
    if found is None or found.erased_at is not None:
        message = (
            f"không có người {person_id}; xem: `ocop-sync people list` / no person"
            f" {person_id}; see that command"
        )
        raise NoSuchPersonError(message)
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
