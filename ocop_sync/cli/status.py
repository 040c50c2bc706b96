"""Tell which products are on sale: `ocop-sync status`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import click

from catalog.eligibility import Text
from catalog.vietnam_time import moment
from ocop_sync.cli.app.app import NO_ACCOUNT, run, settings_of
from ocop_sync.cli.app.deployed import open_deployment
from ocop_sync.cli.monitor import say_monitor
from ocop_sync.cli.views.accounts import account_value, moments_value, show_accounts
from ocop_sync.cli.views.not_on_sale import gather_unsold, show_unsold, unsold_value
from ocop_sync.cli.views.overdue import show_first, show_overdue
from ocop_sync.cli.views.tables import (
    console,
    coverage_table,
    indented,
    plain,
    say_json,
)
from ocop_sync.cli.views.unlike import show_unlike, unlike_value
from ocop_sync.cli.views.unreadable import AllOdd, gather_odd, odd_value, show_odd
from ocop_sync.service.deployment import Unusable
from ocop_sync.service.queries.account_status import (
    OLD_AFTER,
    AccountStatus,
    account_statuses,
)
from ocop_sync.service.queries.explain import Explained
from ocop_sync.service.queries.monitor import LONGER_THAN
from ocop_sync.service.run.coverage import figures_of
from ocop_sync.service.run.overdue import AllOverdue, overdue
from ocop_sync.service.run.unlike import AllUnlike, all_unlike
from ocop_sync.settings import Settings

_MINUTES = click.IntRange(1, 60 * 24 * 365)


def minutes(time: timedelta) -> int:
    """Return *time* in whole minutes."""
    return int(time.total_seconds() // 60)


@click.command(
    epilog="Ví dụ / Example: ocop-sync status --monitor --longer-than 30",
)
@click.option(
    "--products",
    is_flag=True,
    help="Cả sản phẩm chưa lên sàn và lý do / also what is not on sale, and why.",
)
@click.option(
    "--monitor",
    is_flag=True,
    help="Một dòng và mã thoát cho hệ thống giám sát: 0 tốt, 1 cảnh báo, 2 nghiêm"
    " trọng, 3 không rõ / one line and an exit code for a monitor: 0 OK, 1 warning,"
    " 2 critical, 3 unknown.",
)
@click.option(
    "--longer-than",
    type=_MINUTES,
    default=minutes(LONGER_THAN),
    show_default=True,
    metavar="MINUTES",
    help="--monitor: lỗi lâu hơn chừng này phút mới báo / what fails for less is no"
    " alarm.",
)
@click.option(
    "--old-after",
    type=_MINUTES,
    default=minutes(OLD_AFTER),
    show_default=True,
    metavar="MINUTES",
    help="--monitor: không lần chạy tốt nào lâu hơn chừng này phút thì số liệu có thể"
    " cũ / after so long without a good run, counts may be old.",
)
@click.option("--json", "as_json", is_flag=True, help="Cho máy đọc / for machines.")
@click.pass_context
def status(
    ctx: click.Context,
    *,
    products: bool,
    monitor: bool,
    longer_than: int,
    old_after: int,
    as_json: bool,
) -> None:
    """Cho biết tình hình lên sàn, theo lần đồng bộ gần nhất / coverage as last synced.

    Rồi lần chạy gần nhất của từng tài khoản. Không gọi sàn nào. Then each account's
    last run. Calls no marketplace.
    """
    if monitor:
        level = say_monitor(
            lambda: settings_of(ctx),
            longer_than=timedelta(minutes=longer_than),
            old_after=timedelta(minutes=old_after),
            as_json=as_json,
        )
        ctx.exit(level)
    found = run(_status(settings_of(ctx), products=products))
    if as_json:
        say_json(_value(found))
    else:
        _show(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Status:
    """How things stand; `unsold` is None where nobody asked for products."""

    as_of: datetime
    figures: dict[str, dict[str, Any]]
    stuck: AllOverdue
    odd: AllOdd
    unlike: AllUnlike
    unsold: list[Explained] | None
    lost: list[Unusable]
    accounts: list[AccountStatus]


async def _status(settings: Settings, *, products: bool) -> _Status:
    async with open_deployment(settings) as deployment:
        return _Status(
            figures={
                site.name: await figures_of(deployment, site)
                for site in deployment.sites
            },
            stuck=await overdue(deployment),
            odd=await gather_odd(deployment),
            unlike=await all_unlike(deployment),
            unsold=await gather_unsold(deployment) if products else None,
            lost=deployment.unusable_at(),
            accounts=await account_statuses(deployment),
            as_of=deployment.clock(),
        )


def _value(found: _Status) -> dict[str, Any]:
    report = {
        "as_of": found.as_of,
        "marketplaces": found.figures,
        **found.stuck.json_form(),
        "unreadable": odd_value(found.odd),
        "unlike": unlike_value(found.unlike),
        "unusable": {each.key: each.why for each in found.lost},
        **moments_value(found.accounts),
        "accounts": [account_value(each, found.as_of) for each in found.accounts],
    }
    if found.unsold is not None:
        report["products"] = [unsold_value(row) for row in found.unsold]
    return report


def _show(found: _Status) -> None:
    out = console()
    show_first(found.stuck)
    show_unusable(found.lost)
    if not found.figures and found.lost:
        show_overdue(found.stuck)
        show_odd(found.odd)
        return
    if not found.figures:
        out.print(plain(NO_ACCOUNT))
        return
    out.print(coverage_table(found.figures, moment(found.as_of), whole=True))
    show_accounts(found.accounts, found.as_of)
    show_overdue(found.stuck)
    show_odd(found.odd)
    show_unlike(found.unlike)
    if found.unsold is not None:
        simulated = any(each["simulated"] for each in found.figures.values())
        show_unsold(found.unsold, simulated=simulated)


def show_unusable(lost: Iterable[Unusable]) -> None:
    """Show which accounts do not work at all, why, and the advice."""
    keys: dict[tuple[str, Text], list[str]] = {}
    for each in lost:
        keys.setdefault((each.why, each.todo), []).append(each.key)
    out = console()
    for (why, todo), named in keys.items():
        out.print(f"{plain(', '.join(named))}: {plain(why)}")
        out.print(indented(f"Phải làm / to do: {todo}"))
