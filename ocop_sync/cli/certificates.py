"""The certificates of a product, and a person's word: `ocop-sync certificates`."""

from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from typing import Any

import click

from catalog.commands.certificate_history import certificate_history
from catalog.commands.correct import Which, correct_day, restore, void
from catalog.imports.answers import answer_authority
from catalog.model.actor import Actor
from catalog.model.product import Product
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.forms.certificates import certificates_form
from ocop_sync.bootstrap import rules_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import read_catalog, write_catalog
from ocop_sync.cli.app.options import AS_JSON, BY, WHY
from ocop_sync.cli.app.param_types import CODE, Day
from ocop_sync.cli.views.certificates import show_certificates
from ocop_sync.cli.views.tables import plain, show_line, some_of, write_json

_YEARS = click.IntRange(2000, 2100)

_product = click.argument("product", type=CODE)
_decision = click.option(
    "--decision",
    type=CODE,
    default="",
    help="Số quyết định; bỏ trống: giấy không có số / number of the decision; left out:"
    " the one without a number.",
)
_year = click.option(
    "--year",
    type=_YEARS,
    help="Năm của quyết định, nếu số chưa đủ rõ / its year, where needed.",
)
_dated = click.option(
    "--dated",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Ngày đang ghi của quyết định, nếu số và năm chưa đủ rõ / its day as it is"
    " known, where number and year are not enough.",
)


def _of_certificate(command: Callable[..., None]) -> Callable[..., None]:
    """Let *command* take a product, and which of its certificates is meant."""

    @wraps(command)
    def given(
        *args: Any,
        decision: str,
        year: int | None,
        dated: datetime | None,
        **more: Any,
    ) -> None:
        day = None if dated is None else dated.date()
        which = Which(decision=decision, year=year, dated=day)
        command(*args, which=which, **more)

    for option in (_dated, _year, _decision, _product):
        given = option(given)
    return given


@click.group()
def certificates() -> None:
    """Giấy chứng nhận của một sản phẩm, và lịch sử sửa / certificates, and changes."""


@certificates.command(
    short_help="Xem, kèm lịch sử sửa / Show them, with what was changed.",
    epilog="Ví dụ / Example: ocop-sync certificates show SP-00001",
)
@_product
@AS_JSON
def show(*, product: str, as_json: bool) -> None:
    """Mọi giấy chứng nhận của PRODUCT (mã hàng hoặc mã sản phẩm) / all of a product's.

    Rồi từng lần sửa: lúc nào, ai, trước và sau. Then each change: when, by whom,
    before and after.
    """
    settings = settings_of()
    work = partial(
        certificate_history,
        code=product,
        validity=rules_of(settings).tables.validity,
        day=day_in_vietnam(present()),
    )
    found = run(read_catalog(settings, work))
    if as_json:
        write_json(certificates_form(found))
    else:
        show_certificates(found)


@certificates.command(
    short_help="Đính chính ngày quyết định / Correct the day of a decision.",
    epilog="Ví dụ / Example: ocop-sync certificates correct SP-00001"
    " --decision 12/QĐ-UBND --day 01/06/2024 --by 'Ng. Văn A'",
)
@_of_certificate
@click.option(
    "--day",
    type=Day(),
    metavar="DD/MM/YYYY",
    required=True,
    help="Ngày đúng / its day.",
)
@BY
def correct(*, product: str, which: Which, day: datetime, by: Actor) -> None:
    """Đính chính ngày của một quyết định, cả khi sang năm khác / correct its day.

    Ngày cũ, ai sửa và lúc nào được giữ lại. The old day is kept, with who has
    corrected it and when; it may be one of another year.
    """
    work = partial(correct_day, code=product, which=which, day=day.date(), by=by)
    found = run(write_catalog(settings_of(), work))
    _tell(found, f"ngày quyết định / the day is now {day:%d/%m/%Y}")


@certificates.command(
    "void",
    short_help="Hủy bỏ giấy ghi nhầm / Void one entered by mistake.",
    epilog="Ví dụ / Example: ocop-sync certificates void SP-00001"
    " --decision 12/QĐ-UBND --by 'Ng. Văn A' --reason 'ghi nhầm sản phẩm'",
)
@_of_certificate
@BY
@WHY
def void_(*, product: str, which: Which, by: Actor, reason: str) -> None:
    """Hủy bỏ một giấy chứng nhận ghi nhầm / void one that was entered by mistake.

    Nó không còn được tính, nhưng vẫn xem được, kèm ai, lúc nào, vì sao; bảng nêu lại
    nó thì được hỏi. Quyết định thu hồi không phải là ghi nhầm.

    It counts as if it had never been there and stays to be read, with who, when and
    why; a sheet that names it again is asked about. A revocation is no mistake.
    """
    work = partial(void, code=product, which=which, by=by, reason=reason)
    found = run(write_catalog(settings_of(), work))
    _tell(found, "đã hủy bỏ giấy chứng nhận ghi nhầm / the certificate is voided")


@certificates.command(
    "restore",
    short_help="Khôi phục giấy hủy nhầm / Restore one that was voided.",
    epilog="Ví dụ / Example: ocop-sync certificates restore SP-00001"
    " --decision 12/QĐ-UBND --by 'Ng. Văn A' --reason 'hủy nhầm'",
)
@_of_certificate
@BY
@WHY
def restore_(*, product: str, which: Which, by: Actor, reason: str) -> None:
    """Khôi phục một giấy chứng nhận đã hủy bỏ / let a voided one count again."""
    work = partial(restore, code=product, which=which, by=by, reason=reason)
    found = run(write_catalog(settings_of(), work))
    _tell(found, "đã khôi phục giấy chứng nhận / the certificate counts again")


@certificates.command(
    short_help="Ghi cấp đã ra một quyết định / Say who took a decision.",
    epilog="Ví dụ / Example: ocop-sync certificates authority 12/QĐ-UBND"
    " --day 01/06/2024 --level huyện --by 'Ng. Văn A'",
)
@click.argument("decision", type=CODE)
@click.option(
    "--day",
    type=Day(),
    metavar="DD/MM/YYYY",
    required=True,
    help="Ngày quyết định / its day.",
)
@click.option(
    "--level",
    type=click.Choice(("huyện", "tỉnh", "trung ương")),
    required=True,
    help="Cấp ra quyết định / who took it.",
)
@BY
def authority(*, decision: str, day: datetime, level: str, by: Actor) -> None:
    """Ghi cấp ra DECISION cho mọi giấy chứng nhận còn thiếu / for all that lack it.

    Giấy đã ghi cấp khác giữ nguyên. A certificate with another authority stays as it
    is.
    """
    work = partial(
        answer_authority, decision=decision, day=day.date(), body=level, by=by
    )
    changed = run(write_catalog(settings_of(), work))
    named = f": {some_of(changed)}" if changed else ""
    click.echo(
        f"{decision}, {day:%d/%m/%Y}: {level}, {len(changed)} sản phẩm / products"
        + named
    )


def _tell(product: Product, said: str) -> None:
    """Name the act, and its subject: numbers are easily mistaken."""
    name = f"{plain(product.id)} {plain(product.name)}"
    show_line(f"{name}: {said}")
