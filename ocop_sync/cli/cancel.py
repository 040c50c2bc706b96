"""Ask a running sync of another process to end: `ocop-sync cancel`."""

from collections.abc import Sequence

import click

from ocop_sync.cli.app.app import as_input, run, settings_with_accounts
from ocop_sync.cli.app.deployed import open_deployment
from ocop_sync.cli.app.param_types import CODE, NAME
from ocop_sync.cli.views.tables import console, plain
from ocop_sync.service.decisions import approvals
from ocop_sync.settings import Settings
from ocop_sync.store.runs.accounts import HeldLease


@click.command(
    epilog="Ví dụ / Example: ocop-sync cancel postmart --by 'Ng. Văn A'",
)
@click.argument("name", type=CODE, metavar="[MARKETPLACE|ACCOUNT]", required=False)
@click.option("--by", type=NAME, required=True, help="Ai hủy / who wants it.")
@click.pass_context
def cancel(ctx: click.Context, *, name: str | None, by: str) -> None:
    """Hủy lần đồng bộ đang chạy ở tiến trình khác / end a sync of another process.

    Nó dừng ở bước kế tiếp, chậm nhất khi gia hạn quyền chạy: những gì đang gửi
    được chờ, không mất gì. `worker` vẫn chạy lần sau theo giờ của nó.

    It ends at its next step, at the latest when it renews its lease: calls under way
    are awaited, and nothing is lost. A `worker` syncs again at its next time.
    """
    asked = run(_cancel(settings_with_accounts(ctx), name or "", by))
    if not asked:
        click.echo("không có gì đang chạy / nothing is running")
    for held in asked:
        console().print(
            f"{plain(held.key)}: đã yêu cầu dừng / asked to end: {plain(held.holder)}"
        )


async def _cancel(settings: Settings, name: str, by: str) -> Sequence[HeldLease]:
    async with open_deployment(settings) as deployment:
        with as_input():
            return await approvals.cancel(deployment, name, by=by)
