"""Links by which people of producers sign in: made, looked at, used once.

Messengers fetch links to show a preview, so looking changes nothing; using does. A link
belongs to a person: a new one voids the unused ones of that person, and of nobody else
who serves the same producer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.model.actor import Actor
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.values import replace
from ocop_sync.errors import NoSuchLinkError, PlanError
from ocop_sync.service.identity.identity import Identity, ensure_scope, record
from ocop_sync.service.identity.people import ensure_person
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import (
    OpenedSession,
    open_session,
    shown_device,
)
from ocop_sync.service.identity.tokens import digest_of, is_token, new_token
from ocop_sync.store.identity import links, people
from ocop_sync.store.identity.links import LinkRow
from ocop_sync.store.identity.people import PersonRow

LASTS: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLink:
    """A link that was made: the only time that its token is known.

    Attributes:
        token: What proves it; the end of the link's address.
        producer_id: The producer that it is for.
        producer_name: The name of that producer.
        person_id: Who signs in by it.
        is_new_person: Whether nobody had served that producer before.
        ends_at: When it ends.
        voided: How many unused links it has voided.
    """

    token: str
    producer_id: str
    producer_name: str
    person_id: str
    is_new_person: bool
    ends_at: datetime
    voided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLink:
    """What a link shows before it is used.

    Attributes:
        producer_name: The name of the producer that it is for.
        ends_at: When it ends.
    """

    producer_name: str
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLink:
    """A link as staff see it.

    Attributes:
        row: The link as stored.
        holds: Whether anybody could sign in by it now.
    """

    row: LinkRow
    holds: bool


async def make_link(
    identity: Identity, producer_id: str, *, by: Actor, person_id: str = ""
) -> MadeLink:
    """Make a link by which somebody who serves the producer signs in once.

    Where nobody serves it yet, a person without a name is made. Where several do,
    *person_id* says who.

    Raises:
        PlanError: There is no such producer, nobody is meant, or several may be.
    """
    now, token = identity.clock(), new_token(identity.random_bytes)

    async def store(conn: AsyncConnection) -> MadeLink:
        await ensure_scope(conn, Role.PRODUCER, [producer_id])
        person, is_new = await _who_signs_in(
            conn, producer_id, person_id, by=by, now=now
        )
        voided = await links.void_unused(conn, person, now)
        number = await links.add(
            conn,
            person_id=person,
            producer_id=producer_id,
            digest=digest_of(token),
            now=now,
            ends_at=now + LASTS,
        )
        refs = {"person": person, "link": str(number)}
        await record(
            conn, "make_link", by=by, now=now, refs=refs, producers=[producer_id]
        )
        return MadeLink(
            token=token,
            producer_id=producer_id,
            producer_name=await _name_of(conn, producer_id),
            person_id=person,
            is_new_person=is_new,
            ends_at=now + LASTS,
            voided=voided,
        )

    return await identity.database.write(store)


async def void_link(
    identity: Identity, link_id: int, *, by: Actor, reach: Reach = WHOLE_CATALOG
) -> LinkRow:
    """Let nobody sign in by a link that waits to be used; others stay as they are.

    Raises:
        NoSuchLinkError: There is no such link within *reach*, or it waits no longer: it
            was used, has ended or is void.
    """
    now = identity.clock()

    async def store(conn: AsyncConnection) -> LinkRow:
        row = await links.numbered(conn, link_id)
        is_there = row is not None and reach.holds(row.producer_id)
        if row is None or not is_there or not _holds(row, now):
            raise _no_link(link_id)
        # Of one who signs in by it and one who voids it, one is first.
        if not await links.void(conn, link_id, now):
            raise _no_link(link_id)
        refs = {"person": row.person_id, "link": str(link_id)}
        makers = [row.producer_id]
        await record(conn, "void_link", by=by, now=now, refs=refs, producers=makers)
        return replace(row, voided_at=now)

    return await identity.database.write(store)


def _no_link(link_id: int) -> NoSuchLinkError:
    return NoSuchLinkError(
        f"không có liên kết {link_id} đang chờ dùng; xem: `ocop-sync producers links`"
        f" / no link {link_id} waits to be used; see that command"
    )


async def people_serving(identity: Identity, producer_id: str) -> Sequence[PersonRow]:
    """Return who may sign in by a link of the producer, by id."""
    found = await identity.database.fetch(people.serving, producer_id)
    return [each for each in found if each.disabled_at is None]


async def look_at_link(identity: Identity, token: str) -> ShownLink | None:
    """Return what a link shows; None if nobody can sign in by it. Changes nothing."""
    if not is_token(token):
        return None
    async with identity.database.read() as conn:
        found = await links.find(conn, digest_of(token))
        if found is None or await _person_of(conn, found, identity.clock()) is None:
            return None
        name = await _name_of(conn, found.producer_id)
        return ShownLink(producer_name=name, ends_at=found.ends_at)


async def use_link(
    identity: Identity, token: str, *, device: str, origin: str
) -> OpenedSession | None:
    """Use a link up and sign its person in; None if nobody can sign in by it.

    Of two who use the same link at once, one is signed in.
    """
    if not is_token(token):
        return None
    now, session_token = identity.clock(), new_token(identity.random_bytes)

    async def store(conn: AsyncConnection) -> OpenedSession | None:
        found = await links.find(conn, digest_of(token))
        if found is None or (person := await _person_of(conn, found, now)) is None:
            return None
        seen = shown_device(device)
        if not await links.use(conn, found.id, device=seen, now=now):
            return None
        return await open_session(
            conn,
            person,
            session_token,
            device=device,
            origin=origin,
            now=now,
            link_id=found.id,
        )

    return await identity.database.write(store)


async def listed_links(
    identity: Identity,
    producer_id: str | None = None,
    *,
    before: int | None = None,
    most: int | None = None,
) -> Sequence[ListedLink]:
    """Return the links of all producers, or of one, the latest first.

    Of those with a number below *before*, the first *most*; None for all.
    """
    now = identity.clock()
    rows = await identity.database.fetch(
        links.listed, producer_id, before=before, most=most
    )
    return [ListedLink(row=row, holds=_holds(row, now)) for row in rows]


def _holds(link: LinkRow, now: datetime) -> bool:
    return link.used_at is None and link.voided_at is None and now < link.ends_at


async def _person_of(
    conn: AsyncConnection, link: LinkRow, now: datetime
) -> PersonRow | None:
    """Return who would sign in by a link now; None if nobody can.

    Whoever serves the producer no longer, or has become staff, cannot.
    """
    person = await people.find(conn, link.person_id) if _holds(link, now) else None
    if person is None or person.disabled_at is not None:
        return None
    may = person.role == Role.PRODUCER and link.producer_id in person.producers
    return person if may else None


async def _who_signs_in(
    conn: AsyncConnection, producer_id: str, person_id: str, *, by: Actor, now: datetime
) -> tuple[str, bool]:
    """Return the id of the person that a link is for, and whether it is new."""
    serving = [
        each
        for each in await people.serving(conn, producer_id)
        if each.disabled_at is None
    ]
    if person_id:
        await ensure_person(conn, person_id)
        if person_id not in [each.id for each in serving]:
            message = (
                f"{person_id} không phục vụ cơ sở {producer_id}, hoặc đã bị khóa"
                f" / {person_id} does not serve {producer_id}, or is disabled"
            )
            raise PlanError(message)
        return person_id, False
    if len(serving) == 1:
        return serving[0].id, False
    if serving:
        ids = ", ".join(each.id for each in serving)
        message = (
            f"cơ sở {producer_id} có nhiều người: {ids}; hãy nói cho ai (person)"
            f" / several people serve {producer_id}: say for whom (person)"
        )
        raise PlanError(message)
    return await _add_nameless(conn, producer_id, by, now), True


async def _add_nameless(
    conn: AsyncConnection, producer_id: str, by: Actor, now: datetime
) -> str:
    person_id = await people.add(
        conn,
        name="",
        sign_in_name=None,
        role=Role.PRODUCER,
        producers=[producer_id],
        password_hash="",
        now=now,
    )
    refs = {"person": person_id, "role": Role.PRODUCER}
    await record(conn, "add_person", by=by, now=now, refs=refs, producers=[producer_id])
    return person_id


async def _name_of(conn: AsyncConnection, producer_id: str) -> str:
    return (await reader.names_of(conn, [producer_id])).get(producer_id, producer_id)
