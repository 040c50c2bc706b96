"""The trend: a drawing whose points stand where their shares are."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from ocop_sync.pages.trend import trend_of
from ocop_sync.service.queries.coverage_figures import (
    Cell,
    CountedFilter,
    DayCoverage,
    Figure,
)
from ocop_sync.service.queries.coverage_overview import trend_days

LAST = date(2026, 11, 29)


def day_of(day: date, shares: dict[str, int]) -> DayCoverage:
    """Return the figures of a day, of 100 products at each marketplace."""
    return DayCoverage(
        day=day,
        at=datetime(2026, 11, 29, tzinfo=UTC),
        by=None,
        cells=[
            Cell(
                marketplace=name,
                simulated=True,
                part=None,
                figures={
                    "listed": Figure(
                        name="listed",
                        value=value,
                        of=100,
                        list=CountedFilter(marketplace=name, figure="listed"),
                    )
                },
            )
            for name, value in shares.items()
        ],
        history_began={},
        not_known=[],
    )


@pytest.mark.parametrize(
    ("began", "count", "first"),
    [
        (None, 1, LAST),
        (LAST, 1, LAST),
        (LAST - timedelta(days=3), 4, LAST - timedelta(days=3)),
        (LAST - timedelta(days=14), 15, LAST - timedelta(days=14)),
        (LAST - timedelta(days=24), 4, LAST - timedelta(days=21)),
        (LAST - timedelta(days=900), 14, LAST - timedelta(days=91)),
    ],
)
def test_the_days_end_on_the_last_one_and_begin_when_something_is_known(
    began: date | None, count: int, first: date
) -> None:
    days = trend_days(LAST, began)

    assert (len(days), days[0], days[-1]) == (count, first, LAST)
    assert days == sorted(set(days))


def test_the_axis_is_all_of_it_and_a_point_stands_at_its_share() -> None:
    days = [LAST - timedelta(days=1), LAST]
    trend = trend_of([day_of(days[0], {"voso": 0}), day_of(days[1], {"voso": 50})])

    steps = dict(trend.steps)
    (line,) = trend.lines
    assert [each.y for each in line.points] == [steps[0.0], steps[0.5]]
    assert [x for _, x in trend.days] == [line.points[0].x, line.points[1].x]
    assert line.pieces == [" ".join(f"{each.x},{each.y}" for each in line.points)]


def test_a_day_of_which_nothing_is_known_leaves_a_gap() -> None:
    days = [LAST - timedelta(days=n) for n in (4, 3, 2, 1, 0)]
    known = [{"voso": 1}, {"voso": 2}, {}, {"voso": 3}, {"voso": 4}]

    (line,) = trend_of(list(map(day_of, days, known))).lines

    assert [len(each.split()) for each in line.pieces] == [2, 2]
    assert len(line.points) == 4


def test_names_of_lines_that_end_alike_stand_apart() -> None:
    trend = trend_of([day_of(LAST, {"a": 50, "b": 51, "c": 50})])

    places = sorted(each.name_y for each in trend.lines)
    assert all(later - before >= 18 for before, later in pairwise(places))
