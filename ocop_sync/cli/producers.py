"""Producers, and the links by which they sign in: `ocop-sync producers`.

Producers are shown, added and edited in `ocop_sync.cli.producer_values`.
"""

import io
from functools import partial
from pathlib import Path

import click
import segno

from catalog.model.actor import Actor
from catalog.vietnam_time import moment
from ocop_sync.api.forms.identity import link_form, made_link_form
from ocop_sync.cli.app.app import settings_of
from ocop_sync.cli.app.options import (
    AS_JSON,
    BY,
    FORCE,
    ensure_ending,
    ensure_free,
)
from ocop_sync.cli.app.param_types import CODE, TO_WRITE
from ocop_sync.cli.app.with_identity import with_identity
from ocop_sync.cli.producer_values import add, edit, list_, show
from ocop_sync.cli.views.tables import (
    console,
    plain,
    rows_table,
    show_line,
    write_json,
)
from ocop_sync.files import write_text
from ocop_sync.service.identity import links as use_cases
from ocop_sync.service.identity.links import ListedLink, MadeLink

_LOCAL = (
    "liên kết này chỉ mở được trên máy này: đặt serve.public_url / this link opens on"
    " this computer alone: set serve.public_url"
)


@click.group()
def producers() -> None:
    """Cơ sở, và liên kết để họ đăng nhập / producers, and their links to sign in."""


for each in (list_, show, add, edit):
    producers.add_command(each)


@producers.command(
    short_help="Tạo liên kết đăng nhập / Make a link to sign in.",
    epilog="Ví dụ / Example: ocop-sync producers link CS-0001 --by 'Lê B'",
)
@click.argument("producer_id", metavar="PRODUCER-ID", type=CODE)
@click.option(
    "--person",
    "person_id",
    type=CODE,
    metavar="ID",
    help="Cho ai, nếu cơ sở có nhiều người / for whom, where several serve it.",
)
@click.option(
    "--svg",
    type=TO_WRITE,
    metavar="FILE",
    help="Ghi mã QR ra tệp .svg để in / write the QR code to a file, to be printed.",
)
@FORCE
@AS_JSON
@BY
def link(
    *,
    producer_id: str,
    person_id: str | None,
    svg: Path | None,
    force: bool,
    as_json: bool,
    by: Actor,
) -> None:
    """Tạo liên kết và mã QR, dùng được một lần trong 7 ngày / a link for one sign-in.

    Gửi cho đúng người: ai mở trước thì vào. Liên kết mới làm mất liên kết chưa dùng của
    người đó. It is used once, within 7 days, by whoever opens it first; a new one voids
    the unused ones of that person.
    """
    if svg is not None:
        ensure_ending(svg, ".svg")
        ensure_free(svg, force=force)
    public_url = settings_of().serve.public_url
    act = partial(
        use_cases.make_link, producer_id=producer_id, person_id=person_id or "", by=by
    )
    made = with_identity(act)
    form = made_link_form(made, public_url)
    url = form.url
    code = segno.make_qr(url, error="m")
    if svg is not None:
        write_text(svg, code.svg_inline(scale=8, border=4))
    if as_json:
        write_json(form)
        return
    _show(made, url, code)


def _show(made: MadeLink, url: str, code: segno.QRCode) -> None:
    name = f"{plain(made.producer_id)} {plain(made.producer_name)}"
    show_line(f"{name}, {made.person_id}: đến / until {moment(made.ends_at)}")
    if made.is_new_person:
        show_line(
            f"đã thêm {made.person_id}, người đầu tiên của cơ sở / {made.person_id} was"
            " added, the first who serves it"
        )
    if made.voided:
        show_line(f"{made.voided} liên kết cũ hết dùng được / earlier links voided")
    click.echo(url)
    if url.startswith("http://"):
        click.echo(_LOCAL, err=True)
    drawn = io.StringIO()
    code.terminal(drawn, compact=True)
    click.echo(drawn.getvalue())


@producers.command(
    "void-link",
    short_help="Hủy một liên kết chưa dùng / Void an unused link.",
    epilog="Ví dụ / Example: ocop-sync producers void-link 12 --by 'Lê B'",
)
@click.argument("link_id", metavar="NUMBER", type=click.IntRange(1, 2**31 - 1))
@BY
def void_link(*, link_id: int, by: Actor) -> None:
    """Không ai vào được bằng liên kết này nữa / nobody signs in by it any more.

    Nơi đã đăng nhập thì vẫn giữ. Where somebody is signed in stays: see `people
    sign-out`.
    """
    row = with_identity(partial(use_cases.void_link, link_id=link_id, by=by))
    show_line(f"{row.id} {plain(row.producer_id)}: đã hủy / void")


@producers.command(
    short_help="Liên kết đã tạo, ai đã dùng / Links, and their first use.",
    epilog="Ví dụ / Example: ocop-sync producers links CS-0001",
)
@click.argument("producer_id", metavar="[PRODUCER-ID]", type=CODE, required=False)
@AS_JSON
def links(*, producer_id: str | None, as_json: bool) -> None:
    """Các liên kết của mọi cơ sở, hoặc một; dùng lúc nào, máy nào / the links.

    All of them or one producer's; when each was first used, and on which device.
    """
    act = partial(use_cases.listed_links, producer_id=producer_id)
    found = with_identity(act)
    if as_json:
        write_json({"links": list(map(link_form, found))})
        return
    columns = [
        "số\nid",
        "cơ sở\nproducer",
        "người\nperson",
        "tạo\nmade",
        "tình trạng\nstate",
    ]
    table = rows_table("Liên kết đăng nhập / Sign-in links", columns)
    for each in found:
        row = each.row
        made = moment(row.made_at)
        names = (plain(row.producer_id), row.person_id)
        table.add_row(str(row.id), *names, made, plain(_state(each)))
    console().print(table)


def _state(link: ListedLink) -> str:
    row = link.row
    if row.used_at is not None:
        return f"đã dùng / used {moment(row.used_at)}: {row.device}"
    if row.voided_at is not None:
        return f"đã thay / voided {moment(row.voided_at)}"
    words = "dùng được đến / holds until" if link.holds else "hết hạn / ended"
    return f"{words} {moment(row.ends_at)}"
