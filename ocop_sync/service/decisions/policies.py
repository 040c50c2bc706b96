"""Which policies are in force: those of settings, or of a person who has decided.

What a person has decided goes before settings, and what is said of one account before
what is said of its marketplace, and that before what is said of all. A run reads the
policies once, at its start, and keeps to them; so a decision holds from the next run
on, whichever process makes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.engine.plan.drift_policy import Policy
from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.decisions.budget_values import budget_from, values_of
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.settings.policies import (
    DRIFT_POLICIES,
    POLICIES,
    SAFETY_POLICIES,
    PolicyValue,
    PolicyValueError,
    checked,
)
from ocop_sync.store.decisions import policies
from ocop_sync.store.decisions.policies import Scope, SetPolicies, SetPolicy

ALL: Final = Scope()
"""The scope of what is said of all accounts."""


class PolicySource(StrEnum):
    """Where the value of a policy comes from."""

    DEFAULT = "default"
    """It ships with the program."""
    SETTINGS = "settings"
    """The settings name it."""
    PERSON = "person"
    """Somebody has set it, here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce:
    """The value of a policy, and where it comes from.

    Attributes:
        name: The policy, by the name of its setting.
        value: Its value.
        source: Where that comes from.
        decided: The decision of the person who has set it; None if nobody has.
    """

    name: str
    value: PolicyValue
    source: PolicySource
    decided: SetPolicy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePolicies:
    """The policies of one scope.

    Attributes:
        scope: The scope.
        policies: Those in force there, in the order of `POLICIES`. Of all accounts
            only those that a person has set: the others differ by marketplace.
    """

    scope: Scope
    policies: Sequence[PolicyInForce]

    @property
    def version(self) -> str:
        """Return what becomes another whenever any of it does."""
        return _digest(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllPolicies:
    """All policies.

    Attributes:
        for_all: What a person has set for all accounts.
        marketplaces: What is in force at each marketplace.
        accounts: The same of accounts of which a person has set any.
        unused: Decisions on marketplaces and accounts that there are none of now.
    """

    for_all: ScopePolicies
    marketplaces: Sequence[ScopePolicies]
    accounts: Sequence[ScopePolicies]
    unused: Sequence[SetPolicy]

    @property
    def version(self) -> str:
        """Return what becomes another whenever any of it does."""
        return _digest(self)


async def policies_at(deployment: Deployment, scope: Scope) -> ScopePolicies:
    """Return the policies of *scope*.

    Raises:
        ConfigurationError: There is no such marketplace, or a stored value is none
            that this version takes.
    """
    return policies_in(
        deployment, scope, await deployment.database.fetch(policies.last)
    )


async def all_policies(deployment: Deployment) -> AllPolicies:
    """Return all policies, with where each comes from.

    Raises:
        ConfigurationError: A stored value is none that this version takes.
    """
    return all_policies_by(deployment, await deployment.database.fetch(policies.last))


def all_policies_by(deployment: Deployment, decided: SetPolicies) -> AllPolicies:
    """Return all policies, by what people have *decided*."""
    there = {Scope(site.name) for site in deployment.sites}
    keys = {Scope(s.name, key) for s in deployment.sites for key in s.accounts}
    standing = [each for each in decided.values() if each.value is not None]
    own = {each.scope for each in standing} & keys
    return AllPolicies(
        for_all=policies_in(deployment, ALL, decided),
        marketplaces=[policies_in(deployment, e, decided) for e in sorted(there)],
        accounts=[policies_in(deployment, each, decided) for each in sorted(own)],
        unused=[e for e in standing if e.scope not in {ALL, *there, *keys}],
    )


def policies_in(
    deployment: Deployment, scope: Scope, decided: SetPolicies
) -> ScopePolicies:
    """Return the policies of *scope*, by what people have *decided*."""
    names = POLICIES
    if scope == ALL:
        names = tuple(n for n in POLICIES if _decision(ALL, n, decided))
    found = [in_force(deployment, scope, name, decided) for name in names]
    return ScopePolicies(scope=scope, policies=found)


def usable(decided: SetPolicies) -> SetPolicies:
    """Return what people have *decided* without values that no version takes now."""
    return {key: each for key, each in decided.items() if _is_usable(each)}


def _is_usable(decision: SetPolicy) -> bool:
    if decision.value is None:
        return True
    if decision.name not in POLICIES:
        return False
    try:
        checked(decision.name, decision.value)
    except PolicyValueError:
        return False
    return True


def version_of(deployment: Deployment, scope: Scope, decided: SetPolicies) -> str:
    """Return the version of what is shown of *scope*: of all, that is everything."""
    if scope == ALL:
        return all_policies_by(deployment, decided).version
    return policies_in(deployment, scope, decided).version


def in_force(
    deployment: Deployment, scope: Scope, name: str, decided: SetPolicies
) -> PolicyInForce:
    """Return the policy *name* that is in force for *scope*.

    Raises:
        ConfigurationError: There is no such marketplace, or the stored value is none
            that this version takes.
    """
    for each in scope.wider:
        if found := _decision(each, name, decided):
            value = _as_stored(found)
            source = PolicySource.PERSON
            return PolicyInForce(name=name, value=value, source=source, decided=found)
    return stated(deployment, scope.marketplace, name)


def stated(deployment: Deployment, marketplace: str, name: str) -> PolicyInForce:
    """Return the policy *name* of a marketplace, as settings have it.

    Raises:
        ConfigurationError: There is no such marketplace.
    """
    field = name.partition(".")[2]
    if name in SAFETY_POLICIES:
        value = values_of(deployment.budget)[field]
    else:
        value = deployment.site(marketplace).policy[Facet(field)].value
    is_named = {("", name), (marketplace, name)} & deployment.named_policies
    source = PolicySource.SETTINGS if is_named else PolicySource.DEFAULT
    return PolicyInForce(name=name, value=value, source=source)


async def apply_policies(conn: AsyncConnection, deployment: Deployment) -> Deployment:
    """Return *deployment* with the policies that people have set.

    Raises:
        ConfigurationError: A stored value is none that this version takes.
    """
    decided = await policies.last(conn)
    if not any(each.value is not None for each in decided.values()):
        return replace(deployment, budgets={}, sites=_as_stated(deployment))
    return replace(
        deployment,
        budgets={
            site.name: budget_at(deployment, site.name, decided)
            for site in deployment.sites
        },
        sites=tuple(
            site.with_policies(_drift_at(deployment, site, decided))
            for site in deployment.sites
        ),
    )


def _digest(shown: ScopePolicies | AllPolicies) -> str:
    return blake2b(repr(shown).encode(), digest_size=8).hexdigest()


def _as_stated(deployment: Deployment) -> tuple[Site, ...]:
    return tuple(
        site.with_policies({}) if site.policies else site for site in deployment.sites
    )


def budget_at(deployment: Deployment, marketplace: str, decided: SetPolicies) -> Budget:
    """Return the budget of a marketplace, by what people have *decided*."""
    scope = Scope(marketplace)
    return budget_from(
        {
            name.partition(".")[2]: in_force(deployment, scope, name, decided).value
            for name in SAFETY_POLICIES
        }
    )


def _drift_at(
    deployment: Deployment, site: Site, decided: SetPolicies
) -> dict[str, dict[Facet, Policy]]:
    """Return the policy for edits of the accounts that have one, and of the others."""
    own = [key for key in site.accounts if _has_own(Scope(site.name, key), decided)]
    return {
        key: {
            Facet(name.partition(".")[2]): Policy(
                str(in_force(deployment, Scope(site.name, key), name, decided).value)
            )
            for name in DRIFT_POLICIES
        }
        for key in ("", *own)
    }


def _has_own(scope: Scope, decided: SetPolicies) -> bool:
    return any(_decision(scope, name, decided) for name in DRIFT_POLICIES)


def _decision(scope: Scope, name: str, decided: SetPolicies) -> SetPolicy | None:
    found = decided.get((scope, name))
    return None if found is None or found.value is None else found


def _as_stored(decision: SetPolicy) -> PolicyValue:
    try:
        return checked(decision.name, decision.value)
    except PolicyValueError as error:
        scope = decision.scope
        where = f" --marketplace {scope.marketplace}" if scope.marketplace else ""
        where = f" --account {scope.account}" if scope.account else where
        message = (
            f"{decision.name} trong cơ sở dữ liệu, do {decision.by} đặt, không dùng"
            f" được / {decision.name} in the database cannot be used: {error}"
            f" (`ocop-sync marketplaces policy reset {decision.name}{where} --by TÊN"
            " --reason 'LÝ DO'`)"
        )
        raise ConfigurationError(message) from error
