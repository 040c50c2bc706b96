"""Show what people have to do: `ocop-sync expiring` and `missing-papers`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import click
from rich.table import Table

from catalog.db import reader
from catalog.db.provenance import provenance_of
from catalog.feed.cells.stamp import Stamp
from catalog.feed.headings.heading import EXPORT_STAMP, heading_of
from catalog.spreadsheet.writing import write_sheet
from catalog.vietnam_time import day_in_vietnam, start_of
from catalog.worklists import Ending, Lack, ending, in_order, lacks
from ocop_sync.bootstrap import open_database, rules_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.param_types import Day
from ocop_sync.cli.views.tables import (
    NOTHING_TO_DO,
    console,
    plain,
    rows_table,
    said_json,
)
from ocop_sync.files import write_whole
from ocop_sync.service.queries.explain import verdict_of
from ocop_sync.settings import Settings

_EXPIRING = (
    ("ngày hết hạn / ends on", 14),
    ("còn (ngày) / days left", 10),
    ("báo cơ sở chậm nhất / tell the maker by", 16),
    ("đã trễ? / late?", 10),
    ("mã / id", 12),
    ("sản phẩm / product", 40),
    ("cơ sở / producer", 40),
    ("sao / stars", 8),
    ("quyết định / decision", 20),
)
_MISSING = (
    ("mã / id", 12),
    ("sản phẩm / product", 40),
    ("cơ sở / producer", 40),
    ("giấy tờ / paper", 40),
    ("tình trạng / state", 16),
    ("từ ngày / since", 14),
    ("hệ quả / so it is", 16),
    ("phải làm / to do", 60),
)
_EXPORTED = (("SKU", 24), (heading_of(EXPORT_STAMP), 26))
"""What a workbook has besides, as every sheet that is exported."""
_STATES = {
    "missing": "không có / missing",
    "expired": "hết hạn / expired",
    "unknown": "chưa ai xác nhận / unknown",
}

_BLOCKED, _WAITS = "không được bán / blocked", "chờ / held"

_as_of = click.option(
    "--as-of",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Ngày xét, giờ Việt Nam; bỏ trống: hôm nay / day in Vietnam; else today.",
)
_out = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="FILE.xlsx",
    help="Ghi ra tệp Excel / write a workbook.",
)
_as_json = click.option(
    "--json", "as_json", is_flag=True, help="Cho máy đọc / for machines."
)


@click.command(
    epilog="Ví dụ / Example: ocop-sync expiring --days 90 --out sap-het-han.xlsx",
)
@click.option(
    "--days",
    type=click.IntRange(0, 3660),
    default=90,
    show_default=True,
    help="Trong bao nhiêu ngày tới / how many days ahead.",
)
@_as_of
@_out
@_as_json
@click.pass_context
def expiring(
    ctx: click.Context,
    *,
    days: int,
    as_of: datetime | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Liệt kê giấy chứng nhận sắp hết hạn / list certificates that end soon.

    Phải báo cơ sở ít nhất 30 ngày trước khi hết hạn. The maker has to be told at
    least 30 days before the end.
    """
    at = _instant(as_of)
    found, faulty = run(_expiring(settings_of(ctx), at, days))
    form = Form("Sắp hết hạn", _EXPIRING, _ending_row, expiring_table)
    give(form, found, at, faulty=faulty, out=out, as_json=as_json)


@click.command(
    "missing-papers",
    epilog="Ví dụ / Example: ocop-sync missing-papers --out thieu-giay.xlsx",
)
@_as_of
@_out
@_as_json
@click.pass_context
def missing_papers(
    ctx: click.Context, *, as_of: datetime | None, out: Path | None, as_json: bool
) -> None:
    """Liệt kê sản phẩm vướng giấy tờ / list products that lack a paper.

    Giấy nào, từ ngày nào, phải làm gì. Which paper, since when, what to do.
    """
    at = _instant(as_of)
    found, faulty = run(_missing(settings_of(ctx), at))
    form = Form("Thiếu giấy tờ", _MISSING, _lack_row, missing_table)
    give(form, found, at, faulty=faulty, out=out, as_json=as_json)


async def _expiring(
    settings: Settings, at: datetime, days: int
) -> tuple[list[Ending], list[str]]:
    """Return what ends, and the products that could not be evaluated."""
    rules, today = rules_of(settings), day_in_vietnam(at)
    found: list[Ending] = []
    faulty: list[str] = []
    async with open_database(settings) as database, database.read() as conn:
        async for page in reader.pages(conn):
            for entry in page:
                verdict = verdict_of(entry, at, rules)
                if verdict is None:
                    faulty.append(entry[0].id)
                elif (end := ending(entry, verdict, today, days)) is not None:
                    found.append(end)
    return in_order(found), faulty


