"""The kept reports of imports, for people."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from catalog.db.kept_reports import KeptReport
from catalog.feed.rows.row import Problem
from catalog.imports.kept_import import Outcome
from catalog.vietnam_time import moment
from ocop_sync.cli.views.import_report import taken_by_kind
from ocop_sync.cli.views.tables import plain

OUTCOMES: Final[Mapping[str, str]] = {
    Outcome.WRITTEN: "đã ghi / written",
    Outcome.UNCHANGED: "không có gì đổi / nothing changed",
    Outcome.HELD: "giữ lại chờ xác nhận / held",
    Outcome.ASKED: "chờ trả lời / asks",
    Outcome.PREVIEWED: "chỉ xem trước / only previewed",
    Outcome.REFUSED: "không nhận / refused",
}


def kept_words(report: KeptReport) -> str:
    """Say where a report is found again, and until when."""
    return (
        f"Báo cáo {report.id}, giữ đến {moment(report.kept_until)}: ocop-sync import"
        f" report {report.id} / report {report.id} is kept until then"
    )


def report_row(report: KeptReport) -> Iterator[str]:
    """Yield the cells of a report in a list."""
    yield str(report.id)
    yield moment(report.made_at)
    is_named = report.file == report.source
    yield plain(report.file if is_named else f"{report.file} ({report.source})")
    yield OUTCOMES[report.outcome]
    yield "-" if report.import_id is None else str(report.import_id)
    if report.erased_at is not None:
        yield f"đã xóa / erased {moment(report.erased_at)}"
    else:
        yield f"giữ đến / kept until {moment(report.kept_until)}"


def report_lines(report: KeptReport, problems: Iterable[Problem]) -> Iterator[str]:
    """Tell a report again, with the first of its problems."""
    told: Mapping[str, Any] = report.told or {}
    number, at, file, outcome, made, _ = report_row(report)
    yield f"báo cáo / report {number}: {file}, {at}, {outcome}; lần nạp / import {made}"
    shown = [str(each) for each in problems]
    yield from shown
    if (more := told["problems"] - len(shown)) > 0:
        yield f"… và {more} điều nữa (--json) / and {more} more"
    for words in told["held"]:
        yield f"GIỮ CẢ LẦN NẠP / THE IMPORT IS HELD: {words}"
    if told["takes"]:
        taken = taken_by_kind(told["takes"])
        yield f"lấy khỏi người mua / takes from buyers: {taken}"
    if told["confirmed_by"]:
        yield f"xác nhận / confirmed: {plain(told['confirmed_by'])}"
    if told["token"]:
        yield f"mã xác nhận / token: {told['token']}"
    if told["sources"]:
        yield f"chờ chọn nguồn / asks for the source: {', '.join(told['sources'])}"
    yield from (f"{each['vi']} / {each['en']}" for each in told["notes"])
    totals = told["totals"]
    yield (
        f"Tổng cộng / total: {told['counted']['read']} dòng / rows; sản phẩm /"
        f" products: mới / new {totals['created']}, đổi / changed {totals['changed']},"
        f" không đổi / unchanged {totals['unchanged']}; vắng / missing"
        f" {told['missing']}, trở lại / returned {told['returned']}; dòng có lỗi / rows"
        f" with problems {told['rows_wrong']}, dòng có câu hỏi / with questions"
        f" {told['rows_asked']}"
    )
