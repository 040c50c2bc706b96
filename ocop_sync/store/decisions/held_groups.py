"""Groups above the budget: one for each cause, whole, for a person to decide.

The holds are decided in `ocop_sync.engine.approval.budget`; here they are remembered,
with who approved or refused them and until when an approval counts.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_for
from catalog.db.upsert import insert_in
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.wanted.origin import Cause
from ocop_sync.store.decisions import held_members
from ocop_sync.store.rows import values_of
from ocop_sync.store.tables import held, held_member, listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The removals by one cause at one marketplace.

    Attributes:
        id: Number by which a person names it; 0 before it is stored.
        cause: A rule, a date, an import, a mapping.
        hold: Which gate holds it.
        size: How many products.
        checksum: The checksum of the fingerprints of all members.
        state: "open", "approved", "refused" or "closed".
        opened_at: Since when it is held, in UTC.
        decided_by: Who decided, or "".
        decided_at: When, in UTC.
        reason: That person's reason, or "".
        approved_until: When the approval ends, in UTC.
    """

    id: int = 0
    marketplace: str
    cause: Cause
    hold: Hold
    size: int
    checksum: str
    state: str = "open"
    opened_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    approved_until: datetime | None = None

    def stands(self, now: datetime) -> str:
        """Return its state at *now*: an approval may have "ended"."""
        if self.state != "approved" or self.approved_until is None:
            return self.state
        return "approved" if now < self.approved_until else "ended"


_PASS = (
    update(listing)
    .where(
        listing.c.marketplace == bindparam("of"),
        listing.c.product_id.in_(bindparam("ids", expanding=True)),
        listing.c.hold.in_([Hold.BUDGET.value, Hold.VANISHED_MANY.value]),
    )
    .values(hold=None)
)
_PASS_ALONE = _PASS.values(held_group=None)

_STANDING = (
    select(held)
    .where(held.c.marketplace == bindparam("of"), held.c.state != "closed")
    .order_by(held.c.id)
)
_STANDING_LOCKED = _STANDING.with_for_update()


async def standing(
    conn: AsyncConnection, marketplace: str, *, locked: bool = False
) -> list[Group]:
    """Return the groups of *marketplace* that are not closed, oldest first.

    Nobody else decides on them, if *locked*, until the transaction has ended.
    """
    chosen = _STANDING_LOCKED if locked else _STANDING
    rows = await conn.execute(chosen, {"of": marketplace})
    return [_group(row) for row in rows.all()]


async def find(conn: AsyncConnection, group_id: int) -> Group | None:
    """Return one group by its number; nobody else decides on it meanwhile."""
    chosen = select(held).where(held.c.id == group_id).with_for_update()
    row = (await conn.execute(chosen)).one_or_none()
    return None if row is None else _group(row)


async def listed(conn: AsyncConnection) -> list[Group]:
    """Return all groups that are not closed, in order of their numbers."""
    rows = await conn.execute(
        select(held).where(held.c.state != "closed").order_by(held.c.id)
    )
    return [_group(row) for row in rows.all()]


def _group(row: Row[Any]) -> Group:
    typed = {"cause": Cause(row.cause), "hold": Hold(row.hold)}
    return Group(**row._asdict() | typed)


async def open_group(conn: AsyncConnection, group: Group) -> int:
    """Store a new group and return its number.

    If another run has just opened one for the same cause, it is that one's.
    """
    values = values_of(group) | {"hold": group.hold.value}
    del values["id"]
    result = await conn.execute(
        insert_in(conn.dialect.name, held)
        .values(values)
        .on_conflict_do_nothing(
            index_elements=[held.c.marketplace, held.c.cause],
            index_where=text("state = 'open'"),
        )
        .returning(held.c.id)
    )
    number = result.scalar_one_or_none()
    if number is None:
        number = await conn.scalar(
            select(held.c.id).where(
                held.c.marketplace == group.marketplace,
                held.c.cause == group.cause,
                held.c.state == "open",
            )
        )
    assert number is not None  # noqa: S101  (one of the two has opened it)
    return int(number)


