"""One plan: read, approved or refused with a reason, carried out.

What it takes from buyers stands first, and on a page of its own before it is approved.
Whoever comes second changes nothing, and is shown who was first.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.forms.plans import (
    PlanChangeForm,
    PlanMarketplaceForm,
    plan_change_form,
    plan_form,
)
from ocop_sync.api.typed.values import WHOLE, Model, Number
from ocop_sync.errors import (
    HeldPlanError,
    NoSuchPlanError,
    PlanError,
    RunRequestedError,
)
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.change_file import PLAN_CHANGES_FILE
from ocop_sync.pages.change_words import effect_words
from ocop_sync.pages.decision_forms import Fault, reason_fault
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.list_files import links_to, list_routes
from ocop_sync.pages.navigation import PLANS, RUNS
from ocop_sync.pages.plan_words import OUTCOMES, STANDINGS
from ocop_sync.pages.sent_words import CHANGE_WORDS, Difference, differences
from ocop_sync.pages.visit import REASON, PageRoute, Visit, see
from ocop_sync.service.plan.kept_plans import approve_plan, refuse_plan, see_plan
from ocop_sync.service.plan.plan_reading import (
    ChangesPart,
    changes_that,
    plan_to_decide,
)
from ocop_sync.service.requests.plan_runs import carry_out_plan

_SIZE: Final = 50
"""Changes on one page."""

Place = Annotated[int, Field(ge=0, le=2**31 - 1), WHOLE]


class PlanPath(Model):
    """Which plan."""

    plan: Number
    """Its number."""

    @property
    def address(self) -> str:
        """Return its address."""
        return f"{PLANS}/{self.plan}"


class PlanQuery(Model):
    """Which of its changes."""

    only: Literal["taking", "others"] | None = None
    """Only those that take something from buyers, or only the others."""
    after: Place = 0
    """The place of the last one of the page before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketplacePlan:
    """What is planned at one marketplace: its effect in words, and its cost."""

    place: Text
    effect: Text
    plan: PlanMarketplaceForm


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """A change of a plan in sentences.

    Attributes:
        change: The change.
        what: What it is to do.
        place: Where.
        differences: What it changes.
        outcome: What came of it; None until the plan was carried out.
    """

    change: PlanChangeForm
    what: Text
    place: Text
    differences: Sequence[Difference]
    outcome: tuple[Text, Kind] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfChanges:
    """A table of changes: its rows, and where the next page is."""

    rows: Sequence[PlannedRow]
    first: str
    following: str


async def show_plan(visit: Visit) -> web.Response:
    """Show a plan with its changes, what it takes from buyers first."""
    as_department(visit.asker)
    return await _plan_page(visit)


async def show_approval(visit: Visit) -> web.Response:
    """Show what an approval means; a plan that waits no longer is shown itself."""
    as_department(visit.asker)
    return await _decision_page(visit, "approval")


async def show_refusal(visit: Visit) -> web.Response:
    """Show what a refusal means; a plan on which nobody may decide is shown itself."""
    as_department(visit.asker)
    return await _decision_page(visit, "refusal")


async def approve(visit: Visit) -> web.Response:
    """Approve a plan, with a reason and what it takes from buyers confirmed."""
    by, path, form = as_department(visit.asker), visit.path(PlanPath), visit.form

    async def act() -> None:
        reason, token = form[REASON].strip(), form.get("token", "")
        await approve_plan(
            visit.deployment, path.plan, by=by, reason=reason, token=token
        )

    return await _decided(visit, "approval", act)


async def refuse(visit: Visit) -> web.Response:
    """Refuse a plan, with a reason."""
    by, path, form = as_department(visit.asker), visit.path(PlanPath), visit.form

    async def act() -> None:
        reason = form[REASON].strip()
        await refuse_plan(visit.deployment, path.plan, by=by, reason=reason)

    return await _decided(visit, "refusal", act)


async def carry_out(visit: Visit) -> web.Response:
    """Have an approved plan carried out, and lead to its run."""
    by, path = as_department(visit.asker), visit.path(PlanPath)
    try:
        request = await carry_out_plan(visit.deployment, path.plan, by=by)
    except NoSuchPlanError:
        raise
    except RunRequestedError as error:
        return await _plan_page(visit, busy=error.run)
    except PlanError:
        return await _plan_page(visit, is_late=True)
    return see(f"{RUNS}/{request.id}")


Decision = Literal["approval", "refusal"]


async def _decided(
    visit: Visit, which: Decision, act: Callable[[], Awaitable[None]]
) -> web.Response:
    fault = reason_fault(visit.form.get(REASON, "").strip())
    if fault is not None:
        return await _decision_page(visit, which, faults=[(REASON, fault)])
    try:
        await act()
    except NoSuchPlanError:
        raise
    except HeldPlanError:  # not from the page that says what it takes
        return await _decision_page(visit, which, is_told_anew=True)
    except PlanError:
        return await _plan_page(visit, is_late=True)
    return see(visit.path(PlanPath).address)


