"""What a monitoring system measures of the service, as the database knows it.

It is the same whichever process has worked, and is still known after a restart. Names
of accounts, marketplaces and outcomes alone are in it: no products, no people. Each
question is bounded, so that it may be asked every few seconds; but the listings that
show an ended claim, which are found by a look at each product on sale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.vietnam_time import day_in_vietnam
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.account_status import AccountStatus, account_statuses
from ocop_sync.service.queries.change_freshness import Percentiles, percentiles
from ocop_sync.service.queries.coverage_outlook import claims_ended
from ocop_sync.store.listings import change_delays, coverage, for_metrics
from ocop_sync.store.listings.coverage import BUCKETS
from ocop_sync.store.runs import heartbeats, work_counts
from ocop_sync.store.runs.work_counts import WorkCount

LATELY: Final = timedelta(hours=1)
"""Over so long the delays of changes are counted."""

ENDS_WITHIN: Final = (7, 30, 60, 90)
"""Days ahead for which ends of certificates are counted."""


COUNTED: Final = ("certified", "listable", *BUCKETS, "live_not_listable")
"""The figures of coverage that are told; with these the others can be worked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketplaceMeasurements:
    """How one marketplace stands.

    Attributes:
        simulated: It is a mock.
        confirmed: How long changes took that a read has lately shown.
        open_changes: Changes that no read has shown yet.
        held_groups: Groups above the budget that wait for a person.
        oldest_group_at: Since when the oldest of them waits.
        drift: Open drift, by kind.
        ends: Products whose claim ends within so many days.
        products: How many products are counted how, of `COUNTED`, by the last run;
            none if there was none.
    """

    name: str
    simulated: bool
    confirmed: Percentiles
    open_changes: int
    held_groups: int
    oldest_group_at: datetime | None
    drift: Mapping[str, int]
    ends: Mapping[int, int]
    products: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """How the service stands.

    Attributes:
        as_of: When it was asked.
        accounts: Each account.
        marketplaces: Each marketplace at which an account can be used.
        counts: How many runs have ended and changes were sent since the database began.
        beat_at: When a worker last gave a sign of life; None if none ever did.
    """

    as_of: datetime
    accounts: Sequence[AccountStatus]
    marketplaces: Sequence[MarketplaceMeasurements]
    counts: Sequence[WorkCount]
    beat_at: datetime | None


async def measure(deployment: Deployment) -> Measurements:
    """Return how the service stands now."""
    now = deployment.clock()
    statuses = await account_statuses(deployment)
    async with deployment.database.read() as conn:
        return Measurements(
            as_of=now,
            accounts=statuses,
            marketplaces=await _marketplaces(conn, deployment, now),
            counts=await work_counts.all_counts(conn),
            beat_at=await _last_beat(conn),
        )


async def _last_beat(conn: AsyncConnection) -> datetime | None:
    return max((each.at for each in await heartbeats.latest(conn, 1)), default=None)


async def count_ended_claims(deployment: Deployment) -> Mapping[str, int]:
    """Return how many listings on sale show an ended claim, by marketplace."""
    found = await claims_ended(deployment)
    return {
        site.name: sum(each.marketplace == site.name for each in found.listings)
        for site in deployment.sites
    }


async def _marketplaces(
    conn: AsyncConnection, deployment: Deployment, now: datetime
) -> list[MarketplaceMeasurements]:
    names = [site.name for site in deployment.sites]
    delays = await for_metrics.confirmed_since(conn, now - LATELY)
    waiting = await change_delays.count_open(conn)
    drift = await for_metrics.open_drift(conn, names)
    groups = {e.marketplace: e for e in await for_metrics.open_groups(conn, names)}
    ends = await _ends(conn, deployment, now)
    return [
        MarketplaceMeasurements(
            name=site.name,
            simulated=site.adapter.capabilities.simulated,
            confirmed=percentiles(
                (each.ended_at - each.changed_at).total_seconds()
                for each in delays
                if each.marketplace == site.name
            ),
            open_changes=waiting.get(site.name, 0),
            held_groups=groups[site.name].n if site.name in groups else 0,
            oldest_group_at=groups[site.name].oldest if site.name in groups else None,
            drift={
                each.kind: each.n for each in drift if each.marketplace == site.name
            },
            ends=ends[site.name],
            products=await _products(conn, site.name),
        )
        for site in deployment.sites
    ]


async def _products(conn: AsyncConnection, marketplace: str) -> Mapping[str, int]:
    kept = await coverage.last_kept(conn, marketplace)
    return {name: int(kept[name]) for name in COUNTED if name in kept}


async def _ends(
    conn: AsyncConnection, deployment: Deployment, now: datetime
) -> dict[str, dict[int, int]]:
    """Return how many products have a claim that ends soon, by marketplace."""
    of = {key: site.name for site in deployment.sites for key in site.accounts}
    # The last day counts whole, in Vietnam.
    by = now + timedelta(days=max(ENDS_WITHIN) + 1)
    rows = await for_metrics.ends_by(conn, list(of), now, by)
    today = day_in_vietnam(now)
    left = [(of[e.account], _days_to(e.ends_on, today), e.n) for e in rows]
    return {
        name: {
            days: sum(n for place, to, n in left if place == name and 0 <= to <= days)
            for days in ENDS_WITHIN
        }
        for name in set(of.values())
    }


def _days_to(day: str, today: date) -> int:
    return (date.fromisoformat(day) - today).days
