"""Ends and papers that wait for people: `ocop-sync expiring`, `missing-papers`."""

from datetime import datetime
from functools import partial
from pathlib import Path

import click

from catalog.spreadsheet.table_files import TABLES
from catalog.vietnam_time import start_of
from ocop_sync.bootstrap import rules_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import read_catalog
from ocop_sync.cli.app.options import AS_JSON, AS_OF, ensure_ending
from ocop_sync.cli.app.param_types import TO_WRITE
from ocop_sync.cli.views.worklists import EXPIRING, MISSING, give
from ocop_sync.service.queries import worklists as queries

_out = click.option(
    "--out",
    type=TO_WRITE,
    metavar="FILE.xlsx",
    help="Ghi ra tệp Excel hay CSV / write a workbook or CSV.",
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
@AS_OF
@_out
@AS_JSON
def expiring(
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
    _ensure_table(out)
    settings = settings_of()
    work = partial(
        queries.expiring, rules=rules_of(settings), at=_instant(as_of), days=days
    )
    found = run(read_catalog(settings, work))
    give(EXPIRING, found, now=present(), out=out, as_json=as_json)


@click.command(
    "missing-papers",
    epilog="Ví dụ / Example: ocop-sync missing-papers --out thieu-giay.xlsx",
)
@AS_OF
@_out
@AS_JSON
def missing_papers(*, as_of: datetime | None, out: Path | None, as_json: bool) -> None:
    """Liệt kê sản phẩm vướng giấy tờ / list products that lack a paper.

    Giấy nào, từ ngày nào, phải làm gì. The paper, the day since when, and the advice.
    """
    _ensure_table(out)
    settings = settings_of()
    work = partial(queries.missing_papers, rules=rules_of(settings), at=_instant(as_of))
    found = run(read_catalog(settings, work))
    give(MISSING, found, now=present(), out=out, as_json=as_json)


def _ensure_table(out: Path | None) -> None:
    if out is not None:
        ensure_ending(out, *TABLES)


def _instant(as_of: datetime | None) -> datetime:
    return start_of(as_of.date()) if as_of else present()
