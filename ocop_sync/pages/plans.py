"""The plans that are kept, and a new one: what the next sync would do, sent nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from ocop_sync.api.access.reach import as_department, ensure_whole
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.forms.plans import PlanForm, plan_form
from ocop_sync.api.typed.values import WHOLE, Model
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.filters import ALL
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.navigation import PLANS
from ocop_sync.pages.plan_file import PLANS_FILE
from ocop_sync.pages.plan_words import STANDINGS
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.plan.kept_plans import list_plans, make_plan
from ocop_sync.service.plan.scope import PlanScope

_SIZE: Final = 50


class PlansQuery(Model):
    """Which plans."""

    before: Annotated[int, Field(ge=0, le=2**31 - 1), WHOLE] | None = None
    """The number of the last one of the page before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A plan of the list: itself, how it stands, and where it is of."""

    plan: PlanForm
    state: tuple[Text, Kind]
    places: Sequence[Text]


async def show_plans(visit: Visit) -> web.Response:
    """Show the plans, the latest first."""
    ensure_whole(visit.asker)
    return await _page(visit)


async def make(visit: Visit) -> web.Response:
    """Make a plan of one marketplace, or of all."""
    by, deployment = as_department(visit.asker), visit.deployment
    chosen = visit.form.get("marketplace", "")
    if chosen not in {ALL, *(site.name for site in deployment.sites)}:
        return await _page(visit, fault=True)
    names = () if chosen == ALL else (chosen,)
    scope = PlanScope(marketplaces=names)
    number = await visit.long_work.do(make_plan, scope, by=by)
    return see(f"{PLANS}/{number}")


async def _page(visit: Visit, *, fault: bool = False) -> web.Response:
    query, deployment = visit.query(PlansQuery), visit.deployment
    found = await list_plans(deployment, before=query.before, size=_SIZE)
    rows = [_row(visit, plan_form(each)) for each in found.plans]
    sentence = Text("Chọn một sàn trong danh sách.", "Choose one of the list.")
    values = {
        "rows": rows,
        "waiting": sum(each.plan.state == "waiting" for each in rows),
        "places": [
            (each.name, place_words(deployment, each.name)) for each in deployment.sites
        ],
        "everywhere": ALL,
        "faults": [("marketplace", sentence)] if fault else [],
        "first": PLANS if query.before else "",
        "following": f"{PLANS}?before={found.last}" if found.last else "",
        "files": file_links(visit),
        "address": PLANS,
    }
    return visit.page(
        "plans.html",
        simulated=deployment.simulated,
        status=422 if fault else 200,
        values=values,
    )


def _row(visit: Visit, plan: PlanForm) -> PlanRow:
    return PlanRow(
        plan=plan,
        state=STANDINGS[plan.state],
        places=[
            place_words(visit.deployment, each.marketplace)
            for each in plan.marketplaces
        ],
    )


PAGES: Final = (
    PageRoute("GET", PLANS, STAFF, show_plans),
    PageRoute("POST", PLANS, STAFF, make, makes=True),
)


def _chosen_of(visit: Visit) -> None:
    ensure_whole(visit.asker)
    visit.query(PlansQuery)


FILES: Final = list_routes(PLANS, STAFF, PLANS_FILE, _chosen_of)
"""The same list as files."""
