"""When, and by whom, each field of a product, a pack or a producer last changed.

It is read from the history (`catalog.db.history`): the changes that stand. A new
product has one as a whole, and one more for each field that has changed since. An
undoing lets the changes stand again that the import had superseded. It tells an import
the changes after its sheet was exported, which the sheet cannot know.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import FromClause, Select, bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_each, rows_of
from catalog.db.field_changes import ChangedField, Entity, Key, Touch, provenance_key
from catalog.db.tables import act, actor, catalog_import, field_change

ENTERING: Final = frozenset(
    {
        *("add_product", "edit_product", "move_product"),
        *("add_producer", "edit_producer"),
        *("grant_certificate", "reassess_certificate", "correct_certificate"),
        "undo_certificates",
    }
)
"""The acts by which the department enters values that are its own."""

_STANDING = (
    field_change.c.subject.in_(IDS),
    # As the index has it; for SQLite we would get stands = 1.
    text("field_change.stands"),
)
_PLACE = field_change.c["entity", "subject", "key", "field"]
_NUMBERS: Select[Any] = select(field_change.c.n, *_PLACE).where(*_STANDING)
_THIS = update(field_change).where(field_change.c.n == bindparam("number"))
_STAND = _THIS.values(stands=True)
_STAND_NO_MORE = _THIS.values(stands=False)


def with_touch(changes: FromClause, from_: FromClause) -> tuple[Any, FromClause]:
    """Return the columns that `touch_of` reads of *changes*, and what to select from.

    *changes* are rows of the history under any name, *from_* what has them.
    """
    columns = (
        *changes.c["changed_at", "changed_by"],
        *catalog_import.c["source", "exported_at"],
        actor.c.name,
        act.c.kind,
    )
    joined = (
        from_.outerjoin(catalog_import, catalog_import.c.id == changes.c.import_id)
        .outerjoin(act, act.c.n == changes.c.act)
        .outerjoin(actor, actor.c.id == act.c.actor_id)
    )
    return columns, joined


_COLUMNS, _FROM = with_touch(field_change, field_change)
_OF: Select[Any] = select(*_PLACE, *_COLUMNS).select_from(_FROM).where(*_STANDING)


def touch_of(  # noqa: PLR0917 (one for each column that is read)
    at: datetime,
    by: str,
    source: str | None,
    exported_at: datetime | None,
    name: str | None,
    kind: str | None,
) -> Touch:
    """Return when and by whom a change was made: a person, or "import" and a source.

    Of an exported sheet the instant of its export is a part of that.
    """
    if by or source is None:
        return Touch(at, by or name or "", is_entered=kind in ENTERING)
    return Touch(at, author_of(source, exported_at))


def author_of(source: str, exported_at: datetime | None) -> str:
    """Return the name under which the changes by a sheet of *source* are known."""
    stamp = "" if exported_at is None else f" {exported_at.isoformat()}"
    return f"import {source}{stamp}"


Touches = frozenset[tuple[Key, Touch]]
"""The last changes of one product, by their place."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """The last changes of some products, by their place."""

    _touches: Mapping[Key, Touch]

    def of(self, product_id: str, sku: str, field: str) -> Touch | None:
        """Return the last change of a field; None if there is no trace of one."""
        touches = self._touches
        return (
            touches.get((product_id, sku, field))
            or touches.get((product_id, sku, ""))
            or touches.get((product_id, "", ""))
        )

    def by_product(self) -> Mapping[str, Touches]:
        """Return the changes by product."""
        found: dict[str, set[tuple[Key, Touch]]] = {}
        for key, touch in self._touches.items():
            found.setdefault(key[0], set()).add((key, touch))
        return {id_: frozenset(some) for id_, some in found.items()}

    def touched(self, keys: Iterable[Key], touch: Touch) -> "Provenance":
        """Return these changes, and *touch* as the last one under *keys*."""
        return Provenance({**self._touches, **dict.fromkeys(keys, touch)})


NOTHING_KNOWN = Provenance({})
"""Of no product."""


async def provenance_of(conn: AsyncConnection, ids: Sequence[str]) -> Provenance:
    """Return the last changes of the products or producers *ids*."""
    found: dict[Key, Touch] = {}
    for entity, subject, key, field, *rest in await rows_of(conn, _OF, ids):
        place = provenance_key(ChangedField(Entity(entity), subject, key, field))
        if place is not None:
            found[place] = touch_of(*rest)
    return Provenance(found)


async def standing(conn: AsyncConnection, ids: Sequence[str]) -> dict[Key, int]:
    """Return the numbers of the changes of *ids* that stand, by their place."""
    found: dict[Key, int] = {}
    for n, entity, subject, key, field in await rows_of(conn, _NUMBERS, ids):
        place = provenance_key(ChangedField(Entity(entity), subject, key, field))
        if place is not None:
            found[place] = n
    return found


async def stand_no_more(conn: AsyncConnection, numbers: Iterable[int]) -> None:
    """Let changes stand no more: others have superseded them."""
    await execute_each(conn, _STAND_NO_MORE, [{"number": n} for n in numbers])


async def restore_provenance(
    conn: AsyncConnection, before: Mapping[Key, int | None]
) -> None:
    """Let the changes *before* stand in the place of those that do; None for none."""
    ids: Collection[str] = {product_id for product_id, _, _ in before}
    known = await standing(conn, sorted(ids))
    await stand_no_more(conn, [known[key] for key in before if key in known])
    again = [{"number": n} for n in before.values() if n is not None]
    await execute_each(conn, _STAND, again)
