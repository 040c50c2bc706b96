"""Prices and stock of many packs from a file: `ocop-sync products bulk`."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from catalog.commands.offer_sheet import read_offers
from catalog.commands.offers import OfferOutcome, OfferResult
from catalog.model.actor import Actor
from ocop_sync.api.forms.offers import offer_result_form
from ocop_sync.cli.acting import because
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.on_behalf import FOR, on_behalf
from ocop_sync.cli.app.opened import in_database
from ocop_sync.cli.app.options import AS_JSON, BY, WHY_AS_WELL
from ocop_sync.cli.app.param_types import TO_READ
from ocop_sync.cli.views.listed import listed
from ocop_sync.cli.views.tables import plain, show_line, write_result
from ocop_sync.service.producer.changes import Doing, enter_all_offers

_WORDS = {
    OfferOutcome.APPLIED: "đã ghi / applied",
    OfferOutcome.UNCHANGED: "đã như vậy / unchanged",
    OfferOutcome.CHANGED_MEANWHILE: "đã có người khác sửa / changed meanwhile",
    OfferOutcome.HELD: "giữ lại / held",
    OfferOutcome.NOT_FOUND: "không có mã này / not found",
    OfferOutcome.REFUSED: "không nhận / refused",
}
_TAKEN = frozenset({OfferOutcome.APPLIED, OfferOutcome.UNCHANGED})


@click.command(
    short_help="Giá và tồn kho từ tệp / Prices and stock from a file.",
    epilog="Ví dụ / Example: ocop-sync products bulk gia.csv --by 'Ng. Văn A'",
)
@click.argument("file", type=TO_READ)
@BY
@FOR
@WHY_AS_WELL
@AS_JSON
@click.pass_context
def bulk(
    ctx: click.Context,
    *,
    file: Path,
    by: Actor,
    producer: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Ghi giá, số đếm, tăng giảm kho của nhiều quy cách / of many packs, from FILE.

    FILE là .xlsx hoặc .csv, mỗi dòng một mã hàng: sku, price_vnd, on_hand, counted_at,
    hoặc quantity với reason (made, sold_elsewhere, broken); token xác nhận giá bị giữ;
    seen_price_vnd là giá đã thấy: giá hiện tại khác thì dòng đó chưa được ghi.
    Dòng sai không chặn dòng khác; ô không đọc được thì cả tệp chưa được ghi.

    A pack on each line; seen_price_vnd is the price that was seen: if another one
    stands, that line is not taken. A wrong line stops no other one; with a cell that
    cannot be read nothing is entered. Exit code 3 if a price is held, else 1 if a line
    was not taken.
    """
    acting, reach = on_behalf(because(by, reason), producer)
    with file.open("rb") as stream:
        entries = read_offers(stream)

    doing = Doing(by=acting, reach=reach)
    work = partial(enter_all_offers, entries=entries, doing=doing, clock=present)
    found = run(in_database(settings_of(), work))
    if as_json:
        write_result(listed("items", found, offer_result_form).json_form())
    else:
        _show(found)
    ctx.exit(_exit_of(found))


def _show(found: Sequence[OfferResult]) -> None:
    for each in found:
        why = f": {plain(each.error)}" if each.error else ""
        show_line(f"{plain(each.sku)}: {_WORDS[each.outcome]}{why}")
    taken = sum(each.outcome in _TAKEN for each in found)
    click.echo(f"Tổng cộng / total: {len(found)}; đã nhận / taken: {taken}")


def _exit_of(found: Sequence[OfferResult]) -> Exit:
    outcomes = {each.outcome for each in found}
    if OfferOutcome.HELD in outcomes:
        return Exit.HELD
    return Exit.DONE if outcomes <= _TAKEN else Exit.FAILED
