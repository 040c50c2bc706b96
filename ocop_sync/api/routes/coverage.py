"""The figures of coverage, of any day, each with the address of the list it counts.

They are the same values that `ocop-sync coverage` shows.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from catalog.queries.worklists import Ending
from ocop_sync.api.access.roles import VIEWERS
from ocop_sync.api.context import deployment_of
from ocop_sync.api.problems import NO_ANSWER
from ocop_sync.api.routes.coverage_forms import (
    ApartForm,
    AsOfQuery,
    BeginningForm,
    CellForm,
    ClaimsEndedForm,
    ClaimShownForm,
    CountedPage,
    CountedProductForm,
    CoverageForm,
    CoverageQuery,
    DayForm,
    DropsOutForm,
    DropsOutPage,
    EndForm,
    EndsPage,
    FacetFreshnessForm,
    FigureForm,
    FreshnessForm,
    FreshnessQuery,
    HistoryForm,
    HistoryQuery,
    ListQuery,
    MarketplaceFreshnessForm,
    PercentilesForm,
    PublishedForm,
    PublishedList,
    WithinForm,
)
from ocop_sync.api.routes.words import words_form
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import Page, PageQuery
from ocop_sync.engine.figure_words import DROPS_OUT, ENDS, published_figures
from ocop_sync.service.queries.change_freshness import (
    ChangeFreshness,
    change_freshness,
)
from ocop_sync.service.queries.coverage_figures import (
    Cell,
    CountedFilter,
    DayCoverage,
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
            definition=words_form(DROPS_OUT),
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
                where=words_form(each.where),
                rule=words_form(each.rule),
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
        definition=words_form(ENDS),
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
        definition=words_form(figure.definition),
        list=_address("products", figure.list.json_form()),
    )


def _claims(found: ClaimsEnded) -> ApartForm:
    return ApartForm(
        value=len(found.listings),
        definition=words_form(found.definition),
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
