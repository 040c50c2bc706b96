"""Look after the database: `ocop-sync db`."""

from pathlib import Path

import click

from catalog.model.actor import Actor
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.backups import BY_ANYBODY, FILE, keep_copy, mark, mark_moved
from ocop_sync.cli.views.tables import NOTHING_TO_DO, write_json
from ocop_sync.store.db import schema
from ocop_sync.store.db.schema import Tables

_TODO = {
    Tables.NONE: (
        "chưa có bảng nào, như ở máy mới, không phải lỗi: tạo bằng `ocop-sync db"
        " upgrade` (PostgreSQL, và trước `worker`); SQLite: lệnh đầu tiên, như"
        " `import`, cũng tự tạo / there are no tables yet, as on a fresh machine, which"
        " is no fault: make them by `ocop-sync db upgrade` (PostgreSQL, and before"
        " `worker`); the first command makes those of SQLite, such as `import`"
    ),
    Tables.OLDER: (
        "cơ sở dữ liệu cũ hơn chương trình: giữ bản sao (SQLite: `ocop-sync db backup"
        " TỆP`, PostgreSQL: pg_dump), rồi `ocop-sync db upgrade` / the database is"
        " older than the program: keep a copy (SQLite: `ocop-sync db backup FILE`,"
        " PostgreSQL: pg_dump), then run `ocop-sync db upgrade`"
    ),
    Tables.UNKNOWN: (
        "cơ sở dữ liệu do phiên bản mới hơn tạo ra: cài phiên bản đó, hoặc trả lại bản"
        " sao giữ trước lần nâng cấp / a newer version made the database: install that"
        " one, or restore the copy that was kept before its upgrade"
    ),
}


@click.group()
def db() -> None:
    """Cơ sở dữ liệu / the database."""


@db.command(
    short_help="Tạo hoặc nâng cấp các bảng / Make or upgrade the tables.",
    epilog="Ví dụ / Example: ocop-sync db upgrade",
)
def upgrade() -> None:
    """Tạo hoặc nâng cấp các bảng / make or upgrade the tables.

    PostgreSQL cần lệnh này trước lần chạy đầu và sau mỗi phiên bản mới; SQLite tự
    làm. Needed with PostgreSQL before the first run and after each new version;
    SQLite does so by itself.
    """
    done = run(schema.upgrade(settings_of().database.url))
    click.echo("đã nâng cấp / upgraded" if done else NOTHING_TO_DO)


@db.command(
    short_help="Phiên bản của các bảng / Version of the tables.",
    epilog="Ví dụ / Example: ocop-sync db current",
)
@AS_JSON
@click.pass_context
def current(ctx: click.Context, *, as_json: bool) -> None:
    """Cho biết phiên bản của các bảng và của chương trình / say both versions.

    Không đổi gì. Mã thoát 2 khi khác nhau, kèm việc phải làm. Changes nothing. Exit
    code 2 if they differ, with the advice.
    """
    found = run(schema.current(settings_of().database.url))
    ours = schema.VERSIONS[-1]
    if as_json:
        write_json({"database": found.version, "program": ours, "tables": found.tables})
    else:
        click.echo(f"cơ sở dữ liệu / database: {found.version or '-'}")
        click.echo(f"chương trình / program: {ours}")
    if found.tables is not Tables.CURRENT:
        click.echo(f"Phải làm / to do: {_TODO[found.tables]}", err=True)
        ctx.exit(Exit.WRONG)


@db.command(
    short_help="Giữ bản sao của SQLite / Keep a copy of SQLite.",
    epilog="Ví dụ / Example: ocop-sync db backup sao-luu.db",
)
@FILE
def backup(*, file: Path) -> None:
    """Giữ bản sao của cơ sở dữ liệu SQLite / keep a copy of an SQLite database.

    Làm được khi dịch vụ đang chạy; bản sao đúng một thời điểm, đã kiểm tra, chỉ chủ
    tệp đọc được. PostgreSQL: pg_dump. Works while the service runs; the copy is of
    one moment, is checked, and is for its owner alone. PostgreSQL: pg_dump.
    """
    keep_copy(file)


@db.command(
    short_help="Báo là vừa khôi phục / Say that a backup was put back.",
    epilog="Ví dụ / Example: ocop-sync db restored --by 'Lê B'",
)
@BY_ANYBODY
def restored(*, by: Actor | None) -> None:
    """Báo là vừa khôi phục bằng cách khác / say that a backup was put back.

    Sau pg_restore, trước khi chạy dịch vụ: không ghi gì lên sàn trước khi đọc lại toàn
    bộ tài khoản. `ocop-sync restore TỆP` tự làm. After pg_restore, before the service
    is started: nothing is written to an account before it is read whole anew.
    `ocop-sync restore FILE` does so by itself.
    """
    mark(by)


@db.command(
    short_help="Báo là chỉ chuyển chỗ / Say that it was only moved.",
    epilog="Ví dụ / Example: ocop-sync db moved --by 'Lê B'",
)
@BY_ANYBODY
def moved(*, by: Actor | None) -> None:
    """Báo là cơ sở dữ liệu chỉ chuyển chỗ, không thiếu gì / say it was only moved.

    Sang máy khác, khi dịch vụ đã dừng: nơi cũ không được chạy nữa. Từ bản sao lưu thì
    dùng `db restored`. To another server, with the service stopped: nothing may run on
    the former one any more. If anything was sent after the copy, use `db restored`.
    """
    mark_moved(by)
