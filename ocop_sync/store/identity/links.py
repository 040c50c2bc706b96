"""Links by which people of producers sign in, as stored: a digest of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.identity_tables import sign_in_link


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A link, without what it is proved by.

    Attributes:
        id: Number of the link.
        person_id: Who signs in by it.
        producer_id: The producer that it was made for.
        ends_at: When it ends by itself.
        voided_at: When a newer link, or a person, has taken its place.
        used_at: When somebody signed in by it.
        device: The device that did so, in its own words. A personal datum.
    """

    id: int
    person_id: str
    producer_id: str
    made_at: datetime
    ends_at: datetime
    voided_at: datetime | None
    used_at: datetime | None
    device: str


_BEYOND = 2**31 - 1
"""More than any number of a link, and than there are links."""
_OF: BindParameter[Any] = bindparam("of")
_NOW: BindParameter[Any] = bindparam("now")
_PERSON: BindParameter[Any] = bindparam("person")
_LISTED = (
    select(sign_in_link)
    .where(sign_in_link.c.id < bindparam("before"))
    .order_by(sign_in_link.c.id.desc())
    .limit(bindparam("most"))
)
_LISTED_OF = _LISTED.where(sign_in_link.c.producer_id == _OF)
_BY_DIGEST = select(sign_in_link).where(sign_in_link.c.digest == _OF)
_UNUSED = (sign_in_link.c.used_at.is_(None), sign_in_link.c.voided_at.is_(None))
_VOID = (
    update(sign_in_link)
    .where(sign_in_link.c.person_id == _PERSON, *_UNUSED)
    .values(voided_at=_NOW)
)
_ONE = select(sign_in_link).where(sign_in_link.c.id == _OF)
_VOID_ONE = (
    update(sign_in_link)
    .where(sign_in_link.c.id == _OF, *_UNUSED)
    .values(voided_at=_NOW)
)
# The condition is repeated here: of two who hold the same link, one signs in.
_USE = (
    update(sign_in_link)
    .where(sign_in_link.c.id == _OF, *_UNUSED, sign_in_link.c.ends_at > _NOW)
    .values(used_at=_NOW, device=bindparam("seen"))
)
_FORGET_DEVICES = (
    update(sign_in_link).where(sign_in_link.c.person_id == _PERSON).values(device="")
)


async def add(
    conn: AsyncConnection,
    *,
    person_id: str,
    producer_id: str,
    digest: str,
    now: datetime,
    ends_at: datetime,
) -> int:
    """Add a link that is proved by *digest* and return its number."""
    values = {
        "person_id": person_id,
        "producer_id": producer_id,
        "digest": digest,
        "made_at": now,
        "ends_at": ends_at,
        "device": "",
    }
    made = insert(sign_in_link).returning(sign_in_link.c.id)
    number: int = (await conn.execute(made, values)).scalar_one()
    return number


async def void_unused(conn: AsyncConnection, person_id: str, now: datetime) -> int:
    """Void the unused links of a person and return how many there were."""
    done = await conn.execute(_VOID, {"person": person_id, "now": now})
    return done.rowcount


async def void(conn: AsyncConnection, link_id: int, now: datetime) -> bool:
    """Void one link; return False if somebody has used or voided it."""
    return (await conn.execute(_VOID_ONE, {"of": link_id, "now": now})).rowcount == 1


async def numbered(conn: AsyncConnection, link_id: int) -> LinkRow | None:
    """Return the link of that number; None if there is none."""
    row = (await conn.execute(_ONE, {"of": link_id})).first()
    return None if row is None else _link(row)


async def find(conn: AsyncConnection, digest: str) -> LinkRow | None:
    """Return the link that is proved by *digest*; None if there is none."""
    row = (await conn.execute(_BY_DIGEST, {"of": digest})).first()
    return None if row is None else _link(row)


async def use(
    conn: AsyncConnection, link_id: int, *, device: str, now: datetime
) -> bool:
    """Use a link up; return False if somebody has, or if it holds no longer."""
    values = {"of": link_id, "seen": device, "now": now}
    return (await conn.execute(_USE, values)).rowcount == 1


async def listed(
    conn: AsyncConnection,
    producer_id: str | None = None,
    *,
    before: int | None = None,
    most: int | None = None,
) -> Sequence[LinkRow]:
    """Return the links of all producers, or of one, the latest first.

    Args:
        conn: The connection.
        producer_id: Of which producer; None for all.
        before: Those with a smaller number alone; None for all.
        most: The most of them; None for all.
    """
    values = {"before": before or _BEYOND, "most": most or _BEYOND}
    if producer_id is None:
        rows = await conn.execute(_LISTED, values)
    else:
        rows = await conn.execute(_LISTED_OF, {**values, "of": producer_id})
    return [_link(row) for row in rows.all()]


async def forget_devices(conn: AsyncConnection, person_id: str) -> None:
    """Erase what is known of the devices of a person."""
    await conn.execute(_FORGET_DEVICES, {"person": person_id})


def _link(row: Row[Any]) -> LinkRow:
    return LinkRow(
        id=row.id,
        person_id=row.person_id,
        producer_id=row.producer_id,
        made_at=row.made_at,
        ends_at=row.ends_at,
        voided_at=row.voided_at,
        used_at=row.used_at,
        device=row.device,
    )
