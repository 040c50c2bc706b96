"""Keep marketplaces right, once: `ocop-sync sync`."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Never, Protocol, TypeVar

import click

from catalog.counted import counted
from catalog.eligibility import Text
from catalog.vietnam_time import VIETNAM, moment
from ocop_sync.cli.app.app import run, settings_with_accounts
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.app.options import AS_JSON, FOLLOW
from ocop_sync.cli.app.param_types import CODE, TO_READ
from ocop_sync.cli.app.rating_exits import EXITS
from ocop_sync.cli.app.signals import until_told
from ocop_sync.cli.views.change_names import kinds_in_words
from ocop_sync.cli.views.failures import show_failures
from ocop_sync.cli.views.inferred_sales import show_dropped, show_unmarked
from ocop_sync.cli.views.left_alone import show_unlike, show_unreadable
from ocop_sync.cli.views.overdue import show_first
from ocop_sync.cli.views.pauses import show_pauses
from ocop_sync.cli.views.progress import progress_bars
from ocop_sync.cli.views.read_ages import show_read_ages
from ocop_sync.cli.views.tables import (
    NOTHING_TO_DO,
    console,
    coverage_table,
    indented,
    plain,
    show_below,
    some_of,
    write_json,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.plan.plan_file import read_plan
from ocop_sync.service.run.report import Report, Skipped
from ocop_sync.service.run.run_rating import RunRating
from ocop_sync.service.run.settled_ranges import LongWay
from ocop_sync.service.sync.rated_sync import sync_once
from ocop_sync.settings import Settings

_HELD = (
    "có nhóm chờ duyệt, xem `ocop-sync held list`"
    " / groups wait for approval: `ocop-sync held list`"
)

_LONG_WAY = {
    LongWay.ASKED: "đã xét lại mọi sản phẩm, theo yêu cầu"
    " / every product was evaluated, as asked for",
    LongWay.DAILY: "đã xét lại mọi sản phẩm, như mỗi ngày một lần"
    " / every product was evaluated, as once a day",
}


@click.command(
    epilog="Ví dụ / Example: ocop-sync sync postmart --follow 30",
)
@click.argument("marketplaces", type=CODE, nargs=-1)
@FOLLOW
@click.option(
    "--plan",
    "plan",
    type=TO_READ,
    help="Chỉ làm đúng kế hoạch trong tệp này (`plan --out`)"
    " / do what this plan says, and nothing else.",
)
@click.option(
    "--full",
    is_flag=True,
    help="Xét lại mọi sản phẩm, kể cả những gì chắc chắn không đổi"
    " / evaluate every product, also what has certainly not changed.",
)
@AS_JSON
def sync(
    *,
    marketplaces: Sequence[str],
    follow_s: float,
    plan: Path | None,
    full: bool,
    as_json: bool,
) -> None:
    """Đồng bộ các sàn một lần / keep marketplaces right, once.

    Mã thoát: 0 xong, kể cả khi không có gì phải làm; 3 có nhóm vượt hạn mức gỡ
    chờ duyệt (`ocop-sync held list`; sản phẩm tạm giữ riêng lẻ không tính); 1 có tin
    đăng lỗi, tài khoản không dùng được hoặc không đọc hết được, hoặc lần chạy khác
    đang giữ tài khoản; 2 không tài khoản nào dùng được như đã thiết lập. Lần chạy đã
    chết thì được chờ hết hạn rồi tiếp tục.
    SIGTERM hoặc Ctrl-C: dừng có trật tự, mã thoát 143 hoặc 130.

    Exit codes: 0 done, also with nothing to do; 3 a group above the budget waits
    for approval (single held products do not count); 1 some listings failed, an
    account was of no use or could not be read whole, or a living run holds one; 2 no
    account can be used as it is set up. The
    lease of a dead run is waited out. SIGTERM or Ctrl-C stops it in order, with
    exit code 143 or 130.

    --plan: mỗi thay đổi được so lại với hiện tại, cái nào không còn đúng thì bỏ qua và
    nói ra; quá nửa không còn đúng, hoặc vượt hạn mức gỡ, thì không gửi gì (mã thoát 3).
    Each change is compared with the present; one that no longer fits is skipped and
    named. If that is more than half, or it takes more than the budget, nothing is sent
    (exit code 3).

    --full: mỗi ngày một lần, lần đồng bộ tự xét lại mọi sản phẩm.
    Once a day a sync evaluates every product by itself.
    """
    if full and plan is not None:
        message = (
            "--full và --plan không đi cùng nhau / --full and --plan do not go together"
        )
        raise click.UsageError(message)
    settings = settings_with_accounts()
    reviewed = None if plan is None else read_plan(plan)
    named = marketplaces or tuple(reviewed.marketplaces if reviewed else ())
    once = partial(sync_once, reviewed=reviewed, full=full)
    done = work_once(settings, once, named, follow_s)
    end_shown(done, lambda result: show_report(result.report), as_json=as_json)


class Rated(Protocol):
    """The result of work on marketplaces."""

    @property
    def rating(self) -> RunRating:
        """How it has ended."""


R = TypeVar("R", bound=Rated)


def work_once(
    settings: Settings,
    once: Callable[..., Awaitable[R]],
    names: Sequence[str],
    follow_s: float,
) -> tuple[R, int | None]:
    """Have *once* work on the marketplaces *names*, or on all, until told to stop.

    Returns:
        Its result, and the exit code of a signal, if one came.
    """

    async def work(deployment: Deployment) -> tuple[R, int | None]:
        with progress_bars(deployment, names) as progress:
            done = once(
                deployment,
                names,
                follow_for=timedelta(seconds=follow_s),
                progress=progress,
            )
            return await until_told(deployment.stop, done)

    return run(in_deployment(settings, work))


def end_shown(
    done: tuple[R, int | None], show: Callable[[R], None], *, as_json: bool
) -> Never:
    """Show the result of `work_once`, and end the command with its exit code."""
    result, stopped = done
    code = stopped or EXITS[result.rating]
    if as_json:
        write_json(result)
    else:
        show(result)
        if code is Exit.HELD:
            console().print(_HELD)
    raise click.exceptions.Exit(code)


def show_report(report: Report) -> None:
    """Show the work of a sync, and the work that it left."""
    out = console()
    show_clock(report)
    show_first(report.overdue)
    show_pauses(report.paused.values())
    left = (
        *report.stopped,
        *report.unheard,
        *report.unread,
        *report.busy,
        *report.paused,
        *report.not_as_approved,
        *report.skipped,
        *(name for name, age in report.read_ages.items() if age.is_too_old),
    )
    done = report.writes or report.failed or report.failures or report.ended
    if not (done or left):
        out.print(NOTHING_TO_DO)
    else:
        out.print(
            f"Đã gửi {report.writes} thay đổi, {report.failed} không thành"
            f" / {counted(report.writes, 'change')} sent, {report.failed} failed"
        )
    if report.long_way:
        out.print(_LONG_WAY[report.long_way])
    show_failures(report.failures, f"ocop-sync runs show {report.run} --json")
    show_troubles(report)
    show_unreadable(report)
    show_dropped(report.dropped)
    show_unmarked(report.unmarked)
    if report.events:
        out.print(_events_line(report))
    if report.skipped:
        _show_skipped(report.skipped)
    if report.not_as_approved:
        out.print(_not_as_approved(report))
    _show_doubled(report.doubled)
    show_unlike(report.unlike)
    _show_look_ups(report, report.as_of or present())
    show_read_ages(report.read_ages)
    for number in report.ended:
        out.print(
            f"nhóm {number}: lần duyệt đã hết hạn, phải duyệt lại"
            f" / group {number}: its approval has ended, it is asked anew"
        )
    if report.counts and report.as_of:
        when = moment(report.as_of)
        out.print(coverage_table(report.counts, when))


def show_clock(report: Report) -> None:
    """Show first that the clock is doubted: much of the rest comes from that."""
    if report.clock is not None:
        console().print(f"[b]{plain(report.clock)}[/b]")


def show_troubles(report: Report) -> None:
    """Show which accounts did not work, or only in part, why, and the advice.

    Accounts of which the same is to be said are named together.
    """
    troubles = (
        *((key, "dừng / stopped", why) for key, why in report.stopped.items()),
        *((key, _UNREAD, why) for key, why in report.unread.items()),
        *((key, _UNHEARD, why) for key, why in report.unheard.items()),
        *((held.key, _BUSY, held.holder) for held in report.busy),
    )
    together: dict[tuple[str, str, Text | None], list[str]] = {}
    for key, what, why in troubles:
        together.setdefault((what, why, report.todo.get(key)), []).append(key)
    out = console()
    for (what, why, todo), keys in together.items():
        out.print(f"{plain(some_of(keys))}: {what}: {plain(why)}")
        if todo is not None:
            out.print(indented(f"Phải làm / to do: {todo}"))


_UNREAD = (
    "chưa đọc được hết, phần chưa đọc để lần sau / not all could be read, and the rest"
    " is left to the next run"
)
_UNHEARD = (
    "chưa đọc được lượt bán, nên không tăng tồn kho / sales are not known, so no stock"
    " was raised"
)
_BUSY = "đang được đồng bộ bởi / held by another run"


def _events_line(report: Report) -> str:
    """Tell the results of the events of all accounts."""
    counts = Counter[str]()
    for each in report.events.values():
        counts.update(each)
    return (
        f"Sàn báo: {counts['named']} tin của ta có việc xảy ra, đã đọc lại;"
        f" {counts['foreign']} thông báo về tin không phải của ta, bỏ qua;"
        f" {counts['other']} thông báo loại chưa biết,"
        f" {counts['unreadable']} không đọc được"
        f" / events: {counted(counts['named'], 'listing')} of ours read again,"
        f" {counts['foreign']} about others ignored, {counts['other']} of an unknown"
        f" kind, {counts['unreadable']} that cannot be read"
    )


def _not_as_approved(report: Report) -> str:
    """Say at how many products nothing was taken, as nobody has seen it so."""
    found = report.not_as_approved.values()
    changed, new = (sum(n.get(why, 0) for n in found) for why in ("changed", "new"))
    return (
        f"không đúng như đã duyệt, chưa gửi: {changed} sản phẩm đã khác, {new} sản phẩm"
        " mới; xem `ocop-sync held list` / not as approved, not sent:"
        f" {counted(changed, 'product')} changed, {new} new"
    )


def _show_doubled(doubled: Mapping[str, Sequence[str]]) -> None:
    """Name the products that are there twice."""
    for name, ids in doubled.items():
        console().print(
            f"{plain(name)}: {len(ids)} sản phẩm có hai tin của ta, xem"
            f" `ocop-sync twins list` /"
            f" {counted(len(ids), 'product has', 'products have')}"
            " two listings of ours:"
            f" {plain(some_of(ids))}"
        )


def _show_look_ups(report: Report, now: datetime) -> None:
    """Say how much is looked up again, and when: the next sync or worker does it.

    Where people carry a marketplace's lists to us, the next list tells.
    """
    listed = {key for age in report.read_ages.values() for key in age.accounts}
    by_list = sum(e.left for key, e in report.look_ups.items() if key in listed)
    look_ups = {k: e for k, e in report.look_ups.items() if k not in listed}
    if by_list:
        console().print(
            f"{by_list} tin chờ danh sách mới của sàn xác nhận"
            f" / {counted(by_list, 'listing waits', 'listings wait')} to be confirmed"
            " by a newer list of the marketplace"
        )
    if not look_ups:
        return
    n = sum(each.left for each in look_ups.values())
    first = min(each.first_at for each in look_ups.values())
    last = max(each.last_at for each in look_ups.values())
    vi, en = _when(first, last, now)
    console().print(
        f"{n} tin sẽ được tìm lại trên sàn, {vi}, do lần đồng bộ tới hoặc worker: sàn"
        f" có thể làm muộn, hoặc làm hai lần"
        f" / {counted(n, 'listing is', 'listings are')} looked up again there,"
        f" {en}, by the next sync or the worker: a marketplace may act late, or twice"
    )


def _when(first: datetime, last: datetime, now: datetime) -> tuple[str, str]:
    """Say from when to when something is due, or since when, in both languages."""
    start, end = (f"{at.astimezone(VIETNAM):%H:%M:%S}" for at in (first, last))
    if (now - first).total_seconds() >= _DAY_S:
        start = moment(first)
    if last <= now:
        return f"đã đến hạn từ {start}", f"due since {start}"
    if first <= now:
        return (
            f"một số đã đến hạn từ {start}, số còn lại đến {end}",
            f"some due since {start}, the others until {end}",
        )
    if start == end:
        return f"lúc {start}", f"at {start}"
    return f"từ {start} đến {end}", f"from {start} to {end}"


_DAY_S = 86_400


_SKIPPED = {
    "changed": "không còn đúng / no longer fits",
    "held": "đang tạm giữ / held now",
    "not_sent": "chưa gửi được / could not be sent",
}


def _show_skipped(skipped: Sequence[Skipped]) -> None:
    """Show the changes of a reviewed plan that were not sent."""
    console().print(
        f"Bỏ qua {len(skipped)} thay đổi trong kế hoạch"
        f" / {counted(len(skipped), 'change')} of the plan skipped:"
    )
    show_below(
        [
            f"{each.account}: {each.subject}: {kinds_in_words([each.kind])}:"
            f" {_SKIPPED[each.why]}"
            for each in skipped
        ]
    )
