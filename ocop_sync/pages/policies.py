"""The policies of a marketplace or an account: seen by staff, set by administrators.

What protects less than before is told first, with its numbers, and set only by a second
press. The form carries what was seen: whoever comes second sets nothing.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal
from urllib.parse import quote

from aiohttp import web

from catalog.eligibility import Text
from ocop_sync.api.access.reach import as_department, ensure_whole
from ocop_sync.api.access.roles import ADMINS, STAFF
from ocop_sync.api.forms.policies import policies_form
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.errors import HeldPolicyError, StalePlanError
from ocop_sync.pages.account_words import account_address
from ocop_sync.pages.decision_forms import Fault, reason_fault
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.navigation import ACCOUNTS
from ocop_sync.pages.policy_fields import CHOICES, field_of, read_values
from ocop_sync.pages.visit import REASON, PageRoute, Visit, see
from ocop_sync.service.decisions.policies import ScopePolicies, policies_at
from ocop_sync.service.decisions.policy_decisions import PolicyEntry, set_policies
from ocop_sync.service.decisions.policy_scope import scope_of

MARKETPLACES: Final = "/marketplaces"


class PlacePath(Model):
    """Which marketplace, or which account."""

    marketplace: Identifier | None = None
    """The name of a marketplace."""
    key: Identifier | None = None
    """The key of an account."""

    @property
    def address(self) -> str:
        """Return the address of its policies."""
        if self.key is not None:
            return f"{account_address(self.key)}/policies"
        return f"{MARKETPLACES}/{quote(self.marketplace or '', safe='')}/policies"


class PoliciesQuery(Model):
    """What has just been done."""

    done: Literal["set", "same"] | None = None


async def show_policies(visit: Visit) -> web.Response:
    """Show the policies in force, each with where it comes from."""
    ensure_whole(visit.asker)
    return await _page(visit)


async def set_them(visit: Visit) -> web.Response:
    """Set policies, or let go of them, from the next run on."""
    by, path, form = as_department(visit.asker), visit.path(PlacePath), visit.form
    found = await _found(visit)
    shown = policies_form(found)
    reason = form.get(REASON, "").strip()
    values, faults = read_values(form, _shown(path, shown.policies), shown.scope)
    if (fault := reason_fault(reason)) is not None:
        faults.append((REASON, fault))
    if faults:
        return await _page(visit, faults=faults)
    if not values:
        return see(f"{path.address}?done=same")

    def ensure_seen(version: str) -> None:
        if form.get("version", "") != version:
            raise StalePlanError(version)

    entry = PolicyEntry(
        scope=found.scope,
        values=values,
        by=by,
        reason=reason,
        token=form.get("token", ""),
    )
    try:
        await set_policies(visit.deployment, entry, ensure_seen)
    except StalePlanError:
        return await _page(visit, is_late=True)
    except HeldPolicyError as error:
        return await _page(visit, held=error)
    return see(f"{path.address}?done=set")


async def _found(visit: Visit) -> ScopePolicies:
    path = visit.path(PlacePath)
    scope = scope_of(visit.deployment, path.marketplace or "", path.key or "")
    return await policies_at(visit.deployment, scope)


def _shown(path: PlacePath, policies: Sequence[Any]) -> list[Any]:
    """Return those that are set here; those of the budget are a marketplace's."""
    of_all = path.key is None
    return [each for each in policies if of_all or each.name.startswith("drift.")]


async def _page(
    visit: Visit,
    *,
    faults: Sequence[Fault] = (),
    held: HeldPolicyError | None = None,
    is_late: bool = False,
) -> web.Response:
    path, query = visit.path(PlacePath), visit.query(PoliciesQuery)
    found = await _found(visit)
    shown = policies_form(found)
    fields = [field_of(each, shown.scope) for each in _shown(path, shown.policies)]
    is_typed = bool(visit.form) and not is_late
    values = {
        "fields": fields,
        "typed": {
            each.name: visit.form.get(each.name, each.own) if is_typed else each.own
            for each in fields
        },
        "reason": visit.form.get(REASON, ""),
        "choices": CHOICES,
        "decided": [each for each in shown.policies if each.decided],
        "version": visit.form.get("version", "") if is_typed else found.version,
        "faults": faults,
        "effects": [Text(vi, en) for vi, en in held.effects] if held else [],
        "token": held.token if held else "",
        "is_late": is_late,
        "done": query.done if not visit.form else None,
        "key": path.key,
        "place": place_words(visit.deployment, shown.scope.marketplace),
        "of_place": PlacePath(marketplace=shown.scope.marketplace).address,
        "back": account_address(path.key) if path.key else ACCOUNTS,
        "address": path.address,
        "may_set": visit.asker.role in ADMINS,
    }
    status = 422 if faults else 409 if held or is_late else 200
    return visit.page(
        "policies.html",
        simulated=visit.deployment.simulated,
        status=status,
        values=values,
    )


PAGES: Final = (
    PageRoute("GET", f"{ACCOUNTS}/{{key}}/policies", STAFF, show_policies),
    PageRoute("POST", f"{ACCOUNTS}/{{key}}/policies", ADMINS, set_them),
    PageRoute("GET", f"{MARKETPLACES}/{{marketplace}}/policies", STAFF, show_policies),
    PageRoute("POST", f"{MARKETPLACES}/{{marketplace}}/policies", ADMINS, set_them),
)
