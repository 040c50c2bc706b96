"""Look after the database: `ocop-sync db`."""

import click

from ocop_sync.cli.program import run, settings_of
from ocop_sync.cli.screen import NOTHING_TO_DO
from ocop_sync.store import schema


@click.group()
def db() -> None:
    """Cơ sở dữ liệu / the database."""


@db.command(
    short_help="Tạo hoặc nâng cấp các bảng / Make or upgrade the tables.",
    epilog="Ví dụ / Example: ocop-sync db upgrade",
)
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Tạo hoặc nâng cấp các bảng / make or upgrade the tables.

    PostgreSQL cần lệnh này trước lần chạy đầu và sau mỗi phiên bản mới; SQLite tự
    làm. Needed with PostgreSQL before the first run and after each new version;
    SQLite does so by itself.
    """
    done = run(schema.upgrade(settings_of(ctx).database.url))
    click.echo("đã nâng cấp / upgraded" if done else NOTHING_TO_DO)
