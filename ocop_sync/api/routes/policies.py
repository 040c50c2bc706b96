"""Policies of accounts: seen by staff, set by admins.

What each may be stands in `ocop_sync.settings.groups`: the bounds here are those.
"""

from typing import Annotated, Any, Final

from pydantic import Field

from ocop_sync.api.access.reach import ensure_whole, reach_of
from ocop_sync.api.access.roles import ADMINS, STAFF
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.policies import (
    AllPoliciesForm,
    ScopePoliciesForm,
    all_policies_form,
    policies_form,
)
from ocop_sync.api.problems import NOT_POSSIBLE, POLICY_HELD
from ocop_sync.api.routes.accounts import AccountPath, Why
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import WHOLE, Identifier, Model
from ocop_sync.service.decisions.account_reach import ensure_reached
from ocop_sync.service.decisions.policies import (
    ALL,
    ScopePolicies,
    all_policies,
    policies_at,
)
from ocop_sync.service.decisions.policy_decisions import (
    PolicyDecision,
    PolicyEntry,
    set_policies,
)
from ocop_sync.service.decisions.policy_scope import scope_of
from ocop_sync.settings.groups import Days, Hours, Policy, Share
from ocop_sync.store.decisions.policies import Scope

TAG: Final = "policies"

_Products = Annotated[int, Field(ge=0, le=1_000_000), WHOLE]


class MarketplacePath(Model):
    """Which marketplace."""

    marketplace: Identifier
    """Its name."""


class DriftPatch(Model):
    """Policies for edits by others; null lets go of one, what is left out stays."""

    content: Policy | None = None
    """Titles, texts, pictures, packs."""
    price: Policy | None = None
    """Prices."""
    stock: Policy | None = None
    """Stock that is lower than we left it."""
    stars: Policy | None = None
    """The OCOP claim."""


class SafetyPatch(Model):
    """The budget for removals; null lets go of a policy, what is left out stays."""

    window_h: Hours | None = None
    """Hours over which removals are counted."""
    min_changes: _Products | None = None
    """Products that are always allowed."""
    share: Share | None = None
    """Share of the live listings that is allowed."""
    known_end_days: Days | None = None
    """Days for which an end must have been known to pass."""
    approval_h: Hours | None = None
    """Hours that an approval holds."""
    vanished_share: Share | None = None
    """Share of the listings that may vanish at once and be made anew."""


class AccountPoliciesPatch(Model):
    """Policies of an account to set."""

    drift: DriftPatch = DriftPatch()
    """Policies for edits by others."""
    reason: Why
    """Why; it is kept, and shown with the policies."""
    token: Annotated[str, Field(max_length=64, pattern="^[0-9a-f]*$")] = ""
    """Confirms a change that was held: the token that came with the refusal."""


class PoliciesPatch(AccountPoliciesPatch):
    """Policies to set."""

    safety: SafetyPatch = SafetyPatch()
    """The budget, which is counted over all accounts of a marketplace."""


@operation(
    "GET",
    "/api/v1/policies",
    summary="All policies, each with where it comes from",
    allowed=STAFF,
    tag=TAG,
)
async def list_policies(call: Call) -> Answer[AllPoliciesForm]:
    """List the policies of all marketplaces, and of accounts with some of their own."""
    ensure_whole(asker_of(call))
    return await _all(call)


@operation(
    "PATCH",
    "/api/v1/policies",
    summary="Set policies of all accounts",
    allowed=ADMINS,
    tag=TAG,
    needs_if_match=True,
    problems=(POLICY_HELD, NOT_POSSIBLE),
)
async def patch_policies(call: Call, body: PoliciesPatch) -> Answer[AllPoliciesForm]:
    """Set policies for all accounts, or let go of them.

    They hold from the next run on. What protects less than before is told first (409).
    """
    ensure_whole(asker_of(call))
    await _set(call, ALL, body, safety=body.safety)
    return await _all(call)


