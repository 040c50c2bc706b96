"""The lists that the figures of coverage count, as many rows as the figure says.

Each has its address with its filters; a page of it begins behind the last product of
the page before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from catalog.model.producer import ProducerKind
from catalog.model.product_set import SETS
from ocop_sync.api.access.roles import VIEWERS
from ocop_sync.api.context import WORKLISTS
from ocop_sync.api.forms.coverage import FigureName
from ocop_sync.api.typed.values import WHOLE, Date, Identifier, Model
from ocop_sync.engine.figure_words import CLAIM_ENDED, DEFINITIONS
from ocop_sync.engine.figure_words import ENDS as ENDS_WORDS
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.counted_rows import CLAIMS_FILE, COUNTED_FILE, ENDS_FILE
from ocop_sync.pages.figure_words import (
    CLAIMS_ENDED,
    COUNTED,
    ENDS,
    FIGURE_WORDS,
    PART_WORDS,
    ensure_day_has_come,
    known_parts,
    list_address,
    marketplace_name,
    part_words,
    reason_words,
    state_words,
)
from ocop_sync.pages.filters import Filter, filter_of, narrowed_address
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.queries.coverage_figures import (
    CountedFilter,
    Dimension,
    ListedProduct,
    counted_list,
    coverage_of,
    is_simulated,
)
from ocop_sync.service.queries.coverage_outlook import (
    WITHIN,
    claims_page,
    ends_known,
)
from ocop_sync.service.run.read_ages import ReadAge, read_ages

_SIZE: Final = 50
"""Rows of one page of a list."""

Code = Annotated[str, Field(max_length=16, pattern=r"^[A-Za-z0-9._-]*$")]


class CountedQuery(Model):
    """The products that a figure counts."""

    marketplace: Identifier
    """At which marketplace."""
    figure: FigureName
    """Which figure."""
    day: Date | None = None
    """At the end of which day; now if left out."""
    commune: Code | None = None
    """Only of this commune; empty of those of no known one."""
    stars: Annotated[int, Field(ge=0, le=5), WHOLE] | None = None
    """Only with so many stars."""
    set: Code | None = None
    """Only of this product set."""
    kind: Code | None = None
    """Only of producers of this legal form."""
    after: Annotated[str, Field(max_length=64)] = ""
    """The last product of the page before."""

    def chosen(self) -> CountedFilter:
        """Return the filter that is asked for."""
        return CountedFilter(**self.model_dump(exclude={"after"}))


class EndsQuery(Model):
    """How far ahead."""

    within: Annotated[int, Field(ge=1, le=WITHIN[-1]), WHOLE] = WITHIN[-1]
    """So many days ahead."""
    after: Annotated[int, Field(ge=0), WHOLE] = 0
    """How many rows came before."""


class ClaimsQuery(Model):
    """Which page."""

    after_marketplace: Annotated[str, Field(max_length=64)] = ""
    """The marketplace of the last listing of the page before."""
    after: Annotated[str, Field(max_length=64)] = ""
    """Its product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRow:
    """A product of a list.

    Attributes:
        found: As it was counted.
        commune: Its commune.
        state: How it is counted, in words, and what that means.
        reason: Why; None if nothing is to be said.
    """

    found: ListedProduct
    commune: Text
    state: tuple[Text, Kind]
    reason: Text | None


async def show_counted(visit: Visit) -> web.Response:
    """Show the products that a figure counts."""
    if address := narrowed_address(visit.request):
        return see(address)
    query, deployment = visit.query(CountedQuery), visit.deployment
    chosen = query.chosen()
    ensure_day_has_come(chosen.day, visit.now)
    found = await counted_list(deployment, chosen, after=query.after, size=_SIZE + 1)
    shown = found[:_SIZE]
    address = list_address(chosen)
    following = ""
    if len(found) > _SIZE:
        following = f"{address}&{urlencode({'after': shown[-1].counted.product_id})}"
    values = {
        "chosen": chosen,
        "read_age_there": await _read_age(visit, chosen),
        "name": FIGURE_WORDS[chosen.figure],
        "definition": DEFINITIONS[chosen.figure],
        "marketplace": marketplace_name(chosen.marketplace),
        "total": await _total(visit, chosen),
        "parts": [
            part_words(Dimension(name), part, deployment.communes)
            for name, part in chosen.parts.items()
        ],
        "rows": [_row(visit, each) for each in shown],
        "first": address if query.after else "",
        "following": following,
        "filters": filters_of(visit, chosen),
        "address": COUNTED,
        "files": file_links(visit),
    }
    simulated = is_simulated(deployment, chosen.marketplace, shown)
    return visit.page("counted.html", simulated=simulated, values=values)


async def _read_age(visit: Visit, chosen: CountedFilter) -> ReadAge | None:
    """Return how old the reads are by which this is counted now, where they may be."""
    if chosen.day is not None:
        return None
    deployment, name = visit.deployment, chosen.marketplace
    found = await deployment.database.fetch(read_ages, deployment, visit.now, (name,))
    return found.get(name)


