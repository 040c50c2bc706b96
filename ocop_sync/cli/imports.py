"""Imports that were made: `ocop-sync import list`, `show`, beside `import FILE`.

Taking one back is in `ocop_sync.cli.undo`.
"""

from collections.abc import Iterator
from functools import partial

import click

from catalog.db.imports import Import, list_imports
from catalog.db.kept_reports import report_of_import
from catalog.imports.import_history import AllChanges, all_changes, first_changes
from catalog.vietnam_time import moment
from ocop_sync.api.forms.past_imports import (
    import_change_form,
    import_head_form,
    past_import_form,
)
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.group_beside import GroupBeside
from ocop_sync.cli.app.opened import read_catalog, shown_while_read
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.param_types import NUMBER
from ocop_sync.cli.feeds import import_
from ocop_sync.cli.import_reports import report, reports
from ocop_sync.cli.undo import undo
from ocop_sync.cli.views.import_changes import in_words
from ocop_sync.cli.views.kept_report import kept_words
from ocop_sync.cli.views.listed import Listed, as_shown, listed
from ocop_sync.cli.views.tables import (
    console,
    plain,
    rows_table,
    show_line,
    write_result,
    write_result_as_read,
)

NO_IMPORT = "chưa có lần nạp nào / no import was made"

_LISTED = 50
_SHOWN = 50
_COLUMNS = (
    "số\nid",
    "lúc\nat",
    "tệp (nguồn)\nfile (source)",
    "mới, đổi\nnew, changed",
    "ghi chú\nnotes",
)


imports = GroupBeside(import_)
imports.add_command(undo)
imports.add_command(reports)
imports.add_command(report)


@imports.command(
    "list",
    short_help="Các lần nạp / Imports that were made.",
    epilog="Ví dụ / Example: ocop-sync import list",
)
@click.option("--all", "whole", is_flag=True, help="Mọi lần nạp / all of them.")
@AS_JSON
def list_(*, whole: bool, as_json: bool) -> None:
    """Các lần nạp đã thay đổi danh mục, mới nhất trước / imports, the latest first.

    Số của mỗi lần nạp dùng cho import show và undo. The number of each is for import
    show and undo.
    """
    limit = 2**31 if whole else _LISTED
    found = run(read_catalog(settings_of(), partial(list_imports, limit=limit)))
    if as_json:
        write_result(listed("imports", found, past_import_form).json_form())
        return
    if not found:
        click.echo(NO_IMPORT)
        return
    table = rows_table("Các lần nạp / Imports", _COLUMNS)
    for each in found:
        table.add_row(*_row(each))
    console().print(table)
    if not whole and len(found) == _LISTED:
        click.echo("cũ hơn / earlier ones: ocop-sync import list --all")


def _row(made: Import) -> Iterator[str]:
    yield str(made.id)
    yield moment(made.imported_at)
    named = made.file if made.file == made.source else f"{made.file} ({made.source})"
    yield plain(named)
    yield "-" if made.created is None else f"{made.created}, {made.changed}"
    yield "\n".join(_notes(made))


def _notes(made: Import) -> Iterator[str]:
    if made.undoes is not None:
        by = plain(made.confirmed_by)
        yield f"hoàn tác lần nạp {made.undoes} / undoes {made.undoes}: {by}"
        return
    if made.undone_in is not None:
        yield f"đã hoàn tác ở lần {made.undone_in} / undone in {made.undone_in}"
    if made.confirmed_by:
        yield f"xác nhận / confirmed: {plain(made.confirmed_by)}"
    if made.changes_until is not None:
        yield f"hoàn tác được đến / can be undone until {moment(made.changes_until)}"


@imports.command(
    short_help="Một lần nạp đã đổi gì / What an import has changed.",
    epilog="Ví dụ / Example: ocop-sync import show 3",
)
@click.argument("number", metavar="ID", type=NUMBER)
@AS_JSON
def show(*, number: int, as_json: bool) -> None:
    """Từng giá trị mà lần nạp ID đã đổi: trước và sau / what import ID has changed.

    Giá trị có thể là dữ liệu cá nhân được giữ 30 ngày rồi xóa: chỉ dành cho người phụ
    trách dịch vụ. Values that may be personal data are kept for 30 days, and then
    erased: they are for the service's owner only.
    """
    settings = settings_of()
    if as_json:
        query = partial(all_changes, number=number)
        run(read_catalog(settings, shown_while_read(query, _write)))
        return
    work = partial(first_changes, number=number, size=_SHOWN)
    found = run(read_catalog(settings, work))
    _, at, file, *_ = _row(found.made)
    show_line(f"lần nạp / import {number}: {file}, {at}")
    for each in found.changes:
        show_line(in_words(each, found.names))
    if found.more > 0:
        click.echo(f"… và {found.more} thay đổi nữa (--json) / and {found.more} more")
    told = run(read_catalog(settings, partial(report_of_import, number=number)))
    if told is not None and told.erased_at is None:
        show_line(kept_words(told))


async def _write(found: AllChanges) -> None:
    rows = as_shown(found.changes, import_change_form)
    await write_result_as_read(Listed("changes", rows, import_head_form(found.made)))
