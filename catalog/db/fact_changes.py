"""The changes of facts that people stand for, read from the history.

They are consents, readiness for identification, papers, certificates and stops. A
person's word that says the same again is a change as well, with equal values: the
person stands for it from then on. Functions over a connection that the caller opened;
none of them commits.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, and_, bindparam, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from catalog.db.field_changes import WHOLE, Change, ChangedField, Entity, Touch
from catalog.db.history import PLACE, VALUES, change_of
from catalog.db.provenance import touch_of, with_touch
from catalog.db.tables import act, act_note, catalog_import, field_change

RESTORED: Final = "restored"
"""The field of a word from before there were acts: why a voided certificate counts."""

_TOUCH, _FROM = with_touch(field_change, field_change)
_IS_FACT = or_(
    field_change.c.entity.in_((Entity.PAPER.value, Entity.CERTIFICATE.value)),
    and_(
        field_change.c.entity == Entity.PRODUCER.value,
        field_change.c.field.in_(("consent", "identity_ready")),
    ),
    and_(
        field_change.c.entity == Entity.PRODUCT.value,
        field_change.c.field == "paused",
    ),
)
_IMPORTED = (
    # Those of one import stand side by side.
    select(field_change.c.n)
    .where(field_change.c.import_id == bindparam("number"))
    .limit(1)
    .scalar_subquery()
)
_SINCE: Any = (
    select(*PLACE, field_change.c.import_id, *_TOUCH)
    .select_from(_FROM)
    .where(field_change.c.subject.in_(IDS), field_change.c.n > _IMPORTED, _IS_FACT)
    .order_by(field_change.c.n)
)
_OF_CERTIFICATES: Any = (
    select(
        *PLACE,
        *VALUES,
        act.c.kind,
        act_note.c.reason,
        *field_change.c["act", "import_id"],
        *catalog_import.c["confirmed_by", "undoes"],
        *_TOUCH,
    )
    .select_from(_FROM.outerjoin(act_note, act_note.c.act == field_change.c.act))
    .where(
        field_change.c.subject == bindparam("subject"),
        field_change.c.entity == Entity.CERTIFICATE.value,
    )
    .order_by(field_change.c.n)
)
_RECOGNITIONS: Any = (
    select(*field_change.c["subject", "key"], *_TOUCH)
    .select_from(_FROM)
    .where(
        field_change.c.subject.in_(IDS),
        # As the index has it.
        text("field_change.entity = 'certificate'"),
        field_change.c.field.in_((WHOLE, "recognition")),
    )
    .order_by(field_change.c.n)
)
_OWN: Final = len(PLACE) + len(VALUES)


def fact_of(where: ChangedField) -> str:
    """Return the name of a fact: a field, a kind of paper, or "certificate"."""
    if where.entity is Entity.PAPER:
        return where.key
    return where.entity if where.entity is Entity.CERTIFICATE else where.field


async def facts_changed_since(
    conn: AsyncConnection, number: int, subjects: Sequence[str]
) -> dict[tuple[str, str], Touch]:
    """Return the last word on each fact since import *number*, by subject and fact.

    The import itself is left out.
    """
    found: dict[tuple[str, str], Touch] = {}
    rows = await rows_of(conn, _SINCE, subjects, {"number": number})
    for entity, subject, key, field, import_id, *touch in rows:
        where = ChangedField(Entity(entity), subject, key, field)
        if import_id != number:
            found[subject, fact_of(where)] = touch_of(*touch)
    return found


async def recognitions_entered(
    conn: AsyncConnection, product_ids: Sequence[str]
) -> dict[tuple[str, int], Touch]:
    """Return who last changed what a certificate recognises, by product and place.

    Only those are named that somebody decided or corrected by hand, and no sheet since.
    """
    rows = await rows_of(conn, _RECOGNITIONS, product_ids)
    last = {(subject, int(key)): touch_of(*touch) for subject, key, *touch in rows}
    return {place: touch for place, touch in last.items() if touch.is_entered}


class CertificateChange(NamedTuple):
    """A change of one part of a certificate, or a word about it.

    Attributes:
        change: The change.
        made_in: The act or the import with which it was made, by their numbers.
        touch: When, and by whom; by whom an import was confirmed as well.
        why: The words that came with the act; "" of a voiding, which has its own.
    """

    change: Change
    made_in: tuple[int | None, int | None]
    touch: Touch
    why: str


async def certificate_changes(
    conn: AsyncConnection, product_id: str
) -> list[CertificateChange]:
    """Return the changes of the certificates of a product, the earliest first."""
    rows = await conn.execute(_OF_CERTIFICATES, {"subject": product_id})
    return [_certificate_change(row) for row in rows]


def _certificate_change(row: Row[Any]) -> CertificateChange:
    change = change_of(row[:_OWN])
    kind, reason, act_n, import_id, confirmed_by, undoes, *touch = row[_OWN:]
    # A voiding has its reason among its values.
    is_told = change.where.field == "void" and kind != "restore_certificate"
    why = "" if is_told else reason or ""
    if change.where.field == RESTORED:
        why = _reason_of(change.after)
    made = touch_of(*touch)
    if confirmed_by:
        undone = f"hoàn tác lần nạp / undo of import {undoes}"
        made = Touch(made.at, f"{row.name} ({undone if undoes else made.by})".lstrip())
    return CertificateChange(change, (act_n, import_id), made, why)


def _reason_of(said: Mapping[str, str] | None) -> str:
    return (said or {}).get("reason", "")