def filters_of(visit: Visit, chosen: CountedFilter) -> list[Filter]:
    """Return what the list can be narrowed by."""
    communes = visit.deployment.communes
    sites = [each.name for each in visit.deployment.sites]
    names = sorted({*sites, chosen.marketplace})
    places = [(name, _plain(marketplace_name(name))) for name in names]
    parts: dict[Dimension, Sequence[str | int]] = {
        Dimension.COMMUNE: [*known_parts(Dimension.COMMUNE, communes), ""],
        Dimension.STARS: [*known_parts(Dimension.STARS, communes), 0],
        Dimension.SET: list(SETS),
        Dimension.KIND: [each.value for each in ProducerKind],
    }
    return [
        Filter(
            name="marketplace",
            words=Text("Sàn", "Marketplace"),
            options=places,
            chosen=chosen.marketplace,
        ),
        Filter(
            name="figure",
            words=Text("Số liệu", "Figure"),
            options=list(FIGURE_WORDS.items()),
            chosen=chosen.figure,
        ),
        *(
            filter_of(
                by.value,
                PART_WORDS[by],
                [(str(part), part_words(by, part, communes)) for part in found],
                getattr(chosen, by.value),
            )
            for by, found in parts.items()
        ),
    ]


def _plain(name: str) -> Text:
    return Text(name, name)


async def _total(visit: Visit, chosen: CountedFilter) -> int | None:
    """Return how many products a list has; None where several parts are chosen."""
    parts = chosen.parts
    if len(parts) > 1:
        return None
    by = Dimension(next(iter(parts))) if parts else None
    found = await coverage_of(
        visit.deployment, day=chosen.day, by=by, names=[chosen.marketplace]
    )
    wanted = next(iter(parts.values()), None)
    cells = [each for each in found.cells if each.part == wanted]
    return sum(each.figures[chosen.figure].value for each in cells)


def _row(visit: Visit, found: ListedProduct) -> CountedRow:
    of = found.counted
    deployment = visit.deployment
    return CountedRow(
        found=found,
        commune=part_words(Dimension.COMMUNE, of.commune, deployment.communes),
        state=state_words(of.counted),
        reason=reason_words(of.reason, deployment.rules),
    )


async def show_ends(visit: Visit) -> web.Response:
    """Show the certificates that end soon, the first end first."""
    query = visit.query(EndsQuery)
    found = await ends_known(visit.deployment, visit.request.app[WORKLISTS])
    rows = [each for each in found.rows if each.days_left <= query.within]
    shown = rows[query.after : query.after + _SIZE]
    following = query.after + _SIZE
    address = f"{ENDS}?within={query.within}"
    values = {
        "within": query.within,
        "rows": shown,
        "total": len(rows),
        "choices": WITHIN,
        "definition": ENDS_WORDS,
        "faulty": found.faulty,
        "first": address if query.after else "",
        "following": f"{address}&after={following}" if following < len(rows) else "",
        "address": ENDS,
        "files": file_links(visit),
    }
    return visit.page("ends.html", simulated=found.simulated, values=values)


async def show_claims(visit: Visit) -> web.Response:
    """Show the listings on sale that claim what has ended."""
    query = visit.query(ClaimsQuery)
    after = (query.after_marketplace, query.after)
    found = await claims_page(visit.deployment, after, size=_SIZE)
    following = ""
    if found.last is not None:
        marketplace, product = found.last
        at = {"after_marketplace": marketplace, "after": product}
        following = f"{CLAIMS_ENDED}?{urlencode(at)}"
    values: dict[str, Any] = {
        "rows": found.claims.listings,
        "definition": CLAIM_ENDED,
        "marketplace_name": marketplace_name,
        "day_of": _day_of,
        "first": CLAIMS_ENDED if query.after else "",
        "files": file_links(visit),
        "following": following,
    }
    simulated = found.claims.simulated
    return visit.page("claims_ended.html", simulated=simulated, values=values)


def _day_of(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


PAGES: Final[Sequence[PageRoute]] = (
    PageRoute("GET", COUNTED, VIEWERS, show_counted),
    PageRoute("GET", ENDS, VIEWERS, show_ends),
    PageRoute("GET", CLAIMS_ENDED, VIEWERS, show_claims),
)
"""The lists behind the first page."""


def _counted_of(visit: Visit) -> CountedFilter:
    chosen = visit.query(CountedQuery).chosen()
    ensure_day_has_come(chosen.day, visit.now)
    return chosen


def _within_of(visit: Visit) -> int:
    return visit.query(EndsQuery).within


def _nothing_of(visit: Visit) -> None:
    visit.query(ClaimsQuery)


FILES: Final[Sequence[PageRoute]] = (
    *list_routes(COUNTED, VIEWERS, COUNTED_FILE, _counted_of),
    *list_routes(ENDS, VIEWERS, ENDS_FILE, _within_of),
    *list_routes(CLAIMS_ENDED, VIEWERS, CLAIMS_FILE, _nothing_of),
)
"""These lists as files."""
