"""Take catalogs in and out: `ocop-sync import`, `export` and `generate`."""

import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import BinaryIO, NamedTuple

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.column_answers import keep_columns, known_columns
from catalog.db.sources import Origin, may_be_asked, origin_of, source_of_export
from catalog.effect import EffectKind
from catalog.errors import CatalogError
from catalog.export import export_csv, export_json, export_xlsx
from catalog.feed.cells.stamp import Stamp
from catalog.feed.headings.told import Told, read_told
from catalog.feed.merge.row_count import RowCount
from catalog.feed.rows.open_feed import Feed, open_feed
from catalog.feed.rows.row import Problem, ProblemKind
from catalog.feed.rows.table import refuse_unknown
from catalog.feed.write.annotated import annotate
from catalog.feed.write.csv_feed import write_csv
from catalog.feed.write.template import write_template
from catalog.fiction.generate import TRACE_HOST
from catalog.fiction.generate import generate as generate_entries
from catalog.imports.answers import known_answers
from catalog.imports.import_feed import (
    Confirmation,
    ImportReport,
    import_feed,
    in_order,
    waiting,
)
from catalog.imports.many_taken import WORDS
from catalog.places.commune import Communes
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.bootstrap import communes_of, open_database, rules_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.param_types import ANSWER, CODE, NAME, Day
from ocop_sync.cli.views.first_import import first_import_notes
from ocop_sync.cli.views.progress import counted, counting
from ocop_sync.cli.views.sources import origin_notes, source_question
from ocop_sync.cli.views.tables import NOTHING_TO_DO, said_json
from ocop_sync.files import write_whole
from ocop_sync.settings import Settings

EXPORTS = {".csv": export_csv, ".json": export_json, ".xlsx": export_xlsx}
"""What writes the catalog, by the end of the file's name."""

_SHOWN = 50


