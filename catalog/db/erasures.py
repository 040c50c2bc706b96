"""The erasures that withdrawn consent asks for, and the places of what they erase.

Which values are erased is decided in `catalog.commands.erasure`. Functions over a
connection that the caller opened; none of them commits.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_each, rows_of
from catalog.db.field_changes import Entity
from catalog.db.tables import confirmation, erasure, field_change
from catalog.model.erasure import Erasure, ErasureEnd

_PAGE: Final = 100
_COLUMNS = erasure.c["producer_id", "withdrawn_at", "due_at", "ended_at", "ended"]
_LAST = (
    select(*_COLUMNS)
    .where(erasure.c.producer_id == bindparam("of"))
    .order_by(erasure.c.id.desc())
    .limit(1)
)
_OPEN = select(*_COLUMNS).where(erasure.c.ended_at.is_(None))
_OF_SOME: Any = (
    select(*_COLUMNS).where(erasure.c.producer_id.in_(IDS)).order_by(erasure.c.id)
)
_END = (
    update(erasure)
    .where(erasure.c.producer_id == bindparam("of"), erasure.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"), ended=bindparam("how"))
)
_CHANGED = (
    update(field_change)
    .where(
        field_change.c.subject.in_(IDS),
        field_change.c.changed_by.in_(bindparam("names", expanding=True)),
    )
    .values(changed_by="")
)
_CHANGED_PRODUCER = (
    update(field_change)
    .where(field_change.c.subject == bindparam("of"), field_change.c.changed_by != "")
    .values(changed_by="")
)
_FORMER: Any = select(*field_change.c["personal_before", "personal_after"]).where(
    field_change.c.subject == bindparam("of"),
    field_change.c.entity == Entity.PRODUCER.value,
    field_change.c.field.in_(("name", "address", "certified_address")),
)
_CONFIRMED = (
    select(*confirmation.c["id", "held"])
    .where(confirmation.c.id > bindparam("after"))
    .order_by(confirmation.c.id)
    .limit(_PAGE)
)
_HELD = (
    update(confirmation)
    .where(confirmation.c.id == bindparam("of"))
    .values(held=bindparam("now_is"))
)


async def ask_for_erasure(conn: AsyncConnection, asked: Erasure) -> None:
    """Keep an erasure that is asked for."""
    values = {c.name: getattr(asked, c.name) for c in _COLUMNS}
    await conn.execute(insert(erasure), values)


async def last_erasure(conn: AsyncConnection, producer_id: str) -> Erasure | None:
    """Return the last erasure that was asked for a producer; None if none ever was."""
    row = (await conn.execute(_LAST, {"of": producer_id})).first()
    return None if row is None else _erasure(row)


async def open_erasures(conn: AsyncConnection) -> list[Erasure]:
    """Return the erasures that are asked for and not ended, the first due one first."""
    rows = (await conn.execute(_OPEN)).all()
    return sorted(map(_erasure, rows), key=lambda each: (each.due_at, each.producer_id))


async def withdrawn_among(
    conn: AsyncConnection, producer_ids: Sequence[str]
) -> dict[str, Erasure]:
    """Return the last erasures of producers that have not consented anew since."""
    found: dict[str, Erasure] = {}
    for row in await rows_of(conn, _OF_SOME, producer_ids):
        found[row.producer_id] = _erasure(row)
    return {
        id_: each
        for id_, each in found.items()
        if each.ended is not ErasureEnd.CONSENT_GIVEN
    }


async def end_erasure(
    conn: AsyncConnection, producer_id: str, how: ErasureEnd, at: datetime
) -> None:
    """End the erasure of a producer, if one is open."""
    await conn.execute(_END, {"of": producer_id, "how": how.value, "at": at})


async def forget_names_in_history(
    conn: AsyncConnection,
    producer_id: str,
    product_ids: Sequence[str],
    names: Collection[str],
) -> None:
    """Let a producer's fields have been changed by nobody; and so those of products.

    Of these only where *names* did it.
    """
    await conn.execute(_CHANGED_PRODUCER, {"of": producer_id})
    if product_ids and names:
        values = {"ids": list(product_ids), "names": sorted(names)}
        await conn.execute(_CHANGED, values)


async def former_words(conn: AsyncConnection, producer_id: str) -> set[str]:
    """Return the former names and addresses of a producer, as far as they are kept."""
    rows = await conn.execute(_FORMER, {"of": producer_id})
    return {text for row in rows for value in row for text in _texts_in(value)}


def _texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts_in(each)]
    return [value] if isinstance(value, str) else []


async def forget_words_in_confirmations(
    conn: AsyncConnection, words: Collection[str]
) -> None:
    """Erase words from the shown examples of what held an import.

    They stand inside of sentences; all confirmations are gone through, page by page.
    """
    after = 0
    while rows := (await conn.execute(_CONFIRMED, {"after": after})).all():
        after = rows[-1].id
        found = [(id_, held, _wordless(held, words)) for id_, held in rows]
        changed = [{"of": i, "now_is": new} for i, old, new in found if old != new]
        await execute_each(conn, _HELD, changed)


def _erasure(row: Any) -> Erasure:
    return Erasure(**row._asdict() | {"ended": ErasureEnd(row.ended)})


def _wordless(value: Any, words: Collection[str]) -> Any:
    if isinstance(value, str):
        for word in words:
            value = value.replace(word, "…")
        return value
    if isinstance(value, list):
        return [_wordless(each, words) for each in value]
    if isinstance(value, dict):
        return {key: _wordless(each, words) for key, each in value.items()}
    return value
