"""The API, with the worker in a process beside it: `ocop-sync serve`."""

import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from datetime import timedelta
from typing import Final

import click
from pydantic import ValidationError

from ocop_sync.api.access.entrances import entrances_of
from ocop_sync.api.app import make_app
from ocop_sync.api.context import CALLS, WORKLISTS, LongWork, identity_in
from ocop_sync.api.kept_keys import keys_at_start
from ocop_sync.api.typed.serving import serving
from ocop_sync.bootstrap.notices import senders_of
from ocop_sync.cli.app.app import settings_of
from ocop_sync.cli.app.event_loop import carry_out, note_loop
from ocop_sync.cli.app.one_server import alone
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.app.options import FOLLOW
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.app.said import say
from ocop_sync.cli.app.signals import stopped_by_signals
from ocop_sync.cli.beside_api.long_work import LongWorkProcess
from ocop_sync.cli.beside_api.worker_process import WorkerProcess
from ocop_sync.cli.worker import EVERY, WORKER_NAME, words_beside_api
from ocop_sync.errors import ConfigurationError
from ocop_sync.metrics.of_process import ProcessMetrics
from ocop_sync.metrics.port import metrics_served
from ocop_sync.pages.app import page_routes
from ocop_sync.pages.problem_pages import problem_pages
from ocop_sync.service.decisions.restoring import ensure_in_place
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.identity.keys import all_keys
from ocop_sync.service.queries.known_worklists import kept_up
from ocop_sync.service.requests.follow import RunNews, heard_from_others
from ocop_sync.settings import ServeSettings, Settings

_FIRST_KEY: Final = (
    "Chưa có khóa nào: tạo khóa đầu tiên bằng `ocop-sync keys add TÊN --role admin --by"
    " 'Ng. Văn A'` / There is no key yet: make the first one by that command"
)


_CUT_OFF_WITHIN_S: Final = 1.0
"""Calls that have been awaited in vain have so long to clear up."""


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
    """API và đồng bộ bằng một lệnh / the API and the worker by one command.

    Chạy đến khi SIGTERM hoặc Ctrl-C, rồi dừng có trật tự: chờ những gì đang làm. Lần
    đầu nó tự lập các bảng trong tệp SQLite. Trên SQLite không chạy `serve` cùng
    `worker`. It runs until SIGTERM or Ctrl-C and stops in order. It makes the tables of
    a new SQLite file; there `serve` and `worker` exclude each other.
    """
    settings = _with_address(settings_of(), host, port)
    words = words_beside_api(every=every, follow_s=follow_s, name=name)

    async def run(deployment: Deployment) -> None:
        async with aclosing(LongWorkProcess(settings)) as long_work:
            await _serve(deployment, settings, words, long_work)

    with alone(settings):
        carry_out(in_deployment(settings, run))


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


async def _serve(
    deployment: Deployment,
    settings: Settings,
    words: Sequence[str],
    long_work: LongWork,
) -> None:
    note_loop()
    await ensure_in_place(deployment)
    address, metrics = settings.serve, ProcessMetrics()
    identity = identity_in(deployment)
    entrances = entrances_of(
        identity, address, seconds=deployment.time, sleep=deployment.sleep
    )
    keys, news = await keys_at_start(deployment), RunNews()
    worker = WorkerProcess(
        words,
        settings,
        deployment.stop,
        seconds=deployment.time,
        sleep=deployment.sleep,
    )
    app = make_app(
        deployment,
        entrances.access,
        identity=identity,
        public_url=address.public_url,
        pages=page_routes(entrances.browsers, shows_public=address.public_figures),
        page_of=problem_pages(entrances.browsers),
        is_secure=address.is_secure,
        on_written=worker.wake,
        keys=keys,
        shows_public=address.public_figures,
        on_answered=metrics.count_answer,
        long_work=long_work,
        run_news=news,
        senders=senders_of(settings),
    )
    app.middlewares.append(entrances.crowd)
    told_at = settings.metrics
    with stopped_by_signals(deployment.stop):
        async with AsyncExitStack() as stack:
            told = metrics_served(
                deployment,
                metrics,
                host=told_at.host,
                port=told_at.port,
                calls=worker.told,
            )
            await stack.enter_async_context(told)
            await stack.enter_async_context(heard_from_others(deployment, news))
            await stack.enter_async_context(kept_up(app[WORKLISTS], deployment))
            served = serving(
                app,
                address.host,
                address.port,
                bounds=entrances.bounds,
                ends_within_s=_CUT_OFF_WITHIN_S,
            )
            try:
                url = await stack.enter_async_context(served)
            except OSError as error:
                raise _taken(address, error) from error
            awaited = app[CALLS].awaited_at_the_end(
                deployment.stop.wait, address.stop_within_s
            )
            await stack.enter_async_context(awaited)
            _say_open(url, has_key=bool(await all_keys(identity)))
            await worker.run()


def _taken(address: ServeSettings, error: OSError) -> ConfigurationError:
    where = f"{address.host}:{address.port}"
    return ConfigurationError(
        f"serve.port: không mở được {where} ({error.strerror}): chọn cổng khác bằng"
        f" --port, hoặc dừng chương trình đang dùng nó / cannot listen at {where}:"
        " choose another port by --port, or stop what uses it"
    )


def _say_open(url: str, *, has_key: bool) -> None:
    say(
        f"Đang phục vụ tại / Serving at {url} (tài liệu / documents: {url}/docs)",
        event="serving",
        url=url,
    )
    if not has_key:
        say(_FIRST_KEY, event="no key yet", level=logging.WARNING)
