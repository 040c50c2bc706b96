"""Take catalogs in and out: `ocop-sync import`, `export` and `generate`."""

import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.calendar import day_in_vietnam
from catalog.exporting import export_csv, export_json
from catalog.feed.csv_feed import read_csv, write_csv
from catalog.feed.json_feed import read_json
from catalog.feed.row import FeedRow
from catalog.generate import generate as generate_entries
from catalog.importing import Confirmation, ImportReport, import_feed
from ocop_sync.bootstrap import open_database
from ocop_sync.cli.exits import Exit
from ocop_sync.cli.files import written_whole
from ocop_sync.cli.program import run, settings_of
from ocop_sync.cli.screen import NOTHING_TO_DO, say_json
from ocop_sync.cli.values import Day
from ocop_sync.clock import system_clock
from ocop_sync.settings import Settings

READERS: dict[str, Callable[[BinaryIO], Iterator[FeedRow]]] = {
    ".csv": read_csv,
    ".json": read_json,
}
"""What reads a feed, by the end of its file's name."""

_SHOWN = 50


@click.command(
    "import",
    short_help="Nạp danh mục từ tệp / Take a catalog in from a file.",
    epilog="Ví dụ / Example: ocop-sync import san-pham.csv --source so-nong-nghiep",
)
@click.argument(
    "file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=True)
)
@click.option(
    "--source",
    help="Tên nguồn; bỏ trống: tên tệp / name of the source; the file's if left out.",
)
@click.option(
    "--check", is_flag=True, help="Chỉ báo, không ghi gì / only report, write nothing."
)
@click.option(
    "--confirm",
    "token",
    metavar="TOKEN",
    help="Cho qua lần nạp bị giữ có mã này / let in what was held under this token.",
)
@click.option("--by", help="Tên người xác nhận / name of who confirms.")
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
    as_json: bool,
) -> None:
    """Nạp danh mục từ tệp CSV hoặc JSON / take a catalog in from CSV or JSON.

    Không xoá gì: sản phẩm vắng mặt chỉ được đánh dấu, ô trống không đổi gì. Dòng
    sai bị bỏ lại và nêu rõ (mã thoát 1), các dòng khác vẫn vào. Điều cần người trả
    lời hay xác nhận được nêu riêng (mã thoát 3).

    Deletes nothing: what is absent is marked, an empty cell changes nothing. Bad
    rows are left out and named (exit code 1); the others go in. What a person has
    to answer or confirm is named as such (exit code 3).
    """
    _ensure_known(file)
    if (token is None) is not (by is None):
        message = "--confirm và --by đi cùng nhau / belong together"
        raise click.UsageError(message)
    confirmed = Confirmation(token=token, by=by) if token and by else None
    work = _import(
        settings_of(ctx), file, source or file.name, confirmed=confirmed, check=check
    )
    report = run(work)
    if as_json:
        say_json({**asdict(report), "totals": _totals(report)})
    else:
        _show(report, file)
    if report.waits:
        ctx.exit(Exit.HELD)
    ctx.exit(Exit.FAILED if report.problems else Exit.DONE)


def _ensure_known(file: Path) -> None:
    if file.suffix.lower() not in READERS:
        message = f"{file.name}: cần tệp .csv hoặc .json / a .csv or .json is needed"
        raise click.UsageError(message)


async def _import(
    settings: Settings,
    file: Path,
    source: str,
    *,
    confirmed: Confirmation | None,
    check: bool,
) -> ImportReport:
    async with open_database(settings) as database:

        async def work(conn: AsyncConnection) -> ImportReport:
            with file.open("rb") as stream:
                rows = READERS[file.suffix.lower()](stream)
                return await import_feed(
                    conn,
                    rows,
                    now=system_clock(),
                    source=source,
                    confirmed=confirmed,
                    check=check,
                )

        return await database.write(work)


