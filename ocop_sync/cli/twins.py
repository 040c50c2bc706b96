"""Listings that may be the same product as ours: `ocop-sync twins`."""

from dataclasses import asdict

import click

from ocop_sync.bootstrap import open_deployment
from ocop_sync.cli.program import as_input, run, settings_of
from ocop_sync.cli.screen import SIMULATED, console, plain, rows_table, say_json
from ocop_sync.cli.values import NUMBER
from ocop_sync.service import people
from ocop_sync.settings import Settings
from ocop_sync.store.remotes import TwinRow


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
    """Liệt kê tin có thể trùng / list possible twins."""
    rows, simulated = run(_list(settings_of(ctx), None if everything else "open"))
    if as_json:
        say_json({"simulated": simulated, "twins": [asdict(row) for row in rows]})
        return
    if not rows:
        click.echo("không có tin nào chờ quyết định / no twin waits for a decision")
        return
    columns = ["số / id", "sàn / at", "sản phẩm", "tin trên sàn / listing", "giống"]
    table = rows_table(
        "Tin có thể trùng / Possible twins", columns, SIMULATED if simulated else ""
    )
    for row in rows:
        where = f"{row.title} ({row.seller_name}), {row.ref}"
        state = "" if row.state == "open" else f" [{row.state}]"
        table.add_row(
            str(row.id),
            row.account,
            row.product_id,
            plain(where + state),
            plain(", ".join(row.agrees_on)),
        )
    console().print(table)


async def _list(settings: Settings, state: str | None) -> tuple[list[TwinRow], bool]:
    async with open_deployment(settings) as deployment:
        rows = await people.list_twins(deployment, state)
        simulated = any(s.adapter.capabilities.simulated for s in deployment.sites)
        return rows, simulated


@twins.command(
    short_help="Nhận tin này là của ta / Take the listing over.",
    epilog="Ví dụ / Example: ocop-sync twins adopt 5 --by 'Ng. Văn A'",
)
@click.argument("twin_id", metavar="ID", type=NUMBER)
@click.option("--by", required=True, help="Ai quyết định / who decides.")
@click.pass_context
def adopt(ctx: click.Context, *, twin_id: int, by: str) -> None:
    """Tin trên sàn chính là sản phẩm của ta / the listing is our product.

    Lần đồng bộ tới sẽ nhận tin đó, không đăng tin mới. The next sync takes it
    over instead of creating another.
    """
    run(_say(settings_of(ctx), twin_id, by, is_ours=True))
    click.echo(f"đã nhận tin {twin_id} / twin {twin_id} adopted")


@twins.command(
    short_help="Tin này là sản phẩm khác / It is another product.",
    epilog="Ví dụ / Example: ocop-sync twins other 5 --by 'Ng. Văn A'",
)
@click.argument("twin_id", metavar="ID", type=NUMBER)
@click.option("--by", required=True, help="Ai quyết định / who decides.")
@click.pass_context
def other(ctx: click.Context, *, twin_id: int, by: str) -> None:
    """Tin trên sàn là sản phẩm khác / the listing is another product.

    Sản phẩm của ta sẽ được đăng ở lần tới. Ours is created in the next sync.
    """
    run(_say(settings_of(ctx), twin_id, by, is_ours=False))
    click.echo(f"tin {twin_id} là sản phẩm khác / twin {twin_id} is another product")


async def _say(settings: Settings, twin_id: int, by: str, *, is_ours: bool) -> None:
    say = people.adopt if is_ours else people.say_other
    async with open_deployment(settings) as deployment:
        with as_input():
            await say(deployment, twin_id, by=by)
