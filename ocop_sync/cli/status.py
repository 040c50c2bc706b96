"""Tell which products are on sale: `ocop-sync status`."""

from datetime import timedelta
from functools import partial

import click

from catalog.vietnam_time import moment
from ocop_sync.api.forms.status import status_form
from ocop_sync.cli.app.app import NO_ACCOUNT, run, settings_of
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.monitor import show_monitor
from ocop_sync.cli.views.accounts import show_accounts
from ocop_sync.cli.views.left_alone import (
    show_all_unreadable,
    show_unlike,
    show_unusable,
)
from ocop_sync.cli.views.not_on_sale import show_not_on_sale
from ocop_sync.cli.views.overdue import show_first, show_overdue
from ocop_sync.cli.views.pauses import show_pauses
from ocop_sync.cli.views.read_ages import show_read_ages
from ocop_sync.cli.views.tables import console, coverage_table, plain, write_json
from ocop_sync.service.queries.account_status import OLD_AFTER
from ocop_sync.service.queries.monitor import LONGER_THAN
from ocop_sync.service.queries.status import Status
from ocop_sync.service.queries.status import status as how_all_stands

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
@AS_JSON
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
        level = show_monitor(
            settings_of,
            longer_than=timedelta(minutes=longer_than),
            old_after=timedelta(minutes=old_after),
            as_json=as_json,
        )
        ctx.exit(level)
    query = partial(how_all_stands, products=products)
    found = run(in_deployment(settings_of(), query))
    if as_json:
        form = status_form(found, shows_words=True).json_form()
        more = {} if found.products is None else {"products": found.products}
        write_json(form | more)
    else:
        _show(found)


def _show(found: Status) -> None:
    out = console()
    show_first(found.overdue)
    show_pauses(each.pause for each in found.accounts if each.pause is not None)
    show_unusable(found.unusable)
    if not found.figures and found.unusable:
        show_overdue(found.overdue)
        show_all_unreadable(found.unreadable)
        return
    if not found.figures:
        out.print(plain(NO_ACCOUNT))
        return
    out.print(coverage_table(found.figures, moment(found.as_of), whole=True))
    show_read_ages(found.read_ages)
    show_accounts(found.accounts, found.as_of)
    show_overdue(found.overdue)
    show_all_unreadable(found.unreadable)
    show_unlike(found.unlike)
    if found.products is not None:
        simulated = any(each.simulated for each in found.figures.values())
        show_not_on_sale(found.products, simulated=simulated)
