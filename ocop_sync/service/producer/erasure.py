"""Erasures: the worklist of those that are asked for, and a confirmation by staff.

The values that go from the catalog are decided in `catalog.commands.erasure`. The
people who serve the producer, and no other one, go with them: their names in the audit,
their links and sessions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import erasure
from catalog.commands.own import own_producer
from catalog.db.reader import names_of
from catalog.model.actor import Actor
from catalog.model.reach import WHOLE_CATALOG, Reach
from ocop_sync.service.identity.people import erase_rows
from ocop_sync.store.idempotency_keys import erase_answers
from ocop_sync.store.identity import people
from ocop_sync.store.identity.people import PersonRow

Place = tuple[datetime, str]
"""When an erasure is due, and of which producer it is: its place among all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedErasure:
    """An erasure that is asked for.

    Attributes:
        producer_id: Of which producer.
        name: Its name.
        withdrawn_at: When consent was withdrawn, in UTC.
        due_at: From when on it may be confirmed, in UTC.
        is_due: Whether that has come.
    """

    producer_id: str
    name: str
    withdrawn_at: datetime
    due_at: datetime
    is_due: bool


async def asked_erasures(
    conn: AsyncConnection, *, now: datetime, reach: Reach = WHOLE_CATALOG
) -> Sequence[AskedErasure]:
    """Return the erasures within *reach* that are asked for, the first due first."""
    asked = await erasure.erasures_asked_for(conn)
    found = [each for each in asked if reach.holds(each.producer_id)]
    names = await names_of(conn, [each.producer_id for each in found])
    return [
        AskedErasure(
            producer_id=each.producer_id,
            name=names.get(each.producer_id, ""),
            withdrawn_at=each.withdrawn_at,
            due_at=each.due_at,
            is_due=each.due_at <= now,
        )
        for each in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasuresPage:
    """Some erasures that are asked for.

    Attributes:
        erasures: The first due one first.
        last: The place of the last one, when it is due and whose; None if no more
            follow.
    """

    erasures: Sequence[AskedErasure]
    last: Place | None


async def erasures_page(
    conn: AsyncConnection,
    *,
    now: datetime,
    reach: Reach,
    after: Place | None,
    size: int,
) -> ErasuresPage:
    """Return the *size* erasures within *reach* behind *after*; None for the first."""
    found = await asked_erasures(conn, now=now, reach=reach)
    behind = [each for each in found if after is None or _place(each) > after]
    shown = behind[:size]
    last = _place(shown[-1]) if len(behind) > size else None
    return ErasuresPage(erasures=shown, last=last)


def _place(each: AskedErasure) -> Place:
    return each.due_at, each.producer_id


async def confirm_erasure(
    conn: AsyncConnection,
    producer_id: str,
    *,
    by: Actor,
    now: datetime,
    reach: Reach = WHOLE_CATALOG,
) -> int:
    """Erase what may tell of a producer's people; return how many people that were.

    It is one act, in a transaction of the caller.

    Raises:
        NotInCatalogError: There is no such producer within *reach*.
        ErasureError: None is asked for, it is not due, or consent was given anew.
        AttestationError: It is not said who confirms.
    """
    await own_producer(conn, producer_id, reach)
    theirs = [
        each for each in await people.serving(conn, producer_id) if _serves_one(each)
    ]
    names = [each.name for each in theirs]
    await erasure.confirm_erasure(conn, producer_id, names=names, by=by, now=now)
    # Nobody can say which of the kept answers tell of the producer.
    await erase_answers(conn)
    for each in theirs:  # a handful: those of one producer
        await erase_rows(conn, each.id, now)
    return len(theirs)


def _serves_one(person: PersonRow) -> bool:
    return len(person.producers) == 1 and person.erased_at is None