@operation(
    "GET",
    "/api/v1/marketplaces/{marketplace}/policies",
    summary="The policies at a marketplace",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, NOT_POSSIBLE),
)
async def get_marketplace_policies(
    call: Call, path: MarketplacePath
) -> Answer[ScopePoliciesForm]:
    """Return the policies in force at a marketplace, each with where it comes from."""
    scope = _at_marketplace(call, path)
    return _answer(await policies_at(deployment_of(call), scope))


@operation(
    "PATCH",
    "/api/v1/marketplaces/{marketplace}/policies",
    summary="Set policies of a marketplace",
    allowed=ADMINS,
    tag=TAG,
    needs_if_match=True,
    problems=(NOT_FOUND, POLICY_HELD, NOT_POSSIBLE),
)
async def patch_marketplace_policies(
    call: Call, path: MarketplacePath, body: PoliciesPatch
) -> Answer[ScopePoliciesForm]:
    """Set policies for all accounts at a marketplace, or let go of them.

    They hold from the next run on. What protects less than before is told first (409).
    """
    scope = _at_marketplace(call, path)
    return _answer((await _set(call, scope, body, safety=body.safety)).policies)


@operation(
    "GET",
    "/api/v1/accounts/{key}/policies",
    summary="The policies of an account",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, NOT_POSSIBLE),
)
async def get_account_policies(
    call: Call, path: AccountPath
) -> Answer[ScopePoliciesForm]:
    """Return the policies of an account; those of the budget are its marketplace's."""
    return _answer(await policies_at(deployment_of(call), _of_account(call, path)))


@operation(
    "PATCH",
    "/api/v1/accounts/{key}/policies",
    summary="Set policies of an account",
    allowed=ADMINS,
    tag=TAG,
    needs_if_match=True,
    problems=(NOT_FOUND, POLICY_HELD, NOT_POSSIBLE),
)
async def patch_account_policies(
    call: Call, path: AccountPath, body: AccountPoliciesPatch
) -> Answer[ScopePoliciesForm]:
    """Set policies for edits by others at one account, or let go of them.

    They hold from the next run on. What protects less than before is told first (409).
    """
    return _answer((await _set(call, _of_account(call, path), body)).policies)


OPERATIONS: Final = (
    list_policies,
    patch_policies,
    get_marketplace_policies,
    patch_marketplace_policies,
    get_account_policies,
    patch_account_policies,
)


async def _all(call: Call) -> Answer[AllPoliciesForm]:
    found = await all_policies(deployment_of(call))
    return Answer(value=all_policies_form(found), version=found.version)


def _at_marketplace(call: Call, path: MarketplacePath) -> Scope:
    ensure_whole(asker_of(call))
    return scope_of(deployment_of(call), path.marketplace, "")


def _of_account(call: Call, path: AccountPath) -> Scope:
    ensure_reached(deployment_of(call), path.key, reach_of(asker_of(call)))
    return scope_of(deployment_of(call), "", path.key)


async def _set(
    call: Call,
    scope: Scope,
    body: AccountPoliciesPatch,
    *,
    safety: SafetyPatch | None = None,
) -> PolicyDecision:
    values = {**_named("drift", body.drift), **_named("safety", safety)}
    entry = PolicyEntry(
        scope=scope,
        values=values,
        by=asker_of(call).actor,
        reason=body.reason,
        token=body.token,
    )
    return await set_policies(deployment_of(call), entry, call.ensure_match)


def _named(group: str, patch: Model | None) -> dict[str, Any]:
    """Return what a patch names, null included, by the names of the policies."""
    named = patch.model_fields_set if patch is not None else ()
    return {f"{group}.{field}": getattr(patch, field) for field in sorted(named)}


def _answer(found: ScopePolicies) -> Answer[ScopePoliciesForm]:
    return Answer(value=policies_form(found), version=found.version)
