"""Take catalogs in and out: `ocop-sync import`, `export` and `template`."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import click

from catalog.errors import CatalogError
from catalog.feed.headings.heading_answers import HeadingAnswers, read_heading_answer
from catalog.feed.write.template import write_template
from catalog.imports.confirmation import Confirmation
from catalog.imports.evaluated_file import FileToImport
from catalog.imports.import_apart import import_apart
from catalog.imports.import_file import annotate_file
from catalog.imports.import_report import ImportReport
from catalog.model.actor import Actor
from catalog.queries.export import EXPORTS, export_catalog
from ocop_sync.bootstrap import communes_of, rules_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.at_command_line import ACTOR, at_command_line
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import in_database, read_catalog
from ocop_sync.cli.app.options import AS_JSON, FORCE, ensure_ending, ensure_free
from ocop_sync.cli.app.param_types import ANSWER, CODE, TO_READ, TO_WRITE
from ocop_sync.cli.views.import_report import confirmed_words, show_import
from ocop_sync.cli.views.kept_report import kept_words
from ocop_sync.cli.views.progress import counting
from ocop_sync.cli.views.tables import write_result
from ocop_sync.files import write_whole

_ROWS_READ = "dòng, mỗi dòng đọc hai lượt / rows, each read twice"


CONFIRM = click.option(
    "--confirm",
    "token",
    type=CODE,
    metavar="TOKEN",
    help="Làm đúng điều đã xem hay bị giữ dưới mã này / do what was shown or held.",
)
CONFIRMED_BY = click.option(
    "--by", type=ACTOR, help="Tên người xác nhận / name of who confirms."
)


def confirmation(token: str | None, by: Actor | None) -> Confirmation | None:
    """Return a person's confirmation, if one was given; both options or none."""
    if (token is None) is not (by is None):
        message = "--confirm và --by đi cùng nhau / belong together"
        raise click.UsageError(message)
    return Confirmation(token=token, by=by) if token and by else None


@click.command(
    "import",
    epilog="Ví dụ / Example: ocop-sync import san-pham.csv --source so-nong-nghiep",
)
@click.argument("file", type=TO_READ)
@click.option(
    "--source",
    type=CODE,
    help="Tên nguồn; bỏ trống: theo dấu trong tệp, rồi tên tệp / name of the source;"
    " if left out: what the file says, else what files of this name are of.",
)
@click.option(
    "--check", is_flag=True, help="Chỉ báo, không ghi gì / only report, write nothing."
)
@CONFIRM
@CONFIRMED_BY
@click.option(
    "--annotate",
    "annotated",
    type=TO_WRITE,
    metavar="OUT.xlsx",
    help="Ghi lại bảng kèm lỗi cạnh từng ô / give the sheet back with what is wrong"
    " beside its cells.",
)
@click.option(
    "--sheet",
    "sheets",
    type=CODE,
    multiple=True,
    metavar="NAME",
    help="Trang tính cần đọc / sheet to read; may be given several times.",
)
@click.option(
    "--column",
    "columns",
    type=ANSWER,
    multiple=True,
    metavar='"HEADING=MEANING"',
    help="Tiêu đề này nghĩa là gì, - để bỏ qua cột; nhớ cho nguồn này / what a heading"
    " means, - to pass it over; remembered for the source.",
)
@AS_JSON
@click.pass_context
def import_(
    ctx: click.Context,
    *,
    file: Path,
    source: str | None,
    check: bool,
    token: str | None,
    by: Actor | None,
    annotated: Path | None,
    sheets: tuple[str, ...],
    columns: tuple[str, ...],
    as_json: bool,
) -> None:
    """Nạp danh mục từ Excel, CSV hoặc JSON / take a catalog in from a file.

    Đọc .xlsx, .csv (UTF-8, UTF-16, Windows-1258) và .json, tiêu đề tiếng Việt hay
    tiếng Anh. Không xoá gì: sản phẩm vắng mặt chỉ được đánh dấu, ô trống không đổi
    gì. Dòng sai bị bỏ lại và nêu rõ (mã thoát 1), các dòng khác vẫn vào. Điều cần
    người trả lời hay xác nhận được nêu riêng (mã thoát 3).

    Reads .xlsx, .csv and .json, headings in Vietnamese or English. Deletes nothing: an
    absent product is marked, an empty cell changes nothing. Bad rows are left out and
    named (exit code 1); the others go in. Questions to a person, and changes to
    confirm, are named as such (exit code 3).

    Các lần nạp đã làm / imports that were made: ocop-sync import list, show ID, undo
    ID. Tệp trùng tên lệnh thì ghi ./list. A file of such a name is given as ./list.
    """
    if annotated is not None:
        ensure_ending(annotated, ".xlsx")
    if annotated is not None and annotated.exists() and annotated.samefile(file):
        message = (
            f"--annotate {annotated.name}: là tệp đang nạp, hãy đặt tên khác / is the"
            " file that is imported, name another"
        )
        raise click.UsageError(message)
    confirmed = confirmation(token, by)
    settings, told = settings_of(), _meanings(columns)
    with file.open("rb") as stream:
        given = FileToImport(
            stream=stream,
            name=file.name,
            source=source or "",
            sheets=sheets,
            answers=told,
        )
        with counting(_ROWS_READ) as count:
            work = partial(
                import_apart,
                file=given,
                by=at_command_line(),
                now=present,
                confirmed=confirmed,
                check=check,
                may_be_listed=bool(settings.accounts),
                communes=communes_of(settings),
                bodies=rules_of(settings).tables.bodies,
                progress=count,
            )
            found = run(in_database(settings, work))
        if annotated is not None:
            with write_whole(annotated) as out:
                found = annotate_file(found, given, out)
    if as_json:
        write_result(found.json_form())
    else:
        show_import(found, file, sheets, columns)
        if confirmed is not None and found.report.written:
            click.echo(confirmed_words(found.report))
        for note in found.notes:
            click.echo(str(note), err=True)
        if found.kept is not None:
            click.echo(kept_words(found.kept), err=True)
    ctx.exit(exit_of_import(found.report))


