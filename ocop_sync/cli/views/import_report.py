"""The report of an import, for people."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from catalog.imports.evaluated_file import FileImport
from catalog.imports.import_report import ImportReport
from catalog.imports.many_effects import WORDS
from catalog.model.effect import EffectKind
from ocop_sync.cli.views.sources import source_question
from ocop_sync.cli.views.tables import NOTHING_TO_DO

_SHOWN = 50


def show_import(
    found: FileImport, file: Path, sheets: Sequence[str], columns: Sequence[str]
) -> None:
    """Show the result for *file*, with the options that it was imported with."""
    report = found.report
    if not report.written:
        click.echo("CHƯA GHI GÌ / NOTHING WAS WRITTEN")
    click.echo(
        f"{report.source}: vắng / missing {len(report.missing)},"
        f" trở lại / returned {len(report.returned)}"
    )
    if report.ignored_counts:
        click.echo(
            f"{report.ignored_counts} số đếm cũ bị bỏ qua / older counts ignored"
        )
    changes = report.created or report.changed or report.confirmed_by
    if not (changes or report.problems or report.held or report.sources):
        click.echo(NOTHING_TO_DO)
    if report.sources:
        click.echo(source_question(report, file), err=True)
    for problem in report.problems[:_SHOWN]:
        click.echo(str(problem), err=True)
    if (more := len(report.problems) - _SHOWN) > 0:
        click.echo(f"… và {more} điều nữa (--json) / and {more} more", err=True)
    for hold in report.held:
        click.echo(f"GIỮ CẢ LẦN NẠP / THE IMPORT IS HELD: {hold}", err=True)
    for said in _taken(report):
        click.echo(said, err=True)
    if report.token:
        chosen = "".join(
            f" {option} {shlex.quote(said)}"
            for option, all_said in (("--sheet", sheets), ("--column", columns))
            for said in all_said
        )
        click.echo(
            "Nếu đúng thì xác nhận / if it is right, confirm:"
            f" ocop-sync import {shlex.quote(str(file))} --source"
            f" {shlex.quote(report.source)}{chosen} --confirm {report.token} --by TÊN",
            err=True,
        )
    totals = found.totals
    click.echo(str(report.counted))
    click.echo(
        f"Tổng cộng / total: {report.counted.read} dòng / rows; sản phẩm / products:"
        f" mới / new {totals['created']}, đổi / changed {totals['changed']}, không đổi"
        f" / unchanged {totals['unchanged']}; {_of_problems(found)}"
    )


def _of_problems(found: FileImport) -> str:
    wrong, asked = found.rows_with_problems
    said = f"dòng có lỗi / rows with problems {wrong}"
    if asked:
        said += f"; dòng có câu hỏi / rows with questions {asked}"
    return said


def confirmed_words(report: ImportReport) -> str:
    """Tell the use of a token: there may be nothing left to confirm."""
    if report.confirmed_by:
        return f"{report.confirmed_by} đã xác nhận / has confirmed it"
    return (
        "không có gì chờ xác nhận, mã không dùng đến / nothing waits for a"
        " confirmation, the token was not used"
    )


def _taken(report: ImportReport) -> Iterator[str]:
    """Tell the effects of the import on buyers, now or later, and their reason."""
    later = report.takes_later
    now = {kind: n - later.get(kind, 0) for kind, n in report.takes.items()}
    number = f" {report.import_id}" if report.import_id else ""
    if any(now.values()):
        yield (
            f"LẦN NẠP{number} LẤY KHỎI NGƯỜI MUA / IMPORT{number} TAKES FROM BUYERS:"
            f" {taken_by_kind(now)}. Tính vào hạn mức gỡ của từng sàn (phần vượt chờ"
            " duyệt: ocop-sync held list), cho đến khi có người xác nhận lần nạp này"
            " / counts in each marketplace's budget (what is beyond it waits for"
            " approval: ocop-sync held list) until somebody confirms this import"
        )
    if any(later.values()):
        yield (
            f"Lần nạp{number} ghi ngày còn ở phía trước: chưa lấy gì, đến ngày đó tính"
            " vào hạn mức gỡ của từng sàn nếu chưa có người xác nhận lần nạp này"
            f" / import{number} enters days to come: nothing is taken yet; on that day"
            " it counts in each marketplace's budget, unless somebody has confirmed it:"
            f" {taken_by_kind(later)}"
        )


def taken_by_kind(counts: Mapping[str, int]) -> str:
    """Return the effects on buyers: how many products of each kind."""
    words = [(WORDS[EffectKind(kind)], n) for kind, n in counts.items() if n]
    return "; ".join(f"{vi} / {en}: {n} sản phẩm / products" for (vi, en), n in words)
