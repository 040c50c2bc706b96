"""The department decides on certificates: `ocop-sync certificates grant` and others."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click

from catalog.commands.certify.acts import (
    FEWEST_STARS,
    LEVELS,
    MOST_STARS,
    CertificateAct,
)
from catalog.commands.certify.correction import Correction, Restoring, Voiding
from catalog.commands.certify.grant import Grant
from catalog.commands.certify.revocation import Revocation
from catalog.commands.certify.which import Which
from catalog.commands.product_list import read_codes
from catalog.model.actor import Actor
from ocop_sync.api.forms.certificate_decisions import certificate_decision_form
from ocop_sync.cli.app.app import as_input, run, settings_of
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.app.options import AS_JSON, BY, CONFIRM, WHY, WHY_AS_WELL
from ocop_sync.cli.app.param_types import CODE, NUMBER, TO_READ, Day
from ocop_sync.cli.views.certificates import show_certificate_decision, show_held
from ocop_sync.cli.views.tables import write_json
from ocop_sync.errors import HeldCertificatesError
from ocop_sync.service.decisions.certificates import (
    CertificateDecision,
    CertificateEntry,
    UndoEntry,
    decide_certificates,
    undo_certificates,
)
from ocop_sync.service.deployment import Deployment

_YEARS = click.IntRange(2000, 2100)
_PRODUCTS = click.argument("products", type=CODE, nargs=-1, metavar="[PRODUCT]...")
_FILE = click.option(
    "--file",
    type=TO_READ,
    metavar="FILE",
    help="Thêm mã sản phẩm từ tệp .xlsx hoặc .csv, mỗi dòng một mã / more products,"
    " from a workbook or a CSV file, a code on each line.",
)
_CHECK = click.option(
    "--check",
    is_flag=True,
    help="Chỉ xem sẽ ra sao, không ghi / only tell what it does, enter nothing.",
)
_NUMBER = click.option(
    "--decision",
    type=CODE,
    required=True,
    metavar="NUMBER",
    help="Số quyết định / number of the decision.",
)
_DAY = click.option(
    "--day",
    type=Day(),
    metavar="DD/MM/YYYY",
    required=True,
    help="Ngày quyết định / its day.",
)
_STARS = click.IntRange(FEWEST_STARS, MOST_STARS)
_LEVEL = click.option(
    "--level",
    type=click.Choice(LEVELS),
    help="Cấp ra quyết định; bỏ trống nếu số, ngày và sao đã nói lên / who has decided;"
    " left out where number, day and stars leave but one.",
)
_WHICH = (
    click.option(
        "--decision",
        type=CODE,
        metavar="NUMBER",
        help="Số quyết định đang ghi; bỏ trống: giấy không có số / its number as it is"
        " known; left out: the one without a number.",
    ),
    click.option(
        "--year",
        type=_YEARS,
        help="Năm của quyết định, nếu số chưa đủ rõ / its year, where needed.",
    ),
    click.option(
        "--dated",
        type=Day(),
        metavar="DD/MM/YYYY",
        help="Ngày đang ghi của quyết định, nếu số và năm chưa đủ rõ / its day as it is"
        " known, where number and year are not enough.",
    ),
)


def _of_products(command: Callable[..., CertificateAct]) -> Callable[..., None]:
    """Let *command* make an act, which is then entered for products."""

    @wraps(command)
    def given(
        *,
        products: Sequence[str],
        file: Path | None,
        token: str,
        check: bool,
        by: Actor,
        as_json: bool,
        **more: Any,
    ) -> None:
        act = command(**more)
        codes = [*products, *_codes_in(file)]
        if not codes:
            message = "phải ghi mã sản phẩm hoặc --file / name products, or --file"
            raise click.UsageError(message)
        entry = CertificateEntry(
            act=act, products=codes, by=by, token=token, only_check=check
        )
        _enter(partial(decide_certificates, entry=entry), as_json=as_json)

    made: Callable[..., None] = given
    for option in (AS_JSON, BY, _CHECK, CONFIRM, _FILE, _PRODUCTS):
        made = option(made)
    return made


def _of_certificate(
    command: Callable[..., CertificateAct],
) -> Callable[..., CertificateAct]:
    """Let *command* take which of the certificates of each product is meant."""

    @wraps(command)
    def given(
        *,
        decision: str | None,
        year: int | None,
        dated: datetime | None,
        **more: Any,
    ) -> CertificateAct:
        day = None if dated is None else dated.date()
        return command(
            which=Which(decision=decision or "", year=year, dated=day), **more
        )

    made: Callable[..., CertificateAct] = given
    for option in reversed(_WHICH):
        made = option(made)
    return made


@click.command(
    short_help="Cấp sao theo quyết định / Grant stars by a decision.",
    epilog="Ví dụ / Example: ocop-sync certificates grant SP-00001 SP-00002"
    " --decision 12/QĐ-UBND --day 01/06/2026 --stars 4 --level tỉnh --by 'Ng. Văn A'",
)
@_of_products
@_NUMBER
@_DAY
@click.option("--stars", type=_STARS, required=True, help="Hạng sao / the stars.")
@_LEVEL
@WHY_AS_WELL
def grant(
    *, decision: str, day: datetime, stars: int, level: str | None, reason: str
) -> CertificateAct:
    """Ghi giấy chứng nhận mới, có hạn 36 tháng / enter a new one, for 36 months.

    Nhiều sản phẩm thì tất cả hoặc không sản phẩm nào. Việc gỡ bớt của người mua, điều
    chưa chắc, hoặc nhiều sản phẩm: trước hết xem sẽ ra sao (mã thoát 3), rồi --confirm.

    All products or none. What takes from buyers, is doubtful, or is for several
    products, is told first (exit code 3); --confirm enters it.
    """
    return _granted(decision, day, stars, level, reason, renews=False)


@click.command(
    short_help="Đánh giá lại: sao mới, hạn mới / Re-assess: stars and term.",
    epilog="Ví dụ / Example: ocop-sync certificates reassess --file ds.xlsx"
    " --decision 13/QĐ-UBND --day 01/06/2026 --stars 3 --level tỉnh --by 'Ng. Văn A'",
)
@_of_products
@_NUMBER
@_DAY
@click.option("--stars", type=_STARS, required=True, help="Hạng sao / the stars.")
@_LEVEL
@WHY_AS_WELL
def reassess(
    *, decision: str, day: datetime, stars: int, level: str | None, reason: str
) -> CertificateAct:
    """Ghi kết quả đánh giá lại của sản phẩm đã có sao / enter a re-assessment.

    Giấy cũ vẫn xem được; từ ngày quyết định mới, sao và hạn tính theo giấy mới. Hỏi lại
    như `grant`.

    The old certificate stays to be read; from the day of the new one its stars and its
    term count. It is told first as with `grant`.
    """
    return _granted(decision, day, stars, level, reason, renews=True)


def _granted(
    decision: str,
    day: datetime,
    stars: int,
    level: str | None,
    reason: str,
    *,
    renews: bool,
) -> Grant:
    return Grant(
        decision=decision,
        day=day.date(),
        stars=stars,
        body=level or "",
        renews=renews,
        reason=reason,
    )


@click.command(
    short_help="Đính chính giấy ghi sai / Correct a slip.",
    epilog="Ví dụ / Example: ocop-sync certificates correct SP-00001"
    " --decision 12/QĐ-UBND --day 01/06/2024 --by 'Ng. Văn A'",
)
@_of_products
@_of_certificate
@click.option("--number", type=CODE, help="Số đúng / its number.")
@click.option("--day", type=Day(), metavar="DD/MM/YYYY", help="Ngày đúng / its day.")
@click.option("--stars", type=_STARS, help="Hạng sao đúng / its stars.")
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    help="Cấp ra quyết định đúng / who has decided.",
)
@click.option(
    "--revoked-by",
    type=CODE,
    metavar="NUMBER",
    help="Số quyết định thu hồi đúng / the number of the revoking decision.",
)
@click.option(
    "--revoked-on",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Ngày thu hồi đúng / the day from which it is revoked.",
)
@WHY_AS_WELL
def correct(
    *,
    which: Which,
    number: str | None,
    day: datetime | None,
    stars: int | None,
    level: str | None,
    revoked_by: str | None,
    revoked_on: datetime | None,
    reason: str,
) -> CertificateAct:
    """Đính chính số, ngày, sao, cấp của giấy ghi sai / put right what was a slip.

    Điều ghi sai được giữ trong lịch sử, với ai sửa và lúc nào; ngày có thể sang năm
    khác. Số liệu của những ngày đã qua không đổi. Ít sao hơn hoặc hết hạn sớm hơn thì
    hỏi lại như `grant`.

    The slip is kept in the history, with who has corrected it and when; figures of past
    days stay. Fewer stars, or an earlier end, are told first as with `grant`.
    """
    return Correction(
        which=which,
        decision=number or "",
        day=_day(day),
        stars=stars,
        body=level or "",
        revoked_by=revoked_by or "",
        revoked_on=_day(revoked_on),
        reason=reason,
    )


@click.command(
    "void",
    short_help="Hủy bỏ giấy ghi nhầm / Void one entered by mistake.",
    epilog="Ví dụ / Example: ocop-sync certificates void SP-00001"
    " --decision 12/QĐ-UBND --by 'Ng. Văn A' --reason 'ghi nhầm sản phẩm'",
)
@_of_products
@_of_certificate
@WHY
def void_(*, which: Which, reason: str) -> CertificateAct:
    """Hủy bỏ một giấy chứng nhận ghi nhầm / void one that was entered by mistake.

    Nó không còn được tính, nhưng vẫn xem được, kèm ai, lúc nào, vì sao; bảng nêu lại
    nó thì được hỏi. Quyết định thu hồi không phải là ghi nhầm. Trước hết xem sẽ gỡ gì
    (mã thoát 3), rồi --confirm.

    It counts as if it had never been there and stays to be read, with who, when and
    why; a sheet that names it again is asked about. A revocation is no mistake. What it
    takes is told first (exit code 3); --confirm enters it.
    """
    return Voiding(which=which, reason=reason)


@click.command(
    "restore",
    short_help="Khôi phục giấy hủy nhầm / Restore one that was voided.",
    epilog="Ví dụ / Example: ocop-sync certificates restore SP-00001"
    " --decision 12/QĐ-UBND --by 'Ng. Văn A' --reason 'hủy nhầm'",
)
@_of_products
@_of_certificate
@WHY
def restore_(*, which: Which, reason: str) -> CertificateAct:
    """Khôi phục một giấy chứng nhận đã hủy bỏ / let a voided one count again."""
    return Restoring(which=which, reason=reason)


@click.command(
    short_help="Thu hồi theo quyết định / Revoke by a decision.",
    epilog="Ví dụ / Example: ocop-sync certificates revoke SP-00001"
    " --decision 99/QĐ-UBND --day 20/11/2026 --by 'Ng. Văn A'",
)
@_of_products
@_NUMBER
@_DAY
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    help="Cấp ra quyết định, ghi vào sổ / who has decided, for the audit.",
)
@WHY_AS_WELL
def revoke(
    *, decision: str, day: datetime, level: str | None, reason: str
) -> CertificateAct:
    """Thu hồi giấy chứng nhận đang có hiệu lực vào ngày đó / revoke what is in force.

    Lần đồng bộ tới gỡ tin, ngoài mức được gỡ. Trước hết xem gỡ bao nhiêu tin ở sàn nào
    (mã thoát 3), rồi --confirm. Số liệu của những ngày đã qua không đổi.

    The next sync withdraws the listings, outside the budget. How many, and where, is
    told first (exit code 3); --confirm enters it. Figures of past days stay.
    """
    return Revocation(
        decision=decision, day=day.date(), body=level or "", reason=reason
    )


@click.command(
    short_help="Hoàn tác một quyết định / Take an act back.",
    epilog="Ví dụ / Example: ocop-sync certificates undo 12 --by 'Ng. Văn A'"
    " --reason 'nhầm danh sách'",
)
@click.argument("act", type=NUMBER)
@CONFIRM
@_CHECK
@BY
@WHY
@AS_JSON
def undo(
    *, act: int, token: str, check: bool, by: Actor, reason: str, as_json: bool
) -> None:
    """Hoàn tác việc số ACT (audit list) về giấy chứng nhận / take act ACT back.

    Điều việc đó đã đổi trở lại như trước, trừ khi đã có người đổi nữa; giấy mà nó thêm
    thì bị hủy bỏ, vẫn xem được. Hỏi lại như `grant`.

    What it changed goes back, unless somebody has changed it since; a certificate that
    it added is voided, and stays to be read. It is told first as with `grant`.
    """
    entry = UndoEntry(act=act, by=by, reason=reason, token=token, only_check=check)
    _enter(partial(undo_certificates, entry=entry), as_json=as_json)


COMMANDS = (grant, reassess, correct, void_, restore_, revoke, undo)
"""The commands of this module, for their group."""


def _day(given: datetime | None) -> date | None:
    return None if given is None else given.date()


def _codes_in(file: Path | None) -> list[str]:
    if file is None:
        return []
    with file.open("rb") as stream:
        return read_codes(stream)


def _enter(
    act: Callable[[Deployment], Awaitable[CertificateDecision]], *, as_json: bool
) -> None:
    try:
        with as_input():
            found = run(in_deployment(settings_of(), act, needs_accounts=False))
    except HeldCertificatesError as error:
        show_held(error, as_json=as_json)
        raise click.exceptions.Exit(Exit.HELD) from None
    if as_json:
        write_json(certificate_decision_form(found))
    else:
        show_certificate_decision(found)
