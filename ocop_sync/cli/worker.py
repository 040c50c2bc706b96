"""Keep marketplaces right, again and again: `ocop-sync worker`."""

import asyncio
import logging
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from socket import socket
from typing import Any

import click

from ocop_sync.bootstrap import own_name
from ocop_sync.bootstrap.databases import ensure_not_lost
from ocop_sync.bootstrap.notices import senders_of
from ocop_sync.cli.app.app import follow_log, settings_of
from ocop_sync.cli.app.event_loop import carry_out, note_loop
from ocop_sync.cli.app.exits import first_known
from ocop_sync.cli.app.one_server import beside_no_server
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.app.options import FOLLOW
from ocop_sync.cli.app.param_types import NAME, Duration
from ocop_sync.cli.app.signals import stopped_by_signals
from ocop_sync.cli.beside_api import life_line
from ocop_sync.cli.beside_api.frames import answer_all, receive
from ocop_sync.errors import DatabaseGoneError, StoppedError
from ocop_sync.metrics.of_process import ProcessMetrics
from ocop_sync.metrics.of_worker import AtWorker
from ocop_sync.metrics.port import metrics_served
from ocop_sync.requested_runs import RequestedRuns, carrying_out
from ocop_sync.scheduler import Scheduler, scheduling, told_by_others
from ocop_sync.service.decisions.restoring import ensure_in_place
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.notices.sender import Sender
from ocop_sync.service.run.heartbeat import BEAT_S, Pulse, beating
from ocop_sync.service.run.report import Report
from ocop_sync.service.run.run_log import log_synced
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.service.sync.check_accounts import Checked, check_accounts
from ocop_sync.service.sync.lease_wait import wait_for_leases
from ocop_sync.service.sync.next_due import Ends
from ocop_sync.service.sync.sync_changed import RegularSync
from ocop_sync.service.watch.telling import telling
from ocop_sync.settings import MetricsSettings, Settings
from ocop_sync.store.runs.heartbeats import Doing
from ocop_sync.worker import Heart, OnChange, Times, Wake, work_regularly

_log = logging.getLogger(__name__)


EVERY = click.option(
    "--every",
    type=Duration(),
    default="60s",
    show_default=True,
    help="Từ lần này đến lần sau / from one start to the next.",
)
WORKER_NAME = click.option(
    "--name",
    type=NAME,
    default=own_name,
    help="Tên để `health` hỏi; mặc định là tên máy / the name that `health` asks for,"
    " by default the computer's.",
)


@click.command(
    epilog="Ví dụ / Example: ocop-sync worker --every 60s",
)
@EVERY
@FOLLOW
@WORKER_NAME
@click.option("--beside-api", type=int, hidden=True)
def worker(
    *, every: timedelta, follow_s: float, name: str, beside_api: int | None
) -> None:
    """Đồng bộ đều đặn đến khi SIGTERM hoặc Ctrl-C / sync until SIGTERM or Ctrl-C.

    Lần đang chạy dừng lại có trật tự: không gửi gì mới, chờ những gì đang gửi. A sync
    that is running stops in order: it sends nothing new and awaits the calls under way.
    """
    follow_for = timedelta(seconds=follow_s)
    how: Any = {"every": every, "follow_for": follow_for, "name": name}
    if beside_api is not None:  # `serve` has the lock already
        carry_out(_work_beside_api(beside_api, **how))
        return
    settings = settings_of()
    ensure_not_lost(settings)
    how["senders"] = senders_of(settings)
    with beside_no_server(settings):
        work = partial(_work, settings.metrics, **how)
        carry_out(in_deployment(settings, work))


async def _work(told_at: MetricsSettings, deployment: Deployment, **how: Any) -> None:
    metrics = metrics_served(
        deployment, ProcessMetrics(), host=told_at.host, port=told_at.port
    )
    with stopped_by_signals(deployment.stop):
        async with metrics:
            await work_until_stopped(deployment, **how)


async def _work_beside_api(number: int, **how: Any) -> None:
    """Work for `serve`, by the settings that it hands over at the socket *number*."""
    reader, writer = await asyncio.open_connection(sock=socket(fileno=number))
    settings: Settings = await receive(reader)
    follow_log(settings)
    ensure_not_lost(settings)
    how["senders"] = senders_of(settings)
    await in_deployment(settings, partial(_work_for_api, reader, writer, **how))


