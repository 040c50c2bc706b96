"""Reports of imports, told again: `ocop-sync import reports`, `import report`."""

from functools import partial
from pathlib import Path

import click

from catalog.db.kept_reports import list_reports
from catalog.imports.kept_import import (
    ToldAgain,
    annotate_kept,
    first_problems,
    kept_file,
    tell_again,
)
from ocop_sync.api.forms.imports import ReportHead, problem_form, report_form
from ocop_sync.bootstrap import communes_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.opened import read_catalog, shown_while_read
from ocop_sync.cli.app.options import AS_JSON, FORCE, ensure_ending, ensure_free
from ocop_sync.cli.app.param_types import NUMBER, TO_WRITE
from ocop_sync.cli.views.kept_report import report_lines, report_row
from ocop_sync.cli.views.listed import Listed, as_shown, listed
from ocop_sync.cli.views.tables import (
    console,
    rows_table,
    show_line,
    write_result,
    write_result_as_read,
)
from ocop_sync.files import write_whole

_LISTED = 50
_SHOWN = 50
_COLUMNS = (
    "số\nid",
    "lúc\nat",
    "tệp (nguồn)\nfile (source)",
    "kết quả\noutcome",
    "lần nạp\nimport",
    "giữ\nkept",
)


@click.command(
    short_help="Báo cáo các lần nạp / Reports of imports.",
    epilog="Ví dụ / Example: ocop-sync import reports",
)
@click.option("--all", "whole", is_flag=True, help="Mọi báo cáo / all of them.")
@AS_JSON
def reports(*, whole: bool, as_json: bool) -> None:
    """Báo cáo mọi lần thử nạp tệp, mới nhất trước / each attempt, the latest first.

    Cả lần bị giữ lại, chờ trả lời hay không đổi gì; import --check không có báo cáo.
    Also those that were held, that ask, or that changed nothing; a mere check has none.
    """
    limit = 2**31 - 1 if whole else _LISTED
    found = run(read_catalog(settings_of(), partial(list_reports, size=limit)))
    if as_json:
        write_result(listed("reports", found, report_form).json_form())
        return
    if not found:
        click.echo("chưa có báo cáo nào / there is no report")
        return
    table = rows_table("Báo cáo nạp / Reports of imports", _COLUMNS)
    for each in found:
        table.add_row(*report_row(each))
    console().print(table)
    if not whole and len(found) == _LISTED:
        click.echo("cũ hơn / earlier ones: ocop-sync import reports --all")


@click.command(
    short_help="Xem lại một báo cáo nạp / Tell a report again.",
    epilog="Ví dụ / Example: ocop-sync import report 5 --annotate loi.xlsx",
)
@click.argument("number", metavar="ID", type=NUMBER)
@click.option(
    "--annotate",
    "annotated",
    type=TO_WRITE,
    metavar="OUT.xlsx",
    help="Ghi lại bảng kèm lỗi cạnh từng ô / give the sheet back with what is wrong"
    " beside its cells.",
)
@FORCE
@AS_JSON
def report(*, number: int, annotated: Path | None, force: bool, as_json: bool) -> None:
    """Xem lại báo cáo ID: kết quả, từng lỗi, bảng kèm lỗi / tell report ID again.

    Báo cáo, lỗi và tệp được giữ 30 ngày rồi xóa, vì có thể có dữ liệu cá nhân. Report,
    problems and file are kept for 30 days and then erased, as personal data may stand
    in them.
    """
    settings = settings_of()
    if annotated is not None:
        ensure_ending(annotated, ".xlsx")
        ensure_free(annotated, force=force)
        kept = run(read_catalog(settings, partial(kept_file, number=number)))
        with kept.stream, write_whole(annotated) as out:
            notes = annotate_kept(kept, out, communes_of(settings))
        for note in notes:
            click.echo(str(note), err=True)
    if as_json:
        query = partial(tell_again, number=number)
        run(read_catalog(settings, shown_while_read(query, _write)))
        return
    work = partial(first_problems, number=number, size=_SHOWN)
    found = run(read_catalog(settings, work))
    for line in report_lines(found.report, found.problems):
        show_line(line)


async def _write(found: ToldAgain) -> None:
    head = ReportHead(report=report_form(found.report))
    rows = as_shown(found.problems, problem_form)
    await write_result_as_read(Listed("problems", rows, head))
