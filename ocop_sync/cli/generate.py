"""Make up a catalog, of which no row is real: `ocop-sync generate`."""

from datetime import datetime
from pathlib import Path

import click

from catalog.feed.write.csv_feed import write_csv
from catalog.fiction.generate import TRACE_HOST
from catalog.fiction.generate import generate as generate_entries
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.bootstrap import communes_of
from ocop_sync.cli.app.app import settings_of
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.options import FORCE, ensure_ending, ensure_free
from ocop_sync.cli.app.param_types import TO_WRITE, Day
from ocop_sync.cli.views.progress import counted, counting
from ocop_sync.files import write_whole


@click.command(
    epilog="Ví dụ / Example: ocop-sync generate mau.csv --count 267 --seed 7",
)
@click.argument("file", type=TO_WRITE, metavar="[FILE.csv]", required=False)
@click.option(
    "--out",
    type=TO_WRITE,
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
@FORCE
def generate(
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
    ensure_ending(file, ".csv")
    ensure_free(file, force=force)
    today = as_of.date() if as_of else day_in_vietnam(present())
    settings = settings_of()
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
