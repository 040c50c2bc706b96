"""Who sent which change, when and why: `ocop-sync runs` and `ledger`."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

import click

from ocop_sync.api.forms.runs import (
    ledger_head_form,
    ledger_line_form,
    run_form,
    run_head_form,
    runs_head_form,
)
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.opened import in_deployment, shown_while_read
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.param_types import CODE, Moment
from ocop_sync.cli.run_events import follow_
from ocop_sync.cli.run_requests import cancel, start
from ocop_sync.cli.views.change_names import KINDS
from ocop_sync.cli.views.history import (
    show_ledger,
    show_run,
    show_runs,
)
from ocop_sync.cli.views.listed import Listed, as_shown
from ocop_sync.cli.views.tables import write_result_as_read
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.sent import (
    ChangeOutcome,
    LedgerPart,
    RunWithFailures,
    SentRuns,
    ledger_part,
    outcomes_of,
    run_with_failures,
    sent_runs,
)
from ocop_sync.store.runs.last_runs import Ending
from ocop_sync.store.runs.run_history import Which

F = TypeVar("F")

_SHOWN = 50
"""Rows that people see unless they ask for more; machines get all."""

_ACCOUNT = click.option(
    "--account", "accounts", type=CODE, multiple=True, help="Tài khoản / accounts."
)
_SINCE = click.option(
    "--since",
    type=Moment(),
    help="Từ lúc / from: 31/12/2026, 2026-11-24T02:00:00Z, 12h, 7d.",
)
_UNTIL = click.option("--until", type=Moment(is_end=True), help="Đến / until.")
_LIMIT = click.option(
    "--limit",
    type=click.IntRange(1),
    help=f"Nhiều nhất bao nhiêu dòng; mặc định {_SHOWN}, với --json là tất cả"
    f" / at most so many; {_SHOWN} by default, all with --json.",
)


@click.group()
def runs() -> None:
    """Các lần chạy đã đọc hay gửi gì / runs that read or sent something."""


@runs.command(
    "list",
    short_help="Liệt kê, mới nhất trước / List them, the latest first.",
    epilog="Ví dụ / Example: ocop-sync runs list --since 12h --outcome failed",
)
@_ACCOUNT
@_SINCE
@_UNTIL
@click.option(
    "--outcome",
    "outcomes",
    type=click.Choice([each.value for each in Ending]),
    multiple=True,
    help="Kết thúc ra sao / how they ended.",
)
@_LIMIT
@AS_JSON
def list_(
    *,
    accounts: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    outcomes: Sequence[str],
    limit: int | None,
    as_json: bool,
) -> None:
    """Các lần chạy, mới nhất trước / runs, the latest first.

    Lần chạy không đọc tin và không gửi gì chỉ có ở đây khi tài khoản bắt đầu lỗi, hoặc
    chạy lại được; lần gần nhất của từng tài khoản: `ocop-sync status`. One that neither
    read listings nor sent anything is here only where an account begins to fail or
    works again; each account's last one is told by `ocop-sync status`.
    """
    which = Which(accounts=accounts, since=since, until=until, outcomes=outcomes)
    most = limit or _SHOWN
    _answer(
        lambda deployment: sent_runs(
            deployment, which, most=limit if as_json else most + 1
        ),
        _write_runs if as_json else partial(show_runs, most=most),
    )


@runs.command(
    short_help="Một lần chạy, và những gì không thành / One run, and what failed.",
    epilog="Ví dụ / Example: ocop-sync runs show 5a0f17c2b3d4e6f8:postmart",
)
@click.argument("run_id", metavar="ID", type=CODE)
@AS_JSON
def show(*, run_id: str, as_json: bool) -> None:
    """Một lần chạy: lúc nào, kết quả, lỗi, những gì không thành / one run.

    ID không có ":" là cả lần đồng bộ, mọi tài khoản. An ID without ":" is a whole sync,
    with all its accounts.
    """
    _answer(
        lambda deployment: run_with_failures(
            deployment, run_id, most=None if as_json else _SHOWN + 1
        ),
        _write_run if as_json else partial(show_run, run_id=run_id, most=_SHOWN),
    )


runs.add_command(start)
runs.add_command(follow_, "follow")
runs.add_command(cancel)


@click.command(
    epilog="Ví dụ / Example: ocop-sync ledger --product SP-00012 --since 7d",
)
@_ACCOUNT
@click.option(
    "--product",
    "products",
    type=CODE,
    multiple=True,
    help="SKU hoặc mã sản phẩm, hoặc mã cơ sở / SKU or product id, or a producer's id.",
)
@_SINCE
@_UNTIL
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(list(KINDS)),
    multiple=True,
    help="Loại thay đổi / kinds of change.",
)
@click.option(
    "--outcome",
    "outcomes",
    type=click.Choice([each.value for each in ChangeOutcome]),
    multiple=True,
    help="Kết quả; failed là refused, unknown và not_sent / outcomes.",
)
@click.option("--run", "run_id", type=CODE, help="Lần chạy, lần đồng bộ / of a run.")
@_LIMIT
@AS_JSON
def ledger(
    *,
    accounts: Sequence[str],
    products: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    kinds: Sequence[str],
    outcomes: Sequence[str],
    run_id: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Sổ ghi: ai gửi gì, lúc nào, vì sao, kết quả / who sent what, when, why.

    Mới nhất trước; của một lần chạy thì theo thứ tự gửi. Không có dữ liệu cá nhân: ai
    duyệt nhóm nào thì xem `ocop-sync held show ID`. Với --product, thêm tồn kho thấp đi
    được coi là đã bán nơi sàn không báo lượt bán (100 lần mới nhất), và các lần nạp đã
    thay đổi sản phẩm. The latest first;
    of one run in the order of sending. No personal data: who approved a group is told
    by that. With --product also stock that counts as sold where no sale is told (the
    latest 100), and the imports that have changed the product.
    """
    which = Which(
        accounts=accounts,
        since=since,
        until=until,
        kinds=kinds,
        outcomes=outcomes_of(outcomes),
        run=run_id or "",
    )
    most = limit or _SHOWN
    _answer(
        lambda deployment: ledger_part(
            deployment, which, products, most=limit if as_json else most + 1
        ),
        _write_ledger if as_json else partial(show_ledger, most=most),
    )


def _answer(
    query: Callable[[Deployment], Awaitable[F]],
    show: Callable[[F], Awaitable[None]],
) -> None:
    """Have *query* answered, and *show* the answer while it is read."""
    run(in_deployment(settings_of(), shown_while_read(query, show)))


async def _write_runs(found: SentRuns) -> None:
    rows = as_shown(found.runs, partial(run_form, shows_error=True))
    head = runs_head_form(found.simulated, found.requests)
    await write_result_as_read(Listed("runs", rows, head))


async def _write_run(found: RunWithFailures) -> None:
    head = run_head_form(found.simulated, found.runs, found.request, shows_error=True)
    rows = as_shown(found.failed, ledger_line_form)
    await write_result_as_read(Listed("failed", rows, head))


async def _write_ledger(found: LedgerPart) -> None:
    rows = as_shown(found.changes, ledger_line_form)
    await write_result_as_read(Listed("changes", rows, ledger_head_form(found)))