@click.command(
    "import",
    epilog="Ví dụ / Example: ocop-sync import san-pham.csv --source so-nong-nghiep",
)
@click.argument(
    "file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=True)
)
@click.option(
    "--source",
    type=CODE,
    help="Tên nguồn; bỏ trống: theo dấu trong tệp, rồi tên tệp / name of the source;"
    " if left out: what the file says, else what files of this name are of.",
)
@click.option(
    "--check", is_flag=True, help="Chỉ báo, không ghi gì / only report, write nothing."
)
@click.option(
    "--confirm",
    "token",
    type=CODE,
    metavar="TOKEN",
    help="Cho qua lần nạp bị giữ có mã này / let in what was held under this token.",
)
@click.option("--by", type=NAME, help="Tên người xác nhận / name of who confirms.")
@click.option(
    "--annotate",
    "annotated",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
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
@click.option("--json", "as_json", is_flag=True, help="Cho máy đọc / for machines.")
@click.pass_context
def import_(
    ctx: click.Context,
    *,
    file: Path,
    source: str | None,
    check: bool,
    token: str | None,
    by: str | None,
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

    Reads .xlsx, .csv and .json, headings in Vietnamese or English. Deletes nothing:
    what is absent is marked, an empty cell changes nothing. Bad rows are left out
    and named (exit code 1); the others go in. What a person has to answer or confirm
    is named as such (exit code 3).

    Các lần nạp đã làm / imports that were made: ocop-sync import list, show ID, undo
    ID. Tệp trùng tên lệnh thì ghi ./list. A file of such a name is given as ./list.
    """
    if annotated is not None and annotated.suffix.lower() != ".xlsx":
        message = f"--annotate {annotated.name}: cần .xlsx / .xlsx is needed"
        raise click.UsageError(message)
    if annotated is not None and annotated.exists() and annotated.samefile(file):
        message = (
            f"--annotate {annotated.name}: là tệp đang nạp, hãy đặt tên khác / is the"
            " file that is imported, name another"
        )
        raise click.UsageError(message)
    if (token is None) is not (by is None):
        message = "--confirm và --by đi cùng nhau / belong together"
        raise click.UsageError(message)
    confirmed = Confirmation(token=token, by=by) if token and by else None
    told = _told(columns)
    with file.open("rb") as stream:
        work = _import(
            settings_of(ctx),
            stream,
            source,
            file.name,
            sheets=sheets,
            told=told,
            confirmed=confirmed,
            check=check,
        )
        feed, report, origin, sure = run(work)
        notes = [*feed.notes, *report.notes, *origin_notes(origin, report, feed.source)]
        if annotated is not None:
            with write_whole(annotated) as out:
                notes += annotate(
                    feed,
                    report.problems,
                    out,
                    original=stream,
                    sheets=sheets,
                    source=sure,
                )
    if as_json:
        said = {
            "totals": _totals(report),
            "counted": _counted(report.counted),
            "notes": list(map(asdict, notes)),
        }
        _say(report, said)
    else:
        _show(report, file, sheets, columns)
        if confirmed is not None and report.written:
            click.echo(_confirmed(report))
        for note in notes:
            click.echo(str(note), err=True)
    ctx.exit(exit_of_import(report))


def exit_of_import(report: ImportReport) -> Exit:
    """Return the exit code of an import: what is only said makes none of its own."""
    if report.waits:
        return Exit.HELD
    return Exit.FAILED if report.has_bad_rows else Exit.DONE


class _Imported(NamedTuple):
    """What became of a file.

    Attributes:
        feed: The file.
        report: What the import did.
        origin: The source that it was taken to be of.
        sure: That source, if nobody has to be asked about it; else "".
    """

    feed: Feed
    report: ImportReport
    origin: Origin
    sure: str


async def _import(
    settings: Settings,
    stream: BinaryIO,
    source: str | None,
    name: str,
    *,
    sheets: Sequence[str],
    told: Told,
    confirmed: Confirmation | None,
    check: bool,
) -> _Imported:
    communes = communes_of(settings)
    async with open_database(settings) as database:

        async def work(conn: AsyncConnection) -> _Imported:
            feed, origin = await _open(
                conn, stream, source, name, sheets=sheets, told=told, communes=communes
            )
            report = waiting(origin.name, feed)
            if not feed.waits:
                feed.notes += await first_import_notes(conn, feed, settings)
                report = await import_feed(
                    conn,
                    feed.rows,
                    now=present(),
                    source=origin.name,
                    basis=origin.basis,
                    file=name,
                    stamp=feed.stamp,
                    confirmed=confirmed,
                    check=check,
                    bodies=rules_of(settings).tables.bodies,
                    told=told_rows,
                )
                problems = in_order(chain(feed.problems, report.problems))
                counted = report.counted.passing_over(feed.passed_over)
                report = replace(report, problems=problems, counted=counted)
            if not check and not report.sources:
                await keep_columns(conn, origin.name, told, now=present())
            sure = not report.sources
            if feed.waits:
                sure = not await may_be_asked(conn, origin)
            return _Imported(feed, report, origin, origin.name if sure else "")

        with counting(_ROWS_READ) as told_rows:
            return await database.write(work)


_ROWS_READ = "dòng, mỗi dòng đọc hai lượt / rows, each read twice"


async def _open(
    conn: AsyncConnection,
    stream: BinaryIO,
    source: str | None,
    name: str,
    *,
    sheets: Sequence[str],
    told: Told,
    communes: Communes,
) -> tuple[Feed, Origin]:
    """Open a file with what is known of its source, which it may say itself."""
    answers, said = await known_answers(conn), source or ""
    opened = partial(
        open_feed, stream, sheets=sheets, answers=answers, communes=communes
    )
    likely = await origin_of(conn, said=said, stamped="", file=name)
    known = await known_columns(conn, likely.name)
    feed = opened(told={**known, **told})
    origin = await origin_of(conn, said=said, stamped=feed.source, file=name)
    if (theirs := await known_columns(conn, origin.name)) != known:
        feed = opened(told={**theirs, **told})
    refuse_unknown(told, feed.tables)
    return feed, origin


def _told(columns: Sequence[str]) -> Told:
    """Return what a person has said of headings; wrong use if it is not clear."""
    try:
        return dict(map(read_told, columns))
    except CatalogError as error:
        raise click.UsageError(str(error)) from error


def _say(report: ImportReport, said: Mapping[str, object]) -> None:
    """Write a report for a machine, problem by problem: there may be many."""
    rest = {**asdict(replace(report, problems=())), **said}
    with said_json() as document:
        for key, value in rest.items():
            if key != "problems":
                document.put(key, value)
                continue
            with document.rows(key) as say:
                for each in report.problems:
                    say(asdict(each))


def _show(
    report: ImportReport, file: Path, sheets: Sequence[str], columns: Sequence[str]
) -> None:
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
    totals = _totals(report)
    click.echo(str(report.counted))
    click.echo(
        f"Tổng cộng / total: {report.counted.read} dòng / rows; sản phẩm / products:"
        f" mới / new {totals['created']}, đổi / changed {totals['changed']}, không đổi"
        f" / unchanged {totals['unchanged']}; {_of_problems(report.problems)}"
    )


def _of_problems(problems: Iterable[Problem]) -> str:
    """Count the rows with something wrong, and those of which only questions are."""
    wrong = asked = 0
    for found in _by_row(problems):
        is_wrong = any(each.kind is ProblemKind.WRONG for each in found)
        wrong += is_wrong
        asked += not is_wrong
    said = f"dòng có lỗi / rows with problems {wrong}"
    if asked:
        said += f"; dòng có câu hỏi / rows with questions {asked}"
    return said


def _by_row(problems: Iterable[Problem]) -> Iterator[list[Problem]]:
    """Yield the problems of each row."""
    rows = groupby(in_order(problems), key=lambda each: (each.sheet, each.row))
    return (list(found) for (_, row), found in rows if row)


def _confirmed(report: ImportReport) -> str:
    """Say what became of a token: there may be nothing left that it is for."""
    if report.confirmed_by:
        return f"{report.confirmed_by} đã xác nhận / has confirmed it"
    return (
        "không có gì chờ xác nhận, mã không dùng đến / nothing waits for a"
        " confirmation, the token was not used"
    )


def _taken(report: ImportReport) -> Iterator[str]:
    """Say what the import takes from buyers, at once or later, and what that is for."""
    later = report.takes_later
    now = {kind: n - later.get(kind, 0) for kind, n in report.takes.items()}
    number = f" {report.import_id}" if report.import_id else ""
    if any(now.values()):
        yield (
            f"LẦN NẠP{number} LẤY KHỎI NGƯỜI MUA / IMPORT{number} TAKES FROM BUYERS:"
            f" {_by_kind(now)}. Tính vào hạn mức gỡ của từng sàn (phần vượt chờ duyệt:"
            " ocop-sync held list), cho đến khi có người xác nhận lần nạp này / counts"
            " in each marketplace's budget (what is beyond it waits for approval:"
            " ocop-sync held list) until somebody confirms this import"
        )
    if any(later.values()):
        yield (
            f"Lần nạp{number} ghi ngày còn ở phía trước: chưa lấy gì, đến ngày đó tính"
            " vào hạn mức gỡ của từng sàn nếu chưa có người xác nhận lần nạp này"
            f" / import{number} enters days to come: nothing is taken yet; on that day"
            " it counts in each marketplace's budget, unless somebody has confirmed it:"
            f" {_by_kind(later)}"
        )


def _by_kind(counts: Mapping[str, int]) -> str:
    words = [(WORDS[EffectKind(kind)], n) for kind, n in counts.items() if n]
    return "; ".join(f"{vi} / {en}: {n} sản phẩm / products" for (vi, en), n in words)


def _counted(rows: RowCount) -> dict[str, int]:
    """Return what became of the rows: all but the first add up to it."""
    return {"read": rows.read, **asdict(rows)}


def _totals(report: ImportReport) -> dict[str, int]:
    """Count rows, and the products that they name: one may take several rows."""
    return {
        "rows": report.rows,
        "created": len(report.created),
        "changed": len(set(report.changed).difference(report.missing)),
        "unchanged": report.unchanged,
        "rows_with_problems": sum(1 for _ in _by_row(report.problems)),
    }


@click.command(
    epilog="Ví dụ / Example: ocop-sync export danh-muc.csv",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.pass_context
def export(ctx: click.Context, *, file: Path) -> None:
    """Ghi cả danh mục ra tệp Excel, CSV hoặc JSON / write the catalog to a file.

    Tệp xuất ra nạp lại được; "-" là ghi CSV ra màn hình. The file can be imported
    again; "-" writes CSV to standard output.
    """
    if str(file) != "-" and file.suffix.lower() not in EXPORTS:
        message = f"{file.name}: cần .xlsx, .csv hoặc .json / is needed"
        raise click.UsageError(message)
    settings = settings_of(ctx)
    count = run(_export(settings, file))
    click.echo(f"{file}: {count} dòng / rows", err=str(file) == "-")


async def _export(settings: Settings, file: Path) -> int:
    now = present()
    async with open_database(settings) as database, database.read() as conn:
        stamp = Stamp(now, await source_of_export(conn))
        to_screen = str(file) == "-"
        with counting("dòng / rows", beside_output=to_screen) as count:
            if to_screen:
                return await export_csv(conn, sys.stdout.buffer, stamp, count)
            with write_whole(file) as stream:
                return await EXPORTS[file.suffix.lower()](conn, stream, stamp, count)


@click.command(
    epilog="Ví dụ / Example: ocop-sync template --out bang-mau.xlsx",
)
@click.option(
    "--out",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    default=Path("bang-mau.xlsx"),
    show_default=True,
    help="Tệp cần ghi / file to write.",
)
@click.option("--force", is_flag=True, help="Ghi đè / write over an existing file.")
@click.pass_context
def template(ctx: click.Context, *, file: Path, force: bool) -> None:
    """Ghi bảng mẫu Excel để điền / write a workbook to fill in.

    Có danh sách chọn, trang hướng dẫn và một dòng ví dụ không được nạp. It has lists
    to choose from, a help sheet and one example, which is not imported.
    """
    if file.suffix.lower() != ".xlsx":
        message = f"{file.name}: cần tệp .xlsx / an .xlsx file is needed"
        raise click.UsageError(message)
    if file.exists() and not force:
        message = f"{file}: đã có, dùng --force để ghi đè / exists, --force overwrites"
        raise click.UsageError(message)
    communes = communes_of(settings_of(ctx))
    with write_whole(file) as stream:
        write_template(stream, communes)
    click.echo(str(file))


@click.command(
    epilog="Ví dụ / Example: ocop-sync generate mau.csv --count 267 --seed 7",
)
@click.argument(
    "file",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="[FILE.csv]",
    required=False,
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="FILE.csv",
    help="Tệp cần ghi, thay cho FILE.csv sau tên lệnh"
    " / the file to write, instead of naming it behind the command.",
)
@click.option(
    "--count",
    type=click.IntRange(min=1),
    default=267,
    show_default=True,
    help="Số sản phẩm / products.",
)
@click.option(
    "--seed",
    type=int,
    default=267,
    show_default=True,
    help="Số khác cho danh mục khác / another one makes another catalog.",
)
@click.option(
    "--producers",
    type=click.IntRange(min=1),
    help="Số cơ sở nhiều nhất / producers at most.",
)
@click.option(
    "--as-of",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Ngày mà mọi hạn xoay quanh; bỏ trống: hôm nay"
    " / day around which dates lie; today if left out.",
)
@click.option(
    "--unsettled",
    is_flag=True,
    help="Để trống xã mới của xã cũ bị chia, để lần nạp hỏi"
    " / leave out the new commune of split ones, so that an import asks.",
)
@click.option("--force", is_flag=True, help="Ghi đè / write over an existing file.")
@click.pass_context
def generate(
    ctx: click.Context,
    *,
    file: Path | None,
    out: Path | None,
    count: int,
    seed: int,
    producers: int | None,
    as_of: datetime | None,
    unsettled: bool,
    force: bool,
) -> None:
    """Tạo danh mục mẫu vào FILE.csv, không dòng nào có thật / make up a catalog.

    Cùng tham số cho cùng một tệp. Trang truy xuất chỉ có khi rules.trace_hosts có
    truyxuat.example. The same arguments give the same file. Traceability pages are in
    it only if rules.trace_hosts names truyxuat.example.
    """
    file = _target(file, out)
    if file.suffix.lower() != ".csv":
        message = f"{file}: cần tệp .csv / a .csv is needed"
        raise click.UsageError(message)
    if file.exists() and not force:
        message = f"{file}: đã có, dùng --force để ghi đè / exists, --force overwrites"
        raise click.UsageError(message)
    today = as_of.date() if as_of else _today()
    settings = settings_of(ctx)
    entries = generate_entries(
        count=count,
        seed=seed,
        today=today,
        producers=producers,
        communes=communes_of(settings),
        settled=not unsettled,
        trace_host=TRACE_HOST if TRACE_HOST in settings.rules.trace_hosts else "",
    )
    with (
        write_whole(file) as stream,
        counting("sản phẩm mẫu / fictitious products") as told,
    ):
        rows = write_csv(counted(entries, told), stream)
    click.echo(
        f"{file}: {count} sản phẩm mẫu / fictitious products, {rows} dòng / rows"
    )


def _target(file: Path | None, out: Path | None) -> Path:
    """Return the one file that was named, behind the command or by `--out`."""
    named = [each for each in (file, out) if each is not None]
    if len(named) != 1:
        message = (
            "cần đúng một tệp .csv để ghi, ví dụ `ocop-sync generate mau.csv` hoặc"
            " `--out mau.csv` / name one .csv to write, such as `ocop-sync generate"
            " mau.csv` or `--out mau.csv`"
        )
        raise click.UsageError(message)
    return named[0]


def _today() -> date:
    return day_in_vietnam(present())
