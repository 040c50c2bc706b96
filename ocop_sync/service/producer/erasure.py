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
from catalog.db.reader import names_of
from catalog.model.actor import Actor
from ocop_sync.service.identity.people import erase_rows
from ocop_sync.store.identity import people
from ocop_sync.store.identity.people import PersonRow


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
    conn: AsyncConnection, *, now: datetime
) -> Sequence[AskedErasure]:
    """Return the erasures that are asked for, the first due one first."""
    found = await erasure.erasures_asked_for(conn)
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


async def confirm_erasure(
    conn: AsyncConnection, producer_id: str, *, by: Actor, now: datetime
) -> int:
    """Erase what may tell of a producer's people; return how many people that were.

    It is one act, in a transaction of the caller.

    Raises:
        NotInCatalogError: There is no such producer.
        ErasureError: None is asked for, it is not due, or consent was given anew.
        AttestationError: It is not said who confirms.
    """
    theirs = [
        each for each in await people.serving(conn, producer_id) if _serves_one(each)
    ]
    names = [each.name for each in theirs]
    await erasure.confirm_erasure(conn, producer_id, names=names, by=by, now=now)
    for each in theirs:  # a handful: those of one producer
        await erase_rows(conn, each.id, now)
    return len(theirs)


def _serves_one(person: PersonRow) -> bool:
    return len(person.producers) == 1 and person.erased_at is None
