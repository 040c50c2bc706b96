"""Groups above the budget: one for each cause, whole, for a person to decide.

What is held is decided in `ocop_sync.engine.safety`; here it is remembered,
with who approved or refused it and until when an approval counts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.hold import Hold
from ocop_sync.engine.safety import HeldCause
from ocop_sync.store.tables import held, listing

APPROVAL_LASTS = timedelta(hours=72)
"""After that, what was approved is another plan: it is asked anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What one cause would take from buyers at one marketplace.

    Attributes:
        id: Number by which a person names it; 0 before it is stored.
        marketplace: Name of the marketplace.
        cause: A rule, a date, an import, a mapping.
        hold: Which gate holds it.
        size: How many products.
        checksum: Stands for what is held: products, kinds, reasons.
        state: "open", "approved", "refused" or "closed".
        opened_at: Since when it is held, in UTC.
        decided_by: Who decided, or "".
        decided_at: When, in UTC.
        reason: That person's reason, or "".
        approved_until: When the approval ends, in UTC.
    """

    id: int = 0
    marketplace: str
    cause: str
    hold: Hold
    size: int
    checksum: str
    state: str = "open"
    opened_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    approved_until: datetime | None = None


async def standing(conn: AsyncConnection, marketplace: str) -> list[Group]:
    """Return the groups of *marketplace* that are not closed, oldest first."""
    rows = await conn.execute(
        select(held)
        .where(held.c.marketplace == marketplace, held.c.state != "closed")
        .order_by(held.c.id)
    )
    return [_group(row._mapping) for row in rows.all()]  # noqa: SLF001  (public API)


async def find(conn: AsyncConnection, group_id: int) -> Group | None:
    """Return one group by its number; nobody else decides on it meanwhile."""
    chosen = select(held).where(held.c.id == group_id).with_for_update()
    row = (await conn.execute(chosen)).one_or_none()
    return None if row is None else _group(row._mapping)  # noqa: SLF001  (public API)


async def listed(conn: AsyncConnection) -> list[Group]:
    """Return all groups that are not closed, in order of their numbers."""
    rows = await conn.execute(
        select(held).where(held.c.state != "closed").order_by(held.c.id)
    )
    return [_group(row._mapping) for row in rows.all()]  # noqa: SLF001  (public API)


def _group(row: object) -> Group:
    values = dict(row)  # type: ignore[call-overload]  # a mapping of columns
    values["hold"] = Hold(values["hold"])
    return Group(**values)


async def open_group(conn: AsyncConnection, group: Group) -> int:
    """Store a new group and return its number."""
    values = {name: getattr(group, name) for name in Group.__slots__ if name != "id"}
    values["hold"] = group.hold.value
    result = await conn.execute(insert(held).values(values).returning(held.c.id))
    return int(result.scalar_one())


async def change_group(conn: AsyncConnection, group_id: int, cause: HeldCause) -> None:
    """Remember what an open group holds now."""
    await conn.execute(
        update(held)
        .where(held.c.id == group_id)
        .values(size=len(cause.product_ids), checksum=cause.checksum)
    )


async def decide(
    conn: AsyncConnection,
    group_id: int,
    *,
    state: str,
    by: str,
    reason: str,
    now: datetime,
) -> None:
    """Write down a person's decision on a group."""
    until = now + APPROVAL_LASTS if state == "approved" else None
    await conn.execute(
        update(held)
        .where(held.c.id == group_id)
        .values(
            state=state,
            decided_by=by,
            reason=reason,
            decided_at=now,
            approved_until=until,
        )
    )


async def close_empty(conn: AsyncConnection, marketplace: str) -> None:
    """Close groups of which nothing is left to hold or to send."""
    await conn.execute(
        update(held)
        .where(
            held.c.marketplace == marketplace,
            held.c.state != "closed",
            ~exists().where(listing.c.held_group == held.c.id),
        )
        .values(state="closed")
    )
