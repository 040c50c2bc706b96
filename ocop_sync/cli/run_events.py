"""Follow a run until it has ended: `ocop-sync runs follow`."""

from contextlib import aclosing

import click

from ocop_sync.api.forms.run_events import run_event_form
from ocop_sync.cli.app.app import as_input, run, settings_with_accounts
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.app.signals import stopped_by_signals
from ocop_sync.cli.views.run_events import show_followed
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.requests.follow import (
    Followed,
    FollowedKind,
    RunNews,
    ensure_followed,
    follow,
)

_CODES = {
    "done": Exit.DONE,
    "held": Exit.HELD,
}


@click.command(
    short_help="Theo dõi một lần chạy / Follow one.",
    epilog="Ví dụ / Example: ocop-sync runs follow 5a0f17c2b3d4e6f8",
)
@click.argument("run_id", metavar="ID", type=CODE)
@AS_JSON
def follow_(*, run_id: str, as_json: bool) -> None:
    """Xem lần chạy ID đến khi xong, worker nào chạy cũng được / until it has ended.

    Từng tài khoản: đã gửi, còn lại, lỗi, hạn mức. Mã thoát như `sync`. Ctrl-C chỉ thôi
    xem. With --json a line for each event. Exit codes as of `sync`; Ctrl-C only ends
    the watching.
    """

    async def watch(deployment: Deployment) -> Followed | None:
        await ensure_followed(deployment, run_id)
        last: Followed | None = None
        with stopped_by_signals(deployment.stop, says=False):
            async with aclosing(follow(deployment, run_id, RunNews())) as told:
                async for each in told:
                    if each is not None:
                        last = each
                        _show(each, as_json=as_json)
        return last

    with as_input():
        last = run(in_deployment(settings_with_accounts(), watch))
    if last is None or last.kind is not FollowedKind.END:
        return
    raise click.exceptions.Exit(_CODES.get(last.data["outcome"], Exit.FAILED))


def _show(told: Followed, *, as_json: bool) -> None:
    if as_json:
        click.echo(run_event_form(told).model_dump_json())
    else:
        show_followed(told)
