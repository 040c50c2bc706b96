"""Listings that may be the same product as ours: `ocop-sync twins`."""

from dataclasses import asdict

import click
from rich.table import Table

from catalog.assembly import Entry
from ocop_sync.bootstrap import open_deployment
from ocop_sync.cli.program import as_input, run, settings_with_accounts
from ocop_sync.cli.screen import SIMULATED, console, plain, rows_table, say_json
from ocop_sync.cli.values import NAME, NUMBER
from ocop_sync.service import people
from ocop_sync.settings import Settings
from ocop_sync.store.twins import TwinRow

_Named = tuple[TwinRow, dict[str, str]]
"""A possible twin, with the names of our product and of its producer."""


@click.group(short_help="Tin có thể trùng / Possible twins.")
def twins() -> None:
    """Tin trên sàn có thể là sản phẩm của ta / listings that may be our products."""


@twins.command(
    "list",
    short_help="Liệt kê / List.",
    epilog="Ví dụ / Example: ocop-sync twins list --all",
)
@click.option(
    "--all", "everything", is_flag=True, help="Cả tin đã quyết / also decided ones."
)
@click.option("--json", "as_json", is_flag=True, help="Cho máy đọc / for machines.")
@click.pass_context
def list_(ctx: click.Context, *, everything: bool, as_json: bool) -> None:
    """Liệt kê tin có thể trùng / list possible twins.

    Mỗi sản phẩm có tối đa ba tin, tin giống nhất đứng đầu: cùng mã hàng, cùng mã
    GTIN, rồi đến điểm giống tên (0 đến 100). Of each product at most three, the
    likeliest first: same SKU, same GTIN, then how alike the names are.
    """
    found, simulated = run(
        _list(settings_with_accounts(ctx), None if everything else "open")
    )
    if as_json:
        rows = [asdict(row) | names for row, names in found]
        say_json({"simulated": simulated, "twins": rows})
        return
    if not found:
        click.echo("không có tin nào chờ quyết định / no twin waits for a decision")
        return
    console().print(twins_table(found, SIMULATED if simulated else ""))


def twins_table(found: list[_Named], caption: str) -> Table:
    """Return the twins, each product's name above the first of its own."""
    columns = ["số\nid", "sản phẩm\nproduct", "tin trên sàn\nlisting", "giống\nalike"]
    table = rows_table("Tin có thể trùng / Possible twins", columns, caption)
    above = ""
    for row, names in found:
        is_first, above = row.product_id != above, row.product_id
        maker = f" ({names['producer_name']})" if names["producer_name"] else ""
        ours = f"{row.product_id} {names['product_name']}{maker}"
        seller = f" ({row.seller_name})" if row.seller_name else ""
        state = _STATES.get(row.state, "")
        table.add_row(
            str(row.id),
            plain(ours if is_first else ""),
            plain(f"{row.title}{seller}\n{row.account}, {row.ref}{state}"),
            plain(", ".join([*map(_said, row.agrees_on), f"{row.score}/100"])),
        )
    return table


_STATES = {
    "adopted": " [đã nhận / adopted]",
    "other": " [sản phẩm khác / other]",
    "closed": " [đã nhận tin khác / another was adopted]",
}
_SHARED = {"name": "tên / name", "maker": "cơ sở / maker", "pack": "quy cách / pack"}


def _said(key: str) -> str:
    """Return what two listings share, such as "SKU KHO-1"."""
    kind, _, code = key.partition(":")
    return f"{kind.upper()} {code}" if code else _SHARED.get(key, key)


async def _list(settings: Settings, state: str | None) -> tuple[list[_Named], bool]:
    async with open_deployment(settings) as deployment:
        rows = await people.list_twins(deployment, state)
        entries = await people.entries_of(deployment, [row.product_id for row in rows])
        simulated = any(s.adapter.capabilities.simulated for s in deployment.sites)
        return [(row, _names(entries.get(row.product_id))) for row in rows], simulated


def _names(entry: Entry | None) -> dict[str, str]:
    product, producer = entry or (None, None)
    return {
        "product_name": product.name if product else "",
        "producer_name": producer.name if producer else "",
    }


@twins.command(
    short_help="Nhận tin này là của ta / Take the listing over.",
    epilog="Ví dụ / Example: ocop-sync twins adopt 5 --by 'Ng. Văn A'",
)
@click.argument("twin_id", metavar="ID", type=NUMBER)
@click.option("--by", type=NAME, required=True, help="Ai quyết định / who decides.")
@click.pass_context
def adopt(ctx: click.Context, *, twin_id: int, by: str) -> None:
    """Tin trên sàn chính là sản phẩm của ta / the listing is our product.

    Lần đồng bộ tới sẽ nhận tin đó, không đăng tin mới. The next sync takes it
    over instead of creating another.
    """
    row = run(_say(settings_with_accounts(ctx), twin_id, by, is_ours=True))
    _tell(row, f"đã nhận tin {twin_id} / twin {twin_id} adopted")


@twins.command(
    short_help="Tin này là sản phẩm khác / It is another product.",
    epilog="Ví dụ / Example: ocop-sync twins other 5 --by 'Ng. Văn A'",
)
@click.argument("twin_id", metavar="ID", type=NUMBER)
@click.option("--by", type=NAME, required=True, help="Ai quyết định / who decides.")
@click.pass_context
def other(ctx: click.Context, *, twin_id: int, by: str) -> None:
    """Tin trên sàn là sản phẩm khác / the listing is another product.

    Sản phẩm của ta sẽ được đăng ở lần tới. Ours is created in the next sync.
    """
    row = run(_say(settings_with_accounts(ctx), twin_id, by, is_ours=False))
    _tell(row, f"tin {twin_id} là sản phẩm khác / twin {twin_id} is another product")


def _tell(row: TwinRow, said: str) -> None:
    """Say what was decided, and about what: numbers are easily mistaken."""
    about = f"{row.product_id}; {row.account}, {row.ref}: {row.title}"
    console().print(f"{said} ({plain(about)})", soft_wrap=True)


async def _say(settings: Settings, twin_id: int, by: str, *, is_ours: bool) -> TwinRow:
    say = people.adopt if is_ours else people.say_other
    async with open_deployment(settings) as deployment:
        with as_input():
            return await say(deployment, twin_id, by=by)