async def _plan_page(
    visit: Visit, *, is_late: bool = False, busy: str = ""
) -> web.Response:
    path, query, deployment = (
        visit.path(PlanPath),
        visit.query(PlanQuery),
        visit.deployment,
    )
    plan = plan_form((await see_plan(deployment, path.plan, size=0)).plan)
    parts = {
        name: await _part(visit, name, query)
        for name in _PARTS
        if query.only in {None, name}
    }
    values = {
        "plan": plan,
        "path": path,
        "query": query,
        "standing": STANDINGS[plan.state],
        "marketplaces": [_marketplace(visit, each) for each in plan.marketplaces],
        "parts": parts,
        "left_out": bool(plan.unusable)
        or any(each.held or each.holds for each in plan.marketplaces),
        "may_decide": plan.state == "waiting",
        "may_run": plan.state == "approved",
        "is_late": is_late,
        "busy": f"{RUNS}/{busy}" if busy else "",
        "run": f"{RUNS}/{plan.run}" if plan.run else "",
        "files": links_to(f"{path.address}/changes"),
        "plans": PLANS,
    }
    return visit.page(
        "plan.html",
        simulated=plan.simulated,
        status=409 if is_late or busy else 200,
        values=values,
    )


async def _decision_page(
    visit: Visit,
    which: Decision,
    *,
    faults: Sequence[Fault] = (),
    is_told_anew: bool = False,
) -> web.Response:
    path, query = visit.path(PlanPath), visit.query(PlanQuery)
    found = await plan_to_decide(
        visit.deployment, path.plan, after=query.after, size=_SIZE
    )
    plan = plan_form(found.plan)
    if plan.state not in _OPEN[which]:
        return see(path.address)
    address = f"{path.address}/{which}"
    values = {
        "plan": plan,
        "path": path,
        "which": which,
        "address": address,
        "token": found.confirmation,
        "effect": _taken_words(visit, found.taken),
        "part": _shown(visit, found.changes, address, query.after),
        "faults": faults,
        "typed": visit.form.get(REASON, ""),
        "is_told_anew": is_told_anew,
    }
    status = 422 if faults else 409 if is_told_anew else 200
    return visit.page(
        "plan_decision.html", simulated=plan.simulated, status=status, values=values
    )


_PARTS: Final[tuple[Literal["taking", "others"], ...]] = ("taking", "others")
_OPEN: Final[Mapping[Decision, frozenset[str]]] = {
    "approval": frozenset({"waiting"}),
    "refusal": frozenset({"waiting", "approved"}),
}
"""How a plan stands on which one may decide so."""


async def _part(
    visit: Visit, name: Literal["taking", "others"], query: PlanQuery
) -> PartOfChanges:
    path, after = visit.path(PlanPath), query.after if query.only else 0
    found = await changes_that(
        visit.deployment, path.plan, take=name == "taking", after=after, size=_SIZE
    )
    return _shown(visit, found, f"{path.address}?only={name}", after)


def _shown(visit: Visit, found: ChangesPart, address: str, after: int) -> PartOfChanges:
    joint = "&" if "?" in address else "?"
    return PartOfChanges(
        rows=[_row(visit, plan_change_form(each)) for each in found.changes],
        first=address if after else "",
        following=f"{address}{joint}after={found.last}" if found.last else "",
    )


def _row(visit: Visit, change: PlanChangeForm) -> PlannedRow:
    return PlannedRow(
        change=change,
        what=CHANGE_WORDS[change.kind],
        place=place_words(visit.deployment, change.marketplace),
        differences=differences(change.kind, change.before, change.after),
        outcome=None if change.outcome is None else OUTCOMES[change.outcome],
    )


def _marketplace(visit: Visit, told: PlanMarketplaceForm) -> MarketplacePlan:
    place = place_words(visit.deployment, told.marketplace)
    kinds: dict[tuple[str, ...], int] = {(e,): n for e, n in told.kinds.items()}
    return MarketplacePlan(place=place, effect=effect_words(kinds, place), plan=told)


def _taken_words(visit: Visit, taken: Mapping[tuple[str, str], int]) -> Text | None:
    """Return what a plan takes from buyers; None if that is nothing."""
    told = [
        effect_words({(kind,): n}, place_words(visit.deployment, marketplace))
        for (marketplace, kind), n in taken.items()
    ]
    if not told:
        return None
    return Text(", ".join(e.vi for e in told), ", ".join(e.en for e in told))


PAGES: Final = (
    PageRoute("GET", f"{PLANS}/{{plan}}", STAFF, show_plan),
    PageRoute("GET", f"{PLANS}/{{plan}}/approval", STAFF, show_approval),
    PageRoute("POST", f"{PLANS}/{{plan}}/approval", STAFF, approve),
    PageRoute("GET", f"{PLANS}/{{plan}}/refusal", STAFF, show_refusal),
    PageRoute("POST", f"{PLANS}/{{plan}}/refusal", STAFF, refuse),
    PageRoute("POST", f"{PLANS}/{{plan}}/run", STAFF, carry_out, makes=True),
)


def _number_of(visit: Visit) -> int:
    as_department(visit.asker)
    visit.query(Model)
    return visit.path(PlanPath).plan


FILES: Final = list_routes(
    f"{PLANS}/{{plan}}/changes", STAFF, PLAN_CHANGES_FILE, _number_of
)
"""The changes of a plan as files."""
