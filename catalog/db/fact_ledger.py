"""The ledger of attested facts: who said it, when, and the fact before.

It is only ever added to. It records consents, readiness for identification, papers,
changes of known certificates, and the acts of a person on named products (a pause, a
revocation); it does not record prices and texts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_each, rows_of
from catalog.db.tables import attestation
from catalog.model.certificate import Certificate
from catalog.model.fact import UNATTESTED, Attested
from catalog.model.paper import Paper

CERTIFICATE: Final = "certificate"
"""The name of a change of a known certificate."""

RESTORED: Final = "restored"
"""Why a voided certificate counts again."""

REVOKED: Final = "revoked"
"""The name of a person's revocation."""

Document = Mapping[str, str | None]
"""A fact as the ledger shows it: names and values, days in ISO 8601."""

_SINCE: Any = (
    select(*attestation.c["subject", "what", "entered_at", "who"])
    .where(
        attestation.c.subject.in_(IDS),
        attestation.c.entered_at >= bindparam("since"),
    )
    .order_by(attestation.c.id)
)
_OF_CERTIFICATES: Any = (
    select(*attestation.c["what", "entered_at", "who", "before", "after"])
    .where(
        attestation.c.subject == bindparam("subject"),
        attestation.c.what.in_((CERTIFICATE, RESTORED)),
    )
    .order_by(attestation.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One fact about one product or producer that has changed.

    Attributes:
        subject: Id of the product or producer.
        what: Name of the fact, such as "consent" or "food_safety".
        before: The fact before; None if there was none.
        after: The fact now.
    """

    subject: str
    what: str
    before: Document | None
    after: Document


def attested_document(fact: Attested) -> Document | None:
    """Return *fact* as the ledger shows it; None if nobody has said anything."""
    if fact == UNATTESTED:
        return None
    return {"value": fact.value.value, "by": fact.by, "on": _iso(fact.on)}


def paper_document(paper: Paper | None) -> Document | None:
    """Return *paper* as the ledger shows it; None if there is none."""
    if paper is None:
        return None
    held = attested_document(paper.held) or {"value": paper.held.value.value}
    return {**held, "expires_on": _iso(paper.expires_on)}


def certificate_document(certificate: Certificate | None) -> Document | None:
    """Return *certificate* as the ledger shows it; None if there is none.

    Unknown fields are left out.
    """
    if certificate is None:
        return None
    values = {name: getattr(certificate, name) for name in Certificate.__slots__}
    return {name: _text(value) for name, value in values.items() if value}


async def record(
    conn: AsyncConnection, statements: Sequence[Statement], *, now: datetime, who: str
) -> None:
    """Add *statements*, entered by *who* at *now*."""
    rows = [{"entered_at": now, "who": who, **asdict(each)} for each in statements]
    await execute_each(conn, insert(attestation), rows)


async def entered_since(
    conn: AsyncConnection, subjects: Sequence[str], since: datetime
) -> list[tuple[str, str, datetime, str]]:
    """Return subject, name, time and person of each entry since then, in order.

    The order is that of each subject.
    """
    rows = await rows_of(conn, _SINCE, subjects, {"since": since})
    return [(subject, what, at, who) for subject, what, at, who in rows]


async def entered_of_certificates(
    conn: AsyncConnection, product_id: str
) -> Sequence[tuple[str, datetime, str, Mapping[str, str] | None, Mapping[str, str]]]:
    """Return the entries on known certificates of a product, in order.

    Of each its name (`CERTIFICATE` or `RESTORED`), time, person, before and after.
    """
    rows = await conn.execute(_OF_CERTIFICATES, {"subject": product_id})
    return [(what, at, who, before, after) for what, at, who, before, after in rows]


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return "yes" if value is True else str(value)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
