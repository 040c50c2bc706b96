"""The certificates of a product, as they are: `ocop-sync certificates`."""

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial

import click

from catalog.commands.certificate_history import CertificateState, certificate_history
from catalog.commands.certify.acts import LEVELS
from catalog.imports.answers import answer_authority
from catalog.model.actor import Actor
from catalog.queries.certificates import (
    ChosenCertificates,
    ListedCertificate,
    all_certificates,
)
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.forms.certificates import certificates_form, listed_certificate_form
from ocop_sync.bootstrap import rules_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import read_catalog, shown_while_read, write_catalog
from ocop_sync.cli.app.options import AS_JSON, BY
from ocop_sync.cli.app.param_types import CODE, Day
from ocop_sync.cli.certificate_acts import COMMANDS
from ocop_sync.cli.views.certificates import show_all_certificates, show_certificates
from ocop_sync.cli.views.listed import Listed, as_shown
from ocop_sync.cli.views.tables import some_of, write_json, write_result_as_read

_product = click.argument("product", type=CODE)


@click.group()
def certificates() -> None:
    """Giấy chứng nhận: xem, và quyết định / certificates, and decisions on them."""


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
    "list",
    short_help="Mọi giấy chứng nhận / All certificates.",
    epilog="Ví dụ / Example: ocop-sync certificates list --state valid --stars 5",
)
@click.option(
    "--state",
    type=click.Choice([each.value for each in CertificateState]),
    help="Tình trạng hôm nay / what they are today.",
)
@click.option("--stars", type=click.IntRange(1, 5), help="Hạng sao / their stars.")
@click.option("--level", type=click.Choice(LEVELS), help="Cấp ra quyết định / by whom.")
@click.option(
    "--decision",
    type=CODE,
    metavar="NUMBER",
    help="Số quyết định công nhận hoặc thu hồi / the number that grants or revokes.",
)
@click.option(
    "--ends-from",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Hết hạn từ ngày này / they end on this day or later.",
)
@click.option(
    "--ends-to",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Hết hạn đến ngày này / they end on this day or earlier.",
)
@AS_JSON
def list_(
    *,
    state: str | None,
    stars: int | None,
    level: str | None,
    decision: str | None,
    ends_from: datetime | None,
    ends_to: datetime | None,
    as_json: bool,
) -> None:
    """Giấy chứng nhận của mọi sản phẩm, kể cả hết hạn, bị thu hồi / of all products.

    Theo mã sản phẩm. By product, ended, revoked and voided ones included.
    """
    settings = settings_of()
    query = partial(
        all_certificates,
        chosen=ChosenCertificates(
            state=None if state is None else CertificateState(state),
            stars=stars,
            body=level or "",
            decision=decision or "",
            ends_from=None if ends_from is None else ends_from.date(),
            ends_to=None if ends_to is None else ends_to.date(),
        ),
        validity=rules_of(settings).tables.validity,
        day=day_in_vietnam(present()),
    )
    show = _write_all if as_json else show_all_certificates
    run(read_catalog(settings, shown_while_read(query, show)))


async def _write_all(found: AsyncIterator[ListedCertificate]) -> None:
    rows = as_shown(found, listed_certificate_form)
    await write_result_as_read(Listed("certificates", rows))


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


for _act in COMMANDS:
    certificates.add_command(_act)
