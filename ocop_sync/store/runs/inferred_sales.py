"""Inferred sales, which no marketplace has told, for whoever asks.

A stock that showed lower than it was left is among the sales, under an order line of
our own (`ocop_sync.service.evaluate.inferred_sales`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.tables import sale, variant
from ocop_sync.store.runs.run_history import Which

INFERRED_LINE = "read/"
"""The beginning of the order line of such a sale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InferredSale:
    """A stock that showed lower, and counts as sold.

    Attributes:
        sku: The pack.
        quantity: How many were gone.
        seen_at: When a read showed it, in UTC.
    """

    account: str
    product_id: str
    sku: str
    quantity: int
    seen_at: datetime


async def inferred_of(
    conn: AsyncConnection, which: Which, most: int
) -> Sequence[InferredSale]:
    """Return the *most* latest inferred sales of the subjects of *which*.

    Of *which*, accounts and time count as well.
    """
    chosen = [
        variant.c.product_id.in_(list(which.subjects)),
        sale.c.order_line.startswith(INFERRED_LINE, autoescape=True),
    ]
    if which.accounts:
        chosen.append(sale.c.channel.in_(list(which.accounts)))
    if which.since is not None:
        chosen.append(sale.c.sold_at >= which.since)
    if which.until is not None:
        chosen.append(sale.c.sold_at < which.until)
    rows = await conn.execute(
        select(
            sale.c.channel,
            variant.c.product_id,
            sale.c.sku,
            sale.c.quantity,
            sale.c.sold_at,
        )
        .join_from(variant, sale, sale.c.sku == variant.c.sku)
        .where(*chosen)
        .order_by(sale.c.sold_at.desc(), sale.c.n.desc())
        .limit(most)
    )
    return [
        InferredSale(account=account, product_id=id_, sku=sku, quantity=n, seen_at=at)
        for account, id_, sku, n, at in rows.all()
    ]
