"""Several listings of ours of one product: all of them side by side, one of them kept.

The form carries the listings as they were seen: whoever comes second, or to others,
decides nothing, and is shown how it stands now.
"""

from typing import Final

from aiohttp import web

from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import Model, Number
from ocop_sync.errors import NoSuchDecisionError, StalePlanError
from ocop_sync.pages.decision_forms import FIELD, Attempt, faulty
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.navigation import WORKLIST
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.worklist_addresses import DOUBLES
from ocop_sync.service.decisions.double_decisions import keep
from ocop_sync.service.queries.twins import Doubled, NamedRow, Offer, all_twins

_GONE: Final = f"{WORKLIST}?over=double"


class DoublePath(Model):
    """Which product with several listings."""

    double: Number
    """Its number."""

    @property
    def address(self) -> str:
        """Return its address."""
        return f"{DOUBLES}/{self.double}"


async def show_double(visit: Visit) -> web.Response:
    """Show the listings; where one is left the worklist is shown."""
    as_department(visit.asker)
    return await _page(visit, await _found(visit), None)


async def keep_one(visit: Visit) -> web.Response:
    """Keep one of the listings, with a reason; the others are withdrawn."""
    by, path, form = as_department(visit.asker), visit.path(DoublePath), visit.form
    found = await _found(visit)
    refs = {each.ref for each in _offers(found)}
    if (attempt := faulty(form, refs)) is not None:
        return await _page(visit, found, attempt)
    seen = form.get("seen", "")
    try:
        await keep(visit.deployment, str(path.double), form["answer"], by=by, seen=seen)
    except StalePlanError:
        attempt = Attempt(status=409, kind="changed")
        return await _page(visit, await _found(visit), attempt)
    except NoSuchDecisionError:
        return see(_GONE)
    return see(path.address)


async def _found(visit: Visit) -> NamedRow[Doubled] | None:
    number = visit.path(DoublePath).double
    found = (await all_twins(visit.deployment)).doubled
    return next((each for each in found if each.row.number == number), None)


def _offers(found: NamedRow[Doubled] | None) -> tuple[Offer, ...]:
    return (found.row.stays, *found.row.others) if found else ()


async def _page(
    visit: Visit, found: NamedRow[Doubled] | None, attempt: Attempt | None
) -> web.Response:
    if found is None:
        return see(_GONE)
    deployment = visit.deployment
    values = {
        "attempt": attempt,
        "faults": attempt.faults if attempt else (),
        "typed": visit.form.get(FIELD, "") if attempt else "",
        "double": found,
        "offers": _offers(found),
        "where": place_words(deployment, found.row.marketplace),
        "address": visit.path(DoublePath).address,
        "worklist": WORKLIST,
    }
    status = attempt.status if attempt else 200
    return visit.page(
        "double.html", simulated=deployment.simulated, status=status, values=values
    )


PAGES: Final = (
    PageRoute("GET", f"{DOUBLES}/{{double}}", STAFF, show_double),
    PageRoute("POST", f"{DOUBLES}/{{double}}", STAFF, keep_one),
)
