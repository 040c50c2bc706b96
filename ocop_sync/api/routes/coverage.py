"""The figures of coverage, of any day, each with the address of the list it counts.

They are the same values that `ocop-sync coverage` shows. Who acts for a producer is
refused them, as all that is of all; figures that others have published name nobody.
"""

from datetime import timedelta
from typing import Final

from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.access.roles import VIEWERS
from ocop_sync.api.context import asker_of, deployment_of, long_work_of
from ocop_sync.api.forms.coverage import (
    COVERAGE,
    CountedPage,
    CountedProductForm,
    CoverageForm,
    HistoryForm,
    PublishedList,
    counted_form,
    coverage_form,
    day_form,
    published_form,
)
from ocop_sync.api.forms.freshness import FreshnessForm, freshness_form
from ocop_sync.api.forms.outlook import (
    ClaimShownForm,
    ClaimsPage,
    DropsOutForm,
    DropsOutPage,
    EndForm,
    EndsPage,
    claims_form,
    drop_count_form,
    drops_out_form,
    end_form,
    ends_form,
    outlook_form,
)
from ocop_sync.api.forms.pages import page_with
from ocop_sync.api.problems import NO_ANSWER
from ocop_sync.api.routes.coverage_queries import (
    AsOfQuery,
    CoverageQuery,
    FreshnessQuery,
    HistoryQuery,
    ListQuery,
)
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import Page, PageQuery
from ocop_sync.engine.figure_words import published_figures
from ocop_sync.service.queries.change_freshness import change_freshness
from ocop_sync.service.queries.coverage_figures import (
    CountedFilter,
    counted_list,
    coverage_history,
    coverage_of,
    is_simulated,
)
from ocop_sync.service.queries.coverage_outlook import (
    claims_ended,
    claims_page,
    ends_coming,
    outlook,
)

TAG: Final = "coverage"


@operation(
    "GET",
    COVERAGE,
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
    ensure_whole(asker_of(call))
    deployment = deployment_of(call)
    names = (query.marketplace,) if query.marketplace else ()
    found = await coverage_of(deployment, day=query.day, by=query.by, names=names)
    claims = None if query.day else await claims_ended(deployment)
    ahead = None
    if query.as_of:
        ahead = await long_work_of(call).do(outlook, query.as_of)
    drops = None if ahead is None else drop_count_form(ahead)
    form = coverage_form(found, claims, drops)
    return Answer(value=form, version=form.model_dump_json(exclude={"at"}))


@operation(
    "GET",
    f"{COVERAGE}/products",
    summary="The products that a figure counts",
    allowed=VIEWERS,
    problems=[NO_ANSWER],
    tag=TAG,
)
async def list_counted_products(call: Call, query: ListQuery) -> CountedPage:
    """List them by code, with what was known of them on that day.

    There are as many of them as the figure says.
    """
    ensure_whole(asker_of(call))
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
    page: Page[CountedProductForm] = call.page(
        tuple(counted_form(query.marketplace, each) for each in shown), last
    )
    simulated = is_simulated(deployment, query.marketplace, shown)
    return CountedPage(items=page.items, next=page.next, simulated=simulated)


@operation(
    "GET",
    f"{COVERAGE}/history",
    summary="The figures of many days",
    allowed=VIEWERS,
    problems=[NO_ANSWER],
    tag=TAG,
)
async def get_coverage_history(call: Call, query: HistoryQuery) -> HistoryForm:
    """Tell the figures of each day by marketplace, the first day first."""
    ensure_whole(asker_of(call))
    found = await coverage_history(
        deployment_of(call),
        first=query.first,
        last=query.last,
        names=(query.marketplace,) if query.marketplace else (),
    )
    return HistoryForm(days=tuple(map(day_form, found)))


@operation(
    "GET",
    f"{COVERAGE}/published",
    summary="Figures that others have published",
    allowed=VIEWERS,
    tag=TAG,
)
async def list_published_figures() -> PublishedList:
    """List them apart: their rule of counting is not known."""
    return PublishedList(published=tuple(map(published_form, published_figures())))


@operation(
    "GET",
    f"{COVERAGE}/ends",
    summary="Certificates that end soon",
    allowed=VIEWERS,
    tag=TAG,
)
async def list_coming_ends(call: Call, query: PageQuery) -> EndsPage:
    """List the certificates that end within 90 days, the first end first."""
    ensure_whole(asker_of(call))
    found = await long_work_of(call).do(ends_coming)
    start = call.position(query, int) or 0
    rows = found.rows[start : start + query.limit]
    end = start + len(rows)
    following = end if end < len(found.rows) else None
    page: Page[EndForm] = call.page(tuple(map(end_form, rows)), following)
    return EndsPage(**page_with(ends_form(found), page))


@operation(
    "GET",
    f"{COVERAGE}/drops-out",
    summary="Who drops out by a day ahead",
    allowed=VIEWERS,
    problems=[NO_ANSWER],
    tag=TAG,
)
async def list_drops_out(call: Call, query: AsOfQuery) -> DropsOutPage:
    """List products that are listable now and not so then, if nobody does anything."""
    ensure_whole(asker_of(call))
    found = await long_work_of(call).do(outlook, query.as_of)
    after = call.position(query, str) or ""
    rows = [each for each in found.drops_out if each.product_id > after]
    shown = rows[: query.limit]
    last = shown[-1].product_id if len(rows) > query.limit else None
    page: Page[DropsOutForm] = call.page(tuple(map(drops_out_form, shown)), last)
    return DropsOutPage(**page_with(outlook_form(found), page))


@operation(
    "GET",
    f"{COVERAGE}/claims-ended",
    summary="Listings that claim what has ended",
    allowed=VIEWERS,
    tag=TAG,
)
async def list_claims_ended(call: Call, query: PageQuery) -> ClaimsPage:
    """List the listings on sale that claim OCOP with nothing behind it any more."""
    ensure_whole(asker_of(call))
    after = call.position(query, tuple[str, str])
    found = await claims_page(deployment_of(call), after, size=query.limit)
    page: Page[ClaimShownForm] = call.page((), found.last)
    return ClaimsPage(**page_with(claims_form(found.claims)), next=page.next)


@operation(
    "GET",
    f"{COVERAGE}/freshness",
    summary="How long changes take until they show",
    allowed=VIEWERS,
    tag=TAG,
)
async def get_freshness(call: Call, query: FreshnessQuery) -> Answer[FreshnessForm]:
    """Tell the percentiles of changes that have ended in the window.

    It is measured from the entry into the catalog, or the date by which a verdict
    changed, until the marketplace's answer and until the read that shows it.
    """
    ensure_whole(asker_of(call))
    window = timedelta(days=query.days)
    form = freshness_form(await change_freshness(deployment_of(call), window))
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