def _show(report: ImportReport, file: Path) -> None:
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
    if not (report.created or report.changed or report.problems or report.held):
        click.echo(NOTHING_TO_DO)
    for problem in report.problems[:_SHOWN]:
        click.echo(str(problem), err=True)
    if (more := len(report.problems) - _SHOWN) > 0:
        click.echo(f"… và {more} lỗi nữa (--json) / and {more} more", err=True)
    for hold in report.held:
        click.echo(f"GIỮ CẢ LẦN NẠP / THE IMPORT IS HELD: {hold}", err=True)
    if report.token:
        click.echo(
            "Nếu đúng thì xác nhận / if it is right, confirm:"
            f" ocop-sync import {shlex.quote(str(file))} --source"
            f" {shlex.quote(report.source)} --confirm {report.token} --by TÊN",
            err=True,
        )
    totals = _totals(report)
    click.echo(
        f"Tổng cộng / total: {totals['rows']} dòng / rows; sản phẩm / products: mới"
        f" / new {totals['created']}, đổi / changed {totals['changed']}, không đổi"
        f" / unchanged {totals['unchanged']}; dòng có lỗi / rows with problems"
        f" {totals['rows_with_problems']}"
    )


def _totals(report: ImportReport) -> dict[str, int]:
    """Count rows, and the products that they name: one may take several rows."""
    return {
        "rows": report.rows,
        "created": len(report.created),
        "changed": len(set(report.changed).difference(report.missing)),
        "unchanged": report.unchanged,
        "rows_with_problems": len({each.row for each in report.problems} - {0}),
    }


@click.command(
    short_help="Ghi danh mục ra tệp / Write the catalog to a file.",
    epilog="Ví dụ / Example: ocop-sync export danh-muc.csv",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.pass_context
def export(ctx: click.Context, *, file: Path) -> None:
    """Ghi cả danh mục ra tệp CSV hoặc JSON / write the catalog as CSV or JSON.

    Tệp xuất ra nạp lại được; "-" là ghi CSV ra màn hình. The file can be imported
    again; "-" writes CSV to standard output.
    """
    if str(file) != "-":
        _ensure_known(file)
    settings = settings_of(ctx)
    count = run(_export(settings, file))
    click.echo(f"{file}: {count} dòng / rows", err=str(file) == "-")


async def _export(settings: Settings, file: Path) -> int:
    async with open_database(settings) as database, database.read() as conn:
        if str(file) == "-":
            return await export_csv(conn, sys.stdout.buffer)
        with written_whole(file) as stream:
            if file.suffix.lower() == ".csv":
                return await export_csv(conn, stream)
            return await export_json(conn, stream, exported_at=system_clock())


@click.command(
    short_help="Tạo danh mục mẫu / Make up a fictitious catalog.",
    epilog="Ví dụ / Example: ocop-sync generate mau.csv --count 267 --seed 7",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.option("--count", type=click.IntRange(min=1), default=267, show_default=True)
@click.option("--seed", type=int, default=267, show_default=True)
@click.option(
    "--producers",
    type=click.IntRange(min=1),
    help="Số cơ sở nhiều nhất / producers at most.",
)
@click.option(
    "--as-of",
    type=Day(),
    metavar="YYYY-MM-DD",
    help="Ngày mà mọi hạn xoay quanh; bỏ trống: hôm nay"
    " / day around which dates lie; today if left out.",
)
@click.option("--force", is_flag=True, help="Ghi đè / write over an existing file.")
def generate(
    *,
    file: Path,
    count: int,
    seed: int,
    producers: int | None,
    as_of: datetime | None,
    force: bool,
) -> None:
    """Tạo danh mục mẫu, không dòng nào có thật / make up a fictitious catalog.

    Cùng tham số cho cùng một tệp. The same arguments give the same file.
    """
    if file.suffix.lower() != ".csv":
        message = f"{file}: cần tệp .csv / a .csv is needed"
        raise click.UsageError(message)
    if file.exists() and not force:
        message = f"{file}: đã có, dùng --force để ghi đè / exists, --force overwrites"
        raise click.UsageError(message)
    today = as_of.date() if as_of else _today()
    entries = generate_entries(count=count, seed=seed, today=today, producers=producers)
    with written_whole(file) as stream:
        rows = write_csv(entries, stream)
    click.echo(
        f"{file}: {count} sản phẩm mẫu / fictitious products, {rows} dòng / rows"
    )


def _today() -> date:
    return day_in_vietnam(system_clock())
