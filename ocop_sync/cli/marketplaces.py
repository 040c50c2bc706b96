"""Which marketplaces there are, and whether their accounts work."""

from collections.abc import Sequence
from functools import partial

import click

from ocop_sync.api.forms.marketplaces import marketplaces_form
from ocop_sync.cli.app.app import run, settings_of, settings_with_accounts
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.app.rating_exits import EXITS
from ocop_sync.cli.pauses import pause, resume
from ocop_sync.cli.policies import policy
from ocop_sync.cli.views.tables import (
    SIMULATED,
    console,
    indented,
    plain,
    rows_table,
    write_json,
)
from ocop_sync.engine.reasons.account_problem import TODO_UNUSABLE
from ocop_sync.marketplace.features import NAMES
from ocop_sync.service.queries.installed import Installed, all_installed
from ocop_sync.service.sync.check_accounts import (
    AccountChecks,
    Checked,
    check_accounts,
)
from ocop_sync.settings import Settings

_UNTOLD = (
    "không: thấy tồn kho thấp đi thì coi là đã bán, chỉ tăng lại khi đếm lại"
    " / no: what shows lower counts as sold, and goes up only by a new count"
)
_UNKNOWN = "chưa rõ / unknown"
_RESULTS = {
    Checked.OK: "dùng được / ok",
    Checked.WRONG_CREDENTIALS: "sai thông tin đăng nhập / wrong credentials",
    Checked.UNREACHABLE: "không gọi được / unreachable",
    Checked.UNAVAILABLE: "sàn bận hoặc đang lỗi / busy or down",
    Checked.MISCONFIGURED: "thiết lập sai / misconfigured",
    Checked.UNEXPECTED: "trả lời khác tài liệu / answers otherwise",
}


@click.group(
    invoke_without_command=True,
    epilog="Ví dụ / Example: ocop-sync marketplaces check",
)
@AS_JSON
@click.pass_context
def marketplaces(ctx: click.Context, *, as_json: bool) -> None:
    """Các sàn đã cài, và tài khoản / installed marketplaces, and accounts.

    Không ghi gì thêm thì như `marketplaces list`. Alone it is `marketplaces list`.
    """
    if ctx.invoked_subcommand is None:
        _list(settings_of(), as_json=as_json)


@marketplaces.command(
    "list",
    short_help="Các sàn đã cài / Those that are installed.",
    epilog="Ví dụ / Example: ocop-sync marketplaces list --json",
)
@AS_JSON
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """Các sàn đã cài và số tài khoản / installed marketplaces and their accounts."""
    _list(settings_of(), as_json=as_json or _asked_above(ctx))


@marketplaces.command(
    short_help="Thử đăng nhập / Try to sign in.",
    epilog="Ví dụ / Example: ocop-sync marketplaces check voso:CS-0001",
)
@click.argument("accounts", nargs=-1, type=CODE, metavar="[ACCOUNT]...")
@AS_JSON
@click.pass_context
def check(ctx: click.Context, *, accounts: Sequence[str], as_json: bool) -> None:
    """Đăng nhập thử từng tài khoản, không đổi gì / sign in, and change nothing.

    Không ghi tài khoản nào là mọi tài khoản. Mã thoát 0 khi tài khoản nào cũng dùng
    được; 1 khi có tài khoản không dùng được; 2 khi tài khoản nào cũng thiết lập sai.

    Without an account, all of them. Exit code 0 if all work; 1 if some do not; 2 if
    none can be used as it is set up.
    """
    check_them = partial(check_accounts, keys=accounts)
    checks = run(
        in_deployment(settings_with_accounts(), check_them, needs_accounts=False)
    )
    found = AccountChecks(checks=checks)
    if as_json or _asked_above(ctx):
        write_json(found)
    else:
        _show(found)
    ctx.exit(EXITS[found.rating])


marketplaces.add_command(pause)
marketplaces.add_command(resume)
marketplaces.add_command(policy)


def _asked_above(ctx: click.Context) -> bool:
    """Say whether `--json` stands before the command's name."""
    return ctx.parent is not None and bool(ctx.parent.params.get("as_json"))


def row_of(name: str, found: Installed) -> list[str]:
    """Return the row of a marketplace in the table for people."""
    each = "mỗi chủ thể một / one a producer" if found.account_per_seller else ""
    lacks = [NAMES[what] for what, has in found.offers.items() if not has]
    return [
        name,
        "SỐ LIỆU MÔ PHỎNG / simulated" if found.simulated else "không / no",
        f"{found.accounts} {each}".strip(),
        "có / yes" if found.tells_sales else _UNTOLD,
        f"{found.calls_per_s:g}" if found.calls_per_s else _UNKNOWN,
        ", ".join(lacks) or "-",
    ]


def _list(settings: Settings, *, as_json: bool) -> None:
    found = all_installed([each.marketplace for each in settings.accounts])
    if as_json:
        write_json(marketplaces_form(found, shows_why=True))
        return
    table = rows_table(
        "Sàn / Marketplaces",
        [
            "sàn",
            "mô phỏng?",
            "tài khoản / accounts",
            "báo lượt bán? / tells of sales?",
            "gọi mỗi giây / calls a second",
            "sàn không có / not offered there",
        ],
    )
    for name, each in found.marketplaces.items():
        table.add_row(*row_of(name, each))
    out = console()
    out.print(table)
    for why in found.unusable.values():
        out.print(plain(why))
        out.print(indented(f"Phải làm / to do: {TODO_UNUSABLE}"))


def _show(found: AccountChecks) -> None:
    mark = SIMULATED if found.simulated else ""
    columns = ["tài khoản / account", "sàn / marketplace", "kết quả / result"]
    table = rows_table("Tài khoản / Accounts", columns, mark)
    for each in found.checks:
        table.add_row(
            plain(each.account), plain(each.marketplace), _RESULTS[each.result]
        )
    out = console()
    out.print(table)
    for each in found.checks:
        if each.result is not Checked.OK:
            out.print(f"{plain(each.account)}: {plain(each.why)}")
            out.print(indented(f"Phải làm / to do: {each.todo}"))
