"""Worklists to people: tables on a screen, and workbooks."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Generic, NamedTuple

import click
from rich.table import Table

from catalog.feed.cells.stamp import Stamp
from catalog.feed.headings.heading import EXPORT_STAMP, heading_of
from catalog.queries.worklists import Ending, Lack
from catalog.spreadsheet.writing import write_sheet
from ocop_sync.api.forms.outlook import end_form
from ocop_sync.api.forms.worklists import lack_form, worklist_form
from ocop_sync.api.typed.values import Model
from ocop_sync.cli.views.listed import listed
from ocop_sync.cli.views.tables import (
    NOTHING_TO_DO,
    console,
    plain,
    rows_table,
    some_of,
    write_result,
)
from ocop_sync.files import write_whole
from ocop_sync.service.queries.worklists import Each, Worklist

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
"""The further sheets of a workbook, as of every exported one."""
_STATES = {
    "missing": "không có / missing",
    "expired": "hết hạn / expired",
    "unknown": "chưa ai xác nhận / unknown",
}

_BLOCKED, _WAITS = "không được bán / blocked", "chờ / held"


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


class Form(NamedTuple, Generic[Each]):
    """How a worklist is written.

    Attributes:
        sheet: The name of its sheet in a workbook.
        headings: Of that sheet, each with its width.
        row: Makes a row of that sheet.
        shown: Makes the table of some of it, on a screen.
        form: Makes what machines read of a row.
    """

    sheet: str
    headings: Sequence[tuple[str, int]]
    row: Callable[[Each], Sequence[object]]
    shown: Callable[[Sequence[Each]], Table]
    form: Callable[[Each], Model]


EXPIRING: Form[Ending] = Form(
    "Sắp hết hạn", _EXPIRING, _ending_row, expiring_table, end_form
)
MISSING: Form[Lack] = Form(
    "Thiếu giấy tờ", _MISSING, _lack_row, missing_table, lack_form
)


def give(
    form: Form[Each],
    found: Worklist[Each],
    *,
    now: datetime,
    out: Path | None,
    as_json: bool,
) -> None:
    """Write a worklist to the workbook *out*, for a machine, or as tables of a page.

    A workbook is stamped with *now*, the present instant.
    """
    rows, faulty = found.rows, found.faulty
    if out is not None:
        _write(form, rows, out, now)
        click.echo(f"{out}: {len(rows)} dòng / rows", err=as_json)
    if as_json:
        told = listed("rows", rows, form.form, worklist_form(found))
        write_result(told.json_form())
        return
    if out is None:
        for start in range(0, len(rows), _PAGE):
            console().print(form.shown(rows[start : start + _PAGE]))
        if not rows:
            console().print(NOTHING_TO_DO)
    if faulty:
        console().print(plain(f"{_FAULTY}: {some_of(faulty)}"))


def _write(form: Form[Each], found: Iterable[Each], out: Path, now: datetime) -> None:
    if out.suffix.lower() != ".xlsx":
        message = f"{out.name}: cần tệp .xlsx / an .xlsx file is needed"
        raise click.UsageError(message)
    with write_whole(out) as stream:
        headings = [*form.headings, *_EXPORTED]
        # A list is a source of its own: it names few, and misses none.
        stamp = Stamp(now, form.sheet).by_the_clock
        lines = ((*form.row(each), ", ".join(each.skus), stamp) for each in found)
        write_sheet(stream, form.sheet, headings, lines)


_PAGE = 1_000
"""Rows of one table on a screen: all columns of a table are laid out together."""
_FAULTY = (
    "Không xét được, xem nhật ký; các sản phẩm khác vẫn xét"
    " / could not be evaluated, see the log; all others were"
)


def _cell(day: date) -> str:
    return f"{day:%d/%m/%Y}"
