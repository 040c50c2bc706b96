"""Sales: the online sales, each order line once, as facts.

A sale is taken off the available stock as long as no later count has seen it: available
= on_hand - sales since `counted_at` - reserved - buffer. So it does not matter in which
order counts and sales become known. Which channels there are, and how sales are heard
of, is not known here; sales are written down in `catalog.commands.sell` and read in
`catalog.db.reader`.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Some of a variant that were sold in one order line.

    Attributes:
        order_line: Its name in its channel; unique there.
        sku: Of which variant.
        quantity: How many; 1 or more.
        sold_at: When, in UTC.
        is_exact: The time is exact; else a whole second means any instant of it.
    """

    order_line: str
    sku: str
    quantity: int
    sold_at: datetime
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale that is known.

    Attributes:
        n: Its running number among all sales, as they became known.
        channel: Where.
        sku: Of which variant.
        quantity: How many.
        sold_at: When, in UTC; the end of the second where only that was told.
        heard_at: When it became known, in UTC.
    """

    n: int
    channel: str
    sku: str
    quantity: int
    sold_at: datetime
    heard_at: datetime
