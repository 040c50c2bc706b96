"""A listing that may be our product: both side by side, taken over or told apart."""

from typing import Final

from aiohttp import web

from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import Model, Number
from ocop_sync.errors import NoSuchDecisionError, PlanError
from ocop_sync.pages.decision_forms import FIELD, Attempt, faulty
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.navigation import WORKLIST
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.worklist_addresses import TWINS
from ocop_sync.service.decisions.twin_decisions import adopt, decide_other
from ocop_sync.service.queries.twins import one_twin

_GONE: Final = f"{WORKLIST}?over=twin"
_DONE: Final = f"{WORKLIST}?done=twin"


class TwinPath(Model):
    """Which possible twin."""

    twin: Number
    """Its number."""


async def show_twin(visit: Visit) -> web.Response:
    """Show a possible twin beside our product, or who has decided on it."""
    as_department(visit.asker)
    return await _page(visit, None)


async def decide_twin(visit: Visit) -> web.Response:
    """Take a listing over, or call it another product, with a reason."""
    by, path, form = as_department(visit.asker), visit.path(TwinPath), visit.form
    if (attempt := faulty(form)) is not None:
        return await _page(visit, attempt)
    decide = adopt if form["answer"] == "approve" else decide_other
    try:
        await decide(visit.deployment, path.twin, by=by)
    except NoSuchDecisionError:
        return await _page(visit, Attempt(status=409, kind="second"))
    except PlanError:  # it carries the reference of another product of ours
        return await _page(visit, Attempt(status=409, kind="changed"))
    return see(_DONE)


async def _page(visit: Visit, attempt: Attempt | None) -> web.Response:
    path, deployment = visit.path(TwinPath), visit.deployment
    found = await one_twin(deployment, path.twin)
    if found is None:
        return see(_GONE)
    twin, others = found
    values = {
        "attempt": attempt,
        "faults": attempt.faults if attempt else (),
        "typed": visit.form.get(FIELD, "") if attempt else "",
        "twin": twin,
        "is_open": twin.row.state == "open",
        "where": place_words(deployment, twin.row.marketplace),
        "others": others,
        "address": f"{TWINS}/{twin.row.id}",
        "twins": TWINS,
        "worklist": WORKLIST,
    }
    status = attempt.status if attempt else 200
    return visit.page(
        "twin.html", simulated=deployment.simulated, status=status, values=values
    )


PAGES: Final = (
    PageRoute("GET", f"{TWINS}/{{twin}}", STAFF, show_twin),
    PageRoute("POST", f"{TWINS}/{{twin}}", STAFF, decide_twin),
)
