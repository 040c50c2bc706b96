"""Decisions on certificates as they are stored: their numbers, acts, confirmed ends.

A person who has entered an earlier end, and was told what it takes from buyers, stands
for that end: it passes outside the budget on its day. Functions over a connection that
the caller opened; none of them commits.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from catalog.db.field_changes import Change, Entity
from catalog.db.history import PLACE, VALUES, change_of
from catalog.db.tables import act, certificate, confirmed_end, field_change
from catalog.db.upsert import upsert

_RECOGNISING: Any = select(
    certificate.c.product_id, certificate.c.decision, certificate.c.decided_on
).where(
    certificate.c.decided_on.between(bindparam("first"), bindparam("last")),
    certificate.c.decision != "",
    certificate.c.voided_by == "",
)
_REVOKING: Any = select(
    certificate.c.product_id, certificate.c.revoked_by, certificate.c.revoked_on
).where(
    certificate.c.revoked_on.between(bindparam("first"), bindparam("last")),
    certificate.c.revoked_by != "",
    certificate.c.voided_by == "",
)
OF_YEAR: Final = union_all(_RECOGNISING, _REVOKING)
"""The decisions of a year: those that grant stars, and those that revoke them."""

_ACT: Any = select(act.c.kind, act.c.subjects).where(act.c.n == bindparam("n"))
_CERTIFICATES: Any = field_change.c.entity == Entity.CERTIFICATE.value
_CHANGES: Any = (
    select(field_change.c.n, *PLACE, *VALUES)
    .where(
        field_change.c.subject.in_(IDS),
        field_change.c.act == bindparam("act"),
        _CERTIFICATES,
    )
    .order_by(field_change.c.n)
)
_SINCE: Any = select(field_change.c.subject, field_change.c.key).where(
    field_change.c.subject.in_(IDS), field_change.c.n > bindparam("last"), _CERTIFICATES
)


class CertificateActRow(NamedTuple):
    """An act of the audit: what it was, and upon which products."""

    kind: str
    subjects: Sequence[str]


async def decisions_of_year(
    conn: AsyncConnection, year: int
) -> list[tuple[str, str, date]]:
    """Return product, number and day of all decisions of *year*."""
    days = {"first": date(year, 1, 1), "last": date(year, 12, 31)}
    rows = await conn.execute(OF_YEAR, days)
    return [(id_, text, day) for id_, text, day in rows]


async def stand_for_ends(conn: AsyncConnection, ends: Mapping[str, str]) -> None:
    """Keep for which end of its certificates, by product, a person stands."""
    rows = [{"product_id": id_, "ends_on": end} for id_, end in sorted(ends.items())]
    if rows:
        await conn.execute(upsert(conn, confirmed_end), rows)


async def certificate_act(conn: AsyncConnection, n: int) -> CertificateActRow | None:
    """Return act *n* of the audit; None if there is none."""
    row = (await conn.execute(_ACT, {"n": n})).first()
    return None if row is None else CertificateActRow(row.kind, row.subjects)


async def changes_of_act(
    conn: AsyncConnection, n: int, subjects: Sequence[str]
) -> dict[str, list[tuple[int, Change]]]:
    """Return what act *n* has changed of certificates, by product, with its numbers."""
    found: dict[str, list[tuple[int, Change]]] = {}
    for row in await rows_of(conn, _CHANGES, subjects, {"act": n}):
        change = change_of(row[1:])
        found.setdefault(change.where.subject, []).append((row[0], change))
    return found


async def changes_since(
    conn: AsyncConnection, last: int, subjects: Sequence[str]
) -> list[tuple[str, str]]:
    """Return product and place of the certificates changed behind number *last*."""
    rows = await rows_of(conn, _SINCE, subjects, {"last": last})
    return [(subject, key) for subject, key in rows]
