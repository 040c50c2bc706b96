"""The changes of imports, read from the history (`catalog.db.history`).

Personal data may stand in them, until they are erased. So they are shown only to
whoever asks for one import or one subject, and no log, report or export holds any of
it; which import has changed a product is told without the changes. Functions over a
connection that the caller opened; none of them commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from catalog.db.field_changes import Change, ChangedField, Entity
from catalog.db.history import PAGE, PLACE, VALUES, change_of
from catalog.db.imports import Import
from catalog.db.provenance import touch_of, with_touch
from catalog.db.retention import KEPT_FOR
from catalog.db.tables import catalog_import, field_change
from catalog.errors import PastImportError
from catalog.values import replace
from catalog.vietnam_time import VIETNAM

_SUPERSEDED = field_change.alias("superseded")
_TOUCH, _FROM = with_touch(
    _SUPERSEDED,
    field_change.outerjoin(_SUPERSEDED, _SUPERSEDED.c.n == field_change.c.supersedes),
)
_OWN = len(PLACE) + len(VALUES)
_PAGE: Select[Any] = (
    select(*PLACE, *VALUES, *_TOUCH)
    .select_from(_FROM)
    .where(field_change.c.import_id == bindparam("number"))
    .order_by(*PLACE)
    .limit(bindparam("size"))
)
_NEXT = _PAGE.where(
    tuple_(*PLACE) > tuple_(*(bindparam(f"last_{each.name}") for each in PLACE))
)
_COUNT = select(func.count()).where(field_change.c.import_id == bindparam("number"))
_OTHERS: Any = (
    select(
        field_change.c.import_id,
        *catalog_import.c["file", "imported_at", "undone_in"],
        *PLACE,
        *VALUES,
    )
    .join(catalog_import, catalog_import.c.id == field_change.c.import_id)
    .where(
        field_change.c.subject.in_(IDS),
        field_change.c.import_id != bindparam("number"),
        catalog_import.c.undoes.is_(None),
    )
)
_TOUCHING: Any = (
    select(
        *field_change.c["subject", "entity"],
        *catalog_import.c["id", "file", "imported_at"],
    )
    .distinct()
    .join(catalog_import, catalog_import.c.id == field_change.c.import_id)
    .where(
        field_change.c.subject.in_(IDS),
        field_change.c.import_id.is_not(None),
        field_change.c.changed_at >= bindparam("since"),
    )
    .order_by(catalog_import.c.id.desc(), field_change.c.subject, field_change.c.entity)
)


def ensure_recorded(made: Import) -> None:
    """Raise `PastImportError` if the changes of an import never were in the history."""
    if made.changes_until is None:
        message = (
            f"lần nạp {made.id} có từ phiên bản trước, khi chưa lưu những gì một lần"
            f" nạp thay đổi / import {made.id} was made by an earlier version, which"
            " did not keep what an import changes"
        )
        raise PastImportError(message)


def ensure_whole(made: Import, now: datetime) -> None:
    """Raise `PastImportError` if an import can be taken back no more."""
    ensure_recorded(made)
    until = made.changes_until
    if until is not None and until <= now:
        day = until.astimezone(VIETNAM)
        message = (
            f"lần nạp {made.id} chỉ hoàn tác được trong {KEPT_FOR.days} ngày, đến"
            f" {day:%d/%m/%Y}: sau đó các giá trị có thể là dữ liệu cá nhân đã bị xóa"
            f" / import {made.id} could be undone for {KEPT_FOR.days} days, until"
            f" {day:%Y-%m-%d}: then the values that may be personal data were erased"
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
    return [_with_touch(row) for row in rows]


def _with_touch(row: Row[Any]) -> Change:
    change, touch = change_of(row[:_OWN]), row[_OWN:]
    if touch[0] is None:
        return change
    return replace(change, touch=touch_of(*touch))


async def all_changes(conn: AsyncConnection, number: int) -> list[Change]:
    """Return all that import *number* has changed."""
    found: list[Change] = []
    while page := await changes_page(conn, number, found[-1].where if found else None):
        found += page
    return found


async def count_changes(conn: AsyncConnection, number: int) -> int:
    """Return how many changes import *number* has made."""
    return int((await conn.execute(_COUNT, {"number": number})).scalar_one())


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


async def imports_touching(
    conn: AsyncConnection, subjects: Sequence[str], since: datetime
) -> list[Touching]:
    """Return which imports have changed some products since then.

    The latest comes first.
    """
    found: dict[tuple[int, str], Touching] = {}
    rows = await rows_of(conn, _TOUCHING, subjects, {"since": since})
    for subject, entity, number, file, at in rows:
        before = found.get((number, subject))
        entities = (*(before.entities if before else ()), Entity(entity))
        found[number, subject] = Touching(number, file, at, subject, entities)
    return sorted(found.values(), key=lambda each: -each.import_id)
