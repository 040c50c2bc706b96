"""Policies that people set: `ocop-sync marketplaces policy`."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from catalog.model.actor import Actor
from ocop_sync.api.forms.policies import (
    all_policies_form,
    policies_form,
    policy_decision_form,
)
from ocop_sync.cli.app.app import NO_ACCOUNT, run, settings_of
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.opened import decide, in_deployment
from ocop_sync.cli.app.options import AS_JSON, BY, WHY
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.views.policies import (
    decided_words,
    policies_table,
    show_decision,
    show_effects,
    show_policies,
)
from ocop_sync.cli.views.tables import (
    NOTHING_TO_DO,
    console,
    plain,
    show_line,
    write_json,
)
from ocop_sync.errors import HeldPolicyError
from ocop_sync.service.decisions.policies import (
    AllPolicies,
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
from ocop_sync.service.deployment import Deployment
from ocop_sync.settings.policies import POLICIES

_NAME = click.Choice(POLICIES)
_MARKETPLACE = click.option(
    "--marketplace",
    type=CODE,
    metavar="NAME",
    help="Cho mọi tài khoản ở sàn này / for all accounts there.",
)
_ACCOUNT = click.option(
    "--account",
    type=CODE,
    metavar="KEY",
    help="Chỉ cho tài khoản này / for this account alone.",
)
_CONFIRM = click.option(
    "--confirm",
    "token",
    type=CODE,
    metavar="TOKEN",
    help="Mã xác nhận của thay đổi bảo vệ kém hơn / the token of a change that protects"
    " less.",
)


@click.group()
def policy() -> None:
    """Chính sách của tài khoản, đặt được khi đang chạy / policies of accounts.

    Mỗi chính sách mang tên thiết lập của nó. Người đặt thì thắng tệp thiết lập.

    Each has the name of its setting. What a person sets goes before settings.
    """


@policy.command(
    short_help="Đang dùng gì, từ đâu / In force, and from where.",
    epilog="Ví dụ / Example: ocop-sync marketplaces policy show --account voso:CS-0001",
)
@_MARKETPLACE
@_ACCOUNT
@AS_JSON
def show(*, marketplace: str | None, account: str | None, as_json: bool) -> None:
    """Giá trị đang dùng: mặc định, thiết lập, hay ai đặt / each value, and its origin.

    Không ghi gì là mọi sàn. Without an option, of all marketplaces.
    """
    _ensure_one(marketplace, account)

    async def query(deployment: Deployment) -> ScopePolicies | AllPolicies:
        if not marketplace and not account:
            return await all_policies(deployment)
        scope = scope_of(deployment, marketplace or "", account or "")
        return await policies_at(deployment, scope)

    found = run(in_deployment(settings_of(), query, needs_accounts=False))
    if isinstance(found, AllPolicies):
        _show_all(found, as_json=as_json)
    elif as_json:
        write_json(policies_form(found))
    else:
        console().print(policies_table(found))


def _show_all(found: AllPolicies, *, as_json: bool) -> None:
    if as_json:
        write_json(all_policies_form(found))
        return
    show_policies(found)
    if not settings_of().accounts:
        show_line(plain(NO_ACCOUNT))


@policy.command(
    "set",
    short_help="Đặt một chính sách / Set one.",
    epilog="Ví dụ / Example: ocop-sync marketplaces policy set drift.price repair"
    " --marketplace postmart --by 'Ng. Văn A' --reason 'họp ngày 12/11'",
)
@click.argument("name", type=_NAME, metavar="NAME")
@click.argument("value", type=CODE)
@_MARKETPLACE
@_ACCOUNT
@_CONFIRM
@BY
@WHY
@AS_JSON
def set_(*, name: str, value: str, as_json: bool, **given: Any) -> None:
    """Đặt NAME thành VALUE từ lần đồng bộ tới / set NAME to VALUE, from the next sync.

    Không ghi --marketplace hay --account là cho mọi tài khoản. Nếu bảo vệ kém hơn
    trước, chưa đổi gì: xem sẽ ra sao (mã thoát 3), rồi làm lại kèm --confirm.

    Without --marketplace or --account it is for all. If it protects less than before,
    nothing is set yet: its effect is told (exit code 3), and --confirm sets it.
    """
    _decide({name: value}, as_json=as_json, **given)


@policy.command(
    short_help="Trở lại như thiết lập / Go back to settings.",
    epilog="Ví dụ / Example: ocop-sync marketplaces policy reset drift.price"
    " --marketplace postmart --by 'Ng. Văn A' --reason 'hết đợt thử'",
)
@click.argument("names", type=_NAME, nargs=-1, required=True, metavar="NAME...")
@_MARKETPLACE
@_ACCOUNT
@_CONFIRM
@BY
@WHY
@AS_JSON
def reset(*, names: Sequence[str], as_json: bool, **given: Any) -> None:
    """Bỏ điều người đã đặt ở đó, trở lại như thiết lập / let go of what was set there.

    Nếu bảo vệ kém hơn trước thì như `set`. If it protects less, it is as with `set`.
    """
    _decide(dict.fromkeys(names), as_json=as_json, **given)


def _decide(
    values: Mapping[str, str | None],
    *,
    marketplace: str | None,
    account: str | None,
    token: str | None,
    by: Actor,
    reason: str,
    as_json: bool,
) -> None:
    _ensure_one(marketplace, account)

    async def act(deployment: Deployment) -> PolicyDecision:
        scope = scope_of(deployment, marketplace or "", account or "")
        entry = PolicyEntry(
            scope=scope, values=values, by=by, reason=reason, token=token or ""
        )
        return await set_policies(deployment, entry)

    try:
        found = decide(act)
    except HeldPolicyError as error:
        _show_held(error, as_json=as_json)
        raise click.exceptions.Exit(Exit.HELD) from None
    if as_json:
        write_json(policy_decision_form(found))
    elif not found.decided:
        click.echo(NOTHING_TO_DO)
    else:
        click.echo(decided_words(found.decided))
        show_decision(found)


def _show_held(error: HeldPolicyError, *, as_json: bool) -> None:
    if as_json:
        effects = [{"vi": vi, "en": en} for vi, en in error.effects]
        write_json({"held": {"effects": effects, "token": error.token}})
        return
    click.echo("chưa đổi gì, vì bảo vệ kém hơn trước / not set: it protects less")
    show_effects(error.effects)
    click.echo(f"đúng ý thì thêm / if it is meant, add: --confirm {error.token}")


def _ensure_one(marketplace: str | None, account: str | None) -> None:
    if marketplace and account:
        message = "chỉ một trong hai: --marketplace, --account / only one of the two"
        raise click.UsageError(message)
