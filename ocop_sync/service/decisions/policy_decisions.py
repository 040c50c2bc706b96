"""A person sets policies, or lets go of them; each is an act, with who and why.

What protects less than before is not set until whoever asks has been told its effect,
and says by a token that it is meant. The token is of the values before and after: once
any of them has changed, it confirms nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.eligibility import Text
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.errors import HeldPolicyError, PolicyFaultError
from ocop_sync.service.decisions.policies import (
    ALL,
    ScopePolicies,
    policies_in,
    usable,
    version_of,
)
from ocop_sync.service.decisions.policy_effects import (
    PolicyChange,
    changes_between,
    effects_of,
)
from ocop_sync.service.decisions.text_limits import (
    LONGEST_REASON,
    ensure_named,
    ensure_text,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.settings.policies import (
    DRIFT_POLICIES,
    POLICIES,
    PolicyValue,
    PolicyValueError,
    checked,
)
from ocop_sync.store.decisions import policies
from ocop_sync.store.decisions.policies import Scope, SetPolicies, SetPolicy

_WHY = ("--reason", "lý do", "reason", "why")


def _whatever(version: str) -> None:
    """Take any version that is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEntry:
    """Policies that somebody sets for a scope, and why.

    Attributes:
        scope: For what: all, a marketplace, an account.
        values: The values by the name of their policies; None lets go of one.
        by: Who.
        reason: Why.
        token: Confirms a change that protects less; "" if none is confirmed.
    """

    scope: Scope
    values: Mapping[str, object]
    by: Actor
    reason: str
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDecision:
    """What came of it.

    Attributes:
        decided: The names of the policies that were set or let go of.
        changes: The values in force that become others.
        effects: What they do that protects less than before.
        policies: The policies of the scope, from the next run on.
    """

    decided: Sequence[str]
    changes: Sequence[PolicyChange]
    effects: Sequence[Text]
    policies: ScopePolicies


async def set_policies(
    deployment: Deployment,
    entry: PolicyEntry,
    ensure_seen: Callable[[str], None] = _whatever,
) -> PolicyDecision:
    """Set policies from the next run on, or let go of them; all of them or none.

    Args:
        deployment: As settings have it.
        entry: The policies.
        ensure_seen: Called with the version of the scope's policies that is there, in
            the transaction: raises if another one was seen.

    Raises:
        PolicyFaultError: A policy does not take its value, or there is none so called.
        HeldPolicyError: It protects less, and the token does not confirm it.
        PlanError: Who decides is not named, or not why.
    """
    ensure_named(entry.by)
    ensure_text(entry.reason, LONGEST_REASON, _WHY)
    values, now = _checked(entry), deployment.clock()

    async def store(conn: AsyncConnection) -> PolicyDecision:
        await policies.lock(conn)
        stored = await policies.last(conn)
        before = usable(stored)  # what cannot be read is left behind here
        ensure_seen(version_of(deployment, entry.scope, before))
        new = [
            SetPolicy(
                scope=entry.scope,
                name=name,
                value=value,
                by=entry.by.name.strip(),
                at=now,
                reason=entry.reason,
            )
            for name, value in values.items()
            if _is_new(stored, entry.scope, name, value)
        ]
        after = {**before, **{(each.scope, each.name): each for each in new}}
        scopes = _concerned(deployment, entry.scope, before)
        names = [each.name for each in new]
        changes = changes_between(deployment, scopes, names, before, after)
        effects = await effects_of(conn, deployment, changes, before, after)
        _ensure_meant(entry, changes, effects)
        if new:
            await policies.keep(conn, new)
        for each in new:
            await record_act(conn, _act(entry, each))
        return PolicyDecision(
            decided=names,
            changes=changes,
            effects=effects,
            policies=policies_in(deployment, entry.scope, after),
        )

    return await deployment.database.write(store)


def _checked(entry: PolicyEntry) -> dict[str, PolicyValue | None]:
    """Return the values as their settings take them."""
    faults, found = list[tuple[str, str]](), dict[str, PolicyValue | None]()
    for name, value in entry.values.items():
        if name not in POLICIES:
            faults.append((name, f"? {', '.join(POLICIES)}"))
        elif entry.scope.account and name not in DRIFT_POLICIES:
            faults.append((name, _OF_MARKETPLACES))
        elif value is None:
            found[name] = None
        else:
            try:
                found[name] = checked(name, value)
            except PolicyValueError as error:
                faults.append((name, str(error)))
    if faults:
        raise PolicyFaultError(faults)
    return found


_OF_MARKETPLACES = (
    "tính chung mọi tài khoản của sàn, không đặt riêng cho một tài khoản / counted over"
    " all accounts of a marketplace, and never set for one"
)


def _is_new(
    before: SetPolicies, scope: Scope, name: str, value: PolicyValue | None
) -> bool:
    known = before.get((scope, name))
    return (None if known is None else known.value) != value


def _concerned(
    deployment: Deployment, scope: Scope, before: SetPolicies
) -> list[Scope]:
    """Return the scopes in which something may become another by *scope*."""
    if scope.account:
        return [scope]
    names = [site.name for site in deployment.sites]
    chosen = names if scope == ALL else [n for n in names if n == scope.marketplace]
    own = sorted(
        {
            each
            for each, _ in before
            if each.account and each.marketplace in chosen and _is_set(deployment, each)
        }
    )
    return [*(Scope(name) for name in chosen), *own]


def _is_set(deployment: Deployment, scope: Scope) -> bool:
    return scope.account in deployment.site(scope.marketplace).accounts


def _ensure_meant(
    entry: PolicyEntry, changes: Sequence[PolicyChange], effects: Sequence[Text]
) -> None:
    if not effects:
        return
    of = [(e.scope, e.name, e.before, e.after) for e in changes]
    token = blake2b(repr(of).encode(), digest_size=6).hexdigest()
    if entry.token != token:
        raise HeldPolicyError([(each.vi, each.en) for each in effects], token)


def _act(entry: PolicyEntry, decided: SetPolicy) -> Act:
    scope, value = decided.scope, decided.value
    refs = {"policy": decided.name}
    if scope.marketplace:
        refs["marketplace"] = scope.marketplace
    if value is not None:
        refs["value"] = str(value)
    return Act(
        by=entry.by,
        kind="reset_policy" if value is None else "set_policy",
        at=decided.at,
        subjects=[scope.account] if scope.account else [],
        refs=refs,
        reason=entry.reason,
    )
