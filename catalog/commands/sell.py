"""Write sales down: each order line of a channel once, however often it comes.

Functions over a connection in a transaction of the caller; none of them commits. The
effect of sales on the available stock is decided in `catalog.model.sale`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.counters import next_numbers
from catalog.db.reader import products_by_sku
from catalog.db.sales import add_sales, known_order_lines
from catalog.db.writer import lock, revise
from catalog.errors import CatalogError
from catalog.model.sale import Sale

MAX_QUANTITY = 1_000_000
"""No order line holds more; a larger number is a mistake of its channel."""

LONGEST_LINE = 200
_NUMBER = "sale"
_LAST_MICROSECOND = timedelta(microseconds=999_999)


async def record_sales(
    conn: AsyncConnection, channel: str, sales: Sequence[Sale], *, now: datetime
) -> Sequence[str]:
    """Write down those of *sales* that are not known yet.

    An order line may come several times, and a known one is never changed. A sale of an
    SKU that the catalog does not have takes from nothing, and is left out: somebody
    else's goods.

    Returns:
        Ids of the products of which something new was sold, sorted; each has
        got a new revision.

    Raises:
        CatalogError: A sale has no order line, or no such quantity.
    """
    lines: dict[str, Sale] = {}
    for each in sales:
        _ensure_whole(each)
        lines.setdefault(each.order_line, each)
    if not lines:
        return []
    await lock(conn)
    products = await products_by_sku(conn, sorted({each.sku for each in sales}))
    known = await known_order_lines(conn, channel, list(lines))
    new = [
        each
        for line, each in lines.items()
        if line not in known and each.sku in products
    ]
    numbers = await next_numbers(conn, _NUMBER, len(new))
    rows = [
        {
            "channel": channel,
            "order_line": each.order_line,
            "n": n,
            "sku": each.sku,
            "quantity": each.quantity,
            "sold_at": each.sold_at if each.is_exact else _latest(each.sold_at),
            "heard_at": now,
        }
        for each, n in zip(new, numbers, strict=True)
    ]
    if not rows:
        return []
    await add_sales(conn, rows)
    return await revise(conn, {products[each.sku] for each in new})


def _ensure_whole(each: Sale) -> None:
    is_named = 0 < len(each.order_line) <= LONGEST_LINE
    if not is_named or not 0 < each.quantity <= MAX_QUANTITY:
        message = (
            f"dòng đơn hàng không đọc được / not an order line:"
            f" {each.order_line[:LONGEST_LINE]!r}, {each.quantity}"
        )
        raise CatalogError(message)


def _latest(sold_at: datetime) -> datetime:
    """Return the latest instant that is meant: channels tell whole seconds.

    A sale within the second of a count may not have been counted.
    """
    return sold_at if sold_at.microsecond else sold_at + _LAST_MICROSECOND
