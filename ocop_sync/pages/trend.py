"""The trend of a share as a drawing: where each line, point and word stands.

The axis is all of it, from nothing to every certified product, so that a line climbs as
much as the figures do. A day of which nothing is known leaves a gap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from ocop_sync.pages.figure_words import marketplace_name
from ocop_sync.service.queries.coverage_figures import DayCoverage, Figure

_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 470, 12, 172
_LEAST_BETWEEN_NAMES: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The share of one day.

    Attributes:
        day: The day.
        figure: The figure: how many, of how many, and which.
        x: Where it stands.
        y: The same, downwards.
    """

    day: date
    figure: Figure
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The shares of one marketplace.

    Attributes:
        name: What people call it.
        points: The days of which it is known, the first one first.
        pieces: The points that are joined, as an SVG polyline has them.
        name_y: Where its name stands.
    """

    name: str
    points: Sequence[Point]
    pieces: Sequence[str]
    name_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A drawing of shares.

    Attributes:
        lines: By marketplace.
        steps: Marks of the axis of shares: the share, and where it stands.
        days: Marks of the axis of days.
    """

    lines: Sequence[Line]
    steps: Sequence[tuple[float, float]]
    days: Sequence[tuple[date, float]]


def trend_of(found: Sequence[DayCoverage]) -> Trend:
    """Return the drawing of the share on sale on each of some days, in their order."""
    days = [each.day for each in found]
    names = sorted({cell.marketplace for each in found for cell in each.cells})
    lines: list[Line] = []
    for name in names:
        points = [_point(each, name, days) for each in found]
        known = [each for each in points if each is not None]
        if known:
            lines.append(
                Line(
                    name=marketplace_name(name),
                    points=known,
                    pieces=list(_pieces(points)),
                    name_y=_apart(known[-1].y, [each.name_y for each in lines]),
                )
            )
    shown = sorted({0, len(days) // 2, len(days) - 1}) if days else []
    return Trend(
        lines=lines,
        steps=[(share, _y(share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)],
        days=[(days[n], _x(days[n], days)) for n in shown],
    )


def _point(found: DayCoverage, name: str, days: Sequence[date]) -> Point | None:
    for cell in found.cells:
        share = cell.figures["listed"].share
        if cell.marketplace == name and share is not None:
            return Point(
                day=found.day,
                figure=cell.figures["listed"],
                x=_x(found.day, days),
                y=_y(share),
            )
    return None


def _pieces(points: Sequence[Point | None]) -> Iterator[str]:
    for is_known, group in groupby(points, key=lambda each: each is not None):
        if is_known:
            yield " ".join(f"{each.x},{each.y}" for each in group if each)


def _x(day: date, days: Sequence[date]) -> float:
    length = (days[-1] - days[0]).days
    share = (day - days[0]).days / length if length else 1.0
    return round(_LEFT + share * (_RIGHT - _LEFT), 1)


def _y(share: float) -> float:
    return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)


def _apart(y: float, taken: Sequence[float]) -> float:
    """Return *y*, moved down from names that stand there already."""
    for other in sorted(taken):
        if abs(y - other) < _LEAST_BETWEEN_NAMES:
            y = other + _LEAST_BETWEEN_NAMES
    return y
