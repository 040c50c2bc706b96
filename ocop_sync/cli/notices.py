"""Notices that were sent, that wait, and that were given up: `ocop-sync notices`."""

from collections.abc import Sequence
from functools import partial

import click

from catalog.model.actor import Actor
from catalog.vietnam_time import moment
from ocop_sync.api.forms.notices import NoticeList, notice_form
from ocop_sync.bootstrap.notices import senders_of
from ocop_sync.cli.app.app import as_input, run, settings_of
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import in_database
from ocop_sync.cli.app.options import AS_JSON, BY
from ocop_sync.cli.app.param_types import NUMBER
from ocop_sync.cli.views.tables import console, plain, rows_table, show_line, write_json
from ocop_sync.service.notices import log
from ocop_sync.service.notices.log import NoticeEntry
from ocop_sync.store.notices import Delivery, DeliveryState

_STATES = {
    DeliveryState.WAITING: "chờ gửi / waits",
    DeliveryState.SENT: "đã gửi / sent",
    DeliveryState.DEAD: "đã thôi gửi / given up",
}
_NO_WAY = (
    "Chưa có cách gửi nào: đặt webhook.url hoặc mail.host / No way is set: see"
    " webhook.url and mail.host"
)

_number = click.argument("number", type=NUMBER, metavar="N")


@click.group()
def notices() -> None:
    """Thông báo bằng webhook và thư / notices by webhook and e-mail."""


@notices.command(
    "list",
    short_help="Liệt kê, mới nhất trước / List, the newest first.",
    epilog="Ví dụ / Example: ocop-sync notices list",
)
@click.option(
    "--before",
    type=NUMBER,
    metavar="N",
    help="Chỉ các thông báo trước số N / only those before number N.",
)
@AS_JSON
def list_(*, before: int | None, as_json: bool) -> None:
    """Thông báo mới nhất trước, tối đa 200 / the newest first, 200 at most.

    Mỗi việc được báo một lần khi bắt đầu và một lần khi hết. Each thing is told once
    when it begins, and once when it ends.
    """
    work = partial(log.notice_log, before=before)
    found = run(in_database(settings_of(), work))
    if as_json:
        write_json(NoticeList(notices=tuple(map(notice_form, found))))
    else:
        _show_list(found)


@notices.command(
    short_help="Một thông báo / One notice.",
    epilog="Ví dụ / Example: ocop-sync notices show 12",
)
@_number
@AS_JSON
def show(*, number: int, as_json: bool) -> None:
    """Một thông báo: lời, cách gửi, lỗi / one notice: words, ways, errors."""
    with as_input():
        work = partial(log.notice_entry, number=number)
        found = run(in_database(settings_of(), work))
    if as_json:
        write_json(notice_form(found))
        return
    for words in (found.message.title, found.message.text):
        show_line(plain(words.vi))
        show_line(plain(words.en))
    for each in found.deliveries:
        show_line(f"{each.sender}: {_told(each)}")


@notices.command(
    short_help="Gửi lại / Send again.",
    epilog="Ví dụ / Example: ocop-sync notices retry 12 --by 'Ng. Văn A'",
)
@_number
@BY
def retry(*, number: int, by: Actor) -> None:
    """Gửi lại theo những cách chưa tới nơi / send it again where it has not arrived.

    `worker` gửi trong vài giây. The `worker` sends it within seconds.
    """
    with as_input():
        work = partial(log.send_again, clock=present, number=number, by=by)
        count = run(in_database(settings_of(), work))
    show_line(f"{count} cách sẽ được gửi lại / ways are tried again")


@notices.command(
    short_help="Gửi thử một thông báo / Send one to try.",
    epilog="Ví dụ / Example: ocop-sync notices test",
)
@AS_JSON
@click.pass_context
def test(ctx: click.Context, *, as_json: bool) -> None:
    """Gửi ngay một thông báo thử theo mỗi cách đã đặt / send one by each way, at once.

    Mã thoát 1 nếu có cách không gửi được. Exit code 1 if one of them does not arrive.
    """
    senders = senders_of(settings_of())
    if not senders:
        raise click.UsageError(_NO_WAY)
    tried = run(log.try_senders(senders, present, simulated=False))
    if as_json:
        write_json({each.sender: each.error or None for each in tried})
    else:
        for each in tried:
            said = each.error and f"KHÔNG GỬI ĐƯỢC / not sent: {plain(each.error)}"
            show_line(f"{each.sender}: {said or 'đã gửi / sent'}")
    ctx.exit(Exit.FAILED if any(each.error for each in tried) else Exit.DONE)


def _show_list(found: Sequence[NoticeEntry]) -> None:
    columns = ("số / no.", "lúc / at", "thông báo / notice", "gửi / sending")
    table = rows_table("", columns)
    for each in found:
        title = each.message.title
        table.add_row(
            str(each.notice.id),
            moment(each.notice.made_at),
            plain(f"{title.vi}\n{title.en}"),
            "\n".join(f"{one.sender}: {_told(one)}" for one in each.deliveries) or "-",
        )
    console().print(table)


def _told(each: Delivery) -> str:
    error = f" ({plain(each.error)})" if each.error else ""
    return f"{_STATES[each.state]}, {each.attempts}x{error}"
