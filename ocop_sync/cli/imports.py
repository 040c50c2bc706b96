"""Imports that were made: `ocop-sync import list`, `show`, beside `import FILE`.

Taking one back is in `ocop_sync.cli.undo`.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.changes import Change
from catalog.db.imports import Import, import_made, list_imports
from catalog.db.kept_changes import changes_page, count_changes, ensure_kept
from catalog.db.reader import names_of
from catalog.vietnam_time import moment
from ocop_sync.bootstrap import open_database
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.param_types import NUMBER
from ocop_sync.cli.feeds import import_
from ocop_sync.cli.undo import undo
from ocop_sync.cli.views.import_changes import change_value, in_words
from ocop_sync.cli.views.tables import console, json_rows, plain, rows_table, say_json
from ocop_sync.settings import Settings

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


class ImportGroup(click.Group):
    """`import FILE`, and what is done with imports that were made.

    A file that is called like one of these commands is given as `./list`.

    Args:
        of_file: The command that takes a file in.
    """

    def __init__(self, of_file: click.Command) -> None:
        super().__init__(name=of_file.name, short_help=of_file.short_help)
        self.of_file = of_file

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the arguments of one of the commands, or of a file."""
        if args and args[0] in self.commands:
            return super().make_context(info_name, args, parent, **extra)
        return self.of_file.make_context(info_name, args, parent, **extra)


imports = ImportGroup(import_)
imports.add_command(undo)


@imports.command(
    "list",
    short_help="Các lần nạp / Imports that were made.",
    epilog="Ví dụ / Example: ocop-sync import list",
)
@click.option("--all", "whole", is_flag=True, help="Mọi lần nạp / all of them.")
@click.option("--json", "as_json", is_flag=True, help="Cho máy đọc / for machines.")
@click.pass_context
def list_(ctx: click.Context, *, whole: bool, as_json: bool) -> None:
    """Các lần nạp đã thay đổi danh mục, mới nhất trước / imports, the latest first.

    Số của mỗi lần nạp dùng cho import show và undo. The number of each is for import
    show and undo.
    """
    limit = 2**31 if whole else _LISTED
    found = run(_list(settings_of(ctx), limit))
    if as_json:
        say_json({"imports": [asdict(each) for each in found]})
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


async def _list(settings: Settings, limit: int) -> Sequence[Import]:
    async with open_database(settings) as database, database.read() as conn:
        return await list_imports(conn, limit=limit)


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
        yield f"giữ đến / kept until {moment(made.changes_until)}"


@imports.command(
    short_help="Một lần nạp đã đổi gì / What an import has changed.",
    epilog="Ví dụ / Example: ocop-sync import show 3",
)
@click.argument("number", metavar="ID", type=NUMBER)
@click.option("--json", "as_json", is_flag=True, help="Cho máy đọc / for machines.")
@click.pass_context
def show(ctx: click.Context, *, number: int, as_json: bool) -> None:
    """Từng giá trị mà lần nạp ID đã đổi: trước và sau / what import ID has changed.

    Được giữ 30 ngày. Có thể có dữ liệu cá nhân: chỉ dành cho người phụ trách dịch vụ.
    Kept for 30 days. It may hold personal data, and is for the service's owner only.
    """
    run(_show(settings_of(ctx), number, as_json=as_json))


async def _show(settings: Settings, number: int, *, as_json: bool) -> None:
    async with _reading(settings) as conn:
        made = await import_made(conn, number)
        ensure_kept(made, present())
        if as_json:
            with json_rows({"import": asdict(made)}, "changes") as say:
                async for page in _pages(conn, number):
                    for each in page:
                        say(change_value(each))
            return
        _, at, file, *_ = _row(made)
        _say_line(f"lần nạp / import {number}: {file}, {at}")
        shown = await changes_page(conn, number, size=_SHOWN)
        names = await names_of(conn, [each.where.subject for each in shown])
        for each in shown:
            _say_line(in_words(each, names))
        if (more := await count_changes(conn, number) - len(shown)) > 0:
            click.echo(f"… và {more} thay đổi nữa (--json) / and {more} more")


@asynccontextmanager
async def _reading(settings: Settings) -> AsyncIterator[AsyncConnection]:
    async with open_database(settings) as database, database.read() as conn:
        yield conn


async def _pages(conn: AsyncConnection, number: int) -> AsyncIterator[Sequence[Change]]:
    last = None
    while page := await changes_page(conn, number, last):
        yield page
        last = page[-1].where


def _say_line(text: str) -> None:
    """Write one line, however long."""
    console().print(text, soft_wrap=True)
