"""All figures of the first page at once, as of one instant, so that their sums agree.

A walk through the whole catalog for each marketplace, and one for its trend, take long
where it is large: they are walked beside the event loop, where others go on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import (
    AskedDay,
    DayCoverage,
    Dimension,
)
from ocop_sync.service.run.read_ages import read_ages
from ocop_sync.store.listings import coverage_at_once, coverage_days

LOOKED_BACK: Final = 91
"""Days of the trend: thirteen weeks."""
_EVERY: Final = 7
_OF_SHARE: Final = ("certified", "listed")
"""The figures of parts and of past days: a share alone is shown of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOverview:
    """The figures of a day, told apart in each way, and those of days before.

    Attributes:
        whole: By marketplace alone.
        by: What is listed and certified, by marketplace and part, for each dimension.
        past: What is listed and certified on each of `trend_days`, the first day first;
            the last is this day.
    """

    whole: DayCoverage
    by: Mapping[Dimension, DayCoverage]
    past: Sequence[DayCoverage]


async def coverage_overview(
    deployment: Deployment, day: date | None
) -> CoverageOverview:
    """Return the overview of *day*, or of now.

    Raises:
        QuestionError: The day has not come yet.
    """
    now = deployment.clock()
    return await deployment.database.fetch_apart(_overview, deployment, day, now)


async def _overview(
    conn: AsyncConnection, deployment: Deployment, day: date | None, now: datetime
) -> CoverageOverview:
    began = await coverage_days.history_began(conn)
    asked = AskedDay.of(deployment, day, (), began, now)
    found = {
        name: await coverage_at_once.count_parts(conn, name, asked.instant, _OF_SHARE)
        for name in asked.known
    }
    whole = asked.told(None, {name: [e.whole] for name, e in found.items()})
    if asked.is_now:
        whole = replace(whole, read_ages=await read_ages(conn, deployment, now))
    first = min(map(day_in_vietnam, began.values()), default=None)
    past = [
        AskedDay.of(deployment, each, (), began, now)
        for each in trend_days(whole.day, first)
    ]
    return CoverageOverview(
        whole=whole,
        by={
            by: asked.told(by, {name: each.by[by] for name, each in found.items()})
            for by in Dimension
        },
        past=await _past(conn, past),
    )


async def _past(
    conn: AsyncConnection, days: Sequence[AskedDay]
) -> Sequence[DayCoverage]:
    """Return what is listed and certified on *days*, where it is known."""
    instants = [each.instant for each in days]
    found = {
        name: await coverage_at_once.count_days(conn, name, instants, _OF_SHARE)
        for name in dict.fromkeys(name for each in days for name in each.known)
    }
    return [
        each.told(None, {name: [found[name][n]] for name in each.known})
        for n, each in enumerate(days)
    ]


def trend_days(last: date, began: date | None) -> list[date]:
    """Return the days that are shown up to *last*: one a week, or all if few are known.

    Args:
        last: The last day.
        began: The first day of which anything is known.
    """
    first = max(began or last, last - timedelta(days=LOOKED_BACK))
    length = (last - first).days
    every = _EVERY if length > 2 * _EVERY else 1
    return [
        last - timedelta(days=n) for n in range(length - length % every, -1, -every)
    ]
