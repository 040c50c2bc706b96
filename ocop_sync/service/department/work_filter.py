"""Which of all that waits for a person is asked for: by kind, place and producer."""

from collections import Counter
from dataclasses import dataclass, replace

from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.service.department.all_work import AllWork
from ocop_sync.service.department.work_items import WorkItem


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFilter:
    """Which of all that waits; what is None narrows nothing.

    Attributes:
        kind: Only of this kind.
        marketplace: Only of this marketplace.
        commune: Only of producers in this commune, by its code since 1 July 2025.
        producer: Only of this producer and its products.
        only_today: Only what is to be decided today.
    """

    kind: WorkKind | None = None
    marketplace: str | None = None
    commune: str | None = None
    producer: str | None = None
    only_today: bool = False

    def takes(self, each: WorkItem) -> bool:
        """Say whether something belongs to the list, of whatever kind it is."""
        return (
            self.marketplace in {None, each.marketplace}
            and self.commune in {None, each.commune}
            and self.producer in {None, each.producer}
            and not (self.only_today and each.kind.can_wait)
        )


def narrowed(found: AllWork, chosen: WorkFilter) -> AllWork:
    """Return what is chosen of all that waits.

    The counts are those of every kind that the other filters leave, so that they say
    what another kind would give.
    """
    among = [each for each in found.items if chosen.takes(each)]
    counts = Counter(each.kind for each in among)
    return replace(
        found,
        counts={kind: counts[kind] for kind in WorkKind},
        items=[each for each in among if chosen.kind in {None, each.kind}],
    )
