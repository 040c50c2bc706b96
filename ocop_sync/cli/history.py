"""Who sent which change, when and why: `ocop-sync runs` and `ledger`."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import click

from catalog.vietnam_time import moment
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.deployed import open_deployment
from ocop_sync.cli.app.moments import Moment
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.views.accounts import ENDINGS
from ocop_sync.cli.views.change_names import KINDS, kinds_in_words
from ocop_sync.cli.views.tables import SIMULATED, console, indented, json_rows, plain
from ocop_sync.cli.views.touching import show_touching
from ocop_sync.cli.views.untold import show_untold
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries import history
from ocop_sync.service.queries.history import LedgerLine
from ocop_sync.settings import Settings
from ocop_sync.store.runs.last_runs import Ending
from ocop_sync.store.runs.ledger import Answer
from ocop_sync.store.runs.run_history import FAILED, SentRun, Which

_SHOWN = 50
"""Rows that people see unless they ask for more; machines get all."""
_FAILED, _OPEN = "failed", "open"
OUTCOMES = {
    Answer.APPLIED.value: "đã làm / applied",
    Answer.SUBMITTED.value: "chờ duyệt / submitted",
    Answer.REFUSED.value: "sàn từ chối / refused",
    Answer.UNKNOWN.value: "không rõ / unknown",
    Answer.NOT_SENT.value: "chưa làm / not applied",
    _OPEN: "chưa có trả lời / no answer yet",
}
"""The name of each outcome of a change."""

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
_JSON = click.option(
    "--json", "as_json", is_flag=True, help="Cho máy đọc / for machines."
)


@click.group()
def runs() -> None:
    """Các lần chạy đã gửi gì đó lên sàn / runs that have sent something."""


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
@_JSON
@click.pass_context
def list_(
    ctx: click.Context,
    *,
    accounts: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    outcomes: Sequence[str],
    limit: int | None,
    as_json: bool,
) -> None:
    """Các lần chạy đã gửi gì đó, mới nhất trước / runs that sent something.

    Lần chạy không gửi gì chỉ có ở đây khi tài khoản bắt đầu lỗi, hoặc chạy lại được;
    lần gần nhất của từng tài khoản: `ocop-sync status`. One that sent nothing is here
    only where an account begins to fail or works again; each account's last one is
    told by `ocop-sync status`.
    """
    which = Which(accounts=accounts, since=since, until=until, outcomes=outcomes)
    run(_list(settings_of(ctx), which, limit, as_json=as_json))


async def _list(
    settings: Settings, which: Which, limit: int | None, *, as_json: bool
) -> None:
    async with open_deployment(settings) as deployment:
        if as_json:
            with json_rows(_head(deployment), "runs") as say:
                async for each in history.runs(deployment, which, most=limit):
                    say(each)
            return
        most = limit or _SHOWN
        found = [e async for e in history.runs(deployment, which, most=most + 1)]
        _say_simulated(deployment)
        for each in found[:most]:
            _show_run(each)
        _say_rest(len(found), most, "không có lần chạy nào / no run")


@runs.command(
    short_help="Một lần chạy, và những gì không thành / One run, and what failed.",
    epilog="Ví dụ / Example: ocop-sync runs show 5a0f17c2b3d4e6f8:postmart",
)
@click.argument("run_id", metavar="ID", type=CODE)
@_JSON
@click.pass_context
def show(ctx: click.Context, *, run_id: str, as_json: bool) -> None:
    """Một lần chạy: lúc nào, kết quả, lỗi, những gì không thành / one run.

    ID không có ":" là cả lần đồng bộ, mọi tài khoản. An ID without ":" is a whole sync,
    with all its accounts.
    """
    run(_show(settings_of(ctx), run_id, as_json=as_json))


async def _show(settings: Settings, run_id: str, *, as_json: bool) -> None:
    which = history.failed_of(run_id)
    async with open_deployment(settings) as deployment:
        found = await history.run_of(deployment, run_id)
        if as_json:
            head = _head(deployment) | {"runs": found}
            with json_rows(head, "failed") as say:
                async for each in history.changes(deployment, which):
                    say(each)
            return
        _say_simulated(deployment)
        for one in found:
            _show_run(one)
        failed = history.changes(deployment, which, most=_SHOWN + 1)
        shown = await _show_changes(failed, _SHOWN)
        if shown > _SHOWN:
            console().print(
                indented(
                    "… và còn nữa / and more: ocop-sync ledger --outcome failed"
                    f" --run {run_id} --limit N"
                )
            )


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
    type=click.Choice([*OUTCOMES, _FAILED]),
    multiple=True,
    help="Kết quả; failed là refused, unknown và not_sent / outcomes.",
)
@click.option("--run", "run_id", type=CODE, help="Lần chạy, lần đồng bộ / of a run.")
@_LIMIT
@_JSON
@click.pass_context
def ledger(
    ctx: click.Context,
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
        outcomes=_outcomes(outcomes),
        run=run_id or "",
    )
    run(_ledger(settings_of(ctx), which, products, limit, as_json=as_json))


def _outcomes(said: Sequence[str]) -> list[str | None]:
    found: list[str | None] = []
    for each in said:
        if each == _FAILED:
            found += [answer.value for answer in FAILED]
        else:
            found.append(None if each == _OPEN else each)
    return found


async def _ledger(
    settings: Settings,
    which: Which,
    products: Sequence[str],
    limit: int | None,
    *,
    as_json: bool,
) -> None:
    async with open_deployment(settings) as deployment:
        which = await history.about(deployment, which, products)
        untold = await history.untold(deployment, which)
        touching = await history.imports(deployment, which)
        if as_json:
            head = _head(deployment)
            if products:
                head |= {"counted_as_sold": untold, "imports": touching}
            with json_rows(head, "changes") as say:
                async for each in history.changes(deployment, which, most=limit):
                    say(each)
            return
        most = limit or _SHOWN
        _say_simulated(deployment)
        found = history.changes(deployment, which, most=most + 1)
        shown = await _show_changes(found, most)
        _say_rest(shown, most, "không có thay đổi nào / no change")
        show_untold(untold)
        show_touching(touching)


def _head(deployment: Deployment) -> dict[str, Any]:
    return {"simulated": deployment.simulated}


def _say_simulated(deployment: Deployment) -> None:
    if deployment.simulated:
        console().print(SIMULATED)


def _say_rest(found: int, most: int, none: str) -> None:
    if not found:
        click.echo(none)
    if found > most:
        console().print(f"… còn nữa / and more: --limit {10 * most}, --json")


def _show_run(each: SentRun) -> None:
    out = console()
    ended = f" – {moment(each.ended_at)}" if each.ended_at else ""
    when = f"{moment(each.started_at)}{ended}"
    out.print(f"[b]{plain(each.id)}[/b] {when}: {ENDINGS[each.ending]}")
    counts = [f"{n} {OUTCOMES[key]}" for key, n in sorted(each.outcomes.items())]
    out.print(indented(f"{', '.join(counts) or '0'}; {each.holder}"))
    if each.error:
        out.print(indented(each.error))


async def _show_changes(found: AsyncIterator[LedgerLine], most: int) -> int:
    """Show at most *most* changes; return how many there were."""
    n = 0
    async for each in found:
        n += 1
        if n <= most:
            _show_change(each)
    return n


def _show_change(told: LedgerLine) -> None:
    out, change = console(), told.change
    outcome = OUTCOMES[change.outcome or _OPEN]
    what = f"{change.subject} {told.name}".strip()
    when, kind = moment(change.sent_at), kinds_in_words([change.kind])
    out.print(f"{when} {plain(change.account)} {plain(what)}: {kind}: {outcome}")
    if change.words:
        out.print(indented(f"«{change.words}»"))
    out.print(indented(f"vì / why: {change.why}; {change.holder}"))
    if (last := told.last_import) is not None:
        what = f"{last.import_id} “{last.file}”, {moment(last.imported_at)}"
        out.print(
            indented(
                "lần nạp gần nhất đã đổi sản phẩm này trước đó"
                f" / the last import that had changed it: {plain(what)}"
            )
        )
