"""What a file would change, and what it takes from buyers, for whoever decides on it.

It is kept with the report of the file, in one order: what buyers lose, the doubtful
prices and the moved days, then, of a file of which nothing was written, each value that
it would change. How many there are is kept; of the changes, the first ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.field_changes import Change, ChangeLog
from catalog.db.overflow import Growing
from catalog.db.writer import Difference, compare_producers, compare_products
from catalog.imports.evaluated_feed import EvaluatedFeed
from catalog.imports.missing import note_naming

MOST_CHANGES: Final = 5_000
"""So many changes are kept; all are counted."""

TAKES: Final = "takes"
PRICES: Final = "prices"
DAYS: Final = "days"
CHANGES: Final = "changes"


@dataclass(frozen=True, slots=True)
class Preview:
    """What an evaluated feed would change, or takes.

    Attributes:
        feed: The feed.
        changed: The first values that it would change.
        count: How many values it would change; 0 if they were written.
    """

    feed: EvaluatedFeed
    changed: Growing[dict[str, Any]]
    count: int

    def counts(self) -> dict[str, int]:
        """Return how many of each kind there are, and how many changes are *kept*."""
        tally = self.feed.intake.tally
        is_open = self.feed.accepted is None
        return {
            TAKES: len(self.feed.intake.taken.entered) if is_open else 0,
            PRICES: len(tally.prices) if is_open else 0,
            DAYS: len(tally.days) if is_open else 0,
            CHANGES: self.count,
            "kept": len(self.changed),
        }

    def documents(self) -> Iterator[dict[str, Any]]:
        """Yield all of it in its order."""
        return chain(self._asked(), self.changed)

    def _asked(self) -> Iterator[dict[str, Any]]:
        if self.feed.accepted is not None:
            return
        taken, tally = self.feed.intake.taken, self.feed.intake.tally
        for key, each in sorted(taken.entered.items()):
            yield {
                "product": each.product_id,
                "name": each.name,
                "kind": each.kind.value,
                "key": each.key,
                "decision": each.decision,
                "later": key in taken.later,
            }
        for sku, price in sorted(tally.prices.items()):
            yield {
                "product": price.product_id,
                "pack": price.called or sku,
                "before": price.before,
                "after": price.after,
            }
        for _, day in sorted(tally.days.items()):
            yield {
                "product": day.product_id,
                "column": day.column,
                "before": day.before.isoformat(),
                "after": day.after.isoformat(),
            }


async def preview_of(conn: AsyncConnection, feed: EvaluatedFeed) -> Preview:
    """Return what *feed* would change, or takes; of what is written only the latter.

    Raises:
        CatalogError: An entry lacks a variant that the catalog holds.
    """
    log, view = ChangeLog(), feed.view
    if not feed.report.written:
        for makers in view.producers():
            await compare_producers(conn, makers, Difference(log=log))
        for items in view.products(confirmed=feed.accepted is not None):
            await compare_products(conn, items, Difference(log=log))
        await note_naming(log, feed.naming)
    changes = log.changes()
    kept = Growing(map(_document, islice(changes, MOST_CHANGES)))
    return Preview(feed, kept, len(kept) + sum(1 for _ in changes))


def _document(change: Change) -> dict[str, Any]:
    return {
        "where": list(map(str, change.where)),
        "before": change.before,
        "after": change.after,
    }
