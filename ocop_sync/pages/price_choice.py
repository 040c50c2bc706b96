"""A price of a sheet that looks like a slip: taken, or the known one kept."""

from typing import Final

from aiohttp import web

from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import Identifier, Model, Number
from ocop_sync.errors import NoSuchDecisionError, StalePlanError
from ocop_sync.pages.decision_forms import FIELD, Attempt, faulty
from ocop_sync.pages.navigation import WORKLIST
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.worklist_addresses import IMPORTS, PRICES
from ocop_sync.service.department.held_prices import decide_price, sheet_price

_GONE: Final = f"{WORKLIST}?over=price"
_DONE: Final = f"{WORKLIST}?done=price"


class PricePath(Model):
    """Which price of which import."""

    report: Number
    """The number of the import's report."""
    sku: Identifier
    """The pack."""


async def show_price(visit: Visit) -> web.Response:
    """Show both prices, or who has decided; one that is gone leads to the worklist."""
    as_department(visit.asker)
    return await _page(visit, None)


async def choose_price(visit: Visit) -> web.Response:
    """Take the price of the sheet, or keep the known one, with a reason."""
    by, path, form = as_department(visit.asker), visit.path(PricePath), visit.form
    if (attempt := faulty(form)) is not None:
        return await _page(visit, attempt)
    take = form["answer"] == "approve"
    try:
        await decide_price(visit.deployment, path.report, path.sku, take=take, by=by)
    except StalePlanError:
        return await _page(visit, Attempt(status=409, kind="second"))
    except NoSuchDecisionError:
        return see(_GONE)
    return see(_DONE)


async def _page(visit: Visit, attempt: Attempt | None) -> web.Response:
    path, deployment = visit.path(PricePath), visit.deployment
    found = await deployment.database.fetch(sheet_price, path.report, path.sku)
    if found is None:
        return see(_GONE)
    values = {
        "attempt": attempt,
        "faults": attempt.faults if attempt else (),
        "typed": visit.form.get(FIELD, "") if attempt else "",
        "found": found,
        "address": visit.request.path,
        "sheet": f"{IMPORTS}/{path.report}",
        "worklist": WORKLIST,
    }
    status = attempt.status if attempt else 200
    return visit.page("held_price.html", status=status, values=values)


PAGES: Final = (
    PageRoute("GET", f"{PRICES}/{{report}}/{{sku}}", STAFF, show_price),
    PageRoute("POST", f"{PRICES}/{{report}}/{{sku}}", STAFF, choose_price),
)
