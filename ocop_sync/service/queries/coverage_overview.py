"""All figures of the first page at once, as of one instant, so that their sums agree.

Nineteen counts of the whole catalog take long where it is large: whoever answers others
meanwhile has it done elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from catalog.vietnam_time import day_in_vietnam
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import (
    DayCoverage,
    Dimension,
    coverage_on,
)

LOOKED_BACK: Final = 91
"""Days of the trend: thirteen weeks."""
_EVERY: Final = 7
_OF_TREND: Final = ("certified", "listed")
"""The figures of past days: a share alone is shown of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOverview:
    """The figures of a day, told apart in each way, and those of days before.

    Attributes:
        whole: By marketplace alone.
        by: By marketplace and part, for each dimension.
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
    async with deployment.database.read() as conn:
        whole = await coverage_on(conn, deployment, day, None, (), now)
        began = [day_in_vietnam(each) for each in whole.history_began.values()]
        return CoverageOverview(
            whole=whole,
            by={
                by: await coverage_on(conn, deployment, day, by, (), now)
                for by in Dimension
            },
            past=[
                await coverage_on(
                    conn, deployment, each, None, (), now, figures=_OF_TREND
                )
                for each in trend_days(whole.day, min(began, default=None))
            ],
        )


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
