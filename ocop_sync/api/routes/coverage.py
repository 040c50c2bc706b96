"""The figures of coverage, of any day, each with the address of the list it counts.

They are the same values that `ocop-sync coverage` shows.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from pydantic import Field

from catalog.eligibility import Text as Words
from catalog.queries.worklists import Ending
from ocop_sync.api.access.roles import VIEWERS
from ocop_sync.api.context import deployment_of
from ocop_sync.api.problems import NO_ANSWER
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import WHOLE, Identifier, Model, Page, PageQuery
from ocop_sync.engine.figure_words import DROPS_OUT, ENDS, published_figures
from ocop_sync.service.queries.change_freshness import (
    ChangeFreshness,
    change_freshness,
)
from ocop_sync.service.queries.coverage_figures import (
    Cell,
    CountedFilter,
    DayCoverage,
    Dimension,
    Figure,
    ListedProduct,
    counted_list,
    coverage_history,
    coverage_of,
    is_simulated,
)
from ocop_sync.service.queries.coverage_outlook import (
    ClaimsEnded,
    DropsOut,
    claims_ended,
    ends_coming,
    outlook,
)

TAG: Final = "coverage"
_BASE: Final = "/api/v1/coverage"

FigureName = Literal[
    "certified",
    "listable",
    "listed",
    "unconfirmed",
    "in_review",
    "refused",
    "held",
    "pending",
    "blocked",
    "validity_unknown",
    "not_certified",
    "live_not_listable",
]
"""The figures, by name."""

Code = Annotated[str, Field(max_length=16, pattern=r"^[A-Za-z0-9._-]*$")]
"""A code of a commune, a product set or a legal form; empty where none is known."""


class Bilingual(Model):
    """A text in both languages."""

    vi: str
    """In Vietnamese."""
    en: str
    """In English."""


class FigureForm(Model):
    """One figure."""

    name: FigureName
    """Its name."""
    value: int
    """How many products it counts."""
    of: int | None
    """Of how many certified ones; null if it is part of no sum."""
    share: float | None
    """The one divided by the other, to four places; null of nothing."""
    definition: Bilingual
    """Which products it counts."""
    list: str
    """The address of the list of these products."""


class CellForm(Model):
    """The figures of one part at one marketplace."""

    marketplace: str
    """Name of the marketplace."""
    simulated: bool
    """It is a mock, or was one when something of this was counted."""
    part: str | int | None
    """The commune, stars, product set or legal form; null of the whole."""
    figures: tuple[FigureForm, ...]
    """Its figures, in the order of the definitions."""


class BeginningForm(Model):
    """Since when a marketplace has been counted."""

    marketplace: str
    """Name of the marketplace."""
    began_at: datetime
    """When its first product was counted."""


class DayForm(Model):
    """The figures of one day."""

    day: date
    """The day in Vietnam."""
    at: datetime
    """The instant that is counted: the last one of the day, or now."""
    simulated: bool
    """A figure is of a mock."""
    history_began: tuple[BeginningForm, ...]
    """Since when is counted; nothing is known of days before."""
    not_known: tuple[str, ...]
    """Marketplaces of which nothing is known on that day; that is no 0."""
    cells: tuple[CellForm, ...]
    """By marketplace and part."""


class ApartForm(Model):
    """A figure beside those of coverage."""

    value: int
    """How many there are."""
    definition: Bilingual
    """What is counted."""
    list: str
    """The address of the list."""


class CoverageForm(DayForm):
    """The figures of a day, with what is asked of now alone."""

    by: Dimension | None
    """By what they are told apart; null if by marketplace alone."""
    claims_ended: ApartForm | None
    """Listings on sale that claim what has ended; it must be 0. Null of a past day."""
    drops_out: ApartForm | None
    """With `as_of`: who drops out by the end of that day; else null."""


class HistoryForm(Model):
    """Days, one after the other."""

    days: tuple[DayForm, ...]
    """The first one first."""


class CountedProductForm(Model):
    """A product that a figure counts."""

    product: str
    """Its code."""
    name: str
    """Its name now; empty if the catalog has it no more."""
    producer: str
    """Its producer's name now, or empty."""
    counted: str
    """How it was counted."""
    live: bool
    """It was on sale as far as was known."""
    reason: str | None
    """Code of the strongest reason: a rule, or a hold."""
    commune: str
    """The commune then."""
    stars: int
    """The stars then; 0 if none were proven."""
    set: str
    """The product set then."""
    kind: str
    """The producer's legal form then."""
    since: datetime
    """Since when it was counted by these facts."""
    until: datetime | None
    """Until when; null if that still lasts."""


class CountedPage(Page[CountedProductForm]):
    """A page of the products that a figure counts."""

    simulated: bool
    """The marketplace is a mock, or was one when something of this page was counted."""


