"""What waits for a person: in one list, and the lists of ends and papers."""

from datetime import date
from typing import Annotated, Final, Literal, TypeVar

from pydantic import Field

from catalog.model.paper import PaperKind
from catalog.vietnam_time import start_of
from ocop_sync.api.access.reach import ensure_whole, reach_of
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of, worklists_of
from ocop_sync.api.forms.outlook import EndForm, end_form
from ocop_sync.api.forms.pages import page_with
from ocop_sync.api.forms.work import WorkItemForm, WorkPage, work_form, work_item_form
from ocop_sync.api.forms.worklists import (
    ExpiringPage,
    LackForm,
    LacksPage,
    lack_form,
    worklist_form,
)
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import WHOLE, Date, Identifier, Page, PageQuery
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.service.department.all_work import all_work
from ocop_sync.service.department.work_filter import WorkFilter, narrowed
from ocop_sync.service.department.work_items import WorkPlace
from ocop_sync.service.queries.lack_filter import (
    LackFilter,
    LackState,
    kinds_by_name,
)
from ocop_sync.service.queries.worklists import (
    EndsAndLacks,
    expiring,
    missing_papers,
)

TAG: Final = "worklist"

T = TypeVar("T")

AsOf = Annotated[Date, Field(ge=date(2000, 1, 1), le=date(2090, 12, 31))] | None
"""A day as of which rules are asked."""
Ahead = Annotated[int, Field(ge=0, le=3660), WHOLE]
"""Days ahead."""


class WorkQuery(PageQuery):
    """Which of all that waits; what is left out is not asked about."""

    kind: WorkKind | None = None
    """Only of this kind."""
    marketplace: Identifier | None = None
    """Only of this marketplace."""
    commune: Identifier | None = None
    """Only of producers in this commune, by its code since 1 July 2025."""
    producer: Identifier | None = None
    """Only of this producer and its products."""
    when: Literal["today"] | None = None
    """Only what is to be decided today."""


class LacksQuery(PageQuery):
    """Of which day, and which of them; what is left out narrows nothing."""

    as_of: AsOf = None
    """As of the beginning of this day in Vietnam; now if left out."""
    state: LackState | None = None
    """Only those that are lacking so."""
    paper: PaperKind | None = None
    """Only papers of this kind: these can be attested together."""
    commune: Identifier | None = None
    """Only of producers in this commune, by its code since 1 July 2025."""
    producer: Identifier | None = None
    """Only of this producer."""


class ExpiringQuery(PageQuery):
    """Of which day, and how far ahead."""

    as_of: AsOf = None
    """As of the beginning of this day in Vietnam; now if left out."""
    days: Ahead = 90
    """So many days ahead."""


@operation(
    "GET",
    "/api/v1/worklist",
    summary="All that waits for a person",
    allowed=STAFF,
    tag=TAG,
)
async def list_work(call: Call, query: WorkQuery) -> WorkPage:
    """List it in one list, the most urgent first, and count it by kind.

    The counts are of every kind that the other filters leave.

    Staff who act for a producer see what is about that one and its products. No
    marketplace is called.
    """
    known = worklists_of(call).ends_and_lacks
    reach = reach_of(asker_of(call))
    chosen = WorkFilter(
        kind=query.kind,
        marketplace=query.marketplace,
        commune=query.commune,
        producer=query.producer,
        only_today=query.when is not None,
    )
    every = await all_work(deployment_of(call), reach, papers_of=known)
    found = narrowed(every, chosen)
    after = call.position(query, WorkPlace)
    rows = [each for each in found.items if after is None or each.place > after]
    shown = rows[: query.limit]
    last = shown[-1].place if len(rows) > query.limit else None
    page: Page[WorkItemForm] = call.page(tuple(map(work_item_form, shown)), last)
    return WorkPage(**page_with(work_form(found), page))


@operation(
    "GET",
    "/api/v1/expiring",
    summary="Certificates that end soon",
    allowed=STAFF,
    tag=TAG,
)
async def list_expiring(call: Call, query: ExpiringQuery) -> ExpiringPage:
    """List the certificates that end within some days, the first end first.

    Their producers are told at least 30 days before.
    """
    ensure_whole(asker_of(call))
    deployment, start = deployment_of(call), call.position(query, int) or 0
    if query.as_of is None:
        found = (await _known(call, query.days)).ends
    else:
        found = await deployment.database.fetch(
            expiring,
            rules=deployment.rules,
            at=start_of(query.as_of),
            days=query.days,
        )
    rows, following = found.rows[start : start + query.limit], start + query.limit
    last = following if following < len(found.rows) else None
    page: Page[EndForm] = call.page(tuple(map(end_form, rows)), last)
    return ExpiringPage(**page_with(worklist_form(found), page))


@operation(
    "GET",
    "/api/v1/missing-papers",
    summary="Papers that are missing",
    allowed=STAFF,
    tag=TAG,
)
async def list_missing_papers(call: Call, query: LacksQuery) -> LacksPage:
    """List the papers for want of which products are held or blocked, by product."""
    ensure_whole(asker_of(call))
    deployment, start = deployment_of(call), call.position(query, int) or 0
    if query.as_of is None:
        found = (await _known(call, 0)).lacks
    else:
        found = await deployment.database.fetch(
            missing_papers, rules=deployment.rules, at=start_of(query.as_of)
        )
    chosen = LackFilter(
        state=query.state,
        paper=query.paper,
        commune=query.commune,
        producer=query.producer,
    )
    among = chosen.of(found.rows, kinds_by_name(deployment.rules))
    rows, following = among[start : start + query.limit], start + query.limit
    last = following if following < len(among) else None
    page: Page[LackForm] = call.page(tuple(map(lack_form, rows)), last)
    return LacksPage(**page_with(worklist_form(found), page))


OPERATIONS: Final = (list_work, list_expiring, list_missing_papers)


async def _known(call: Call, days: int) -> EndsAndLacks:
    """Return both worklists as of now: only what has changed is evaluated."""
    deployment = deployment_of(call)
    return await worklists_of(call).ends_and_lacks(
        deployment.database,
        rules=deployment.rules,
        at=deployment.clock(),
        days=days,
    )
