"""People as stored: who may sign in, in which role, for which producers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.counters import next_numbers
from ocop_sync.store.identity_tables import person, person_producer

COUNTER = "person"
"""The counter of ids: one that was given out is never given out again."""
_ADMINS = "admin"
"""The counter that is locked while an admin is removed; its numbers mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person, without the password.

    Attributes:
        id: Such as "NV-00001".
        name: The name for people; "" if erased, or never told. A personal datum.
        role: Word of the role.
        producers: Ids of the producers that the person serves, sorted.
        has_password: Whether one is set.
    """

    id: str
    name: str
    role: str
    producers: tuple[str, ...]
    has_password: bool
    created_at: datetime
    changed_at: datetime
    disabled_at: datetime | None = None
    erased_at: datetime | None = None


_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)
_PEOPLE = select(person).order_by(person.c.id)
_BEHIND = _PEOPLE.where(person.c.id > bindparam("after")).limit(bindparam("size"))
_BEHIND_OF = _BEHIND.where(person.c.role.in_(bindparam("roles", expanding=True)))
_ONE = select(person).where(person.c.id == bindparam("of"))
_BY_NAME = select(person).where(person.c.sign_in_name == bindparam("named"))
_OTHERS_CALLED = (
    select(person.c.id)
    .where(
        person.c.name == bindparam("called"),
        person.c.id != bindparam("of"),
    )
    .limit(1)
)
_SERVING = (
    select(person)
    .join(person_producer, person_producer.c.person_id == person.c.id)
    .where(person_producer.c.producer_id == bindparam("producer"))
    .order_by(person.c.id)
)
_PRODUCERS = select(person_producer).order_by(
    person_producer.c.person_id, person_producer.c.producer_id
)
_PRODUCERS_OF = _PRODUCERS.where(person_producer.c.person_id.in_(_IDS))
_CHANGE = update(person).where(person.c.id == bindparam("of"))
_NO_PRODUCERS = delete(person_producer).where(
    person_producer.c.person_id == bindparam("of")
)


async def add(
    conn: AsyncConnection,
    *,
    name: str,
    sign_in_name: str | None,
    role: str,
    producers: Collection[str],
    password_hash: str,
    now: datetime,
) -> str:
    """Add a person and return the id; the database refuses a *sign_in_name* twice."""
    numbers = await next_numbers(conn, COUNTER, 1)
    person_id = f"NV-{numbers[0]:05d}"
    values = {
        "id": person_id,
        "name": name,
        "sign_in_name": sign_in_name,
        "role": role,
        "password_hash": password_hash,
        "created_at": now,
        "changed_at": now,
    }
    await conn.execute(insert(person), values)
    await _add_producers(conn, person_id, producers)
    return person_id


async def lock_admins(conn: AsyncConnection) -> None:
    """Let nobody else remove an admin before this transaction ends."""
    await next_numbers(conn, _ADMINS, 1)


async def all_people(conn: AsyncConnection) -> Sequence[PersonRow]:
    """Return everybody by id: some hundreds in a province."""
    rows = (await conn.execute(_PEOPLE)).all()
    return _people(rows, (await conn.execute(_PRODUCERS)).all())


async def people_behind(
    conn: AsyncConnection, after: str, size: int, roles: Collection[str] | None = None
) -> Sequence[PersonRow]:
    """Return the *size* people behind the id *after*, "" for the first, by id.

    Those of *roles* alone; None for everybody.
    """
    values = {"after": after, "size": size}
    if roles is None:
        return await _with_producers(conn, _BEHIND, values)
    return await _with_producers(conn, _BEHIND_OF, {**values, "roles": sorted(roles)})


async def find(conn: AsyncConnection, person_id: str) -> PersonRow | None:
    """Return the person *person_id*; None if there is none."""
    return _first(await _with_producers(conn, _ONE, {"of": person_id}))


async def serving(conn: AsyncConnection, producer_id: str) -> Sequence[PersonRow]:
    """Return the people who serve the producer, disabled ones included."""
    return await _with_producers(conn, _SERVING, {"producer": producer_id})


async def named(
    conn: AsyncConnection, sign_in_name: str
) -> tuple[PersonRow, str] | None:
    """Return who signs in by that name, and the hash of the password; None if nobody.

    The hash is "" if none is set.
    """
    row = (await conn.execute(_BY_NAME, {"named": sign_in_name})).first()
    return None if row is None else (_person(row, ()), row.password_hash)


async def is_another_called(conn: AsyncConnection, person_id: str, name: str) -> bool:
    """Say whether anybody else bears the name of a person."""
    found = await conn.execute(_OTHERS_CALLED, {"called": name, "of": person_id})
    return found.first() is not None


async def change(conn: AsyncConnection, person_id: str, **values: object) -> None:
    """Change columns of a person, called as the table calls them."""
    await conn.execute(_CHANGE.values(values), {"of": person_id})


async def set_producers(
    conn: AsyncConnection, person_id: str, producers: Collection[str]
) -> None:
    """Let a person serve just *producers*."""
    await conn.execute(_NO_PRODUCERS, {"of": person_id})
    await _add_producers(conn, person_id, producers)


async def _add_producers(
    conn: AsyncConnection, person_id: str, producers: Collection[str]
) -> None:
    if producers:
        rows = [
            {"person_id": person_id, "producer_id": each} for each in sorted(producers)
        ]
        await conn.execute(insert(person_producer), rows)


async def _with_producers(
    conn: AsyncConnection, query: Select[Any], values: Mapping[str, object]
) -> Sequence[PersonRow]:
    rows = (await conn.execute(query, values)).all()
    ids = {"ids": [row.id for row in rows]}
    return _people(rows, (await conn.execute(_PRODUCERS_OF, ids)).all())


def _first(people: Sequence[PersonRow]) -> PersonRow | None:
    return people[0] if people else None


def _people(rows: Iterable[Row[Any]], pairs: Iterable[Row[Any]]) -> list[PersonRow]:
    producers = defaultdict[str, list[str]](list)
    for each in pairs:
        producers[each.person_id].append(each.producer_id)
    return [_person(row, producers[row.id]) for row in rows]


def _person(row: Row[Any], producers: Iterable[str]) -> PersonRow:
    return PersonRow(
        id=row.id,
        name=row.name,
        role=row.role,
        producers=tuple(producers),
        has_password=bool(row.password_hash),
        created_at=row.created_at,
        changed_at=row.changed_at,
        disabled_at=row.disabled_at,
        erased_at=row.erased_at,
    )
