"""Say which products may be listed and why: `ocop-sync eligibility`."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import click

from catalog.eligibility import Rules
from catalog.vietnam_time import start_of
from ocop_sync.bootstrap import open_database, rules_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.deployed import open_deployment
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.param_types import CODE, Day
from ocop_sync.cli.views.eligibility import show_eligibility, show_rules
from ocop_sync.cli.views.progress import counting
from ocop_sync.cli.views.tables import say_form_as_read, say_json
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
@click.option(
    "--as-of",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Ngày xét, giờ Việt Nam; bỏ trống: bây giờ / day in Vietnam; now if left out.",
)
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
@click.option("--json", "as_json", is_flag=True, help="Cho máy đọc / for machines.")
@click.pass_context
def eligibility(
    ctx: click.Context,
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
    settings = settings_of(ctx)
    rules = rules_of(settings)
    if explain_rules:
        if as_json:
            say_json({"version": rules.version, "rules": list(rules.rules.values())})
        else:
            show_rules(rules)
        return
    at = start_of(as_of.date()) if as_of else None
    give = _write if as_json else show_eligibility
    if marketplace is None:
        run(_by_rules(settings, codes, rules, at or present(), give))
    else:
        run(_at_marketplace(settings, codes, marketplace, at, give))


_Give = Callable[[Eligibility], Awaitable[None]]


async def _by_rules(
    settings: Settings, codes: Sequence[str], rules: Rules, at: datetime, give: _Give
) -> None:
    async with open_database(settings) as database, database.read() as conn:
        with _asked(codes) as asked:
            await give(await eligibility_of(conn, asked, rules=rules, at=at))


async def _at_marketplace(
    settings: Settings,
    codes: Sequence[str],
    marketplace: str,
    at: datetime | None,
    give: _Give,
) -> None:
    async with open_deployment(settings) as opened, opened.database.read() as conn:
        with _asked(codes) as asked:
            found = await eligibility_at(
                opened, conn, asked, marketplace=marketplace, at=at
            )
            await give(found)


@contextmanager
def _asked(codes: Sequence[str]) -> Iterator[Asked]:
    """Yield which products are asked for; those of a whole catalog are counted."""
    if codes:
        yield Asked(codes=codes)
        return
    with counting("sản phẩm / products", beside_output=True) as count:
        yield Asked(told=count)


async def _write(found: Eligibility) -> None:
    await say_form_as_read(found.json_form())