class PublishedForm(Model):
    """A figure that somebody has published; its rule of counting is not known."""

    when: str
    """A month such as 2022-06, or years such as 2023-2024."""
    listed: int
    """The number that was called on sale."""
    of: int
    """The number of which that is a part."""
    where: Bilingual
    """Where they were on sale."""
    rule: Bilingual
    """Why it is joined to nothing that is measured here."""


class PublishedList(Model):
    """Published figures."""

    published: tuple[PublishedForm, ...]
    """The oldest first."""


class EndForm(Model):
    """A certificate that ends soon."""

    ends_on: date
    """Its last day in Vietnam."""
    days_left: int
    """Days until then; 0 on the last day."""
    product: str
    """The product's code."""
    name: str
    """Its name."""
    producer: str
    """Its producer's name, or empty."""
    stars: int
    """The stars."""
    decision: str
    """Number of the decision, or empty."""


class WithinForm(Model):
    """How many certificates end soon."""

    days: int
    """Within so many days."""
    value: int
    """How many."""


class EndsPage(Page[EndForm]):
    """A page of ends, and how many there are in all."""

    simulated: bool
    """A marketplace is a mock."""

    within: tuple[WithinForm, ...]
    """How many end within 30, 60 and 90 days."""
    definition: Bilingual
    """What is counted."""


class DropsOutForm(Model):
    """A product that is listable now and will not be so."""

    product: str
    """Its code."""
    name: str
    """Its name."""
    producer: str
    """Its producer's name, or empty."""
    later: str
    """How it is counted then."""
    rule: str | None
    """The rule that decides then."""
    on_sale_at: tuple[str, ...]
    """The marketplaces where it is on sale now."""


class DropsOutPage(Page[DropsOutForm]):
    """A page of products that drop out."""

    simulated: bool
    """A marketplace is a mock."""


class ClaimShownForm(Model):
    """A listing on sale that claims OCOP with nothing behind it any more."""

    marketplace: str
    """Name of the marketplace."""
    product: str
    """The product's code."""
    ends_on: str
    """ISO day on which the claim ended, or empty."""
    stars: int
    """The stars that it shows; 0 if only its text claims."""


class ClaimsEndedForm(Model):
    """All listings on sale with a claim that has ended."""

    simulated: bool
    """A marketplace is a mock."""
    listings: tuple[ClaimShownForm, ...]
    """By marketplace and product; there should be none."""


class PercentilesForm(Model):
    """How long changes took, in seconds; null of no change."""

    count: int
    """How many changes."""
    p50_s: float | None
    """Half of them took so long at most."""
    p95_s: float | None
    """95 of 100."""
    p99_s: float | None
    """99 of 100."""


class FacetFreshnessForm(PercentilesForm):
    """The same of one facet."""

    facet: str
    """A facet; `sale` is to be on sale or not."""


class MarketplaceFreshnessForm(Model):
    """The changes of one marketplace that have ended in the window."""

    marketplace: str
    """Its name."""
    simulated: bool
    """It is a mock."""
    confirmed: PercentilesForm
    """From the evaluation that found a change to the read that shows it."""
    taken: PercentilesForm
    """From that evaluation to the marketplace's answer."""
    by_facet: tuple[FacetFreshnessForm, ...]
    """`confirmed`, for each facet."""
    superseded: int
    """Changes whose value was replaced before it was sent."""
    overtaken: int
    """Changes whose value was replaced when it was sent, before a read."""
    open: int
    """Changes that no read has shown yet, as of now."""


class FreshnessForm(Model):
    """How long changes take until they show."""

    since: datetime
    """The beginning of the window."""
    as_of: datetime
    """Its end: now."""
    marketplaces: tuple[MarketplaceFreshnessForm, ...]
    """By name."""


class FreshnessQuery(Model):
    """Which window."""

    days: Annotated[int, Field(ge=1, le=90), WHOLE] = 7
    """So many days back."""


class CoverageQuery(Model):
    """What is asked."""

    day: date | None = None
    """The day in Vietnam at whose end is counted; now if left out."""
    by: Dimension | None = None
    """By what figures are told apart, besides the marketplace."""
    marketplace: Identifier | None = None
    """Only at this marketplace."""
    as_of: date | None = None
    """A day ahead: counts who drops out by its end, too."""


class ListQuery(PageQuery):
    """The products that a figure counts."""

    marketplace: Identifier
    """At which marketplace."""
    figure: FigureName
    """Which figure."""
    day: date | None = None
    """At the end of which day; now if left out."""
    commune: Code | None = None
    """Only of this commune; empty of those of no known one."""
    stars: Annotated[int, Field(ge=0, le=5), WHOLE] | None = None
    """Only with so many stars."""
    set: Code | None = None
    """Only of this product set."""
    kind: Code | None = None
    """Only of producers of this legal form."""


