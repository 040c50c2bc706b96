"""Plans: made, read, approved or refused, and carried out; as `ocop-sync plan` does."""

from typing import Annotated, Final

from pydantic import Field

from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of, long_work_of
from ocop_sync.api.forms.pages import page_with
from ocop_sync.api.forms.plans import (
    PlanChangesPage,
    PlanForm,
    PlansPage,
    plan_change_form,
    plan_form,
    plan_forms,
)
from ocop_sync.api.forms.runs import RunRequestForm, request_form
from ocop_sync.api.problems import NOT_POSSIBLE, PLAN_HELD, SYNC_IN_PROGRESS
from ocop_sync.api.routes.decisions import Reason
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Identifier, Model, Number, PageQuery
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.plan.kept_plans import (
    approve_plan,
    list_plans,
    make_plan,
    refuse_plan,
    see_plan,
)
from ocop_sync.service.plan.scope import MOST_NAMED, PlanScope
from ocop_sync.service.queries.requests import SeenRequest
from ocop_sync.service.requests.plan_runs import carry_out_plan

TAG: Final = "plans"


class PlanPath(Model):
    """Which plan."""

    plan: Number
    """Its number."""


class MakePlanForm(Model):
    """A plan that is wanted."""

    marketplaces: Annotated[tuple[Identifier, ...], Field(max_length=50)] = ()
    """Of a sync at these marketplaces; at all if there are none."""
    accounts: Annotated[tuple[Identifier, ...], Field(max_length=MOST_NAMED)] = ()
    """At these accounts alone; at all of its marketplaces if there are none."""
    products: Annotated[tuple[Identifier, ...], Field(max_length=MOST_NAMED)] = ()
    """Of these products alone; of all if there are none."""
    facets: Annotated[tuple[Facet, ...], Field(max_length=len(Facet))] = ()
    """Of these facets of listings that are there, and without creates, withdrawals
    and sellers; of all if there are none."""


class ApprovePlanForm(Model):
    """An approval of a plan, as it was read."""

    reason: Reason
    """Why; it is kept."""
    token: Annotated[str, Field(max_length=64, pattern="^[0-9a-f]*$")] = ""
    """Confirms what it takes from buyers: the token that came with the refusal."""


class RefusePlanForm(Model):
    """A refusal of a plan."""

    reason: Reason
    """Why; it is kept."""


@operation(
    "POST",
    "/api/v1/plans",
    summary="Make a plan",
    allowed=STAFF,
    tag=TAG,
    status=201,
    problems=(NOT_FOUND, NOT_POSSIBLE),
    takes_key=True,
)
async def post_plan(call: Call, body: MakePlanForm) -> Answer[PlanForm]:
    """Plan the next sync as things are now, and keep the plan for seven days.

    No marketplace is called, and nothing is written there. A plan of all products takes
    some seconds.
    """
    by = as_department(asker_of(call))
    scope = PlanScope(
        marketplaces=body.marketplaces,
        accounts=body.accounts,
        products=body.products,
        facets=body.facets,
    )
    number = await long_work_of(call).do(make_plan, scope, by=by)
    seen = await see_plan(deployment_of(call), number, size=1)
    location = f"/api/v1/plans/{number}"
    return Answer(value=plan_form(seen.plan), headers={"Location": location})


@operation("GET", "/api/v1/plans", summary="Plans", allowed=STAFF, tag=TAG)
async def list_all_plans(call: Call, query: PageQuery) -> PlansPage:
    """List plans, the latest first; those that expired 30 days ago are gone."""
    as_department(asker_of(call))
    before = call.position(query, int)
    found = await list_plans(deployment_of(call), before=before, size=query.limit)
    page = call.page(plan_forms(found), found.last)
    return PlansPage(**page_with(page))


@operation(
    "GET",
    "/api/v1/plans/{plan}",
    summary="A plan with its changes",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def get_plan(call: Call, path: PlanPath, query: PageQuery) -> PlanChangesPage:
    """Return a plan with its changes page by page, in the order in which they go.

    Once it was carried out, each has what came of it.
    """
    as_department(asker_of(call))
    after = call.position(query, int) or 0
    found = await see_plan(
        deployment_of(call), path.plan, after=after, size=query.limit
    )
    page = call.page(tuple(map(plan_change_form, found.changes)), found.last)
    return PlanChangesPage(**page_with(plan_form(found.plan), page))


@operation(
    "POST",
    "/api/v1/plans/{plan}/approval",
    summary="Approve a plan",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, PLAN_HELD, NOT_POSSIBLE),
    takes_key=True,
)
async def approve_one_plan(
    call: Call, path: PlanPath, body: ApprovePlanForm
) -> PlanForm:
    """Approve a plan, so that it may be carried out.

    What it takes from buyers is told first (409), and meant by the token that is told.
    """
    by = as_department(asker_of(call))
    seen = await approve_plan(
        deployment_of(call), path.plan, by=by, reason=body.reason, token=body.token
    )
    return plan_form(seen)


@operation(
    "POST",
    "/api/v1/plans/{plan}/refusal",
    summary="Refuse a plan",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, NOT_POSSIBLE),
    takes_key=True,
)
async def refuse_one_plan(call: Call, path: PlanPath, body: RefusePlanForm) -> PlanForm:
    """Refuse a plan, also one that was approved: nobody carries it out."""
    by = as_department(asker_of(call))
    return plan_form(
        await refuse_plan(deployment_of(call), path.plan, by=by, reason=body.reason)
    )


@operation(
    "POST",
    "/api/v1/plans/{plan}/run",
    summary="Carry a plan out",
    allowed=STAFF,
    tag=TAG,
    status=202,
    problems=(NOT_FOUND, NOT_POSSIBLE, SYNC_IN_PROGRESS),
    takes_key=True,
)
async def run_plan(call: Call, path: PlanPath) -> Answer[RunRequestForm]:
    """Have a worker carry an approved plan out; `Location` is the run's address.

    Each change is compared with the present once more. What no longer fits is not sent,
    and the plan says so; of a plan most of which no longer fits nothing is.
    """
    by = as_department(asker_of(call))
    request = await carry_out_plan(deployment_of(call), path.plan, by=by)
    return Answer(
        value=request_form(SeenRequest(request, by=by)),
        headers={"Location": f"/api/v1/runs/{request.id}"},
    )


OPERATIONS: Final = (
    post_plan,
    list_all_plans,
    get_plan,
    approve_one_plan,
    refuse_one_plan,
    run_plan,
)
