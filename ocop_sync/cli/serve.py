"""The API and the worker in one process: `ocop-sync serve`."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import click
from pydantic import ValidationError

from ocop_sync.api.access.entrances import entrances_of
from ocop_sync.api.app import make_app
from ocop_sync.api.context import CALLS, identity_in
from ocop_sync.api.kept_keys import keys_at_start
from ocop_sync.api.typed.serving import serving
from ocop_sync.cli.app.app import settings_of
from ocop_sync.cli.app.one_server import alone
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.app.options import FOLLOW
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.app.signals import stopped_by_signals
from ocop_sync.cli.worker import EVERY, WORKER_NAME, work_until_stopped
from ocop_sync.errors import ConfigurationError
from ocop_sync.metrics.of_process import ProcessMetrics
from ocop_sync.metrics.port import metrics_served
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.identity.keys import all_keys
from ocop_sync.settings import ServeSettings, Settings
from ocop_sync.worker import Wake

_FIRST_KEY: Final = (
    "Chưa có khóa nào: tạo khóa đầu tiên bằng `ocop-sync keys add TÊN --role admin --by"
    " 'Ng. Văn A'` / There is no key yet: make the first one by that command"
)


_CUT_OFF_WITHIN_S: Final = 1.0
"""Calls that have been awaited in vain have so long to clear up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """How the worker of the process works."""

    every: timedelta
    follow_for: timedelta
    name: str


@click.command(epilog="Ví dụ / Example: ocop-sync serve --port 8080")
@click.option(
    "--host",
    type=CODE,
    help="Thay `serve.host` / the address to listen at, for `serve.host`.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Thay `serve.port`; 0: cổng còn trống / the port, for `serve.port`; 0: any.",
)
@EVERY
@FOLLOW
@WORKER_NAME
def serve(
    *, host: str | None, port: int | None, every: timedelta, follow_s: float, name: str
) -> None:
    """API và đồng bộ trong một tiến trình / the API and the worker in one process.

    Chạy đến khi SIGTERM hoặc Ctrl-C, rồi dừng có trật tự: chờ những gì đang làm. Lần
    đầu nó tự lập các bảng trong tệp SQLite. Trên SQLite không chạy `serve` cùng
    `worker`. It runs until SIGTERM or Ctrl-C and stops in order. It makes the tables of
    a new SQLite file; there `serve` and `worker` exclude each other.
    """
    settings = _with_address(settings_of(), host, port)
    work = _Work(every=every, follow_for=timedelta(seconds=follow_s), name=name)

    async def run(deployment: Deployment) -> None:
        await _serve(deployment, settings, work)

    with alone(settings):
        asyncio.run(in_deployment(settings, run))


def _with_address(settings: Settings, host: str | None, port: int | None) -> Settings:
    """Return *settings* with the address of the command line."""
    given = {"host": host, "port": port}
    changed = {name: value for name, value in given.items() if value is not None}
    if not changed:
        return settings
    try:
        # Made anew, and not copied: what holds of the settings holds of these.
        serve = ServeSettings(**settings.serve.model_dump() | changed)
    except ValidationError as error:
        words = "; ".join(each["msg"] for each in error.errors())
        message = words.replace("Value error, ", "")
        raise click.UsageError(message) from None
    return settings.model_copy(update={"serve": serve})


async def _serve(deployment: Deployment, settings: Settings, work: _Work) -> None:
    address, metrics = settings.serve, ProcessMetrics()
    identity = identity_in(deployment)
    entrances = entrances_of(
        identity, address, seconds=deployment.time, sleep=deployment.sleep
    )
    keys = await keys_at_start(deployment)
    wake = Wake()
    app = make_app(
        deployment,
        entrances.access,
        identity=identity,
        public_url=address.public_url,
        pages=entrances.pages,
        is_secure=address.is_secure,
        on_written=wake.ask,
        keys=keys,
        shows_public=address.public_figures,
        on_answered=metrics.count_answer,
    )
    app.middlewares.append(entrances.crowd)
    told_at = settings.metrics
    with stopped_by_signals(deployment.stop):
        try:
            async with (
                metrics_served(
                    deployment, metrics, host=told_at.host, port=told_at.port
                ),
                serving(
                    app,
                    address.host,
                    address.port,
                    bounds=entrances.bounds,
                    ends_within_s=_CUT_OFF_WITHIN_S,
                ) as url,
                app[CALLS].awaited_at_the_end(
                    deployment.stop.wait, address.stop_within_s
                ),
            ):
                _say_open(url, has_key=bool(await all_keys(identity)))
                await work_until_stopped(
                    deployment,
                    every=work.every,
                    follow_for=work.follow_for,
                    name=work.name,
                    wake=wake,
                )
        except OSError as error:
            raise _taken(address, error) from error


def _taken(address: ServeSettings, error: OSError) -> ConfigurationError:
    where = f"{address.host}:{address.port}"
    return ConfigurationError(
        f"serve.port: không mở được {where} ({error.strerror}): chọn cổng khác bằng"
        f" --port, hoặc dừng chương trình đang dùng nó / cannot listen at {where}:"
        " choose another port by --port, or stop what uses it"
    )


def _say_open(url: str, *, has_key: bool) -> None:
    click.echo(
        f"Đang phục vụ tại / Serving at {url} (tài liệu / documents: {url}/docs)",
        err=True,
    )
    if not has_key:
        click.echo(_FIRST_KEY, err=True)
