"""A person's word that something be tried again: `ocop-sync held retry`."""

from collections.abc import Sequence

import click

from ocop_sync.cli.app.app import as_input, run, settings_with_accounts
from ocop_sync.cli.app.deployed import open_deployment
from ocop_sync.cli.app.param_types import CODE, NAME
from ocop_sync.service.decisions.retry_requests import try_again
from ocop_sync.settings import Settings


@click.command(
    short_help="Thử gửi lại / Try again.",
    epilog="Ví dụ / Example: ocop-sync held retry voso SP-00001 SP-00002"
    " --by 'Ng. Văn A'",
)
@click.argument("marketplace", type=CODE)
@click.argument("products", type=CODE, nargs=-1, required=True, metavar="CODE...")
@click.option("--by", type=NAME, required=True, help="Ai quyết định / who decides.")
@click.pass_context
def retry(
    ctx: click.Context, *, marketplace: str, products: Sequence[str], by: str
) -> None:
    """Gửi lại điều đã bị từ chối hoặc đã hỏng ba lần / send again what was refused.

    Dùng khi sàn đã đổi ý, hoặc lỗi đã hết; lần đồng bộ tới sẽ gửi. For when the
    marketplace has changed its mind, or its fault is over; the next sync sends it.
    """
    run(_retry(settings_with_accounts(ctx), marketplace, products, by))
    names = ", ".join(dict.fromkeys(products))
    click.echo(f"{marketplace}: sẽ gửi lại / will be sent again: {names}")


async def _retry(
    settings: Settings, marketplace: str, products: Sequence[str], by: str
) -> None:
    async with open_deployment(settings) as deployment:
        with as_input():
            await try_again(deployment, marketplace, products, by=by)
