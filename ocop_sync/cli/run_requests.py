"""Have a worker run something, and end a run: `ocop-sync runs start` and `cancel`."""

from collections.abc import Sequence
from functools import partial

import click

from catalog.model.actor import Actor
from ocop_sync.api.forms.runs import request_form
from ocop_sync.cli.app.opened import decide
from ocop_sync.cli.app.options import AS_JSON, BY
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.views.tables import show_line, write_json
from ocop_sync.service.queries.requests import SeenRequest
from ocop_sync.service.requests.run_requests import (
    WantedRun,
    cancel_run,
    request_run,
)
from ocop_sync.store.runs.run_requests import RunKind

_KINDS = [RunKind.SYNC.value, RunKind.RECONCILE.value]


@click.command(
    short_help="Nhờ worker chạy / Have a worker run one.",
    epilog="Ví dụ / Example: ocop-sync runs start reconcile postmart --by 'Lê B'",
)
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("marketplaces", type=CODE, nargs=-1)
@click.option(
    "--report-only",
    is_flag=True,
    help="Đối soát chỉ báo, không ghi gì lên sàn / a reconciliation that writes nothing"
    " there.",
)
@click.option(
    "--full",
    is_flag=True,
    help="Đồng bộ xét lại mọi sản phẩm / a sync that evaluates every product.",
)
@BY
@AS_JSON
def start(
    *,
    kind: str,
    marketplaces: Sequence[str],
    report_only: bool,
    full: bool,
    by: Actor,
    as_json: bool,
) -> None:
    """Nhờ worker đồng bộ hay đối soát ngay / have a worker sync or reconcile now.

    Không chờ: xem bằng `runs show ID`. Mỗi sàn một lần được nhờ; lần đồng bộ đều đặn
    đang chạy thì worker chờ nó xong. It does not wait: `runs show ID` tells. One
    requested run at a time at each marketplace; a regular sync is waited for.
    """
    wanted = WantedRun(
        kind=RunKind(kind),
        marketplaces=marketplaces,
        report_only=report_only,
        full=full,
    )
    request = decide(partial(request_run, wanted=wanted, by=by))
    if as_json:
        write_json(request_form(SeenRequest(request, by=by)))
        return
    show_line(
        f"{request.id}: worker sẽ chạy ngay; xem: ocop-sync runs show {request.id}"
        " / a worker will run it now, and that command shows it"
    )


@click.command(
    short_help="Dừng một lần chạy / End one.",
    epilog="Ví dụ / Example: ocop-sync runs cancel 5a0f17c2b3d4e6f8 --by 'Lê B'",
)
@click.argument("run_id", metavar="ID", type=CODE)
@BY
def cancel(*, run_id: str, by: Actor) -> None:
    """Dừng lần chạy ID ở bước kế tiếp / have a run end at its next step.

    Lần còn chờ worker thì thôi luôn. ID không có ":" là mọi tài khoản. One that still
    waits for a worker ends at once. An ID without ":" is that of all its accounts.
    """
    decide(partial(cancel_run, id_=run_id, by=by))
    show_line(f"{run_id}: sẽ dừng ở bước kế tiếp / it ends at its next step")
