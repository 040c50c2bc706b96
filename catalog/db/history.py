"""The history: each changed field of the catalog, in the transaction of its change.

One row says which field was changed, from which value to which, by which act or import,
and the revision of its product since. It is only ever added to; but values that may
tell of a person are erased after 30 days, or when the person is (`catalog.db.retention`
says which), and certificates that move up are followed. Sales of marketplaces change no
field. Functions over a connection that the caller opened; none of them commits.
"""

from collections.abc import (
    AsyncIterator,
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_for, rows_of
from catalog.db.field_changes import (
    WHOLE,
    Change,
    ChangedField,
    Entity,
    Key,
    provenance_key,
    sheet_key,
)
from catalog.db.provenance import stand_no_more, standing
from catalog.db.retention import KEPT_FOR, joined, parted
from catalog.db.tables import field_change, product

PAGE: Final = 1000

PLACE = field_change.c["entity", "subject", "key", "field"]
"""The columns of a place."""
VALUES = field_change.c[
    "before",
    "after",
    "personal_before",
    "personal_after",
    "erased_at",
    "supersedes",
]
"""The columns of a change behind its place, in the order that `change_of` reads."""

_REVISIONS: Any = select(*product.c["id", "revision"]).where(product.c.id.in_(IDS))
_OF_PRODUCERS: Any = (
    select(product.c.producer_id, func.min(product.c.revision))
    .where(product.c.producer_id.in_(IDS))
    .group_by(product.c.producer_id)
)
_AFTER: Any = (
    select(*field_change.c["entity", "key", "field"])
    .distinct()
    .where(
        field_change.c.subject == bindparam("of"),
        field_change.c.revision > bindparam("seen"),
        field_change.c.entity.in_((Entity.PRODUCT.value, Entity.VARIANT.value)),
    )
)
_CERTIFIED_AFTER: Any = (
    select(field_change.c.subject)
    .distinct()
    .where(
        field_change.c.subject.in_(IDS),
        field_change.c.revision > bindparam("seen"),
        field_change.c.entity == Entity.CERTIFICATE.value,
    )
)
_GONE = {"personal_before": None, "personal_after": None, "personal_until": None}
_ERASE = update(field_change).values(**_GONE, erased_at=bindparam("now"))
_ERASE_OLD = _ERASE.where(field_change.c.personal_until <= bindparam("now"))
_ERASE_OF = _ERASE.where(
    field_change.c.subject.in_(IDS), field_change.c.personal_until.is_not(None)
)


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes fields, and when.

    Attributes:
        name: The name under which the change is known: a person's, or "import" and the
            source.
        at: The instant, aware.
        act: Number of the act in the audit (`catalog.db.acts`); None where nobody
            acts but the service, or where the act is of a whole import.
    """

    name: str
    at: datetime
    act: int | None = None


async def keep_changes(
    conn: AsyncConnection,
    changes: Iterable[Change],
    by: Author,
    *,
    import_id: int | None = None,
    restored: Container[Key] = (),
) -> None:
    """Add changes, all of one act or import, to the history.

    They have been written already: the revision of each product is the present one.
    Each supersedes the change of its field that has stood so far; of *restored* fields
    an undoing has decided already which change stands.
    """
    rest = iter(changes)
    while page := list(islice(rest, PAGE)):
        revision_of = await _revisions(conn, [each.where for each in page])
        about = _about(by, import_id)
        rows = [
            {
                **about,
                "revision": None
                if _is_new_maker(each.where)
                else revision_of.get(each.where.subject),
                **values,
            }
            for each, values in zip(
                page,
                await _rows(conn, page, by.at, import_id is not None, restored),
                strict=True,
            )
        ]
        superseded = (row["supersedes"] for row in rows)
        await stand_no_more(conn, [n for n in superseded if n is not None])
        await conn.execute(insert(field_change), rows)


async def prepared_changes(
    conn: AsyncConnection, changes: Iterable[Change], at: datetime
) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield the changes of an import as rows, some at a time.

    They lack what is known only when they are made: the import, its act, and revisions
    (`catalog.db.prepared`).
    """
    rest = iter(changes)
    while page := list(islice(rest, PAGE)):
        yield await _rows(conn, page, at, True, ())


async def _rows(
    conn: AsyncConnection,
    page: Sequence[Change],
    at: datetime,
    is_imported: bool,
    restored: Container[Key],
) -> list[dict[str, Any]]:
    last = {
        each.where: place
        for each in page
        if (place := _last_word(each, is_imported)) and place not in restored
    }
    known = await _superseded(conn, last)
    return [
        {
            **values,
            "stands": each.where in last,
            "supersedes": known.get(each.where),
        }
        for each, values in zip(page, _values(page, at), strict=True)
    ]


async def _revisions(
    conn: AsyncConnection, places: Iterable[ChangedField]
) -> dict[str, int]:
    """Return the revision since which each subject is as changed.

    All products of a producer have got a new one, each another.
    """
    makers, products = set[str](), set[str]()
    for each in places:
        is_maker = each.entity is Entity.PRODUCER
        (makers if is_maker else products).add(each.subject)
    found: dict[str, int] = {}
    for query, ids in ((_REVISIONS, products), (_OF_PRODUCERS, makers)):
        if ids:
            rows = await conn.execute(query, {"ids": sorted(ids)})
            found |= {row[0]: row[1] for row in rows}
    return found


def _is_new_maker(where: ChangedField) -> bool:
    """Say whether a producer is new: its products tell that by their own revisions."""
    return where.entity is Entity.PRODUCER and where.field == WHOLE


def _last_word(change: Change, is_imported: bool) -> Key | None:
    """Return of which field a change is the last word; None for no product's."""
    if not is_imported:
        return provenance_key(change.where)
    return sheet_key(change.where, change.before, change.after)


async def _superseded(
    conn: AsyncConnection, last: Mapping[ChangedField, Key]
) -> dict[ChangedField, int]:
    """Return the numbers of the changes that have stood so far."""
    known = [
        where.subject
        for where in last
        if where.field != WHOLE or where.entity is Entity.VARIANT
    ]
    if not known:
        return {}
    numbers = await standing(conn, sorted(set(known)))
    return {where: numbers[key] for where, key in last.items() if key in numbers}


def _about(by: Author, import_id: int | None) -> dict[str, Any]:
    # A name stands in the act or the import, where it can be erased.
    is_told = by.act is not None or import_id is not None
    return {
        "act": by.act,
        "import_id": import_id,
        "changed_at": by.at,
        "changed_by": "" if is_told else by.name,
    }


def _values(changes: Iterable[Change], at: datetime) -> Iterator[dict[str, Any]]:
    for each in changes:
        before, personal_before = parted(each.where, each.before)
        after, personal_after = parted(each.where, each.after)
        is_personal = personal_before is not None or personal_after is not None
        yield {
            **each.where._asdict(),
            "before": before,
            "after": after,
            "personal_before": personal_before,
            "personal_after": personal_after,
            "personal_until": at + KEPT_FOR if is_personal else None,
        }


def change_of(row: Sequence[Any]) -> Change:
    """Return the change that a row of `PLACE` and `VALUES` holds."""
    entity, subject, key, field, *values = row
    before, after, personal_before, personal_after, erased_at, supersedes = values
    where = ChangedField(Entity(entity), subject, key, field)
    return Change(
        where,
        joined(where, before, personal_before),
        joined(where, after, personal_after),
        supersedes,
        erased=erased_at is not None,
    )


async def erase_old_values(conn: AsyncConnection, now: datetime) -> None:
    """Erase the values that have been kept for as long as they may be."""
    await conn.execute(_ERASE_OLD, {"now": now})


async def changed_after(
    conn: AsyncConnection, product_id: str, revision: int
) -> set[Key]:
    """Return the fields of a product and its packs that have changed after *revision*.

    They are those whose provenance is kept; a new pack is one with the field "".
    """
    rows = await conn.execute(_AFTER, {"of": product_id, "seen": revision})
    found: set[Key] = set()
    for entity, key, field in rows:
        where = ChangedField(Entity(entity), product_id, key, field)
        place = provenance_key(where)
        found.add((product_id, key, "") if place is None else place)
    return found


async def certified_after(
    conn: AsyncConnection, product_ids: Sequence[str], revision: int
) -> set[str]:
    """Return whose certificates have changed after *revision*, of these products.

    A new product is none of them.
    """
    rows = await rows_of(conn, _CERTIFIED_AFTER, product_ids, {"seen": revision})
    return {row[0] for row in rows}


async def erase_values_of(
    conn: AsyncConnection, subjects: Sequence[str], now: datetime
) -> None:
    """Erase all values about producers and products that may tell of a person."""
    await execute_for(conn, _ERASE_OF, subjects, {"now": now})
