"""The consent of producers, and what its withdrawal erases: `ocop-sync consent`."""

from functools import partial

import click

from catalog.commands.consent import consent_of, give_consent, withdraw_consent
from catalog.commands.erasure import GOES, STAYS
from catalog.model.actor import Actor
from catalog.model.fact import Fact
from catalog.model.reach import WHOLE_CATALOG
from catalog.values import replace
from catalog.vietnam_time import VIETNAM, moment
from ocop_sync.api.forms.consent import consent_form, erasures_form
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import read_catalog, write_catalog
from ocop_sync.cli.app.options import AS_JSON, BY
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.views.tables import (
    console,
    plain,
    rows_table,
    show_line,
    write_json,
)
from ocop_sync.service.producer.erasure import asked_erasures, confirm_erasure

_ANSWERS = {
    Fact.YES: "đồng ý / consents",
    Fact.NO: "không đồng ý / does not consent",
    Fact.UNKNOWN: "chưa rõ / not known",
}
_producer = click.argument("producer", type=CODE)


@click.group()
def consent() -> None:
    """Sự đồng ý của cơ sở / the consent of producers."""


@consent.command(
    short_help="Cơ sở đồng ý / A producer consents.",
    epilog="Ví dụ / Example: ocop-sync consent give CS-0001 --by 'Ng. Văn A'",
)
@_producer
@BY
def give(*, producer: str, by: Actor) -> None:
    """Ghi PRODUCER đồng ý / record that it consents to be listed."""
    acting = replace(by, acts_for=producer)
    act = partial(give_consent, producer_id=producer, reach=WHOLE_CATALOG, by=acting)
    run(write_catalog(settings_of(), act))
    show_line(f"{plain(producer)}: đồng ý đăng bán / consents to be listed")


@consent.command(
    short_help="Cơ sở rút đồng ý / A producer withdraws it.",
    epilog="Ví dụ / Example: ocop-sync consent withdraw CS-0001 --by 'Ng. Văn A'",
)
@_producer
@BY
def withdraw(*, producer: str, by: Actor) -> None:
    """Ghi PRODUCER rút đồng ý / record that it consents no longer.

    Lần đồng bộ tới gỡ hết tin. The next sync ends the sale.

    Sau 72 giờ, dữ liệu về người của cơ sở được xóa khi có người xác nhận (`consent
    erase`). After 72 hours what tells of its people is erased, once a person confirms
    that.
    """
    acting = replace(by, acts_for=producer)
    act = partial(
        withdraw_consent, producer_id=producer, reach=WHOLE_CATALOG, by=acting
    )
    found = run(write_catalog(settings_of(), act))
    asked = found.erasure
    due = moment(asked.due_at.astimezone(VIETNAM)) if asked else "?"
    show_line(
        f"{plain(producer)}: đã rút đồng ý; xóa dữ liệu được từ {due} / consent is"
        " withdrawn; an erasure may be confirmed from then on"
    )


@consent.command(
    short_help="Một cơ sở có đồng ý không / The consent of a producer.",
    epilog="Ví dụ / Example: ocop-sync consent show CS-0001",
)
@_producer
@AS_JSON
def show(*, producer: str, as_json: bool) -> None:
    """PRODUCER có đồng ý đăng bán không / whether it consents to be listed."""
    query = partial(consent_of, producer_id=producer, reach=WHOLE_CATALOG)
    found = run(read_catalog(settings_of(), query))
    if as_json:
        write_json(consent_form(found))
        return
    day = f" ({found.on:%d/%m/%Y})" if found.on else ""
    show_line(f"{plain(found.producer_id)}: {_ANSWERS[found.value]}{day}")
    asked = found.erasure
    if asked is not None and asked.ended_at is None:
        due = moment(asked.due_at.astimezone(VIETNAM))
        show_line(f"xóa dữ liệu được từ {due} / an erasure may be confirmed from then")


@consent.command(
    short_help="Những cơ sở chờ xóa dữ liệu / Erasures that are asked for.",
    epilog="Ví dụ / Example: ocop-sync consent erasures",
)
@AS_JSON
def erasures(*, as_json: bool) -> None:
    """Những cơ sở đã rút đồng ý, chờ xóa dữ liệu / erasures that wait for a person."""
    found = run(read_catalog(settings_of(), partial(asked_erasures, now=present())))
    if as_json:
        write_json(erasures_form(found))
        return
    columns = ("Mã / Id", "Cơ sở / Producer", "Rút / Withdrawn", "Xóa từ / From")
    table = rows_table("Chờ xóa dữ liệu / Erasures asked for", columns)
    for each in found:
        withdrawn, due = (
            moment(at.astimezone(VIETNAM)) for at in (each.withdrawn_at, each.due_at)
        )
        ready = " (đến hạn / due)" if each.is_due else ""
        row = (plain(each.producer_id), plain(each.name), withdrawn, due + ready)
        table.add_row(*row)
    console().print(table)
    if found:
        for heading, told in (("Xóa / Goes", GOES), ("Giữ / Stays", STAYS)):
            for vi, en in told:
                show_line(f"{heading}: {vi} / {en}")


@consent.command(
    short_help="Xác nhận xóa / Confirm an erasure.",
    epilog="Ví dụ / Example: ocop-sync consent erase CS-0001 --by 'Ng. Văn A'",
)
@_producer
@BY
def erase(*, producer: str, by: Actor) -> None:
    """Xác nhận xóa dữ liệu về người của PRODUCER / confirm the erasure.

    Xóa địa chỉ, tên (trừ công ty, hợp tác xã), tên người của cơ sở, mô tả, nhãn và ảnh
    sản phẩm; giữ xã, quyết định công nhận. `consent erasures` kể đủ. Không lấy lại
    được. Erases addresses, the name (unless it is a firm or a cooperative), the names
    of its people, texts and pictures of its products; communes and certificates stay.
    `consent erasures` lists all of it. It cannot be undone.
    """
    act = partial(confirm_erasure, producer_id=producer, by=by)
    number = run(write_catalog(settings_of(), act))
    show_line(f"{plain(producer)}: đã xóa / erased ({number} người / people)")
