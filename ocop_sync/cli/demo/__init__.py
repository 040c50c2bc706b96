"""Show it all on two simulated marketplaces: `ocop-sync demo`."""

import os
import sys
from datetime import timedelta
from pathlib import Path

import click

from ocop_sync.bootstrap import open_deployment
from ocop_sync.cli.app.app import quiet_libraries, run
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.param_types import SECONDS
from ocop_sync.cli.app.signals import stopped_by_signals
from ocop_sync.cli.demo.folder import Folder
from ocop_sync.cli.demo.mocks import start_mocks
from ocop_sync.cli.demo.narration import tell
from ocop_sync.cli.demo.open_service import open_service
from ocop_sync.cli.demo.scenario import Walk
from ocop_sync.cli.worker import sync_regularly
from ocop_sync.clock import system_clock
from ocop_sync.log import configure_log
from ocop_sync.requested_runs import RequestedRuns, carrying_out
from ocop_sync.scheduler import Scheduler, scheduling
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.settings.groups import PREFIX
from ocop_sync.worker import Wake

_FOLLOW_SLACK_S = 8
_EVERY = timedelta(seconds=15)


@click.command(
    epilog="Ví dụ / Example: ocop-sync demo --once",
)
@click.option("--once", is_flag=True, help="Dừng sau một lần / end after one round.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".demo"),
    show_default=True,
    help="Nơi giữ mọi thứ / where everything is kept.",
)
@click.option(
    "--products",
    type=click.IntRange(min=1),
    default=267,
    show_default=True,
    help="Số sản phẩm mẫu / fictitious products.",
)
@click.option("--seed", type=int, default=267, show_default=True)
@click.option(
    "--moderation-s",
    type=SECONDS,
    default=2.0,
    show_default=True,
    help="Số giây sàn duyệt tin / seconds of a review.",
)
@click.pass_context
def demo(
    ctx: click.Context,
    *,
    once: bool,
    folder: Path,
    products: int,
    seed: int,
    moderation_s: float,
) -> None:
    """Chạy thử với hai sàn mô phỏng / try it on two simulated marketplaces.

    Mọi thứ nằm trong một thư mục; xoá thư mục là bắt đầu lại. Không có --once thì
    mở dịch vụ trên máy này, in địa chỉ cho từng vai, và tiếp tục đồng bộ đến khi bấm
    Ctrl-C; ở nơi không phải màn hình thì tự dừng. Mã thoát 0 khi mọi sản phẩm đã xong
    hoặc có lý do.

    Everything is kept in one folder. Without --once the service stays open on this
    computer, with an address for each role, until Ctrl-C; where the output is no
    terminal it ends by itself. Exit code 0 if every product is settled or has its
    reason.
    """
    once = once or not sys.stdout.isatty()
    # Danger: the environment of a real deployment must never reach this one. The
    # demonstration would fill a real database with simulated figures.
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        del os.environ[name]
    place = Folder(folder)
    with place.alone(), place.open_log() as log:
        configure_log(stream=log)
        quiet_libraries()
        settled = run(
            _demo(
                place,
                once=once,
                products=products,
                seed=seed,
                moderation_s=moderation_s,
            )
        )
    ctx.exit(Exit.DONE if settled else Exit.FAILED)


async def _demo(
    folder: Folder, *, once: bool, products: int, seed: int, moderation_s: float
) -> bool:
    memory = folder.recall(system_clock())  # before anything is started
    async with start_mocks(folder, moderation_s=moderation_s) as mocks:
        walk = Walk(
            folder=folder,
            mocks=mocks,
            count=products,
            seed=seed,
            follow_for=timedelta(seconds=moderation_s + _FOLLOW_SLACK_S),
        )
        if not memory.is_today:
            await walk.in_march(memory)
        settings = await walk.prepare_today()
        async with open_deployment(settings) as deployment:
            settled = await walk.today(deployment, memory)
            if not once:
                await _go_on(folder, deployment, walk.follow_for)
        return settled


async def _go_on(folder: Folder, deployment: Deployment, follow_for: timedelta) -> None:
    wake, runs = Wake(), Wake()
    at_work = AtWork(deployment=deployment, follow_for=follow_for)

    def look() -> None:
        wake.ask()
        runs.ask()

    with stopped_by_signals(deployment.stop):
        async with (
            open_service(deployment, look),
            scheduling(Scheduler(at_work, Wake()), deployment.stop),
            carrying_out(RequestedRuns(at_work, runs), deployment.stop),
        ):
            tell("going_on", settings=folder.settings)
            await sync_regularly(
                deployment,
                every=_EVERY,
                follow_for=follow_for,
                wake=wake,
                turn=at_work.turn,
            )
