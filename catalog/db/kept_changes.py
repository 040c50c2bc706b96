"""The kept changes of imports: they are erased after 30 days.

Personal data may stand in it. So they are shown only to whoever asks for one import by
its number (`ocop-sync import show`), and no log, report or export holds any of it;
which import has changed a product is told without the changes. Functions over a
connection that the caller opened; none of them commits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from catalog.db.import_changes import KEPT_FOR, Change, ChangedField, Entity
from catalog.db.imports import Import
from catalog.db.provenance import Touch
from catalog.db.tables import catalog_import, import_change
from catalog.errors import PastImportError
from catalog.vietnam_time import VIETNAM

PAGE = 1000

_PLACE = import_change.c["entity", "subject", "key", "field"]
_VALUES = import_change.c["before", "after", "touched_at", "touched_by"]
_PAGE = (
    select(*_PLACE, *_VALUES)
    .where(import_change.c.import_id == bindparam("number"))
    .order_by(*_PLACE)
    .limit(bindparam("size"))
)
_NEXT = _PAGE.where(
    tuple_(*_PLACE) > tuple_(*(bindparam(f"last_{each.name}") for each in _PLACE))
)
_COUNT = select(func.count()).where(import_change.c.import_id == bindparam("number"))
_OVER = select(catalog_import.c.id).where(
    catalog_import.c.changes_until <= bindparam("now")
)
_FORGET = delete(import_change).where(import_change.c.import_id.in_(_OVER))
_OTHERS: Any = (
    select(
        import_change.c.import_id,
        *catalog_import.c["file", "imported_at", "undone_in"],
        *_PLACE,
        *_VALUES,
    )
    .join(catalog_import, catalog_import.c.id == import_change.c.import_id)
    .where(
        import_change.c.subject.in_(IDS),
        import_change.c.import_id != bindparam("number"),
        catalog_import.c.undoes.is_(None),
    )
)
_TOUCHING: Any = (
    select(
        *import_change.c["subject", "entity"],
        *catalog_import.c["id", "file", "imported_at"],
    )
    .distinct()
    .join(catalog_import, catalog_import.c.id == import_change.c.import_id)
    .where(import_change.c.subject.in_(IDS))
    .order_by(
        catalog_import.c.id.desc(), import_change.c.subject, import_change.c.entity
    )
)


async def keep_changes(
    conn: AsyncConnection, number: int, changes: Iterable[Change]
) -> None:
    """Keep the changes of import *number*."""
    rows = (
        {
            "import_id": number,
            **each.where._asdict(),
            "before": each.before,
            "after": each.after,
            "touched_at": each.touch.at if each.touch else None,
            "touched_by": each.touch.by if each.touch else None,
        }
        for each in changes
    )
    while page := list(islice(rows, PAGE)):
        await conn.execute(insert(import_change), page)


def ensure_kept(made: Import, now: datetime) -> None:
    """Raise `PastImportError` if the changes of an import are not kept."""
    until = made.changes_until
    if until is None:
        message = (
            f"lần nạp {made.id} có từ phiên bản trước, khi chưa lưu những gì một lần"
            f" nạp thay đổi / import {made.id} was made by an earlier version, which"
            " did not keep what an import changes"
        )
        raise PastImportError(message)
    if until <= now:
        day = until.astimezone(VIETNAM)
        message = (
            f"những gì lần nạp {made.id} thay đổi chỉ được giữ {KEPT_FOR.days} ngày,"
            f" đến {day:%d/%m/%Y}, rồi xóa / what import {made.id} changed was kept for"
            f" {KEPT_FOR.days} days, until {day:%Y-%m-%d}, and then erased"
        )
        raise PastImportError(message)


async def changes_page(
    conn: AsyncConnection,
    number: int,
    last: ChangedField | None = None,
    *,
    size: int = PAGE,
) -> Sequence[Change]:
    """Return changes of import *number*, the *size* ones behind *last*.

    They are sorted by their place; an empty page is the end.
    """
    values: dict[str, object] = {"number": number, "size": size}
    if last is None:
        rows = await conn.execute(_PAGE, values)
    else:
        behind = {f"last_{name}": value for name, value in last._asdict().items()}
        rows = await conn.execute(_NEXT, values | behind)
    return [change_of(row) for row in rows]


async def all_changes(conn: AsyncConnection, number: int) -> list[Change]:
    """Return all that import *number* has changed, as far as it is kept."""
    found: list[Change] = []
    while page := await changes_page(conn, number, found[-1].where if found else None):
        found += page
    return found


async def count_changes(conn: AsyncConnection, number: int) -> int:
    """Return how many changes of import *number* are kept."""
    return int((await conn.execute(_COUNT, {"number": number})).scalar_one())


async def forget_old_changes(conn: AsyncConnection, now: datetime) -> None:
    """Erase the changes that have been kept for as long as they may be."""
    await conn.execute(_FORGET, {"now": now})


@dataclass(frozen=True, slots=True)
class OtherChange:
    """A change of the same value by another import."""

    import_id: int
    file: str
    imported_at: datetime
    undone: bool
    change: Change


async def changes_by_others(
    conn: AsyncConnection, number: int, subjects: Sequence[str]
) -> list[OtherChange]:
    """Return the changes of imports but *number* to some subjects, latest first.

    Undoings are left out.
    """
    found: list[OtherChange] = []
    for row in await rows_of(conn, _OTHERS, subjects, {"number": number}):
        other, file, at, undone_in, *change = row
        undone = undone_in is not None
        found.append(OtherChange(other, file, at, undone, change_of(change)))
    return sorted(found, key=lambda each: -each.import_id)


@dataclass(frozen=True, slots=True)
class Touching:
    """An import that has changed something of a product; no value of it."""

    import_id: int
    file: str
    imported_at: datetime
    subject: str
    entities: tuple[Entity, ...]

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {
            "import": self.import_id,
            "file": self.file,
            "imported_at": self.imported_at,
            "product": self.subject,
            "changed": [entity.value for entity in self.entities],
        }


async def imports_touching(
    conn: AsyncConnection, subjects: Sequence[str]
) -> list[Touching]:
    """Return which imports have changed some products, as long as that is kept.

    The latest comes first.
    """
    found: dict[tuple[int, str], Touching] = {}
    for subject, entity, number, file, at in await rows_of(conn, _TOUCHING, subjects):
        before = found.get((number, subject))
        entities = (*(before.entities if before else ()), Entity(entity))
        found[number, subject] = Touching(number, file, at, subject, entities)
    return sorted(found.values(), key=lambda each: -each.import_id)


def change_of(row: Sequence[Any]) -> Change:
    """Return the change that a row of `_PLACE` and `_VALUES` holds."""
    entity, subject, key, field, before, after, at, by = row
    touch = None if at is None else Touch(at, by)
    return Change(
        ChangedField(Entity(entity), subject, key, field), before, after, touch
    )
