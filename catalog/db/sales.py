"""Order lines of channels, as they are kept: each once.

What is written down of them is decided in `catalog.commands.sell`; what sales take
from what is available is said in `catalog.sale`. Functions over a connection that the
caller opened; none of them commits.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.reader import chunks
from catalog.db.tables import sale

_KNOWN = select(sale.c.order_line).where(
    sale.c.channel == bindparam("of"),
    sale.c.order_line.in_(bindparam("lines", expanding=True)),
)
_SOLD: Any = (
    select(sale.c.sku, func.max(sale.c.sold_at))
    .where(
        sale.c.sku.in_(bindparam("ids", expanding=True)),
        sale.c.heard_at >= bindparam("since"),
    )
    .group_by(sale.c.sku)
)


async def known_order_lines(
    conn: AsyncConnection, channel: str, lines: Sequence[str]
) -> set[str]:
    """Return which of the order lines of *channel* are written down already."""
    known: set[str] = set()
    for some in chunks(lines):
        rows = await conn.execute(_KNOWN, {"of": channel, "lines": some})
        known.update(line for (line,) in rows.all())
    return known


async def add_sales(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write order lines down, none of which is known; the keys are the columns."""
    if rows:
        await conn.execute(sale.insert(), [*rows])


async def last_sold(
    conn: AsyncConnection, skus: Sequence[str], since: datetime
) -> dict[str, datetime]:
    """Return when each of *skus* was sold last, if that became known since then."""
    found: dict[str, datetime] = {}
    for ids in chunks(skus):
        rows = await conn.execute(_SOLD, {"ids": ids, "since": since})
        found |= {row[0]: row[1] for row in rows}
    return found
