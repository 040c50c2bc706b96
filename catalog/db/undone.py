"""Writes of the undoing of an import to kept effects and changes.

Which effects end, stand again or are doubted, and where certificates move, is decided
in `catalog.undo.effects`. Functions over a connection in the transaction of the
undoing; none of them commits.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_each, rows_of
from catalog.db.field_changes import Entity
from catalog.db.tables import catalog_import, field_change, import_effect
from catalog.model.effect import EffectKind, Key

_THIS = (
    import_effect.c.product_id == bindparam("product"),
    import_effect.c.kind == bindparam("what"),
    import_effect.c.key == bindparam("about"),
    import_effect.c.import_id == bindparam("number"),
)
_SET = update(import_effect).where(*_THIS)
_STAND = _SET.values(stands=True)
_DOUBT = _SET.values(confirmed_in=None)
_MOVE = _SET.values(key=bindparam("now"))
_END = (
    update(import_effect)
    .where(import_effect.c.import_id == bindparam("number"))
    .values(stands=False, asks=False)
)
_GONE = delete(import_effect).where(
    import_effect.c.product_id == bindparam("product"),
    import_effect.c.kind == EffectKind.REVOKED.value,
    import_effect.c.key == bindparam("about"),
)
_REVOKED: Any = select(*import_effect.c["product_id", "key", "import_id"]).where(
    import_effect.c.product_id.in_(IDS),
    import_effect.c.kind == EffectKind.REVOKED.value,
)
_PLACES: Any = (
    select(*field_change.c["subject", "key", "n"])
    .outerjoin(catalog_import, catalog_import.c.id == field_change.c.import_id)
    .where(
        field_change.c.subject.in_(IDS),
        field_change.c.entity == Entity.CERTIFICATE.value,
        # Of those from before the history the place is not known.
        field_change.c.key != "",
        catalog_import.c.undone_in.is_(None),
        catalog_import.c.undoes.is_(None),
    )
)
_MOVE_CHANGE = (
    update(field_change)
    .where(field_change.c.n == bindparam("number"))
    .values(key=bindparam("now"))
)

Effects = Iterable[tuple[Key, int]]
"""Effects, each with the import that it is of."""


class CertificateMention(NamedTuple):
    """A kept row that names a certificate by its place.

    Attributes:
        product_id: Of which product.
        place: Where the certificate stands in the product's history.
        what: The kind of the effect; "" of a change.
        number: Of the effect's import; that of the change itself in the history.
    """

    product_id: str
    place: str
    what: str
    number: int


async def end_effects(conn: AsyncConnection, number: int) -> None:
    """Let no effect of import *number* stand."""
    await conn.execute(_END, {"number": number})


async def stand_again(conn: AsyncConnection, effects: Effects) -> None:
    """Let effects that had ended stand."""
    await _execute(conn, _STAND, effects)


async def doubt(conn: AsyncConnection, effects: Effects) -> None:
    """Let effects be unconfirmed again."""
    await _execute(conn, _DOUBT, effects)


async def _execute(conn: AsyncConnection, statement: Any, effects: Effects) -> None:
    values = [
        _values(CertificateMention(id_, about, kind.value, number))
        for (id_, kind, about), number in effects
    ]
    await execute_each(conn, statement, values)


async def forget_revocations(
    conn: AsyncConnection, gone: Mapping[str, Collection[int]]
) -> None:
    """Forget the effects on certificates that have gone, by product and place."""
    over = [
        {"product": id_, "about": str(place)}
        for id_ in sorted(gone)
        for place in gone[id_]
    ]
    await execute_each(conn, _GONE, over)


async def revocations_of(
    conn: AsyncConnection, product_ids: Sequence[str]
) -> list[CertificateMention]:
    """Return the effects that revoke certificates of products."""
    rows, kind = await rows_of(conn, _REVOKED, product_ids), EffectKind.REVOKED.value
    return [CertificateMention(id_, place, kind, n) for id_, place, n in rows]


async def certificate_changes_of(
    conn: AsyncConnection, product_ids: Sequence[str]
) -> list[CertificateMention]:
    """Return the changes of certificates of products, but those that are undone."""
    rows = await rows_of(conn, _PLACES, product_ids)
    return [CertificateMention(id_, place, "", n) for id_, place, n in rows]


Moves = Sequence[tuple[CertificateMention, str]]
"""Rows, each with the place that its certificate has now.

They are moved in this order: a new place has to be free by then.
"""


async def move_revocations(conn: AsyncConnection, moves: Moves) -> None:
    """Let effects name the new places of certificates."""
    await _carry(conn, _MOVE, moves)


async def move_certificate_changes(conn: AsyncConnection, moves: Moves) -> None:
    """Let changes name the new places of certificates."""
    values = [{"number": mention.number, "now": place} for mention, place in moves]
    await execute_each(conn, _MOVE_CHANGE, values)


async def _carry(conn: AsyncConnection, statement: Any, moves: Moves) -> None:
    values = [{**_values(mention), "now": place} for mention, place in moves]
    await execute_each(conn, statement, values)


def _values(mention: CertificateMention) -> dict[str, Any]:
    return {
        "product": mention.product_id,
        "what": mention.what,
        "about": mention.place,
        "number": mention.number,
    }