def exit_of_import(report: ImportReport) -> Exit:
    """Return the exit code of an import: mere notes give none of their own."""
    if report.waits:
        return Exit.HELD
    return Exit.FAILED if report.has_bad_rows else Exit.DONE


def _meanings(columns: Sequence[str]) -> HeadingAnswers:
    """Return a person's meanings of headings; a wrong use if one is not clear."""
    try:
        return dict(map(read_heading_answer, columns))
    except CatalogError as error:
        raise click.UsageError(str(error)) from error


@click.command(
    epilog="Ví dụ / Example: ocop-sync export danh-muc.csv",
)
@click.argument("file", type=TO_WRITE)
def export(*, file: Path) -> None:
    """Ghi cả danh mục ra tệp Excel, CSV hoặc JSON / write the catalog to a file.

    Tệp xuất ra nạp lại được; "-" là ghi CSV ra màn hình. The file can be imported
    again; "-" writes CSV to standard output.
    """
    to_screen = str(file) == "-"
    if not to_screen:
        ensure_ending(file, *EXPORTS)
    kind = ".csv" if to_screen else file.suffix.lower()
    opened = nullcontext(sys.stdout.buffer) if to_screen else write_whole(file)
    with counting("dòng / rows", beside_output=to_screen) as count, opened as stream:
        work = partial(
            export_catalog, stream=stream, kind=kind, now=present(), progress=count
        )
        rows = run(read_catalog(settings_of(), work))
    click.echo(f"{file}: {rows} dòng / rows", err=to_screen)


@click.command(
    epilog="Ví dụ / Example: ocop-sync template --out bang-mau.xlsx",
)
@click.option(
    "--out",
    "file",
    type=TO_WRITE,
    default=Path("bang-mau.xlsx"),
    show_default=True,
    help="Tệp cần ghi / file to write.",
)
@FORCE
def template(*, file: Path, force: bool) -> None:
    """Ghi bảng mẫu Excel để điền / write a workbook to fill in.

    Có danh sách chọn, trang hướng dẫn và một dòng ví dụ không được nạp. It has lists
    to choose from, a help sheet and one example, which is not imported.
    """
    ensure_ending(file, ".xlsx")
    ensure_free(file, force=force)
    communes = communes_of(settings_of())
    with write_whole(file) as stream:
        write_template(stream, communes)
    click.echo(str(file))
