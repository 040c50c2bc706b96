"""Which of all that waits for a person is asked for: by kind, place and producer."""

from collections import Counter
from dataclasses import dataclass

from catalog.errors import CatalogError
from catalog.model.reach import WHOLE_CATALOG
from catalog.places.commune import load_communes
from catalog.values import replace
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.service.department.all_work import AllWork, all_work
from ocop_sync.service.department.producers import one_producer
from ocop_sync.service.department.work_items import WorkItem
from ocop_sync.service.deployment import Deployment


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


async def chosen_work(deployment: Deployment, *, chosen: WorkFilter) -> AllWork:
    """Return what is chosen of all that waits for a person of the department.

    Whoever types a name wrongly is not told that nothing waits there.

    Raises:
        ConfigurationError: There is no such marketplace.
        NotInCatalogError: There is no such producer.
        CatalogError: There is no such commune.
    """
    if chosen.marketplace is not None:
        deployment.site(chosen.marketplace)
    if chosen.producer is not None:
        producer = chosen.producer
        await deployment.database.fetch(one_producer, producer, reach=WHOLE_CATALOG)
    communes = deployment.communes or load_communes()
    if chosen.commune not in {None, *communes.present}:
        message = (
            f"không có xã, phường mã {chosen.commune} từ 1/7/2025 / no commune has the"
            f" code {chosen.commune} since 1 July 2025"
        )
        raise CatalogError(message)
    return narrowed(await all_work(deployment), chosen)
