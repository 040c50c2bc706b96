"""Ask a running sync of another process to end: `ocop-sync cancel`."""

from functools import partial

import click

from catalog.model.actor import Actor
from ocop_sync.cli.app.opened import decide
from ocop_sync.cli.app.options import BY
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.views.tables import console, plain
from ocop_sync.service.decisions import cancellations


@click.command(
    epilog="Ví dụ / Example: ocop-sync cancel postmart --by 'Ng. Văn A'",
)
@click.argument("name", type=CODE, metavar="[MARKETPLACE|ACCOUNT]", required=False)
@BY
def cancel(*, name: str | None, by: Actor) -> None:
    """Hủy lần đồng bộ đang chạy ở tiến trình khác / end a sync of another process.

    Nó dừng ở bước kế tiếp, chậm nhất khi gia hạn quyền chạy: những gì đang gửi
    được chờ, không mất gì. `worker` vẫn chạy lần sau theo giờ của nó.

    It ends at its next step, at the latest when it renews its lease: calls under way
    are awaited, and nothing is lost. A `worker` syncs again at its next time.
    """
    asked = decide(partial(cancellations.cancel, name=name or "", by=by))
    if not asked:
        click.echo("không có gì đang chạy / nothing is running")
    for held in asked:
        console().print(
            f"{plain(held.key)}: đã yêu cầu dừng / asked to end: {plain(held.holder)}"
        )