class HistoryQuery(Model):
    """Which days."""

    first: date
    """The first day."""
    last: date
    """The last day; 92 days are told at once."""
    marketplace: Identifier | None = None
    """Only at this marketplace."""


class AsOfQuery(PageQuery):
    """A day ahead."""

    as_of: date
    """The day in Vietnam at whose end is counted."""


@operation(
    "GET",
    _BASE,
    summary="The figures of a day, or of now",
    allowed=VIEWERS,
    problems=[NO_ANSWER],
    tag=TAG,
)
async def get_coverage(call: Call, query: CoverageQuery) -> Answer[CoverageForm]:
    """Tell how many products are on sale, and of how many, as was known on that day.

    Each figure names the list that it counts. Nothing that is entered later changes a
    past day. `certified` is `listable` and `blocked`; `listable` is `listed`,
    `unconfirmed`, `in_review`, `refused`, `held` and `pending`.
    """
    deployment = deployment_of(call)
    names = (query.marketplace,) if query.marketplace else ()
    found = await coverage_of(deployment, day=query.day, by=query.by, names=names)
    claims = None if query.day else _claims(await claims_ended(deployment))
    drops = None
    if query.as_of:
        ahead = await outlook(deployment, query.as_of)
        drops = ApartForm(
            value=len(ahead.drops_out),
            definition=_words(DROPS_OUT),
            list=_address("drops-out", {"as_of": ahead.as_of.isoformat()}),
        )
    form = CoverageForm(
        **_day(found), by=found.by, claims_ended=claims, drops_out=drops
    )
    return Answer(value=form, version=form.model_dump_json(exclude={"at"}))


@operation(
    "GET",
    f"{_BASE}/products",
    summary="The products that a figure counts",
    allowed=VIEWERS,
    problems=[NO_ANSWER],
    tag=TAG,
)
async def list_counted_products(call: Call, query: ListQuery) -> CountedPage:
    """List them by code, with what was known of them on that day.

    There are as many of them as the figure says.
    """
    chosen = CountedFilter(
        marketplace=query.marketplace,
        figure=query.figure,
        day=query.day,
        commune=query.commune,
        stars=query.stars,
        set=query.set,
        kind=query.kind,
    )
    deployment = deployment_of(call)
    found = await counted_list(
        deployment,
        chosen,
        after=call.position(query, str) or "",
        size=query.limit + 1,
    )
    shown = found[: query.limit]
    last = shown[-1].counted.product_id if len(found) > query.limit else None
    page: Page[CountedProductForm] = call.page(tuple(map(_product, shown)), last)
    simulated = is_simulated(deployment, query.marketplace, shown)
    return CountedPage(items=page.items, next=page.next, simulated=simulated)


@operation(
    "GET",
    f"{_BASE}/history",
    summary="The figures of many days",
    allowed=VIEWERS,
    problems=[NO_ANSWER],
    tag=TAG,
)
async def get_coverage_history(call: Call, query: HistoryQuery) -> HistoryForm:
    """Tell the figures of each day by marketplace, the first day first."""
    found = await coverage_history(
        deployment_of(call),
        first=query.first,
        last=query.last,
        names=(query.marketplace,) if query.marketplace else (),
    )
    return HistoryForm(days=tuple(DayForm(**_day(each)) for each in found))


@operation(
    "GET",
    f"{_BASE}/published",
    summary="Figures that others have published",
    allowed=VIEWERS,
    tag=TAG,
)
async def list_published_figures() -> PublishedList:
    """List them apart: their rule of counting is not known."""
    return PublishedList(
        published=tuple(
            PublishedForm(
                when=each.when,
                listed=each.listed,
                of=each.of,
                where=_words(each.where),
                rule=_words(each.rule),
            )
            for each in published_figures()
        )
    )


@operation(
    "GET",
    f"{_BASE}/ends",
    summary="Certificates that end soon",
    allowed=VIEWERS,
    tag=TAG,
)
async def list_coming_ends(call: Call, query: PageQuery) -> EndsPage:
    """List the certificates that end within 90 days, the first end first."""
    found = await ends_coming(deployment_of(call))
    start = call.position(query, int) or 0
    rows = found.rows[start : start + query.limit]
    end = start + len(rows)
    following = end if end < len(found.rows) else None
    page: Page[EndForm] = call.page(tuple(map(_ending, rows)), following)
    return EndsPage(
        items=page.items,
        next=page.next,
        simulated=found.simulated,
        within=tuple(
            WithinForm(days=days, value=value) for days, value in found.within.items()
        ),
        definition=_words(ENDS),
    )


