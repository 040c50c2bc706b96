"""Packs with what is known of their product: whose it is, and its revision.

Functions over a connection that the caller opened; none of them commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_each, rows_of
from catalog.db.counters import next_numbers
from catalog.db.field_changes import Change, ChangedField, Entity
from catalog.db.from_rows import variants_of
from catalog.db.history import Author, keep_changes
from catalog.db.reader import ADJUSTED, SOLD
from catalog.db.tables import adjustment, product, variant
from catalog.model.adjustment import Adjustment
from catalog.model.product import Variant

_NUMBER = "adjustment"
_OF = (
    select(product.c.producer_id, product.c.revision, *variant.c, SOLD, ADJUSTED)
    .join(product, product.c.id == variant.c.product_id)
    .where(variant.c.sku.in_(IDS))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack, and what is known of its product.

    Attributes:
        product_id: Its product.
        producer_id: The producer of that; None if not known.
        revision: The revision of that.
        variant: The pack itself.
    """

    product_id: str
    producer_id: str | None
    revision: int
    variant: Variant


async def packs_by_sku(conn: AsyncConnection, skus: Sequence[str]) -> dict[str, Pack]:
    """Return packs by SKU; unknown ones are left out."""
    rows: list[Any] = await rows_of(conn, _OF, skus)
    found: dict[str, Pack] = {}
    for producer_id, revision, *row in rows:
        ((product_id, (made,)),) = variants_of([row]).items()
        found[made.sku] = Pack(
            product_id=product_id,
            producer_id=producer_id,
            revision=revision,
            variant=made,
        )
    return found


async def add_adjustments(
    conn: AsyncConnection, adjustments: Sequence[tuple[str, Adjustment]], by: Author
) -> None:
    """Write adjustments down, each with its product, which has a new revision already.

    They go to the history as well.
    """
    numbers = await next_numbers(conn, _NUMBER, len(adjustments))
    rows = [
        {
            "n": n,
            "sku": each.sku,
            "delta": each.delta,
            "reason": each.reason.value,
            "happened_at": each.happened_at,
            "entered_at": by.at,
        }
        for n, (_, each) in zip(numbers, adjustments, strict=True)
    ]
    await execute_each(conn, insert(adjustment), rows)
    changes = [_change(*each) for each in adjustments]
    await keep_changes(conn, changes, by)


def _change(product_id: str, made: Adjustment) -> Change:
    where = ChangedField(Entity.VARIANT, product_id, made.sku, "adjustment")
    return Change(where, None, {"delta": made.delta, "reason": made.reason.value})
