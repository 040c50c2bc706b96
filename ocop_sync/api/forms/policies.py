"""The policies of accounts, as they are shown."""

from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.typed.values import Instant, Model
from ocop_sync.service.decisions.policies import (
    AllPolicies,
    PolicyInForce,
    PolicySource,
    ScopePolicies,
)
from ocop_sync.service.decisions.policy_decisions import PolicyDecision
from ocop_sync.store.decisions.policies import Scope, SetPolicy


class ScopeForm(Model):
    """What a policy is for."""

    marketplace: str
    """The marketplace; empty: all of them."""
    account: str
    """Key of the one account; empty: all there."""


class DecidedForm(Model):
    """A person's decision on a policy."""

    set_for: ScopeForm
    """What it was set for: this, or more."""
    set_by: str
    """Who set it."""
    set_at: Instant
    """When."""
    reason: str
    """Why, in that person's words."""


class PolicyInForceForm(Model):
    """The value of a policy, and where it comes from."""

    name: str
    """The policy, by the name of its setting."""
    value: str | int | float
    """Its value."""
    source: PolicySource
    """Where the value comes from."""
    decided: DecidedForm | None
    """The decision of the person who has set it; null if nobody has."""


class ScopePoliciesForm(Model):
    """The policies of a scope."""

    scope: ScopeForm
    """The scope."""
    policies: tuple[PolicyInForceForm, ...]
    """Those in force; of all accounts, those alone that a person has set."""


class UnusedPolicyForm(Model):
    """A decision on a marketplace or an account that there is none of now."""

    name: str
    """The policy."""
    value: str | int | float
    """The value."""
    decided: DecidedForm
    """The decision."""


class AllPoliciesForm(Model):
    """All policies."""

    for_all: ScopePoliciesForm
    """What people have set for all accounts."""
    marketplaces: tuple[ScopePoliciesForm, ...]
    """What is in force at each marketplace."""
    accounts: tuple[ScopePoliciesForm, ...]
    """The same of accounts with policies of their own."""
    unused: tuple[UnusedPolicyForm, ...]
    """Decisions on what is set up no longer."""


class PolicyChangeForm(Model):
    """A value in force that becomes another."""

    scope: ScopeForm
    """Where."""
    name: str
    """The policy."""
    before: str | int | float
    """The value before."""
    after: str | int | float
    """The value from the next run on."""


class PolicyDecisionForm(Model):
    """What came of a decision."""

    decided: tuple[str, ...]
    """The policies that were set or let go of."""
    changes: tuple[PolicyChangeForm, ...]
    """The values in force that become others."""
    effects: tuple[WordsForm, ...]
    """What they do that protects less than before."""
    policies: ScopePoliciesForm
    """The policies of the scope, from the next run on."""


def all_policies_form(found: AllPolicies) -> AllPoliciesForm:
    """Return all policies as they are shown."""
    return AllPoliciesForm(
        for_all=policies_form(found.for_all),
        marketplaces=tuple(map(policies_form, found.marketplaces)),
        accounts=tuple(map(policies_form, found.accounts)),
        unused=tuple(
            UnusedPolicyForm(
                name=each.name, value=each.value, decided=_decided_form(each)
            )
            for each in found.unused
            if each.value is not None
        ),
    )


def policies_form(found: ScopePolicies) -> ScopePoliciesForm:
    """Return the policies of a scope as they are shown."""
    return ScopePoliciesForm(
        scope=_scope_form(found.scope),
        policies=tuple(map(_policy_form, found.policies)),
    )


def policy_decision_form(found: PolicyDecision) -> PolicyDecisionForm:
    """Return what came of a decision as it is shown."""
    return PolicyDecisionForm(
        decided=tuple(found.decided),
        changes=tuple(
            PolicyChangeForm(
                scope=_scope_form(each.scope),
                name=each.name,
                before=each.before,
                after=each.after,
            )
            for each in found.changes
        ),
        effects=tuple(map(words_form, found.effects)),
        policies=policies_form(found.policies),
    )


def _policy_form(policy: PolicyInForce) -> PolicyInForceForm:
    return PolicyInForceForm(
        name=policy.name,
        value=policy.value,
        source=policy.source,
        decided=_decided_form(policy.decided) if policy.decided else None,
    )


def _decided_form(decided: SetPolicy) -> DecidedForm:
    return DecidedForm(
        set_for=_scope_form(decided.scope),
        set_by=decided.by,
        set_at=decided.at,
        reason=decided.reason,
    )


def _scope_form(scope: Scope) -> ScopeForm:
    return ScopeForm(marketplace=scope.marketplace, account=scope.account)
