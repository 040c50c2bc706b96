"""Order lines of channels, as they are kept: each once.

The content of a line is decided in `catalog.commands.sell`, the effect of sales on the
available stock in `catalog.model.sale`. Functions over a connection that the caller
opened; none of them commits.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from catalog.db.tables import sale

_KNOWN = select(sale.c.order_line).where(
    sale.c.channel == bindparam("of"),
    sale.c.order_line.in_(IDS),
)
_SOLD: Any = (
    select(sale.c.sku, func.max(sale.c.sold_at))
    .where(
        sale.c.sku.in_(IDS),
        sale.c.heard_at >= bindparam("since"),
    )
    .group_by(sale.c.sku)
)


async def known_order_lines(
    conn: AsyncConnection, channel: str, lines: Sequence[str]
) -> set[str]:
    """Return which of the order lines of *channel* are written down already."""
    return {line for (line,) in await rows_of(conn, _KNOWN, lines, {"of": channel})}


async def add_sales(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write order lines down, none of which is known; the keys are the columns."""
    if rows:
        await conn.execute(sale.insert(), [*rows])


async def last_sold(
    conn: AsyncConnection, skus: Sequence[str], since: datetime
) -> dict[str, datetime]:
    """Return when each of *skus* was sold last, if that became known since then."""
    return dict(await rows_of(conn, _SOLD, skus, {"since": since}))
