"""How fresh the marketplaces are: how long a change takes until it shows there.

It is measured from the entry into the catalog, or from the date by which a verdict
changed (`ocop_sync.service.evaluate.delay_beginnings`): hours without a worker, the
wait for a person, for the quota and for a review are in it. It ends twice: with the
marketplace's answer that it has applied the change, and with the read that shows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.service.deployment import Deployment
from ocop_sync.store.listings import change_delays
from ocop_sync.store.listings.change_delays import KEPT, DelayEnd

LONGEST: Final = KEPT
"""So far back delays are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """How long some changes took, in seconds; None of no change.

    Attributes:
        count: How many changes.
        p50_s: Half of them took so long at most; and so on.
    """

    count: int
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFreshness:
    """The changes of one marketplace that have ended in a window.

    Attributes:
        marketplace: Name of the marketplace.
        simulated: It is a mock.
        confirmed: From a change to the read that shows it.
        taken: From a change to the marketplace's answer; of the same and others.
        by_facet: The first of these, for each facet; "sale" is to be on sale or not.
        superseded: Changes whose value was replaced before it was sent.
        overtaken: Those whose value was replaced when it was sent, before a read.
        open: Changes that no read has shown yet, as of now.
    """

    marketplace: str
    simulated: bool
    confirmed: Percentiles
    taken: Percentiles
    by_facet: Mapping[str, Percentiles]
    superseded: int
    overtaken: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AllFreshness:
    """The freshness of all marketplaces, of changes that ended after *since*."""

    since: datetime
    as_of: datetime
    marketplaces: Sequence[ChangeFreshness]

    @property
    def simulated(self) -> bool:
        """Say whether any marketplace is a mock."""
        return any(each.simulated for each in self.marketplaces)


async def change_freshness(deployment: Deployment, window: timedelta) -> AllFreshness:
    """Return how long changes took that have ended in the last *window*.

    At most `LONGEST` is looked back.
    """
    now = deployment.clock()
    since = now - min(window, LONGEST)
    async with deployment.database.read() as conn:
        rows = await change_delays.ended_since(conn, since)
        waiting = await change_delays.count_open(conn)
    simulated = {
        site.name: site.adapter.capabilities.simulated for site in deployment.sites
    }
    names = sorted({*simulated, *waiting, *(row.marketplace for row in rows)})
    return AllFreshness(
        since=since,
        as_of=now,
        marketplaces=[
            _of(
                name,
                [row for row in rows if row.marketplace == name],
                waiting=waiting.get(name, 0),
                simulated=simulated.get(name, False),
            )
            for name in names
        ],
    )


async def shown_after(
    deployment: Deployment, window: timedelta
) -> Mapping[str, Percentiles]:
    """Return how long changes took that a read has shown in the last *window*.

    It is `ChangeFreshness.confirmed` of each marketplace, by its name, and nothing else
    is looked at.
    """
    since = deployment.clock() - min(window, LONGEST)
    found, waiting = await deployment.database.fetch_apart(_shown_and_open, since)
    names = sorted({*(site.name for site in deployment.sites), *waiting, *found})
    return {name: percentiles(found.get(name, ())) for name in names}


async def _shown_and_open(
    conn: AsyncConnection, since: datetime
) -> tuple[dict[str, list[float]], dict[str, int]]:
    return (
        await change_delays.shown_since(conn, since),
        await change_delays.count_open(conn),
    )


def _of(
    name: str, rows: Sequence[Any], *, waiting: int, simulated: bool
) -> ChangeFreshness:
    shown = [row for row in rows if row.outcome == DelayEnd.CONFIRMED]
    facets = sorted({row.facet for row in shown})
    return ChangeFreshness(
        marketplace=name,
        simulated=simulated,
        confirmed=percentiles(_seconds(shown)),
        taken=percentiles(
            (row.taken_at - row.changed_at).total_seconds()
            for row in rows
            if row.taken_at is not None
        ),
        by_facet={
            facet: percentiles(_seconds(row for row in shown if row.facet == facet))
            for facet in facets
        },
        superseded=sum(row.outcome == DelayEnd.SUPERSEDED for row in rows),
        overtaken=sum(row.outcome == DelayEnd.OVERTAKEN for row in rows),
        open=waiting,
    )


def _seconds(rows: Iterable[Any]) -> Iterable[float]:
    return ((row.ended_at - row.changed_at).total_seconds() for row in rows)


def percentiles(seconds: Iterable[float]) -> Percentiles:
    """Return the percentiles of *seconds*, by nearest rank: each is one of them."""
    found = sorted(seconds)

    def at(share: float) -> float | None:
        return round(found[ceil(share * len(found)) - 1], 3) if found else None

    return Percentiles(count=len(found), p50_s=at(0.5), p95_s=at(0.95), p99_s=at(0.99))
