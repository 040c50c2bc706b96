"""Say which products may be listed and why: `ocop-sync eligibility`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import click

from catalog.vietnam_time import start_of
from ocop_sync.api.forms.eligibility import rules_form, whole_eligibility
from ocop_sync.bootstrap import rules_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import (
    in_deployment,
    read_catalog,
    read_deployment,
    shown_while_read,
)
from ocop_sync.cli.app.options import AS_JSON, AS_OF
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.views.eligibility import show_eligibility, show_rules
from ocop_sync.cli.views.pauses import pause_words
from ocop_sync.cli.views.progress import counting
from ocop_sync.cli.views.tables import write_json
from ocop_sync.service.decisions.pauses import pauses_at
from ocop_sync.service.json.writer import write_form_as_read
from ocop_sync.service.queries.eligibility import (
    Asked,
    Eligibility,
    eligibility_at,
    eligibility_of,
)
from ocop_sync.settings import Settings


@click.command(
    epilog="Ví dụ / Example: ocop-sync eligibility --sku SP-00001 --as-of 31/12/2026",
)
@AS_OF
@click.option(
    "--sku",
    "codes",
    type=CODE,
    metavar="CODE",
    multiple=True,
    help="Chỉ sản phẩm có mã hàng hoặc mã sản phẩm này; lặp lại được"
    " / only the product with this SKU or product id; may be repeated.",
)
@click.option(
    "--marketplace",
    type=CODE,
    metavar="MARKETPLACE",
    help="Cả lý do của sàn này, trong cùng danh sách / also this marketplace's reasons,"
    " in the same list.",
)
@click.option(
    "--explain-rules",
    is_flag=True,
    help="Giải thích các điều kiện và căn cứ / the rules and what they stand on.",
)
@AS_JSON
def eligibility(
    *,
    as_of: datetime | None,
    codes: Sequence[str],
    marketplace: str | None,
    explain_rules: bool,
    as_json: bool,
) -> None:
    """Xét từng sản phẩm theo các điều kiện / evaluate by the rules.

    Nêu mọi lý do, thấy gì và phải làm gì. Names every reason, with its finding and the
    advice.

    Với --marketplace: vì sao chưa bán ở sàn đó. Ngày khác thì chỉ xét danh mục và bảng
    quy đổi. With --marketplace: why it is not on sale there; on another day, only by
    catalog and mapping.
    """
    settings = settings_of()
    rules = rules_of(settings)
    if explain_rules:
        if as_json:
            write_json(rules_form(rules))
        else:
            show_rules(rules)
        return
    at = start_of(as_of.date()) if as_of else None
    give = _write if as_json else show_eligibility
    with _asked(codes) as asked:
        if marketplace is None:
            by_rules = partial(
                eligibility_of, asked=asked, rules=rules, at=at or present()
            )
            run(read_catalog(settings, shown_while_read(by_rules, give)))
        else:
            there = partial(eligibility_at, asked=asked, marketplace=marketplace, at=at)
            run(read_deployment(settings, shown_while_read(there, give)))
            _name_pauses(settings, marketplace)


async def _write(found: Eligibility) -> None:
    await write_form_as_read(whole_eligibility(found), partial(click.echo, nl=False))


def _name_pauses(settings: Settings, marketplace: str) -> None:
    """Say on standard error which accounts there are paused."""
    query = partial(pauses_at, names=[marketplace])
    for each in run(in_deployment(settings, query)):
        click.echo(f"{each.account}: {pause_words(each)}", err=True)


@contextmanager
def _asked(codes: Sequence[str]) -> Iterator[Asked]:
    """Yield which products are asked for; those of a whole catalog are counted."""
    if codes:
        yield Asked(codes=codes)
        return
    with counting("sản phẩm / products", beside_output=True) as count:
        yield Asked(count=count)