@operation(
    "GET",
    f"{_BASE}/drops-out",
    summary="Who drops out by a day ahead",
    allowed=VIEWERS,
    problems=[NO_ANSWER],
    tag=TAG,
)
async def list_drops_out(call: Call, query: AsOfQuery) -> DropsOutPage:
    """List products that are listable now and not so then, if nobody does anything."""
    found = await outlook(deployment_of(call), query.as_of)
    after = call.position(query, str) or ""
    rows = [each for each in found.drops_out if each.product_id > after]
    shown = rows[: query.limit]
    last = shown[-1].product_id if len(rows) > query.limit else None
    page: Page[DropsOutForm] = call.page(tuple(map(_drops_out, shown)), last)
    return DropsOutPage(items=page.items, next=page.next, simulated=found.simulated)


@operation(
    "GET",
    f"{_BASE}/claims-ended",
    summary="Listings that claim what has ended",
    allowed=VIEWERS,
    tag=TAG,
)
async def list_claims_ended(call: Call) -> ClaimsEndedForm:
    """List the listings on sale that claim OCOP with nothing behind it any more."""
    found = await claims_ended(deployment_of(call))
    return ClaimsEndedForm(
        simulated=found.simulated,
        listings=tuple(
            ClaimShownForm(
                marketplace=each.marketplace,
                product=each.product_id,
                ends_on=each.ends_on,
                stars=each.stars,
            )
            for each in found.listings
        ),
    )


@operation(
    "GET",
    f"{_BASE}/freshness",
    summary="How long changes take until they show",
    allowed=VIEWERS,
    tag=TAG,
)
async def get_freshness(call: Call, query: FreshnessQuery) -> Answer[FreshnessForm]:
    """Tell the percentiles of changes that have ended in the window.

    It is measured from the evaluation that first finds that a facet should be another
    one, until the marketplace's answer and until the read that shows it.
    """
    window = timedelta(days=query.days)
    found = await change_freshness(deployment_of(call), window)
    form = FreshnessForm(
        since=found.since,
        as_of=found.as_of,
        marketplaces=tuple(map(_freshness, found.marketplaces)),
    )
    return Answer(value=form, version=form.model_dump_json(exclude={"since", "as_of"}))


OPERATIONS: Final = (
    get_coverage,
    list_counted_products,
    get_coverage_history,
    list_published_figures,
    list_coming_ends,
    list_drops_out,
    list_claims_ended,
    get_freshness,
)


def _address(path: str, values: Mapping[str, object]) -> str:
    return f"{_BASE}/{path}" + (f"?{urlencode(values)}" if values else "")


def _words(text: Words) -> Bilingual:
    return Bilingual(vi=text.vi, en=text.en)


def _day(found: DayCoverage) -> dict[str, Any]:
    return {
        "day": found.day,
        "at": found.at,
        "simulated": found.simulated,
        "history_began": tuple(
            BeginningForm(marketplace=name, began_at=at)
            for name, at in found.history_began.items()
        ),
        "not_known": tuple(found.not_known),
        "cells": tuple(map(_cell, found.cells)),
    }


def _cell(cell: Cell) -> CellForm:
    return CellForm(
        marketplace=cell.marketplace,
        simulated=cell.simulated,
        part=cell.part,
        figures=tuple(map(_figure, cell.figures.values())),
    )


def _figure(figure: Figure) -> FigureForm:
    name: Any = figure.name
    return FigureForm(
        name=name,
        value=figure.value,
        of=figure.of,
        share=figure.share,
        definition=_words(figure.definition),
        list=_address("products", figure.list.json_form()),
    )


def _claims(found: ClaimsEnded) -> ApartForm:
    return ApartForm(
        value=len(found.listings),
        definition=_words(found.definition),
        list=_address("claims-ended", {}),
    )


def _freshness(each: ChangeFreshness) -> MarketplaceFreshnessForm:
    return MarketplaceFreshnessForm(
        marketplace=each.marketplace,
        simulated=each.simulated,
        confirmed=PercentilesForm(**asdict(each.confirmed)),
        taken=PercentilesForm(**asdict(each.taken)),
        by_facet=tuple(
            FacetFreshnessForm(facet=facet, **asdict(found))
            for facet, found in each.by_facet.items()
        ),
        superseded=each.superseded,
        overtaken=each.overtaken,
        open=each.open,
    )


def _product(each: ListedProduct) -> CountedProductForm:
    return CountedProductForm(**each.json_form())


def _ending(each: Ending) -> EndForm:
    return EndForm(
        ends_on=each.ends_on,
        days_left=each.days_left,
        product=each.product_id,
        name=each.product,
        producer=each.producer,
        stars=each.stars,
        decision=each.decision,
    )


def _drops_out(each: DropsOut) -> DropsOutForm:
    return DropsOutForm(
        product=each.product_id,
        name=each.name,
        producer=each.producer,
        later=each.later,
        rule=each.rule or None,
        on_sale_at=each.on_sale_at,
    )
