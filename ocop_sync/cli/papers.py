"""Papers of products and producers, as staff enter them: `ocop-sync papers`."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from functools import partial, wraps
from typing import Any

import click

from catalog.commands.paper_entry import (
    EXPIRES_ON,
    ISSUED_ON,
    NUMBER,
    PaperAct,
    PaperEntry,
)
from catalog.commands.papers import PaperSubjects
from catalog.errors import HeldPapersError
from catalog.model.actor import Actor
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.model.product import Product
from catalog.model.reach import WHOLE_CATALOG
from catalog.values import replace
from ocop_sync.api.forms.papers import (
    papers_entered_form,
    product_papers_form,
)
from ocop_sync.bootstrap import rules_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import in_database, read_catalog, shown_while_read
from ocop_sync.cli.app.options import AS_JSON, BY, WHY
from ocop_sync.cli.app.param_types import CELL, CODE, Day
from ocop_sync.cli.views.listed import Listed, as_shown
from ocop_sync.cli.views.papers import show_entered, show_held_papers, show_papers
from ocop_sync.cli.views.tables import write_json, write_result_as_read
from ocop_sync.service.department.papers import LackFilter, enter, papers_named
from ocop_sync.service.producer.changes import Doing

_VALUES = {"seen": Fact.YES, "not-there": Fact.NO, "unknown": Fact.UNKNOWN}
_DAY = "DD/MM/YYYY"

_kind = click.argument(
    "kind", type=click.Choice([each.value for each in PaperKind]), metavar="KIND"
)
_product = click.option(
    "--product",
    "products",
    type=CODE,
    metavar="PRODUCT",
    multiple=True,
    help="Của sản phẩm này, mã hoặc SKU; lặp lại được / of this product, by its code or"
    " an SKU; may be repeated.",
)
_producer = click.option(
    "--producer",
    type=CODE,
    metavar="PRODUCER",
    help="Của mọi sản phẩm hiện có của cơ sở này / of all present products of this"
    " producer.",
)
_confirm = click.option(
    "--confirm",
    "token",
    type=CODE,
    metavar="TOKEN",
    help="Mã xác nhận của việc đã được báo trước / the token of what was told first.",
)
_number = click.option(
    "--number", type=CELL, help="Số ghi trên giấy / the number on it."
)
_issued = click.option(
    "--issued", type=Day(), metavar=_DAY, help="Ngày cấp / the day of its issue."
)
_valid_to = click.option(
    "--valid-to",
    type=Day(),
    metavar=_DAY,
    help="Ngày cuối còn hiệu lực / the last day on which it holds.",
)
_seen_on = click.option(
    "--seen-on",
    type=Day(),
    metavar=_DAY,
    help="Xem giấy ngày nào; bỏ trống: hôm nay / when it was seen; today if left out.",
)


def _of_products(command: Callable[..., None]) -> Callable[..., None]:
    """Let *command* take the products that are meant, a token, and who acts."""

    @wraps(command)
    def given(
        *args: Any, products: tuple[str, ...], producer: str | None, **more: Any
    ) -> None:
        subjects = PaperSubjects(products=products, producer=producer or "")
        command(*args, subjects=subjects, **more)

    for option in (AS_JSON, BY, _confirm, _producer, _product, _kind):
        given = option(given)
    return given


@click.group()
def papers() -> None:
    """Giấy tờ của sản phẩm và cơ sở / papers of products and producers.

    Giấy của cơ sở được ghi cho từng sản phẩm hiện có của cơ sở. KIND là loại giấy, như
    trong tiêu đề cột của bảng nhập. A paper of a producer is entered for each of its
    present products. KIND is the kind, as columns of sheets are called.

    Việc làm sản phẩm thôi bán, và việc cho nhiều sản phẩm, được báo trước (mã thoát 3),
    rồi làm lại kèm --confirm. What takes products off sale, and what is of many, is
    told first (exit code 3), and done with --confirm.
    """


@papers.command(
    "list",
    short_help="Giấy tờ đã ghi / Papers that are known.",
    epilog="Ví dụ / Example: ocop-sync papers list --producer CS-0001",
)
@click.option(
    "--product",
    type=CODE,
    metavar="PRODUCT",
    help="Chỉ của sản phẩm này / of this product alone.",
)
@_producer
@AS_JSON
def list_(*, product: str | None, producer: str | None, as_json: bool) -> None:
    """Giấy tờ của từng sản phẩm, kèm số, ngày, ai đã xem / papers of each product.

    Giấy còn thiếu: `ocop-sync missing-papers`. Those that lack are in that list.
    """
    if product and producer:
        message = "chỉ một trong hai: --product, --producer / only one of the two"
        raise click.UsageError(message)
    settings = settings_of()
    rules = rules_of(settings)

    async def show(found: AsyncIterator[Product]) -> None:
        if as_json:
            form = partial(product_papers_form, rules=rules)
            await write_result_as_read(Listed("products", as_shown(found, form)))
        else:
            await show_papers(found, rules)

    query = partial(papers_named, product=product or "", producer=producer or "")
    run(read_catalog(settings, shown_while_read(query, show)))


@papers.command(
    short_help="Ghi một giấy đã xem / Record a paper.",
    epilog="Ví dụ / Example: ocop-sync papers add food_safety --producer CS-0001"
    " --number 12/2026/ATTP --issued 01/11/2026 --valid-to 31/10/2029"
    " --by 'Ng. Văn A'",
)
@_of_products
@_number
@_issued
@_valid_to
@_seen_on
def add(
    *,
    kind: str,
    number: str | None,
    issued: datetime | None,
    valid_to: datetime | None,
    seen_on: datetime | None,
    **more: Any,
) -> None:
    """Ghi một giấy loại KIND đã xem / record a paper that was seen.

    Giấy mới thay giấy cùng loại đang ghi; giấy cũ còn trong lịch sử. It takes the place
    of one of its kind, which stays in the history.
    """
    values = {
        NUMBER: number or "",
        ISSUED_ON: _date(issued),
        EXPIRES_ON: _date(valid_to),
    }
    entry = PaperEntry(
        act=PaperAct.ADD, kind=PaperKind(kind), values=values, seen_on=_date(seen_on)
    )
    _enter(entry, **more)


@papers.command(
    short_help="Sửa giấy ghi sai / Correct one.",
    epilog="Ví dụ / Example: ocop-sync papers correct food_safety --product SP-00001"
    " --valid-to 31/10/2029 --by 'Ng. Văn A'",
)
@_of_products
@_number
@_issued
@_valid_to
@click.option(
    "--clear",
    type=click.Choice(["issued", "valid-to"]),
    multiple=True,
    help="Xóa ngày này / clear this day.",
)
def correct(
    *,
    kind: str,
    number: str | None,
    issued: datetime | None,
    valid_to: datetime | None,
    clear: tuple[str, ...],
    **more: Any,
) -> None:
    """Sửa số, ngày của giấy ghi sai / put right a number or a day.

    Ai đã xem thì giữ nguyên; --number '' xóa số. Who has seen it stays; --number ''
    clears the number.
    """
    values: dict[str, Any] = {} if number is None else {NUMBER: number}
    for name, option, day in (
        (ISSUED_ON, "issued", issued),
        (EXPIRES_ON, "valid-to", valid_to),
    ):
        if day is not None and option in clear:
            message = f"--{option}, --clear {option}: chỉ một trong hai / only one"
            raise click.UsageError(message)
        if day is not None or option in clear:
            values[name] = _date(day)
    _enter(
        PaperEntry(act=PaperAct.CORRECT, kind=PaperKind(kind), values=values), **more
    )


@papers.command(
    short_help="Ghi giấy hết hiệu lực / Say that one holds no longer.",
    epilog="Ví dụ / Example: ocop-sync papers end food_safety --product SP-00001"
    " --by 'Ng. Văn A' --reason 'cơ quan cấp đã thu hồi'",
)
@_of_products
@click.option(
    "--last-day",
    type=Day(),
    metavar=_DAY,
    help="Ngày cuối còn hiệu lực; bỏ trống: hôm qua / the last day on which it held;"
    " yesterday if left out.",
)
@WHY
def end(*, kind: str, last_day: datetime | None, reason: str, **more: Any) -> None:
    """Ghi giấy loại KIND hết hiệu lực / record that a paper holds no longer."""
    entry = PaperEntry(
        act=PaperAct.END,
        kind=PaperKind(kind),
        last_day=_date(last_day),
        reason=reason,
    )
    _enter(entry, **more)


@papers.command(
    short_help="Xác nhận có hay không, cả loạt / Attest papers, also in bulk.",
    epilog="Ví dụ / Example: ocop-sync papers attest food_safety seen --lacking unknown"
    " --commune 06652 --by 'Ng. Văn A'",
)
@_of_products
@click.argument("value", type=click.Choice(tuple(_VALUES)), metavar="VALUE")
@click.option(
    "--lacking",
    type=click.Choice(["unknown", "missing", "expired"]),
    help="Chỉ sản phẩm đang thiếu giấy này như vậy, như `missing-papers` liệt kê; không"
    " ghi sản phẩm hay cơ sở: của cả danh mục / only those that lack it so, as"
    " `missing-papers` lists them; of the whole catalog if none are named.",
)
@click.option(
    "--commune",
    type=CODE,
    metavar="CODE",
    help="Kèm --lacking: của cơ sở ở xã này (mã xã từ 01/07/2025) / with --lacking: of"
    " producers in this commune, by its code since then.",
)
@click.option(
    "--source",
    type=CODE,
    metavar="SOURCE",
    help="Kèm --lacking: của nguồn nạp này / with --lacking: of this source.",
)
@_valid_to
@_seen_on
def attest(
    *,
    kind: str,
    value: str,
    lacking: str | None,
    commune: str | None,
    source: str | None,
    valid_to: datetime | None,
    seen_on: datetime | None,
    subjects: PaperSubjects,
    **more: Any,
) -> None:
    """Ghi đã xem giấy loại KIND: seen (có), not-there (không có), unknown (bỏ lời cũ).

    Của mọi sản phẩm đã nêu, hoặc không của sản phẩm nào. Record that a paper was seen,
    or that it is not there: of all that are meant, or of none.
    """
    if (commune or source) and not lacking:
        message = "--commune, --source: cần --lacking / need --lacking"
        raise click.UsageError(message)
    ends = {} if valid_to is None else {EXPIRES_ON: _date(valid_to)}
    entry = PaperEntry(
        act=PaperAct.ATTEST,
        kind=PaperKind(kind),
        held=_VALUES[value],
        values=ends,
        seen_on=_date(seen_on),
    )
    if lacking is None:
        _enter(entry, subjects=subjects, **more)
        return
    where = LackFilter(
        state=lacking,
        commune=commune or "",
        source=source or "",
        producer=subjects.producer,
        products=subjects.products,
    )
    _enter(entry, subjects=where, **more)


def _enter(
    entry: PaperEntry,
    *,
    subjects: PaperSubjects | LackFilter,
    token: str | None,
    by: Actor,
    as_json: bool,
) -> None:
    settings = settings_of()
    work = partial(
        enter,
        entry=replace(entry, token=token or ""),
        subjects=subjects,
        doing=Doing(by=by, reach=WHOLE_CATALOG),
        rules=rules_of(settings),
        clock=present,
    )
    try:
        found = run(in_database(settings, work))
    except HeldPapersError as error:
        if as_json:
            write_json({"held": error.json_form()})
        else:
            show_held_papers(error)
        raise click.exceptions.Exit(Exit.HELD) from None
    if as_json:
        write_json(papers_entered_form(found))
    else:
        show_entered(found)


def _date(day: datetime | None) -> date | None:
    return None if day is None else day.date()
