"""The reminders of a producer: papers to bring, and certificates that end soon.

They are the entries of the department's worklists about its products.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from catalog.model.product import Entry
from catalog.queries.worklists import Ending, Lack, in_order
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.worklists import of_products

DAYS: Final = 90
"""So many days before its end a certificate is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """The reminders about some products.

    Attributes:
        lacks: The papers for want of which a product is held or blocked, by product.
        ends: The certificates that end soon, the first end first.
    """

    lacks: Sequence[Lack] = field(default_factory=tuple)
    ends: Sequence[Ending] = field(default_factory=tuple)


async def reminders_of(deployment: Deployment, entries: Sequence[Entry]) -> Reminders:
    """Return the reminders about *entries*, as of now."""
    found = await deployment.database.fetch(
        of_products,
        entries,
        rules=deployment.rules,
        at=deployment.clock(),
        days=DAYS,
    )
    return Reminders(lacks=found.lacks.rows, ends=in_order(found.ends.rows))
