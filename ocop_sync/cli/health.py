"""Say whether the worker beside it lives: `ocop-sync health`.

The health check of the image. It asks the database for the worker's last heartbeat,
and nothing of any marketplace.
"""

import urllib.request
from datetime import timedelta
from functools import partial
from typing import Final

import click

from catalog.errors import CatalogError
from catalog.vietnam_time import moment
from ocop_sync.api.forms.status import worker_form
from ocop_sync.bootstrap import own_name
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import in_database
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.param_types import NAME, Duration
from ocop_sync.cli.monitor import first_line, for_so_long
from ocop_sync.cli.views.tables import plain_line, write_json
from ocop_sync.errors import OcopSyncError, UnavailableError
from ocop_sync.service.run.heartbeat import Trouble, Verdict, pulse_of
from ocop_sync.settings import ServeSettings, Settings
from ocop_sync.store.db.outage import DATABASE_ERRORS

_WORDS = {
    Trouble.NEVER: "chưa có worker nào tên này chạy / no worker of this name has run",
    Trouble.ENDED: "worker đã dừng theo lệnh / the worker was told to stop, and ended",
    Trouble.SILENT: "worker không lên tiếng / the worker gives no sign of life",
    Trouble.STUCK: "lần đồng bộ bị kẹt / a sync is stuck",
    Trouble.OVERDUE: "đến giờ mà chưa đồng bộ / a sync was due and has not begun",
}

_LIVE: Final = "/health/live"
_ANSWERS_WITHIN_S: Final = 10.0
"""An API that takes longer is stuck: nothing keeps its loop for so long."""
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (to be asked there)


@click.command(epilog="Ví dụ / Example: ocop-sync health --within 5m")
@click.option(
    "--name",
    type=NAME,
    default=own_name,
    help="Tên worker; mặc định là tên máy / the worker's name, by default the"
    " computer's.",
)
@click.option(
    "--within",
    type=Duration(),
    default="5m",
    show_default=True,
    help="Không lên tiếng lâu hơn thế là hỏng / no sign of life for longer is"
    " unhealthy.",
)
@click.option(
    "--stuck-after",
    type=Duration(),
    default="15m",
    show_default=True,
    help="Đồng bộ mà không làm gì, hoặc trễ, lâu hơn thế là kẹt / a sync that does"
    " nothing, or is late, for longer is stuck.",
)
@click.option(
    "--api",
    is_flag=True,
    help="Cả API ở `serve.port` / of the API at `serve.port`, too.",
)
@AS_JSON
@click.pass_context
def health(
    ctx: click.Context,
    *,
    name: str,
    within: timedelta,
    stuck_after: timedelta,
    api: bool,
    as_json: bool,
) -> None:
    """Worker ở máy này còn chạy không / whether the worker of this computer lives.

    Chỉ xét vòng lặp của worker và cơ sở dữ liệu (với --api cả API), không xét sàn. Mã
    thoát: 0 khỏe, 1 không. Of its own loop and its database alone, of no marketplace.
    Exit codes: 0 healthy, 1 not.
    """
    try:
        settings = settings_of()
        if api:
            _ensure_api_lives(settings.serve)
        verdict = run(_ask(settings, name, within, stuck_after))
    except (OcopSyncError, CatalogError, *DATABASE_ERRORS, OSError) as found:
        error = first_line(found)
        verdict = Verdict(name=name, trouble=None, beat=None, error=error)
    if as_json:
        write_json(worker_form(verdict))
    else:
        click.echo(plain_line(verdict.error or _line(verdict)))
    ctx.exit(Exit.DONE if verdict.is_healthy else Exit.FAILED)


async def _ask(
    settings: Settings, name: str, within: timedelta, stuck_after: timedelta
) -> Verdict:
    query = partial(
        pulse_of, clock=present, name=name, within=within, stuck_after=stuck_after
    )
    async with for_so_long():
        return await in_database(settings, query, makes_tables=False)


def _ensure_api_lives(settings: ServeSettings) -> None:
    """Ask the API of this computer whether its process lives.

    It is not asked whether it is ready: it is not while its database does not answer,
    which no new start would mend.

    Raises:
        UnavailableError: It does not answer in time, or otherwise.
    """
    host = _ANY.get(settings.host, settings.host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}{_LIVE}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=_ANSWERS_WITHIN_S) as answer:
            answer.read()
    except OSError as error:
        why = getattr(error, "reason", None) or error
        message = f"API không trả lời / the API does not answer: {url}: {why}"
        raise UnavailableError(message) from error


def _line(verdict: Verdict) -> str:
    beat = verdict.beat
    last = f"; {beat.doing}, {moment(beat.at)}" if beat else ""
    words = _WORDS[verdict.trouble] if verdict.trouble else "khỏe / healthy"
    others = ", ".join(verdict.others)
    there = f"; có / there are (--name): {others}" if others else ""
    return f"worker {verdict.name}: {words}{last}{there}"
