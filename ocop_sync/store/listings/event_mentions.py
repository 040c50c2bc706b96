"""Keep which listings of ours an event named, until they have been read.

A read has to tell the new state of a listing; here stands only that it is to be read,
from when a read can show the event, and whether it has been read already. Who takes
events in is `ocop_sync.service.evaluate.take_events`; who reads,
`ocop_sync.service.observe.reread`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Executable, bindparam, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from catalog.db.upsert import insert_in
from ocop_sync.marketplace.port import EventKind
from ocop_sync.store.rows import values_of
from ocop_sync.store.tables import named


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A listing of ours that an event named.

    Attributes:
        ref: The marketplace's own identifier.
        kind: The event; EDITED if there are several.
        shows_from: From when a read shows it, in UTC.
    """

    ref: str
    kind: EventKind
    shows_from: datetime


_SIZE = 1000
"""Listings that are looked at in one query."""

_OF = named.c.account == bindparam("via")
_TO_READ = (
    select(named.c.ref, named.c.kind, named.c.shows_from)
    .where(
        _OF,
        named.c.ref > bindparam("after"),
        or_(~named.c.looked, named.c.shows_from <= bindparam("now")),
    )
    .order_by(named.c.ref)
    .limit(_SIZE)
)
_THIS = (_OF, named.c.ref == bindparam("this"))
_SHOWN = delete(named).where(*_THIS, named.c.shows_from <= bindparam("until"))
_ALL_SHOWN = delete(named).where(_OF, named.c.shows_from <= bindparam("until"))
_LOOKED = update(named).where(*_THIS).values(looked=True)
_WITH_NEW = select(named.c.account).where(~named.c.looked).distinct()
_LAST = select(func.max(named.c.shows_from)).where(_OF)


async def note(conn: AsyncConnection, account: str, found: Sequence[Named]) -> None:
    """Remember that events at *account* have named *found*, each once."""
    unread = {"account": account, "looked": False}
    rows = (values_of(e) | unread | {"kind": e.kind.value} for e in found)
    await execute_each(conn, _note(conn.dialect.name), rows)


@cache
def _note(dialect: str) -> Executable:
    insert = insert_in(dialect, named)
    new = insert.excluded
    same = named.c.kind == new.kind
    later = named.c.shows_from > new.shows_from
    return insert.on_conflict_do_update(
        index_elements=list(named.primary_key),
        set_={
            "kind": case((same, new.kind), else_=EventKind.EDITED.value),
            "shows_from": case((later, named.c.shows_from), else_=new.shows_from),
            "looked": False,
        },
    )


async def accounts_with_new(conn: AsyncConnection) -> set[str]:
    """Return the accounts at which a listing was named and not been read since."""
    return set(await conn.scalars(_WITH_NEW))


async def to_read(
    conn: AsyncConnection, account: str, after: str, now: datetime
) -> list[Named]:
    """Return the listings to read at *account* now, by growing ref after *after*.

    Each has not been read since it was named, or its event shows for certain by *now*.
    """
    rows = await conn.execute(_TO_READ, {"via": account, "after": after, "now": now})
    return [Named(**row._asdict() | {"kind": EventKind(row.kind)}) for row in rows]


async def any_to_read(conn: AsyncConnection, account: str, now: datetime) -> bool:
    """Say whether there is any listing to read at *account* now."""
    return bool(await to_read(conn, account, "", now))


async def last_shows(conn: AsyncConnection, account: str) -> datetime | None:
    """Return from when a read shows all that was named at *account*, in UTC."""
    found: datetime | None = await conn.scalar(_LAST, {"via": account})
    return found


async def tick_off(
    conn: AsyncConnection, account: str, read: Sequence[Named], over: Sequence[Named]
) -> None:
    """Remember that *read* were read, and forget those of them that are *over*.

    A listing that was named again meanwhile stays.
    """
    rows = ({"via": account, "this": each.ref} for each in read)
    await execute_each(conn, _LOOKED, rows)
    ends = (
        {"via": account, "this": each.ref, "until": each.shows_from} for each in over
    )
    await execute_each(conn, _SHOWN, ends)


async def tick_off_all(conn: AsyncConnection, account: str, before: datetime) -> None:
    """Forget mentions whose event showed before a whole read of *account* began."""
    await conn.execute(_ALL_SHOWN, {"via": account, "until": before})
