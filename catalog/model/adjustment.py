"""Adjustments of stock: goods that came in, or left otherwise than by online sales.

An adjustment is a fact with a time, as a sale is (`catalog.model.sale`), and never a
new count: it counts as long as no later count has seen it. So two people who enter one
at the same time lose neither, whatever is sold meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AdjustmentReason(StrEnum):
    """Why the stock of a pack has changed."""

    MADE = "made"
    """Made, or bought in: more is there."""
    SOLD_ELSEWHERE = "sold_elsewhere"
    """Sold where no marketplace tells of it: at the gate, at a fair."""
    BROKEN = "broken"
    """Broken, spoilt, given away, or lost."""

    @property
    def adds(self) -> bool:
        """Say whether it makes the stock more."""
        return self is AdjustmentReason.MADE


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """One change of the stock of a pack.

    Attributes:
        sku: Of which pack.
        delta: How many came in; less than 0 if they left, never 0.
        reason: Why.
        happened_at: When, in UTC.
    """

    sku: str
    delta: int
    reason: AdjustmentReason
    happened_at: datetime
