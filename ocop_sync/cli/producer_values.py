"""Producers shown, added and edited: `ocop-sync producers list`, `add`, `edit`."""

from collections.abc import AsyncIterator
from functools import partial

import click

from catalog.commands.producers import PLACE_WORDS, PRODUCER_FIELDS, ProducerEdit
from catalog.model.actor import Actor
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.api.forms.producers import OneProducerForm, one_producer_form
from ocop_sync.cli.acting import because, carry_out, some_texts_of, texts_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.opened import read_catalog, shown_while_read
from ocop_sync.cli.app.options import AS_JSON, BY, CONFIRM, WHY_AS_WELL
from ocop_sync.cli.app.param_types import CELL, CODE
from ocop_sync.cli.views.listed import Listed, as_shown
from ocop_sync.cli.views.tables import (
    console,
    indented,
    plain,
    show_line,
    write_json,
    write_result_as_read,
)
from ocop_sync.service.department import producers as use_cases
from ocop_sync.service.department.producers import (
    ListedProducer,
    all_producers,
    one_producer,
)

_NAMES = (*PRODUCER_FIELDS, *PLACE_WORDS)
_OTHERS = tuple(each for each in _NAMES if each != "producer_name")
_producer = click.argument("producer", type=CODE)


@click.command(
    "list",
    short_help="Mọi cơ sở / All producers.",
    epilog="Ví dụ / Example: ocop-sync producers list",
)
@AS_JSON
def list_(*, as_json: bool) -> None:
    """Mọi cơ sở theo mã, và số sản phẩm / all producers, with how many products."""
    show = _write_all if as_json else _show_all
    run(read_catalog(settings_of(), shown_while_read(all_producers, show)))


@click.command(
    "show",
    short_help="Một cơ sở / One producer.",
    epilog="Ví dụ / Example: ocop-sync producers show CS-0001",
)
@_producer
@AS_JSON
def show(*, producer: str, as_json: bool) -> None:
    """PRODUCER: tên, loại hình, địa chỉ, xã / its name, legal form and places."""
    query = partial(one_producer, producer_id=producer, reach=WHOLE_CATALOG)
    form = one_producer_form(run(read_catalog(settings_of(), query)).listed)
    if as_json:
        write_json(form)
    else:
        _show(form)


@click.command(
    short_help="Thêm cơ sở / Add a producer.",
    epilog="Ví dụ / Example: ocop-sync producers add 'HTX Mẫu' --set producer_kind HTX"
    " --set address 'Thôn Mẫu' --by 'Ng. Văn A'",
)
@click.argument("name", type=CELL)
@click.option(
    "--set",
    "values",
    type=(click.Choice(_OTHERS), CELL),
    metavar="FIELD TEXT",
    multiple=True,
    help="Một ô và chữ của nó, lặp lại được / a field and its text, may be repeated:"
    f" {', '.join(_OTHERS)}.",
)
@CONFIRM
@BY
@WHY_AS_WELL
@AS_JSON
def add(
    *,
    name: str,
    values: tuple[tuple[str, str], ...],
    token: str,
    by: Actor,
    reason: str,
    as_json: bool,
) -> None:
    """Thêm cơ sở NAME / add a producer.

    Ô được kiểm như khi nạp bảng; địa chỉ ở tỉnh khác bị từ chối. Tên gần giống cơ sở
    khác thì bị giữ lại, kèm mã xác nhận (mã thoát 3). Sự đồng ý ghi bằng consent give.

    Values are checked as in a sheet; a place in another province is refused. A name
    that is nearly another's is held, with a token (exit code 3). Consent is recorded by
    `consent give`.
    """
    given = {"producer_name": name, **texts_of(values)}
    new, acting = ProducerEdit(values=given, token=token), because(by, reason)
    found = carry_out(
        lambda deployment: use_cases.add_producer(deployment, new, acting),
        as_json=as_json,
    )
    form = one_producer_form(found.listed)
    if as_json:
        write_json(form)
    else:
        show_line(f"{plain(form.id)}: đã thêm / added: {plain(form.name)}")


@click.command(
    short_help="Sửa một cơ sở / Edit a producer.",
    epilog="Ví dụ / Example: ocop-sync producers edit CS-0001 --set address 'Thôn Mẫu'"
    " --by 'Ng. Văn A'",
)
@_producer
@click.option(
    "--set",
    "values",
    type=(click.Choice(_NAMES), CELL),
    metavar="FIELD TEXT",
    multiple=True,
    help="Một ô và chữ mới, '' để xóa; lặp lại được / a field and its text, '' clears"
    f" it; may be repeated: {', '.join(_NAMES)}.",
)
@CONFIRM
@BY
@WHY_AS_WELL
@AS_JSON
def edit(
    *,
    producer: str,
    values: tuple[tuple[str, str], ...],
    token: str,
    by: Actor,
    reason: str,
    as_json: bool,
) -> None:
    """Sửa tên, loại hình, địa chỉ, xã của PRODUCER / edit a producer.

    Ô được kiểm như khi nạp bảng. Điều đáng ngờ bị giữ lại, kèm mã xác nhận (mã thoát
    3). Values are checked as in a sheet. What is doubtful is held, with a token (exit
    code 3).
    """
    wanted = ProducerEdit(values=some_texts_of(values), token=token)
    acting = because(by, reason)
    found = carry_out(
        lambda deployment: use_cases.edit_producer(
            deployment, producer, wanted, acting
        ),
        as_json=as_json,
    )
    if as_json:
        write_json(one_producer_form(found.listed))
    elif found.is_changed:
        show_line(f"{plain(producer)}: đã sửa / edited")
    else:
        show_line(f"{plain(producer)}: đã như vậy / it is so already")


async def _write_all(found: AsyncIterator[ListedProducer]) -> None:
    rows = as_shown(found, one_producer_form)
    await write_result_as_read(Listed("producers", rows))


async def _show_all(found: AsyncIterator[ListedProducer]) -> None:
    count = 0
    async for each in found:
        count += 1
        maker = each.producer
        kind = f" ({maker.kind.value})" if maker.kind.value else ""
        show_line(
            f"{plain(maker.id)} {plain(maker.name)}{kind}: {each.products} sản phẩm"
            " / products"
        )
    click.echo(f"Tổng cộng / total: {count}")


def _show(form: OneProducerForm) -> None:
    show_line(f"[b]{plain(form.id)}[/b] {plain(form.name)}")
    out = console()
    for name, text in form.values.items():
        if text and name != "producer_name":
            out.print(indented(f"{name}: {text}"))
    out.print(indented(f"sản phẩm / products: {form.products}"))
