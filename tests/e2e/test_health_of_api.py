"""`ocop-sync health --api`: whether the API answers, besides the worker."""

import socket
from urllib.parse import urlsplit

from aiohttp import web

from ocop_sync.api.routes.health import get_live
from tests.e2e.served import Desk, serve


def set_port(desk: Desk, port: int | None) -> None:
    desk.write_settings(more=f"serve.port = {port}")


def test_an_api_that_does_not_answer_is_not_healthy_and_named(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    set_port(desk, port)

    result = desk.run("health", "--api")

    assert result.exit_code == 1
    assert f"http://127.0.0.1:{port}{get_live.path}" in result.stdout
    assert "the API does not answer" in result.stdout


def test_of_an_api_that_answers_the_worker_is_asked_next(desk: Desk) -> None:
    async def live(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get(get_live.path, live)
    with serve(app) as api:
        set_port(desk, urlsplit(api.url).port)
        result = desk.run("health", "--api", "--name", "chưa có")

    assert result.exit_code == 1
    assert "no worker of this name has run" in result.stdout
