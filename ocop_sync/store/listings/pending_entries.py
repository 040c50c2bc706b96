"""Find the entries into the catalog that a marketplace has not been asked for yet.

They stand in the catalog's history, behind the revision of the product up to which its
listing was evaluated. Those of its producer count as well: they change its listing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, Select, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from catalog.db.field_changes import Entity
from catalog.db.tables import field_change, product
from ocop_sync.store.tables import listing, snapshot

_LISTING: Final = and_(
    listing.c.marketplace == bindparam("of"), listing.c.product_id == product.c.id
)


def _pending(subject: Column[Any]) -> Select[Any]:
    is_behind = and_(
        field_change.c.subject == subject,
        field_change.c.revision > func.coalesce(listing.c.evaluated_revision, 0),
    )
    joined = product.outerjoin(listing, _LISTING).outerjoin(field_change, is_behind)
    return (
        select(
            product.c.id,
            listing.c.until,
            *field_change.c["entity", "key", "field", "changed_at"],
        )
        .select_from(joined)
        .where(product.c.id.in_(IDS))
        .order_by(product.c.id, field_change.c.n)
    )


# Asked one after the other: with both in one, PostgreSQL would read all of a history.
_OF_PRODUCT, _OF_PRODUCER = _pending(product.c.id), _pending(product.c.producer_id)
_FIRST: Final = select(func.min(snapshot.c.at)).where(
    snapshot.c.marketplace == bindparam("of")
)


class PendingEntry(NamedTuple):
    """A field of a product or its producer, and when it was changed, in UTC."""

    entity: Entity
    key: str
    field: str
    at: datetime


@dataclass(slots=True)
class Pending:
    """The entries about one product, those of each field in their order.

    Attributes:
        until: When its verdict was to change by itself, by its last evaluation, in UTC.
        entries: Those that no evaluation has asked for.
    """

    until: datetime | None
    entries: list[PendingEntry] = field(default_factory=list)


async def counted_since(conn: AsyncConnection, marketplace: str) -> datetime | None:
    """Return when a whole sync there first ended; None if none ever has."""
    found: datetime | None = await conn.scalar(_FIRST, {"of": marketplace})
    return found


async def pending_entries(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> dict[str, Pending]:
    """Return the pending entries about *product_ids*; those not in the catalog lack."""
    found: dict[str, Pending] = {}
    values = {"of": marketplace}
    for query in (_OF_PRODUCT, _OF_PRODUCER):
        for id_, until, entity, *rest in await rows_of(
            conn, query, product_ids, values
        ):
            pending = found.setdefault(id_, Pending(until))
            if entity is not None:
                pending.entries.append(PendingEntry(Entity(entity), *rest))
    return found
