"""Keep a copy of the database, and put one back: `ocop-sync backup`, `restore`."""

from functools import partial
from pathlib import Path

import click

from catalog.counted import counted
from catalog.model.actor import Actor
from ocop_sync.bootstrap.restoring import restore as put_back
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.at_command_line import ACTOR, at_command_line
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.one_server import stopped
from ocop_sync.cli.app.opened import in_database
from ocop_sync.cli.app.options import FORCE, ensure_free
from ocop_sync.service.decisions.restoring import note_moved, note_restored
from ocop_sync.store.db.backup import back_up
from ocop_sync.store.runs.restored import Restored

FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
BY_ANYBODY = click.option("--by", type=ACTOR, help="Ai làm / who does it.")


@click.command(epilog="Ví dụ / Example: ocop-sync backup sao-luu.db")
@FILE
@FORCE
def backup(*, file: Path, force: bool) -> None:
    """Giữ bản sao của cơ sở dữ liệu SQLite, có cả ảnh / keep a copy, with all pictures.

    Làm được khi dịch vụ đang chạy; bản sao đúng một thời điểm, đã kiểm tra, chỉ chủ
    tệp đọc được. PostgreSQL: pg_dump. Works while the service runs; the copy is of
    one moment, is checked, and is for its owner alone. PostgreSQL: pg_dump.
    """
    ensure_free(file, force=force)
    keep_copy(file)


def keep_copy(file: Path) -> None:
    """Write a copy of the database to *file*, and say so."""
    size = back_up(settings_of().database.url, file)
    click.echo(f"{file}: đã giữ bản sao / copy kept, {size:,} byte")


@click.command(epilog="Ví dụ / Example: ocop-sync restore sao-luu.db --by 'Lê B'")
@FILE
@BY_ANYBODY
def restore(*, file: Path, by: Actor | None) -> None:
    """Đưa bản sao lưu trở lại, khi dịch vụ đã dừng / put a backup back (SQLite).

    Bản hiện có được giữ bên cạnh. Không ghi gì lên sàn trước khi đọc lại toàn bộ tài
    khoản. The present database is kept beside it. Nothing is written to an account
    before it is read whole anew. PostgreSQL: pg_restore, `db restored`.
    """
    settings = settings_of()
    with stopped(settings):
        done, kept = run(
            put_back(settings, file, by=by or at_command_line(), now=present())
        )
    click.echo(f"{file}: đã khôi phục / restored")
    if kept is not None:
        click.echo(f"Bản cũ giữ ở / the former database is kept: {kept}")
    show_restored(done)


def mark(by: Actor | None) -> None:
    """Tell the database that it was put back by other means, and say so."""
    note = partial(note_restored, by=by or at_command_line(), now=present())
    show_restored(run(in_database(settings_of(), note, makes_tables=False)))


def mark_moved(by: Actor | None) -> None:
    """Tell the database that it was moved and lacks nothing, and say so."""
    note = partial(note_moved, by=by or at_command_line(), now=present())
    run(in_database(settings_of(), note, makes_tables=False))
    click.echo("đã ghi nhận chỗ mới / its present place is noted")


def show_restored(done: Restored) -> None:
    """Say what a restore has led to, and what a person must look at."""
    click.echo(
        f"{done.accounts} tài khoản sẽ được đọc lại toàn bộ trước khi ghi gì / accounts"
        " are read whole before anything is written there"
    )
    click.echo(
        f"Đã kết thúc {done.sessions} phiên đăng nhập, hủy {done.links} liên kết chưa"
        f" dùng / {counted(done.sessions, 'session')} ended,"
        f" {counted(done.links, 'unused link')} voided"
    )
    if done.notices:
        click.echo(
            f"{done.notices} thông báo đang chờ, có thể gửi lần nữa / notices are"
            " waiting, some are maybe sent a second time"
        )
    if done.plans:
        numbers = ", ".join(map(str, done.plans))
        click.echo(
            f"Kế hoạch {numbers} phải duyệt lại: có thể đã thực hiện sau lúc sao lưu"
            f" / plans {numbers} need approval anew: they may have been carried out"
            " after the backup (`plan show`)"
        )
    if done.groups:
        numbers = ", ".join(map(str, done.groups))
        click.echo(
            f"Nhóm chờ {numbers} phải duyệt lại: có thể đã gửi hoặc bị từ chối sau lúc"
            f" sao lưu / held groups {numbers} need approval anew: they may have been"
            " sent or refused after the backup (`held show`)"
        )
    click.echo(
        "Người dùng, khóa trở lại như lúc sao lưu: xem `people list`, `keys list`, khóa"
        " lại những gì đã khóa sau đó / people and keys are as of the backup: look at"
        " `people list` and `keys list`, disable and revoke again what was since"
    )
    if done.keys:
        click.echo(f"Khóa dùng được / keys that work: {', '.join(done.keys)}")
