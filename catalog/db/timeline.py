"""The history of one product, pack or producer, with who made each change and why.

Functions over a connection that the caller opened; none of them commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.field_changes import WHOLE, Change, Entity
from catalog.db.history import PLACE, VALUES, change_of
from catalog.db.tables import act, act_note, actor, catalog_import, field_change
from catalog.model.actor import Actor, ActorKind

_ABOUT = field_change.c["n", "act", "import_id", "changed_at", "changed_by", "revision"]
_PAGE: Select[Any] = (
    select(
        *PLACE,
        *VALUES,
        *_ABOUT,
        *act.c["kind", "acts_for"],
        actor.c.kind.label("actor_kind"),
        *actor.c["ref", "name", "os_user", "salt"],
        act_note.c.reason,
        catalog_import.c.file,
    )
    .outerjoin(act, act.c.n == field_change.c.act)
    .outerjoin(actor, actor.c.id == act.c.actor_id)
    .outerjoin(act_note, act_note.c.act == act.c.n)
    .outerjoin(catalog_import, catalog_import.c.id == field_change.c.import_id)
    .where(field_change.c.subject == bindparam("subject"))
    .order_by(field_change.c.n.desc())
    .limit(bindparam("size"))
)
_OF_PACK = or_(
    and_(
        field_change.c.entity == Entity.VARIANT.value,
        field_change.c.key == bindparam("pack"),
    ),
    # A pack that came with its product was made with it.
    and_(field_change.c.entity == Entity.PRODUCT.value, field_change.c.field == WHOLE),
)
_BEFORE = field_change.c.n < bindparam("before")
_QUERIES = {
    (is_pack, is_behind): _PAGE.where(
        *([_OF_PACK] if is_pack else []), *([_BEFORE] if is_behind else [])
    )
    for is_pack in (False, True)
    for is_behind in (False, True)
}


@dataclass(frozen=True, slots=True)
class TimelineSubject:
    """The subject of a timeline: a product or producer, or one *sku* of a product."""

    id: str
    name: str
    sku: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastChange:
    """A change of the history, with who made it, when and why.

    Attributes:
        n: Its number in the history.
        at: The instant of the change, in UTC.
        change: The field, before and after.
        revision: Revision of the product since; of a producer the lowest of its
            products since; None of a new one, or where nobody knows.
        act: Number of the act in the audit; None if there was none.
        kind: The act, as the audit calls it; "" if there was none.
        by: Who has acted, without origin; None if there was no act.
        is_forgotten: Whether the name of who has acted was erased.
        author: The name of who changed it without an act.
        reason: The words that came with the act.
        import_id: The import that made it; None if none did.
        file: The file of that import.
    """

    n: int
    at: datetime
    change: Change
    revision: int | None
    act: int | None
    kind: str
    by: Actor | None
    is_forgotten: bool
    author: str
    reason: str
    import_id: int | None
    file: str


async def past_changes(
    conn: AsyncConnection, of: TimelineSubject, *, before: int | None, size: int
) -> Sequence[PastChange]:
    """Return *size* changes with numbers below *before*, the latest first."""
    query = _QUERIES[bool(of.sku), before is not None]
    values: dict[str, object] = {"subject": of.id, "size": size}
    values |= {"pack": of.sku} if of.sku else {}
    values |= {} if before is None else {"before": before}
    return [_past_change(row) for row in await conn.execute(query, values)]


def _past_change(row: Row[Any]) -> PastChange:
    by: Actor | None = None
    if row.act is not None:
        by = Actor(
            kind=ActorKind(row.actor_kind),
            name=row.name,
            ref=row.ref,
            os_user=row.os_user,
            acts_for=row.acts_for,
        )
    return PastChange(
        n=row.n,
        at=row.changed_at,
        change=change_of(row[: len(PLACE) + len(VALUES)]),
        revision=row.revision,
        act=row.act,
        kind=row.kind or "",
        by=by,
        is_forgotten=row.salt == "",
        author=row.changed_by,
        reason=row.reason or "",
        import_id=row.import_id,
        file=row.file or "",
    )
