"""Listings that a marketplace refuses, in its own words: sent again, with a reason."""

from typing import Annotated, Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.errors import PlanError
from ocop_sync.pages.decision_forms import FIELD, Attempt, faulty
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.hold_words import hold_advice
from ocop_sync.pages.navigation import WORKLIST
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.worklist_addresses import REFUSED
from ocop_sync.service.decisions.retry_requests import try_again
from ocop_sync.service.department.words_there import refused_there
from ocop_sync.service.queries.explain import Explained

_MOST: Final = 100
"""Products that are sent again at once."""
_GONE: Final = f"{WORKLIST}?over=refused"
_DONE: Final = f"{WORKLIST}?done=refused"
_ANSWERS: Final = frozenset({"again"})


class RefusedQuery(Model):
    """Which products at which marketplace."""

    marketplace: Identifier
    """The marketplace."""
    product: Annotated[tuple[Identifier, ...], Field(max_length=_MOST)] = ()
    """The codes of the products."""

    @property
    def address(self) -> str:
        """Return the address of just these."""
        chosen = [("product", each) for each in self.product]
        return f"{REFUSED}?{urlencode([('marketplace', self.marketplace), *chosen])}"


async def show_refused(visit: Visit) -> web.Response:
    """Show what the marketplace says of the chosen products, and what to do."""
    as_department(visit.asker)
    return await _page(visit, None)


async def send_again(visit: Visit) -> web.Response:
    """Have the next sync send them again, with a reason."""
    by, query = as_department(visit.asker), visit.query(RefusedQuery)
    if (attempt := faulty(visit.form, _ANSWERS)) is not None:
        return await _page(visit, attempt)
    found = await refused_there(visit.deployment, query.marketplace, query.product)
    if not found:
        return see(_GONE)
    ids = [each.entry[0].id for each in found]
    try:
        await try_again(visit.deployment, query.marketplace, ids, by=by)
    except PlanError:  # only the marketplace can let one of them be sold again
        return await _page(visit, Attempt(status=409, kind="changed"))
    return see(_DONE)


async def _page(visit: Visit, attempt: Attempt | None) -> web.Response:
    query, deployment = visit.query(RefusedQuery), visit.deployment
    found = await refused_there(deployment, query.marketplace, query.product)
    if not found:
        return see(_GONE)
    values = {
        "attempt": attempt,
        "faults": attempt.faults if attempt else (),
        "typed": visit.form.get(FIELD, "") if attempt else "",
        "rows": [(each, *_words(each)) for each in found],
        "where": place_words(deployment, query.marketplace),
        "address": query.address,
        "worklist": WORKLIST,
    }
    return visit.page(
        "refused_listings.html",
        simulated=deployment.simulated,
        status=attempt.status if attempt else 200,
        values=values,
    )


def _words(each: Explained) -> tuple[Text, Text]:
    hold = Hold(each.hold or "")
    return HOLD_WORDS[hold].seen, hold_advice(hold)


PAGES: Final = (
    PageRoute("GET", REFUSED, STAFF, show_refused),
    PageRoute("POST", REFUSED, STAFF, send_again),
)
