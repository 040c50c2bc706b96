"""Sales: what was sold online, each order line once, as facts.

A sale takes from what is available as long as no later count has seen it:
available = on_hand - sales since `counted_at` - reserved - buffer. So it does
not matter in which order counts and sales become known. Which channels there
are, and how sales are heard of, is not known here; sales are written down in
`catalog.selling`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.columns import UtcDateTime
from catalog.tables import sale, variant

CHUNK = 1000
"""SKUs or order lines in one query; far below what either database accepts."""

_BEGINNING = literal(datetime(1970, 1, 1, tzinfo=UTC), UtcDateTime())

SOLD = (
    select(func.coalesce(func.sum(sale.c.quantity), 0))
    .where(
        sale.c.sku == variant.c.sku,
        # Sold in the very instant of the count means sold after it: the count
        # may not have seen it. A number that was never counted has seen none.
        sale.c.sold_at >= func.coalesce(variant.c.counted_at, _BEGINNING),
    )
    .correlate(variant)
    .scalar_subquery()
    .label("sold")
)
"""How many of a variant were sold since its count."""

_LATER = (
    select(sale.c.n, sale.c.channel, sale.c.sku, sale.c.quantity, sale.c.sold_at)
    .where(
        sale.c.sku.in_(bindparam("skus", expanding=True)),
        sale.c.n > bindparam("after"),
    )
    .order_by(sale.c.n)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Some of a variant that were sold in one order line.

    Attributes:
        order_line: What its channel calls it; unique there.
        sku: Of which variant.
        quantity: How many; 1 or more.
        sold_at: When, in UTC.
    """

    order_line: str
    sku: str
    quantity: int
    sold_at: datetime


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale that is known.

    Attributes:
        n: Its running number among all sales, as they became known.
        channel: Where.
        sku: Of which variant.
        quantity: How many.
        sold_at: When, in UTC; the end of the second where only that was told.
    """

    n: int
    channel: str
    sku: str
    quantity: int
    sold_at: datetime


async def sales_after(conn: AsyncConnection, skus: Sequence[str], n: int) -> list[Sold]:
    """Return the sales of *skus* that became known after number *n*, in order."""
    found: list[Sold] = []
    for start in range(0, len(skus), CHUNK):
        chosen = {"skus": skus[start : start + CHUNK], "after": n}
        rows = await conn.execute(_LATER, chosen)
        found += [Sold(*row) for row in rows.all()]
    return sorted(found, key=lambda each: each.n)
