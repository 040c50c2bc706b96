"""Tell the changes of the next sync: `ocop-sync plan`. It sends none of them."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from shlex import quote

import click
from rich.table import Table

from catalog.counted import counted
from ocop_sync.cli.app.app import run, settings_with_accounts
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.plan_scope import scope_of, scoped
from ocop_sync.cli.app.rating_exits import EXITS
from ocop_sync.cli.views.change_names import KINDS
from ocop_sync.cli.views.left_alone import show_unlike, show_unusable
from ocop_sync.cli.views.pauses import show_pauses
from ocop_sync.cli.views.progress import counting
from ocop_sync.cli.views.tables import (
    NOTHING_TO_DO,
    SIMULATED,
    console,
    json_writer,
    plain,
    rows_table,
)
from ocop_sync.engine.approval.budget import HeldCause
from ocop_sync.engine.hold import HOLD_WORDS, Hold, named_in
from ocop_sync.engine.wanted.origin import Cause
from ocop_sync.files import write_whole
from ocop_sync.service.plan.cost import Cost
from ocop_sync.service.plan.plan import Plan, PlanLine
from ocop_sync.service.plan.plan_file import write_plan
from ocop_sync.service.plan.preview import preview


@click.command(
    epilog="Ví dụ / Example: ocop-sync plan postmart --json",
)
@scoped
@AS_JSON
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="Số thay đổi hiện ra mỗi sàn / changes shown for each marketplace.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Ghi kế hoạch ra tệp để duyệt, rồi `sync --plan TỆP`"
    " / write it to a file, to be reviewed and then carried out.",
)
@click.pass_context
def plan(
    ctx: click.Context,
    /,
    *,
    as_json: bool,
    limit: int,
    out: Path | None,
    **scope: Sequence[str],
) -> None:
    """Cho biết lần đồng bộ tới sẽ làm gì / say what the next sync would do.

    Không ghi gì, không gọi sàn nào. Mã thoát 3 khi có nhóm vượt hạn mức gỡ, phải
    có người duyệt; sản phẩm tạm giữ riêng lẻ là chuyện thường, không tính. Mã thoát
    1 khi có tài khoản mà phần nối sàn không dùng được.

    Writes nothing and calls no marketplace. Exit code 3 if a group above the
    budget waits for a person; single held products are the normal state of a
    catalog and do not count. Exit code 1 if the adapter of some accounts cannot be
    used.
    """
    settings = settings_with_accounts()
    with counting("sản phẩm / products") as count:
        query = partial(preview, scope=scope_of(**scope), count=count)
        found = run(in_deployment(settings, query))
    if out is not None:
        with write_whole(out) as stream, counting(_CHANGES) as count:
            write_plan(found.plans, found.made_at, stream, count)
    if as_json:
        with json_writer() as document, counting(_CHANGES, beside_output=True) as count:
            found.write_json(document, count)
    else:
        show_unusable(found.unusable)
        show_pauses(found.pauses)
        show_plans(found.plans, limit)
        show_unlike(found.unlike)
        if out is not None:
            changes = sum(len(each.lines) for each in found.plans)
            click.echo(
                f"đã ghi {changes} thay đổi vào {out}; gửi bằng: ocop-sync sync --plan"
                f" {quote(str(out))} / {counted(changes, 'change')} written, to be"
                " sent by that"
                " command"
            )
    ctx.exit(EXITS[found.rating])


_CHANGES = "thay đổi / changes"


def show_plans(plans: Sequence[Plan], limit: int) -> None:
    """Show *plans*: counts by kind, the first *limit* changes, the holds."""
    if not any(each.lines or each.held for each in plans):
        click.echo(NOTHING_TO_DO)
    for each in plans:
        _show(each, limit)
    if any(each.held for each in plans):
        console().print(_HELD)


_HELD = (
    "có nhóm vượt hạn mức: lần đồng bộ tới giữ lại, rồi xem `ocop-sync held list`"
    " / groups above the budget: the next sync holds them, then decide by that command"
)


def _show(made: Plan, limit: int) -> None:
    out = console()
    if made.lines:
        out.print(_summary(made))
    if made.lines[:limit]:
        out.print(lines_table(made, made.lines[:limit]))
        if len(made.lines) > limit:
            more = len(made.lines) - limit
            out.print(f"… và {more} thay đổi nữa / and {more} more (--json, --limit)")
    if made.held:
        out.print(_held(made, made.held))
    for hold, count in sorted(made.holds.items()):
        words = HOLD_WORDS[Hold(hold)].whole
        words = named_in(words, marketplace=made.marketplace)
        out.print(f"{made.marketplace}: tạm giữ / held {count}: {plain(words)}")
    _show_efforts(made, limit)
    if made.unread and made.waits_for_lists:
        out.print(
            f"{made.marketplace}: {len(made.unread)} tài khoản chờ danh sách mới của"
            " sàn, chưa tính tin đăng mới / accounts wait for a newer list of the"
            " marketplace: nothing new is planned there"
        )
    elif made.unread:
        out.print(
            f"{made.marketplace}: {len(made.unread)} tài khoản sẽ được đọc hết trước"
            " / accounts are read whole first"
        )


def _show_efforts(made: Plan, limit: int) -> None:
    """Show the cost at each account that is written to, the longest first."""
    if len(made.costs) < _SEVERAL:
        return
    out, written = console(), [each for each in made.costs if each.calls]
    written.sort(key=lambda each: -(each.minutes or 0))
    for each in written[:limit]:
        out.print(f"{plain(each.account)}: {_costs(each)}")
    if len(written) > limit:
        more = len(written) - limit
        out.print(
            f"{made.marketplace}: … và {more} tài khoản nữa / and"
            f" {counted(more, 'more account')}"
            " (--json)"
        )


_SEVERAL = 2
"""So many accounts are told apart."""


def _summary(made: Plan) -> Table:
    table = rows_table(
        f"Kế hoạch / Plan: {made.marketplace}",
        ["thay đổi / change", "số lượng / count"],
        _caption(made),
    )
    for kind, count in made.kinds.most_common():
        table.add_row(f"{KINDS[kind]} / {kind.value}", str(count))
    return table


def _caption(made: Plan) -> str:
    return "\n".join([_costs(made), SIMULATED] if made.simulated else [_costs(made)])


def _costs(made: Plan | Cost) -> str:
    """Return the number of calls to a marketplace, or to one account there."""
    minutes = "" if made.minutes is None else f", ~{made.minutes} phút / minutes"
    if made.minutes is None and made.calls + made.reads:
        minutes = (
            ", chưa rõ mấy phút / minutes unknown: hạn mức chưa rõ / quota unknown"
        )
    return f"{made.calls} lần ghi / writes, {made.reads} lần đọc / reads{minutes}"


def lines_table(made: Plan, lines: Sequence[PlanLine]) -> Table:
    """Return the first *lines* of a plan; each with its account if there are more."""
    title = f"{made.marketplace}: thứ tự gửi / in this order"
    columns = ["sản phẩm\nproduct", "thay đổi\nchange", "vì\ncause"]
    is_one = len(made.costs) < _SEVERAL
    if not is_one:
        title = f"{made.marketplace}: thứ tự gửi ở mỗi tài khoản / the order at each"
        columns.append("tài khoản\naccount")
    table = rows_table(title, columns)
    for line in lines:
        table.add_row(
            plain("\n".join(filter(None, (line.product_id, line.name)))),
            f"{KINDS[line.kind]}\n{line.kind}",
            plain(_cause(line.cause)),
            *([] if is_one else [plain(line.account)]),
        )
    return table


def _cause(cause: Cause) -> str:
    """Return the name of a cause: the number of an import alone tells nothing."""
    is_import = cause.import_id is not None
    return f"lần nạp / import\n{cause}" if is_import else cause


def _held(made: Plan, held: Sequence[HeldCause]) -> Table:
    columns = ["vì / cause", "số sản phẩm / products", "lý do giữ / why"]
    table = rows_table(
        f"{made.marketplace}: chờ duyệt / waits for approval",
        columns,
        SIMULATED if made.simulated else "",
    )
    for group in held:
        words = HOLD_WORDS[group.hold].whole
        table.add_row(
            plain(_cause(group.cause)), str(len(group.product_ids)), plain(words)
        )
    return table
