"""Worklists to people: tables on a screen, and files."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Generic, NamedTuple

import click
from rich.table import Table

from catalog.queries.worklist_tables import (
    BLOCKED,
    ENDS,
    LACKS,
    STATES,
    WAITS,
    WorklistTable,
)
from catalog.queries.worklists import Ending, Lack
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
        so = BLOCKED if each.blocks else WAITS
        table.add_row(
            _product(each),
            f"{plain(each.paper)}\n{STATES[each.state]}{since}\n{so}",
            plain(each.todo),
        )
    return table


def _product(each: Ending | Lack) -> str:
    maker = f"\n({plain(each.producer)})" if each.producer else ""
    return f"{plain(each.product_id)}\n{plain(each.product)}{maker}"


class Form(NamedTuple, Generic[Each]):
    """How a worklist is written.

    Attributes:
        table: How it is written as a file.
        shown: Makes the table of some of it, on a screen.
        form: Makes what machines read of a row.
    """

    table: WorklistTable[Each]
    shown: Callable[[Sequence[Each]], Table]
    form: Callable[[Each], Model]


EXPIRING: Form[Ending] = Form(ENDS, expiring_table, end_form)
MISSING: Form[Lack] = Form(LACKS, missing_table, lack_form)


def give(
    form: Form[Each],
    found: Worklist[Each],
    *,
    now: datetime,
    out: Path | None,
    as_json: bool,
) -> None:
    """Write a worklist to the file *out*, for a machine, or as tables of a page.

    A file is stamped with *now*, the present instant.
    """
    rows, faulty = found.rows, found.faulty
    if out is not None:
        _write(form.table, rows, out, now)
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


def _write(
    table: WorklistTable[Each], found: Iterable[Each], out: Path, now: datetime
) -> None:
    with write_whole(out) as stream:
        table.write(stream, out.suffix.lower(), found, now)


_PAGE = 1_000
"""Rows of one table on a screen: all columns of a table are laid out together."""
_FAULTY = (
    "Không xét được, xem nhật ký; các sản phẩm khác vẫn xét"
    " / could not be evaluated, see the log; all others were"
)


def _cell(day: date) -> str:
    return f"{day:%d/%m/%Y}"
