"""The first page, for one minute: how many of how many, at each marketplace.

Each figure opens the list that it counts. Of a past day there are the figures as they
were known then; ends, claims and freshness are asked of now alone.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from aiohttp import web

from catalog.eligibility import Text
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.access.roles import VIEWERS
from ocop_sync.api.context import WORKLISTS
from ocop_sync.api.typed.values import Date, Model
from ocop_sync.engine.figure_words import DEFINITIONS, ENDS, published_figures
from ocop_sync.pages import figure_words
from ocop_sync.pages.bars import Part
from ocop_sync.pages.figure_words import (
    CLAIMS_ENDED,
    DIMENSION_WORDS,
    FIGURE_WORDS,
    KINDS,
    ensure_day_has_come,
    known_parts,
    list_address,
    marketplace_name,
    part_words,
    published_when,
)
from ocop_sync.pages.navigation import HOME
from ocop_sync.pages.trend import trend_of
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.queries.account_status import account_statuses, oldest_read
from ocop_sync.service.queries.change_freshness import shown_after
from ocop_sync.service.queries.coverage_figures import (
    Cell,
    CountedFilter,
    Dimension,
    Figure,
)
from ocop_sync.service.queries.coverage_outlook import claims_ended, ends_known
from ocop_sync.service.queries.coverage_overview import (
    CoverageOverview,
    coverage_overview,
)

_WINDOW: Final = timedelta(days=7)
"""Changes that have ended so lately tell how fresh marketplaces are."""
_BAR: Final = (
    "listed",
    "held",
    "in_review",
    "unconfirmed",
    "pending",
    "refused",
    "blocked",
)
"""The figures that certified products consist of, in the order of a bar."""


class LeadersQuery(Model):
    """Of which day."""

    day: Date | None = None
    """The day in Vietnam at whose end is counted; now if left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of one part.

    Attributes:
        name: What people call it.
        pairs: On sale and certified, at each marketplace.
    """

    name: Text
    pairs: Sequence[tuple[Figure, Figure]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """Figures that are told apart.

    Attributes:
        by: By what.
        title: The same in words.
        rows: Its parts.
    """

    by: Dimension
    title: Text
    rows: Sequence[Row]


async def show_leaders(visit: Visit) -> web.Response:
    """Show the figures of now, or of a past day."""
    day = visit.query(LeadersQuery).day
    ensure_day_has_come(day, visit.now)
    # The figures are counted beside the event loop, where the rest is asked meanwhile.
    overview, now_alone = await asyncio.gather(
        coverage_overview(visit.deployment, day), _now_alone(visit, day)
    )
    whole = overview.whole
    values: dict[str, Any] = {
        "found": whole,
        "today": day_in_vietnam(visit.now),
        "bars": {each.marketplace: bar_parts(each) for each in whole.cells},
        "names": [each.marketplace for each in whole.cells],
        "breakdowns": [_breakdown(visit, day, by, overview) for by in DIMENSION_WORDS],
        "trend": trend_of(overview.past),
        "published": published_figures(),
        "published_when": published_when,
        "address": list_address,
        "marketplace_name": marketplace_name,
        "definitions": DEFINITIONS,
        "figure_words": FIGURE_WORDS,
        "now_alone": now_alone,
    }
    return visit.page("leaders.html", simulated=whole.simulated, values=values)


def bar_parts(cell: Cell) -> list[Part]:
    """Return what the certified products of a marketplace consist of."""
    return [
        Part(figure.value, KINDS[name], FIGURE_WORDS[name], list_address(figure.list))
        for name, figure in ((name, cell.figures[name]) for name in _BAR)
        if figure.value or name == "listed"
    ]


def _breakdown(
    visit: Visit, day: date | None, by: Dimension, overview: CoverageOverview
) -> Breakdown:
    found, communes = overview.by[by], visit.deployment.communes
    cells = {(each.marketplace, each.part): each for each in found.cells}
    names = [each.marketplace for each in overview.whole.cells]
    known = known_parts(by, communes)
    others = {each.part for each in found.cells if each.part is not None}
    parts = [*known, *sorted(others - set(known), key=_unknown_last)]
    pairs = {
        part: [
            _pair(cells.get((name, part)), _filter(name, day, by, part))
            for name in names
        ]
        for part in parts
    }
    return Breakdown(
        by=by,
        title=DIMENSION_WORDS[by],
        rows=[
            Row(name=part_words(by, part, communes), pairs=found_there)
            for part, found_there in pairs.items()
            if part in known or any(each.value for _, each in found_there)
        ],
    )


def _unknown_last(part: str | int) -> tuple[bool, str]:
    return not part, str(part)


def _filter(
    name: str, day: date | None, by: Dimension, part: str | int
) -> CountedFilter:
    of_part: dict[str, Any] = {by.value: part}
    return CountedFilter(marketplace=name, figure="listed", day=day, **of_part)


def _pair(cell: Cell | None, chosen: CountedFilter) -> tuple[Figure, Figure]:
    """Return on sale and certified of a part; nothing where it has no product."""
    if cell is not None:
        return cell.figures["listed"], cell.figures["certified"]
    certified = replace(chosen, figure="certified")
    return (
        Figure(name="listed", value=0, of=0, list=chosen),
        Figure(name="certified", value=0, of=None, list=certified),
    )


async def _now_alone(visit: Visit, day: date | None) -> Mapping[str, Any] | None:
    """Return what is asked of now alone, and not of a past *day*."""
    if day is not None:
        return None
    deployment = visit.deployment
    ends = await ends_known(deployment, visit.request.app[WORKLISTS])
    return {
        "claims": await claims_ended(deployment),
        "claims_address": CLAIMS_ENDED,
        "ends": ends,
        "ends_address": figure_words.ENDS,
        "ends_definition": ENDS,
        "fresh": await shown_after(deployment, _WINDOW),
        "read_at": oldest_read(await account_statuses(deployment)),
    }


PAGES: Final = (PageRoute("GET", HOME, VIEWERS, show_leaders),)
