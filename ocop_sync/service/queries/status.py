"""How everything stands, as the last runs have left it. No marketplace is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.deployment import Deployment, Unusable
from ocop_sync.service.queries.account_status import AccountStatus
from ocop_sync.service.queries.accounts import AccountSeen, accounts_seen
from ocop_sync.service.queries.explain import Explained, each_unsold
from ocop_sync.service.queries.unreadable import AllUnreadable, all_unreadable
from ocop_sync.service.run.coverage import figures_of
from ocop_sync.service.run.overdue import AllOverdue, overdue
from ocop_sync.service.run.read_ages import ReadAge, read_ages
from ocop_sync.service.run.unlike import AllUnlike, all_unlike
from ocop_sync.store.listings.coverage import Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How things stand, as of an instant in UTC; `figures` by marketplace.

    `read_ages` says how old reads are where they may be old, by marketplace.
    `overdue` are listings on sale that should not be so. `unlike` are those that are
    left alone: they do not resemble the product whose reference they carry. `products`
    are those that are not simply on sale, if they were asked for.
    """

    as_of: datetime
    figures: Mapping[str, Coverage]
    read_ages: Mapping[str, ReadAge]
    overdue: AllOverdue
    unreadable: AllUnreadable
    unlike: AllUnlike
    unusable: Sequence[Unusable]
    seen: Sequence[AccountSeen]
    products: Sequence[Explained] | None

    @property
    def accounts(self) -> Sequence[AccountStatus]:
        """Return how each account stands, by marketplace and key."""
        return [each.status for each in self.seen]


async def status(deployment: Deployment, *, products: bool = False) -> Status:
    """Return how things stand; with *products* also those not simply on sale."""
    now = deployment.clock()
    return Status(
        read_ages=await deployment.database.fetch(read_ages, deployment, now),
        figures={
            site.name: await figures_of(deployment, site) for site in deployment.sites
        },
        overdue=await overdue(deployment),
        unreadable=await all_unreadable(deployment),
        unlike=await all_unlike(await as_decided(deployment)),
        products=[e async for e in each_unsold(deployment)] if products else None,
        unusable=deployment.unusable_at(),
        seen=await accounts_seen(deployment, WHOLE_CATALOG),
        as_of=deployment.clock(),
    )
