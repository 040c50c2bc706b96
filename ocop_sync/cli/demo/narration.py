"""The demonstration's texts, Vietnamese first; every figure marked simulated."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from catalog.imports.import_report import ImportReport
from catalog.vietnam_time import moment
from ocop_sync.cli.plan import show_plans
from ocop_sync.cli.sync import show_troubles
from ocop_sync.cli.views.not_on_sale import show_not_on_sale
from ocop_sync.cli.views.tables import (
    NOTHING_TO_DO,
    SIMULATED,
    console,
    coverage_table,
    plain,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.plan.plan import Plan
from ocop_sync.service.queries.explain import each_unsold
from ocop_sync.service.run.report import Report

_SHOWN = 5
_TWO = 2


def show_march(now: datetime, marketplaces: int) -> None:
    """Say that the first part begins."""
    vi, en = _number(marketplaces)
    out = console()
    out.rule("1. Tháng 3/2024")
    out.print(
        f"{SIMULATED}: {vi} sàn mô phỏng chạy trên máy này; đồng hồ đặt ở"
        f" {moment(now)}. / {en} simulated marketplaces on this computer,"
        " in March 2024."
    )


def _number(count: int) -> tuple[str, str]:
    """Return *count* in Vietnamese and in English, two as a word."""
    return ("hai", "two") if count == _TWO else (str(count), str(count))


def show_real_loaded(count: int) -> None:
    """Name the imported products, and the values made up for them."""
    console().print(
        f"Đã nạp {count} sản phẩm thật từ báo cáo công khai; sao công bố được chấp"
        " nhận. Đồng ý của chủ thể, an toàn thực phẩm và bản công bố được coi là đã"
        " xem, chung cho tất cả, bởi DEMO. Giá, tồn kho, quy cách và ảnh là mô phỏng."
        " / Real products from public reports; papers and consent are taken as seen"
        " by DEMO for all at once; prices, stock, packs and pictures are simulated."
    )


def show_today(now: datetime, *, is_first: bool) -> None:
    """Say that the part of today begins."""
    out = console()
    out.rule("2. Hôm nay / Today" if is_first else "Hôm nay / Today")
    out.print(f"{SIMULATED}. {moment(now)}")


def show_fictitious_loaded(path: Path, report: ImportReport) -> None:
    """Tell the result of importing the fictitious catalog."""
    console().print(
        f"{path.name}: {report.rows} dòng / rows, {len(report.created)} sản phẩm mẫu"
        f" mới / new fictitious products, {len(report.problems)} dòng lỗi / problems"
    )


def show_accounts(account_per_seller: Mapping[str, bool], producers: int) -> None:
    """Say which accounts there are.

    Args:
        account_per_seller: By marketplace, whether each producer has one there.
        producers: How many producers there are.
    """
    vi = ", ".join(
        f"{producers} ở {name} (mỗi chủ thể một)" if each else f"1 ở {name} (của sở)"
        for name, each in account_per_seller.items()
    )
    en = ", ".join(
        f"one for each producer at {name}" if each else f"the department's at {name}"
        for name, each in account_per_seller.items()
    )
    console().print(f"Tài khoản: {vi} / accounts: {en}")


def show_plan(plans: Sequence[Plan]) -> None:
    """Show the changes of the next sync."""
    show_plans(plans, _SHOWN)


def show_coverage(report: Report, now: datetime) -> None:
    """Show the table that a leader asks for."""
    console().print(coverage_table(report.counts, moment(now)))


async def show_where_it_stands(deployment: Deployment, report: Report) -> None:
    """Show the leader's table, then every product that is not on sale."""
    show_coverage(report, deployment.clock())
    rows = [row async for row in each_unsold(deployment)]
    show_not_on_sale(rows, simulated=True)


def show_writes(changes: int, calls: int, marketplaces: int) -> None:
    """Say how much was written.

    Args:
        changes: How many changes we have sent since the start.
        calls: How many calls that write the marketplaces have counted since.
        marketplaces: How many marketplaces there are.
    """
    vi, _ = _number(marketplaces)
    out = console()
    if changes == 0:
        out.print(NOTHING_TO_DO)
    out.print(
        f"Từ lúc khởi động: đã gửi {changes} thay đổi; {vi} sàn đếm được {calls} lần"
        f" gọi để ghi / since the start: {changes} changes sent; {calls} writing calls"
        " counted by the marketplaces"
    )


def show_why_not(report: Report) -> None:
    """Name the products that are not settled yet."""
    out = console()
    show_troubles(report)
    out.print("Còn sản phẩm chưa xong / some products are not settled yet")


def show_going_on(folder: Path) -> None:
    """Say that syncing goes on, and how to end it or look at it meanwhile."""
    console().print(
        "Tiếp tục đồng bộ; Ctrl-C để dừng. / Syncing goes on; Ctrl-C ends it.\n"
        "Xem ở cửa sổ khác / look from another window:"
        f" ocop-sync --settings {plain(folder)} status"
    )


def is_settled(report: Report) -> bool:
    """Say whether every product is on sale, or has its reason for not being so."""
    left = sum(
        counted.pending + counted.unconfirmed + counted.in_review
        for counted in report.counts.values()
    )
    return left == 0 and not report.stopped and not report.busy