async def _work_for_api(
    reader: StreamReader, writer: StreamWriter, deployment: Deployment, **how: Any
) -> None:
    """Work while `serve` says when there may be work, and when to stop.

    It asks for our part of its metrics over this connection.
    """
    wake, runs, metrics = Wake(), Wake(), ProcessMetrics()
    stop = partial(deployment.stop.ask, "serve")

    def look() -> None:
        wake.ask()
        runs.ask()

    life_line.hold({life_line.WAKE: look, life_line.STOP: stop})
    with stopped_by_signals(deployment.stop, says=False):
        told_of = AtWorker(deployment, metrics)
        answering = asyncio.create_task(answer_all(told_of, reader, writer))
        try:
            async with metrics.looking_at_lag():
                await work_until_stopped(deployment, wake=wake, runs=runs, **how)
        finally:
            writer.close()
            await asyncio.gather(answering, return_exceptions=True)


def words_beside_api(*, every: timedelta, follow_s: float, name: str) -> list[str]:
    """Return the arguments by which Python becomes the worker of `serve`."""
    return [
        *("-m", "ocop_sync", "worker"),
        *("--every", f"{int(every.total_seconds())}s"),
        *("--follow", str(follow_s), "--name", name, "--beside-api"),
    ]


async def work_until_stopped(
    deployment: Deployment,
    *,
    every: timedelta,
    follow_for: timedelta,
    name: str,
    wake: Wake | None = None,
    runs: Wake | None = None,
    senders: Sequence[Sender] = (),
) -> None:
    """Check the accounts, then sync regularly until told to stop, with heartbeats.

    Whenever *wake* is asked, products that have changed are synced in between, and so
    they are when another process tells of changes. Schedules are run as well, and so is
    what people ask for, at once if *runs* is asked. What must be told is told by
    *senders* meanwhile.

    Raises:
        MovedDatabaseError: The database was put back or moved, and nobody has said so.
    """
    note_loop()
    await ensure_in_place(deployment)
    if not deployment.sites:
        _log.warning("no accounts are set, nothing will be synced")
    pulse = Pulse(deployment, name, every)
    pulse.turn_to(Doing.SYNCING)
    await pulse.beat()
    at_work = AtWork(deployment=deployment, follow_for=follow_for)
    runs = runs or Wake()
    async with (
        beating(pulse.beat, BEAT_S, deployment.sleep),
        telling(deployment, senders),
        told_by_others(deployment, wake, runs) as (changes, schedules),
        scheduling(Scheduler(at_work, schedules), deployment.stop),
        carrying_out(RequestedRuns(at_work, runs), deployment.stop),
    ):
        await check_at_start(deployment)
        await sync_regularly(
            deployment,
            every=every,
            follow_for=follow_for,
            heart=pulse,
            wake=changes,
            turn=at_work.turn,
        )


async def check_at_start(deployment: Deployment) -> None:
    """Sign in at each account once, and log the results: none stops another."""
    with suppress(StoppedError):
        for each in await check_accounts(deployment):
            more = {"account": each.account, "result": each.result.value}
            if each.result is Checked.OK:
                _log.info("account checked", extra=more)
                continue
            more |= {"reason": each.why, "todo": str(each.todo or "")}
            _log.warning("account checked", extra=more)


async def sync_regularly(
    deployment: Deployment,
    *,
    every: timedelta,
    follow_for: timedelta,
    heart: Heart | None = None,
    wake: Wake | None = None,
    turn: asyncio.Lock | None = None,
) -> None:
    """Sync all marketplaces regularly and when a run is due, until told to stop.

    Whenever *wake* is asked, products that have changed are synced in between. Each
    sync takes its *turn* among others of this process.

    Raises:
        DatabaseGoneError: The database's file was deleted or replaced meanwhile.
    """
    ends = Ends(deployment)
    gone: list[DatabaseGoneError] = []

    def end_for(error: DatabaseGoneError) -> None:
        """Stop: SQLite would go on with a deleted file as if nothing had happened."""
        gone.append(error)
        _log.error("stopped: the database file is gone", extra={"reason": str(error)})
        deployment.stop.ask(str(error))

    async def next_due(since: datetime) -> datetime | None:
        try:
            return await ends.next(since)
        except DatabaseGoneError as error:
            end_for(error)
            raise

    regular = RegularSync(deployment, follow_for=follow_for)

    turn = turn or asyncio.Lock()

    async def logged(work: Callable[[], Awaitable[Report | None]]) -> None:
        try:
            async with turn:
                await ends.watch()
                await wait_for_leases(deployment)
                report = await work()
        except Exception as error:
            known = first_known(error)
            if known is None:
                raise
            if isinstance(known, DatabaseGoneError):
                end_for(known)
                return
            _log.warning("sync put off", extra={"reason": str(known)})
            return
        if report is not None:
            log_synced(report)

    times = Times(
        every=every,
        next_due=next_due,
        clock=deployment.clock,
        sleep=deployment.sleep,
    )
    whole, changed = partial(logged, regular.whole), partial(logged, regular.changed)
    on_change = OnChange(wake=wake, sync=changed) if wake else None
    await work_regularly(whole, times, deployment.stop, heart, on_change)
    if gone:
        raise gone[0]
