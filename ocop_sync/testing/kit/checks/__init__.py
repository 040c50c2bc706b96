"""The checks of the kit, in the order in which an author meets them.

Each module holds the checks of one subject; a new one is added to `CHECKS`.
"""

from typing import Final

from ocop_sync.testing.kit.check import Check
from ocop_sync.testing.kit.checks import (
    counting,
    facets,
    failing_reads,
    failing_writes,
    finding,
    life,
    packs,
    pages,
    read_age,
    reviews,
    sellers,
    shape,
    steps,
    stock,
    taking_over,
)

CHECKS: Final[tuple[Check, ...]] = (
    *shape.CHECKS,
    *life.CHECKS,
    *facets.CHECKS,
    *packs.CHECKS,
    *stock.CHECKS,
    *pages.CHECKS,
    *read_age.CHECKS,
    *finding.CHECKS,
    *taking_over.CHECKS,
    *reviews.CHECKS,
    *sellers.CHECKS,
    *counting.CHECKS,
    *failing_reads.CHECKS,
    *failing_writes.CHECKS,
    *steps.CHECKS,
)
