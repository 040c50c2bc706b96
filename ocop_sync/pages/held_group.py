"""A group above the budget: its members and its cause, approved or refused by form.

The form carries the group as it was seen: whoever comes second, or to a group that has
changed meanwhile, decides nothing, and is shown how it stands now.
"""

from typing import Annotated, Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import Model, Number
from ocop_sync.errors import NoSuchDecisionError, PlanError, StalePlanError
from ocop_sync.pages.change_words import changes_words, effect_words, member_words
from ocop_sync.pages.decision_forms import Attempt, faulty
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.navigation import WORKLIST
from ocop_sync.pages.visit import REASON, PageRoute, Visit, see
from ocop_sync.pages.worklist_addresses import GROUPS
from ocop_sync.service.decisions.approvals import approve, refuse
from ocop_sync.service.queries.held import GroupPart, cause_in_words, group_page

_SIZE: Final = 50
"""Members of one page."""


class GroupPath(Model):
    """Which group."""

    group: Number
    """Its number."""

    @property
    def address(self) -> str:
        """Return its address."""
        return f"{GROUPS}/{self.group}"


class GroupQuery(Model):
    """Which members."""

    after: Annotated[str, Field(max_length=64)] = ""
    """The last product of the page before."""


async def show_group(visit: Visit) -> web.Response:
    """Show a group with its members; one that waits no longer leads to the worklist."""
    as_department(visit.asker)
    return await _page(visit, None)


async def decide_group(visit: Visit) -> web.Response:
    """Approve or refuse a group as it was seen, with a reason."""
    by, path, form = as_department(visit.asker), visit.path(GroupPath), visit.form
    if (attempt := faulty(form)) is not None:
        return await _page(visit, attempt)
    decide = approve if form["answer"] == "approve" else refuse
    try:
        await decide(
            visit.deployment,
            path.group,
            by=by,
            reason=form[REASON].strip(),
            checksum=form.get("checksum", ""),
            seen=form.get("seen", ""),
        )
    except StalePlanError:
        return await _page(visit, Attempt(status=409, kind="changed"))
    except NoSuchDecisionError:
        return see(f"{WORKLIST}?over=group")
    except PlanError:
        return await _page(visit, Attempt(status=409, kind="second"))
    return see(path.address)


async def _page(visit: Visit, attempt: Attempt | None) -> web.Response:
    path, query = visit.path(GroupPath), visit.query(GroupQuery)
    try:
        found = await group_page(visit.deployment, path.group, query.after, _SIZE)
    except NoSuchDecisionError:
        return see(f"{WORKLIST}?over=group")
    return visit.page(
        "held_group.html",
        simulated=found.simulated,
        status=attempt.status if attempt else 200,
        values=_values(visit, found, attempt),
    )


def _values(
    visit: Visit, found: GroupPart, attempt: Attempt | None
) -> dict[str, object]:
    path, query = visit.path(GroupPath), visit.query(GroupQuery)
    group, cause = found.group, found.group.import_
    where = place_words(visit.deployment, group.group.marketplace)
    after = urlencode({"after": found.last}) if found.last else ""
    return {
        "attempt": attempt,
        "faults": attempt.faults if attempt else (),
        "typed": visit.form.get(REASON, "") if attempt else "",
        "found": group,
        "where": where,
        "effect": effect_words(group.kinds, where),
        "changes": changes_words(group.kinds),
        "cause": cause_in_words(cause) if cause else None,
        "rows": [(each, member_words(each.member.kinds)) for each in found.members],
        "address": path.address,
        "worklist": WORKLIST,
        "first": path.address if query.after else "",
        "following": f"{path.address}?{after}" if after else "",
    }


PAGES: Final = (
    PageRoute("GET", f"{GROUPS}/{{group}}", STAFF, show_group),
    PageRoute("POST", f"{GROUPS}/{{group}}", STAFF, decide_group),
)
