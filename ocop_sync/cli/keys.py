"""Keys by which programs call the API: `ocop-sync keys`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import click

from catalog.model.actor import Actor
from catalog.vietnam_time import VIETNAM, moment
from ocop_sync.api.forms.identity import keys_form, made_key_form
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.options import AS_JSON, BY
from ocop_sync.cli.app.param_types import CODE, NAME, Day, Duration
from ocop_sync.cli.app.with_identity import with_identity
from ocop_sync.cli.people import PRODUCERS, ROLE
from ocop_sync.cli.views.tables import (
    console,
    plain,
    rows_table,
    show_line,
    write_json,
)
from ocop_sync.service.identity import keys as use_cases
from ocop_sync.service.identity.keys import MadeKey
from ocop_sync.service.identity.role import Role
from ocop_sync.store.identity.keys import KeyRow

_KEY = click.argument("key_id", metavar="KEY-ID", type=CODE)


@click.group()
def keys() -> None:
    """Khóa để phần mềm khác gọi API / keys by which programs call the API."""


@keys.command(
    short_help="Tạo một khóa / Make a key.",
    epilog="Ví dụ / Example: ocop-sync keys add 'Bảng điều hành' --role viewer"
    " --by 'Lê B'",
)
@click.argument("name", type=NAME)
@ROLE
@PRODUCERS
@click.option(
    "--ends",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Ngày cuối còn dùng được; bỏ trống: không hết / its last day; never if left"
    " out.",
)
@AS_JSON
@BY
def add(
    *,
    name: str,
    role: str,
    producers: Sequence[str],
    ends: datetime | None,
    as_json: bool,
    by: Actor,
) -> None:
    """Tạo khóa cho một phần mềm; cả khóa chỉ hiện một lần / make a key for a program.

    NAME là việc nó làm, không phải tên người. Khóa chỉ được giữ dưới dạng băm: mất thì
    tạo khóa mới. NAME is its purpose, no person's name. Only a hash is kept: a lost key
    is replaced.
    """
    end = ends and ends.replace(tzinfo=VIETNAM) + timedelta(days=1)
    act = partial(
        use_cases.make_key,
        name=name,
        role=Role(role),
        producers=producers,
        ends_at=end,
        by=by,
    )
    _show_made(with_identity(act), as_json=as_json)


@keys.command(
    "list",
    short_help="Liệt kê / List.",
    epilog="Ví dụ / Example: ocop-sync keys list",
)
@AS_JSON
def list_(*, as_json: bool) -> None:
    """Mọi khóa: vai trò, hạn, dùng lần cuối / all keys, with their last use."""
    found = with_identity(use_cases.all_keys)
    if as_json:
        write_json(keys_form(found))
        return
    columns = [
        "khóa\nkey",
        "để làm gì\nname",
        "vai trò\nrole",
        "dùng\nused",
        "tình trạng\nstate",
    ]
    table = rows_table("Khóa / Keys", columns)
    for each in found:
        role = " ".join([each.role, *each.producers])
        used = moment(each.used_at) if each.used_at else "-"
        table.add_row(each.id, plain(each.name), plain(role), used, _state(each))
    console().print(table)


@keys.command(
    short_help="Thay bằng khóa mới / Replace by a new one.",
    epilog="Ví dụ / Example: ocop-sync keys rotate ocop_k3v7q2ma --hold 24h"
    " --by 'Lê B'",
)
@_KEY
@click.option(
    "--hold",
    type=Duration(),
    default="24h",
    show_default=True,
    help="Khóa cũ còn dùng được bao lâu / how long the old one still holds.",
)
@AS_JSON
@BY
def rotate(*, key_id: str, hold: timedelta, as_json: bool, by: Actor) -> None:
    """Tạo khóa mới thay khóa cũ, cùng quyền / a new key in the place of the old one."""
    act = partial(use_cases.rotate_key, key_id=key_id, hold=hold, by=by)
    _show_made(with_identity(act), as_json=as_json)


@keys.command(
    short_help="Thu hồi ngay / Revoke.",
    epilog="Ví dụ / Example: ocop-sync keys revoke ocop_k3v7q2ma --by 'Lê B'",
)
@_KEY
@BY
def revoke(*, key_id: str, by: Actor) -> None:
    """Thu hồi khóa, không mở được gì từ lần gọi sau / it opens nothing any more."""
    row = with_identity(partial(use_cases.revoke_key, key_id=key_id, by=by))
    show_line(f"{row.id} {plain(row.name)}: đã thu hồi / revoked")


def _show_made(made: MadeKey, *, as_json: bool) -> None:
    if as_json:
        write_json(made_key_form(made))
        return
    click.echo(f"Khóa, chỉ hiện lần này / the key, shown this once:\n{made.secret}")
    if made.old_ends_at is not None:
        until = moment(made.old_ends_at)
        click.echo(f"khóa cũ dùng được đến / the old one holds until {until}")


def _state(key: KeyRow) -> str:
    now = present()
    if key.revoked_at is not None:
        return f"đã thu hồi / revoked {moment(key.revoked_at)}"
    if key.ends_at is None:
        return "dùng được / holds"
    words = "dùng được đến / holds until" if now < key.ends_at else "hết hạn / ended"
    replaced = f", thay bằng / replaced by {key.replaced_by}" if key.replaced_by else ""
    return f"{words} {moment(key.ends_at)}{replaced}"
