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

    Yêu cầu chạy (`runs start`) còn chờ cũng bị hủy; yêu cầu cho cả nơi khác thì chỉ
    được nêu tên.

    It ends at its next step, at the latest when it renews its lease: calls under way
    are awaited, and nothing is lost. A `worker` syncs again at its next time. A run
    that was asked for (`runs start`) and still waits is cancelled, too; one that is for
    further places as well is only named.
    """
    asked = decide(partial(cancellations.cancel, name=name or "", by=by))
    if not asked.held and not asked.requested:
        click.echo("không có gì đang chạy / nothing is running")
    for held in asked.held:
        console().print(
            f"{plain(held.key)}: đã yêu cầu dừng / asked to end: {plain(held.holder)}"
        )
    for each in asked.requested:
        said = "đã yêu cầu dừng / asked to end" if each.token else "đã hủy / cancelled"
        console().print(f"{each.id}: {said}")
    for each in asked.wider:
        console().print(
            f"{each.id}: còn cho nơi khác, không hủy / is for further places, not"
            f" cancelled: `runs cancel {each.id}`"
        )
