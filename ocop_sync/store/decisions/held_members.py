"""The members of held groups: the waiting changes of each product, and why.

They follow the catalog as long as the group is open. Once a person has decided, they
stay as that person saw them: changes are compared with their fingerprints before they
are sent.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import CHUNK, execute_each, execute_for, rows_of
from catalog.db.upsert import insert_in
from catalog.eligibility import Text
from ocop_sync.engine.approval.review import ReaskReason, Why, checksum
from ocop_sync.store.rows import values_of
from ocop_sync.store.tables import held_member

_IDS: Any = bindparam("ids", expanding=True)
_FORGET = delete(held_member).where(
    held_member.c.group_id == bindparam("of"), held_member.c.product_id.in_(_IDS)
)
_GROUPS: Any = bindparam("groups", expanding=True)
_OF_PRODUCTS = (
    select(held_member)
    .where(held_member.c.group_id.in_(_GROUPS), held_member.c.product_id.in_(_IDS))
    .order_by(held_member.c.group_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The waiting changes of one product in a group.

    Attributes:
        group_id: Number of the group.
        kinds: The kinds of change that wait.
        why: Why they are made.
        fingerprint: Stands for all that a person was shown; never for stock.
        reask_reason: Why a person is asked once more, if so.
        asked_at: Since when it waits, in UTC.
    """

    group_id: int
    product_id: str
    kinds: tuple[str, ...]
    why: Why
    fingerprint: str
    reask_reason: ReaskReason | None
    asked_at: datetime


def _member(row: Any) -> Member:
    return Member(
        group_id=row.group_id,
        product_id=row.product_id,
        kinds=tuple(row.kinds.split(",")),
        why=Why(row.why, Text(row.seen_vi, row.seen_en)),
        fingerprint=row.fingerprint,
        reask_reason=ReaskReason(row.reask_reason) if row.reask_reason else None,
        asked_at=row.asked_at,
    )


async def put(conn: AsyncConnection, found: Iterable[Member]) -> None:
    """Add members, or bring them up to date; since when they wait stays."""
    insert = insert_in(conn.dialect.name, held_member)
    kept = ("group_id", "product_id", "asked_at")
    statement = insert.on_conflict_do_update(
        index_elements=list(held_member.primary_key),
        set_={
            column.name: insert.excluded[column.name]
            for column in held_member.c
            if column.name not in kept
        },
    )
    await execute_each(conn, statement, map(_values, found))


def _values(member: Member) -> dict[str, Any]:
    seen = member.why.seen
    return values_of(member) | {
        "kinds": ",".join(member.kinds),
        "why": member.why.code,
        "seen_vi": seen.vi,
        "seen_en": seen.en,
        "reask_reason": member.reask_reason and member.reask_reason.value,
    }


async def leave_out(
    conn: AsyncConnection, group_id: int, present: Collection[str]
) -> None:
    """Forget the members of a group that are not *present* any more."""
    known = await conn.scalars(
        select(held_member.c.product_id).where(held_member.c.group_id == group_id)
    )
    gone = sorted(set(known) - set(present))
    await execute_for(conn, _FORGET, gone, {"of": group_id})


async def of_products(
    conn: AsyncConnection, group_ids: Collection[int], product_ids: Sequence[str]
) -> list[Member]:
    """Return the members for products, the oldest group first."""
    rows = await rows_of(conn, _OF_PRODUCTS, product_ids, {"groups": list(group_ids)})
    return [_member(row) for row in rows]


async def page(
    conn: AsyncConnection, group_id: int, after: str = "", size: int = CHUNK
) -> list[Member]:
    """Return at most *size* members of a group behind product *after*, by product."""
    rows = await conn.execute(
        select(held_member)
        .where(held_member.c.group_id == group_id, held_member.c.product_id > after)
        .order_by(held_member.c.product_id)
        .limit(size)
    )
    return [_member(row) for row in rows.all()]


_PLACE = func.row_number().over(
    partition_by=held_member.c.group_id, order_by=held_member.c.product_id
)
_RANKED = (
    select(held_member, _PLACE.label("place"))
    .where(held_member.c.group_id.in_(bindparam("groups", expanding=True)))
    .subquery()
)
_FIRST = (
    select(_RANKED)
    .where(_RANKED.c.place <= bindparam("size"))
    .order_by(_RANKED.c.group_id, _RANKED.c.product_id)
)


async def first(
    conn: AsyncConnection, group_ids: Collection[int], size: int
) -> dict[int, list[Member]]:
    """Return the first *size* members of each group, by its number."""
    rows = await conn.execute(_FIRST, {"groups": list(group_ids), "size": size})
    found: dict[int, list[Member]] = {}
    for row in rows.all():
        found.setdefault(row.group_id, []).append(_member(row))
    return found


async def asked_anew(
    conn: AsyncConnection, group_ids: Collection[int]
) -> dict[int, dict[str, int]]:
    """Return how many members of each group are asked about once more, by why."""
    rows = await conn.execute(
        select(
            held_member.c.group_id, held_member.c.reask_reason, func.count().label("n")
        )
        .where(
            held_member.c.group_id.in_(list(group_ids)),
            held_member.c.reask_reason.is_not(None),
        )
        .group_by(held_member.c.group_id, held_member.c.reask_reason)
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows.all():
        found.setdefault(row.group_id, {})[row.reask_reason] = row.n
    return found


async def count_kinds(
    conn: AsyncConnection, group_ids: Collection[int]
) -> dict[int, dict[tuple[str, ...], int]]:
    """Return how many members of each group need which kinds of change."""
    rows = await conn.execute(
        select(held_member.c.group_id, held_member.c.kinds, func.count().label("n"))
        .where(held_member.c.group_id.in_(list(group_ids)))
        .group_by(held_member.c.group_id, held_member.c.kinds)
        .order_by(held_member.c.group_id, held_member.c.kinds)
    )
    found: dict[int, dict[tuple[str, ...], int]] = {}
    for row in rows.all():
        found.setdefault(row.group_id, {})[tuple(row.kinds.split(","))] = row.n
    return found


async def measure(conn: AsyncConnection, group_id: int) -> tuple[int, str]:
    """Return the number of a group's members, and their checksum."""
    found = await conn.scalars(
        select(held_member.c.fingerprint)
        .where(held_member.c.group_id == group_id)
        .order_by(held_member.c.product_id)
    )
    fingerprints = found.all()
    return len(fingerprints), checksum(fingerprints)
