"""Policies for people: the value of each, and where it comes from."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.table import Table

from catalog.vietnam_time import moment
from ocop_sync.cli.views.tables import console, indented, plain, rows_table, show_line
from ocop_sync.service.decisions.policies import (
    AllPolicies,
    PolicyInForce,
    PolicySource,
    ScopePolicies,
)
from ocop_sync.service.decisions.policy_decisions import PolicyDecision
from ocop_sync.store.decisions.policies import Scope, SetPolicy

_SOURCES: Final = {
    PolicySource.DEFAULT: "mặc định / default",
    PolicySource.SETTINGS: "tệp thiết lập / settings",
}
_NEXT = (
    "có hiệu lực từ lần đồng bộ tới; xem trước bằng `ocop-sync plan` / holds from the"
    " next sync on; `ocop-sync plan` shows what it changes"
)


def show_policies(found: AllPolicies) -> None:
    """Show the policies of all scopes that have any of their own."""
    out = console()
    for scope in (found.for_all, *found.marketplaces, *found.accounts):
        if scope.policies:
            out.print(policies_table(scope))
    for each in found.unused:
        show_line(
            f"{plain(_name(each.scope))}: không còn ở thiết lập, không dùng đến / not"
            f" set up any more, and not used: {each.name} = {plain(each.value)},"
            f" {plain(_by(each))}"
        )


def policies_table(found: ScopePolicies) -> Table:
    """Return the policies of one scope."""
    title = f"Chính sách / Policies: {plain(_name(found.scope))}"
    columns = ["chính sách\npolicy", "giá trị\nvalue", "từ đâu\nfrom"]
    table = rows_table(title, columns)
    for each in found.policies:
        table.add_row(each.name, _shown(each.value), plain(_origin(each, found.scope)))
    return table


def show_decision(found: PolicyDecision) -> None:
    """Show what came of a decision."""
    for each in found.changes:
        where = each.scope.account or each.scope.marketplace
        before, after = _shown(each.before), _shown(each.after)
        show_line(f"{plain(where)}: {each.name}: {before} -> {after}")
    show_effects((each.vi, each.en) for each in found.effects)
    show_line(_NEXT)


def show_effects(effects: Iterable[tuple[str, str]]) -> None:
    """Show what a change does that protects less than before."""
    out = console()
    for vi, en in effects:
        out.print(indented(f"{vi} / {en}"))


def decided_words(names: Sequence[str]) -> str:
    """Name the policies that were decided on."""
    return f"đã ghi / decided: {', '.join(names)}"


def _origin(policy: PolicyInForce, scope: Scope) -> str:
    if policy.decided is None:
        return _SOURCES[policy.source]
    of = policy.decided.scope
    wider = "" if of == scope else f", {_name(of)}"
    return f"{_by(policy.decided)}{wider}"


def _by(decided: SetPolicy) -> str:
    why = f": {decided.reason}" if decided.reason else ""
    return f"{decided.by}, {moment(decided.at)}{why}"


def _name(scope: Scope) -> str:
    if scope.account:
        return f"tài khoản / account {scope.account}"
    return scope.marketplace or "mọi tài khoản / all accounts"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