async def _missing(settings: Settings, at: datetime) -> tuple[list[Lack], list[str]]:
    """Return what lacks, and the products that could not be evaluated."""
    rules = rules_of(settings)
    found: list[Lack] = []
    faulty: list[str] = []
    async with open_database(settings) as database, database.read() as conn:
        async for page in reader.pages(conn):
            known = await provenance_of(conn, [product.id for product, _ in page])
            for entry in page:
                verdict = verdict_of(entry, at, rules)
                if verdict is None:
                    faulty.append(entry[0].id)
                else:
                    found += lacks(entry, verdict, known, rules.tables.papers)
    return found, faulty


def _ending_row(each: Ending) -> Sequence[object]:
    return (
        each.ends_on,
        each.days_left,
        each.notify_by,
        "trễ / late" if each.late else "",
        each.product_id,
        each.product,
        each.producer,
        each.stars,
        each.decision,
    )


def _lack_row(each: Lack) -> Sequence[object]:
    return (
        each.product_id,
        each.product,
        each.producer,
        each.paper.vi,
        _STATES[each.state],
        each.since,
        _BLOCKED if each.blocks else _WAITS,
        str(each.todo),
    )


def expiring_table(found: Iterable[Ending]) -> Table:
    """Return certificates that end soon; 80 columns are enough."""
    columns = (
        "hết hạn, còn\nends, left",
        "báo trước\ntell by",
        "sản phẩm, cơ sở\nproduct, producer",
        "sao, quyết định\nstars, decision",
    )
    table = rows_table("Sắp hết hạn / Certificates that end soon", columns)
    for each in found:
        table.add_row(
            f"{_cell(each.ends_on)}\n{each.days_left} ngày/days",
            _cell(each.notify_by) + ("\ntrễ / late" if each.late else ""),
            _product(each),
            f"{each.stars}\n{plain(each.decision)}",
        )
    return table


def missing_table(found: Iterable[Lack]) -> Table:
    """Return papers that are missing; 80 columns are enough."""
    columns = (
        "sản phẩm, cơ sở\nproduct, producer",
        "giấy tờ, tình trạng, hệ quả\npaper, state, so it is",
        "phải làm\nto do",
    )
    table = rows_table("Giấy tờ còn thiếu / Papers that are missing", columns)
    for each in found:
        since = f", từ / since {_cell(each.since)}" if each.since else ""
        so = _BLOCKED if each.blocks else _WAITS
        table.add_row(
            _product(each),
            f"{plain(each.paper)}\n{_STATES[each.state]}{since}\n{so}",
            plain(each.todo),
        )
    return table


def _product(each: Ending | Lack) -> str:
    maker = f"\n({plain(each.producer)})" if each.producer else ""
    return f"{plain(each.product_id)}\n{plain(each.product)}{maker}"


Each = TypeVar("Each", bound=Ending | Lack)
"""What a worklist holds."""


class Form(NamedTuple, Generic[Each]):
    """How a worklist is written.

    Attributes:
        sheet: What its sheet in a workbook is called.
        headings: Of that sheet, each with its width.
        row: Makes a row of that sheet.
        shown: Makes the table of some of it, on a screen.
    """

    sheet: str
    headings: Sequence[tuple[str, int]]
    row: Callable[[Each], Sequence[object]]
    shown: Callable[[Sequence[Each]], Table]


def give(
    form: Form[Each],
    found: Sequence[Each],
    at: datetime,
    *,
    faulty: Sequence[str],
    out: Path | None,
    as_json: bool,
) -> None:
    """Write a worklist to a workbook, for a machine, or as tables, each of a page."""
    if out is not None:
        _write(form, found, out)
        click.echo(f"{out}: {len(found)} dòng / rows", err=as_json)
    if as_json:
        with said_json() as document:
            document.put("as_of", at)
            with document.rows("rows") as say:
                for each in found:
                    say(asdict(each))
            document.put("faulty", faulty)
        return
    if out is None:
        for start in range(0, len(found), _PAGE):
            console().print(form.shown(found[start : start + _PAGE]))
        if not found:
            console().print(NOTHING_TO_DO)
    if faulty:
        more = f" … +{len(faulty) - _NAMED}" if len(faulty) > _NAMED else ""
        console().print(plain(f"{_FAULTY}: {', '.join(faulty[:_NAMED])}{more}"))


def _write(form: Form[Each], found: Iterable[Each], out: Path) -> None:
    if out.suffix.lower() != ".xlsx":
        message = f"{out.name}: cần tệp .xlsx / an .xlsx file is needed"
        raise click.UsageError(message)
    with write_whole(out) as stream:
        headings = [*form.headings, *_EXPORTED]
        # A list is a source of its own: it names few, and misses none.
        stamp = Stamp(present(), form.sheet).by_the_clock
        lines = ((*form.row(each), ", ".join(each.skus), stamp) for each in found)
        write_sheet(stream, form.sheet, headings, lines)


_PAGE = 1_000
"""Rows of one table on a screen: all columns of a table are laid out together."""
_NAMED = 20
"""Products that are named; all of them with --json."""
_FAULTY = (
    "Không xét được, xem nhật ký; các sản phẩm khác vẫn xét"
    " / could not be evaluated, see the log; all others were"
)


def _cell(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _instant(as_of: datetime | None) -> datetime:
    return start_of(as_of.date()) if as_of else present()