async def measure(conn: AsyncConnection, group_id: int) -> None:
    """Write down the number of a group's members, and their checksum."""
    size, checksum = await held_members.measure(conn, group_id)
    await conn.execute(
        update(held).where(held.c.id == group_id).values(size=size, checksum=checksum)
    )


async def reopen(conn: AsyncConnection, group_id: int) -> None:
    """Ask anew about a group whose approval has ended; who gave it stays written."""
    await conn.execute(update(held).where(held.c.id == group_id).values(state="open"))


_END_APPROVALS = (
    update(held)
    .where(
        held.c.state == "approved",
        or_(held.c.approved_until.is_(None), held.c.approved_until > bindparam("at")),
    )
    .values(approved_until=bindparam("at"))
    .returning(held.c.id)
)


async def end_approvals(conn: AsyncConnection, now: datetime) -> tuple[int, ...]:
    """Let no approval count from *now* on; return the numbers of the groups, sorted.

    For a database that was put back: it does not know what a person has decided since.
    """
    return tuple(sorted(await conn.scalars(_END_APPROVALS, {"at": now})))


async def approved(
    conn: AsyncConnection, group_ids: Collection[int], now: datetime
) -> set[int]:
    """Return those of *group_ids* that are approved at *now*."""
    found = select(held.c.id).where(
        held.c.id.in_(list(group_ids)),
        held.c.state == "approved",
        held.c.approved_until > now,
    )
    return set(await conn.scalars(found))


async def waiting(conn: AsyncConnection, group_ids: Collection[int]) -> dict[int, int]:
    """Return how many products each group still holds or lets pass, by number."""
    rows = await conn.execute(
        select(listing.c.held_group, func.count().label("n"))
        .where(listing.c.held_group.in_(list(group_ids)))
        .group_by(listing.c.held_group)
    )
    return {row.held_group: row.n for row in rows.all()}


async def waiting_at(conn: AsyncConnection) -> dict[str, int]:
    """Return how many products wait for a person at each marketplace, by name."""
    rows = await conn.execute(
        select(held.c.marketplace, func.sum(held.c.size))
        .where(held.c.state == "open")
        .group_by(held.c.marketplace)
    )
    return {marketplace: int(n) for marketplace, n in rows.all()}


async def any_open(conn: AsyncConnection, marketplaces: Collection[str]) -> bool:
    """Say whether a group at one of *marketplaces* waits for a person."""
    found = await conn.scalar(
        select(held.c.id)
        .where(held.c.marketplace.in_(list(marketplaces)), held.c.state == "open")
        .limit(1)
    )
    return found is not None


async def decide(
    conn: AsyncConnection,
    group_id: int,
    *,
    state: str,
    by: str,
    reason: str,
    now: datetime,
    until: datetime | None,
) -> None:
    """Write down that a group is "approved" or "refused"; that fixes its members.

    An approval ends at *until*, in UTC.
    """
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


async def release(
    conn: AsyncConnection,
    marketplace: str,
    product_ids: Sequence[str],
    *,
    approved: bool,
) -> None:
    """Write down that products are held by no gate any more.

    An approved product belongs to its group until its changes are sent.
    """
    passing = _PASS if approved else _PASS_ALONE
    await execute_for(conn, passing, product_ids, {"of": marketplace})


_IS_SET = listing.c.hold.is_distinct_from(Hold.NO_ACCOUNT.value)
_CLOSE_EMPTY = (
    update(held)
    .where(
        held.c.marketplace == bindparam("of"),
        held.c.state != "closed",
        ~exists().where(
            listing.c.held_group == held.c.id, or_(held.c.state != "open", _IS_SET)
        ),
    )
    .values(state="closed")
    .returning(held.c.id, held.c.decided_at)
)


async def close_empty(conn: AsyncConnection, marketplace: str) -> None:
    """Close groups of which nothing is left to hold or to send.

    An account that is not set up keeps only products that a person has decided on.
    Members on which nobody has decided are forgotten.
    """
    rows = await conn.execute(_CLOSE_EMPTY, {"of": marketplace})
    undecided = [row.id for row in rows.all() if row.decided_at is None]
    if undecided:
        await conn.execute(
            delete(held_member).where(held_member.c.group_id.in_(undecided))
        )
