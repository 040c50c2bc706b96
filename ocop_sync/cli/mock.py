"""Serve a simulated marketplace: `ocop-sync mock`."""

import asyncio
import math
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click
from aiohttp import web

from ocop_sync.cli.app.event_loop import carry_out
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.param_types import CODE, Amount
from ocop_sync.cli.mock_accounts import Shop, open_shops, shops_of
from ocop_sync.cli.private_process import locked, private_files
from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace.registry import mock_names
from ocop_sync.testing.mocks.loopback import is_loopback
from ocop_sync.testing.mocks.mock import open_mock

_PATIENCE_S = 10
"""How long another mock that is just ending is waited for."""

READY = "listening:"
"""Before the address, on the line that says that the mock is ready."""


@click.command(
    epilog="Ví dụ / Example: ocop-sync mock postmart --port 9101 --data postmart.json",
)
@click.argument("name", type=click.Choice(mock_names()))
@click.option(
    "--host",
    type=CODE,
    default="127.0.0.1",
    show_default=True,
    help="Địa chỉ để nghe / address to listen at.",
)
@click.option(
    "--allow-any-host",
    is_flag=True,
    help="Cho nghe cả ở địa chỉ mà máy khác tới được"
    " / also listen where other computers can reach it.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="0: cổng trống bất kỳ / any free port.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Tệp giữ dữ liệu giữa các lần chạy / file that keeps its data.",
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--moderation-s",
    type=Amount(),
    default=2.0,
    show_default=True,
    help="Số giây duyệt tin; số âm: chỉ người duyệt"
    " / seconds of a review; below 0: only by hand.",
)
@click.option(
    "--quota",
    type=Amount(min=0, min_open=True),
    help="Số lần gọi mỗi giây; bỏ trống: không giới hạn"
    " / calls a second; none if left out.",
)
@click.option(
    "--check-pictures",
    is_flag=True,
    help="Tải và đo ảnh, chỉ từ máy này / fetch and measure pictures,"
    " from this computer only.",
)
@click.option(
    "--open-accounts",
    is_flag=True,
    help="Mở sẵn tài khoản mô phỏng của các gian hàng có trong thiết lập"
    " / open the simulated accounts of the shops that the settings name.",
)
@click.option("--until-input-ends", is_flag=True, hidden=True)
def mock(
    *,
    name: str,
    host: str,
    allow_any_host: bool,
    port: int,
    data: Path | None,
    seed: int,
    moderation_s: float,
    quota: float | None,
    check_pictures: bool,
    open_accounts: bool,
    until_input_ends: bool,
) -> None:
    """Chạy một sàn mô phỏng / serve a simulated marketplace.

    Tất cả số liệu của sàn này là SỐ LIỆU MÔ PHỎNG. Các trang /_mock/ đóng vai
    nhân viên và người mua của sàn, chỉ gọi được từ máy này.

    All its figures are simulated. The pages under /_mock/ play its staff and
    buyers; they answer to this computer only.
    """
    _ensure_near(host, allowed=allow_any_host)
    review_s = math.inf if moderation_s < 0 else moderation_s
    shops = shops_of(name) if open_accounts else ()
    try:
        with private_files(), _alone_with(data):
            app = open_mock(name).make_app(
                data=data,
                seed=seed,
                moderation_s=review_s,
                quota_per_s=quota,
                check_pictures=check_pictures,
            )
            serving = _serve(app, host, port, shops, until_input_ends=until_input_ends)
            carry_out(serving)
    except ValueError as error:
        click.echo(f"Lỗi / Error: {error}", err=True)
        sys.exit(Exit.WRONG)


def _ensure_near(host: str, *, allowed: bool) -> None:
    """Refuse an address that other computers can reach, or warn of it.

    Raises:
        click.UsageError: It is such an address, and nobody has *allowed* it.
    """
    if host == "localhost" or is_loopback(host):
        return
    if not allowed:
        message = (
            f"--host {host}: máy khác tới được; sàn mô phỏng không có bảo vệ, hãy dùng"
            " 127.0.0.1, hoặc thêm --allow-any-host nếu thật sự muốn"
            f" / --host {host}: other computers can reach it; a simulated marketplace"
            " has no protection: use 127.0.0.1, or add --allow-any-host if you mean it"
        )
        raise click.UsageError(message)
    click.echo(
        f"Cảnh báo / Warning: {host}: sàn mô phỏng này không có bảo vệ, và máy khác"
        " tới được / a simulation without protection that other computers can reach",
        err=True,
    )


def _alone_with(data: Path | None) -> AbstractContextManager[None]:
    """Keep every other mock away from the same data.

    One that is just ending is waited for: it writes its data once more.
    """
    if data is None:
        return nullcontext()
    data.parent.mkdir(parents=True, exist_ok=True)
    taken = f"{data}: một sàn mô phỏng khác đang dùng / in use by another mock"
    return locked(data.with_name(f"{data.name}.lock"), taken, wait_s=_PATIENCE_S)


async def _serve(
    app: web.Application,
    host: str,
    port: int,
    shops: Sequence[Shop],
    *,
    until_input_ends: bool,
) -> None:
    """Serve until SIGTERM or SIGINT; also until the input ends, if so asked.

    The input of a child ends with its parent, however that ends.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    if until_input_ends:
        loop.add_reader(sys.stdin.fileno(), stop.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            message = (
                f"{host}, cổng {port}: không nghe được ở đó / {host}, port {port}:"
                f" cannot listen there: {error.strerror}"
            )
            raise ConfigurationError(message) from error
        address = runner.addresses[0]
        if shops:
            place = f"[{address[0]}]" if ":" in address[0] else address[0]
            await open_shops(f"http://{place}:{address[1]}", shops)
        click.echo(f"Sàn mô phỏng / {READY} http://{address[0]}:{address[1]}")
        await stop.wait()
    finally:
        await runner.cleanup()
