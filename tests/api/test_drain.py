"""The end of the service: calls under way are awaited, and new ones are told so.

That SIGTERM begins it is tested in `tests/e2e/test_graceful_stop.py`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from catalog.db import reader
from ocop_sync.api.app import make_app
from ocop_sync.api.context import CALLS
from ocop_sync.api.routes.imports import CSV
from ocop_sync.api.typed.under_way import CallsUnderWay
from tests.api.served import PACE, Served, StandInAccess
from tests.catalog_database import as_csv
from tests.world import World, entry

PRODUCT = "/api/v1/products/SP-00001"
LONG_S = 3_600.0


class Slow:
    """A sheet of which the second half comes when a test says so."""

    def __init__(self) -> None:
        self.is_coming = asyncio.Event()
        self.rest = asyncio.Event()

    async def parts(self) -> AsyncIterator[bytes]:
        row = {"sku": "SP-00001-1", "price_vnd": 46_000}
        content = as_csv(row).getvalue()
        yield content[:10]
        self.is_coming.set()
        await self.rest.wait()
        yield content[10:]


@pytest.fixture
async def served(world: World, aiohttp_client: AiohttpClient) -> Served:
    await world.save(entry(1))
    app = make_app(world.deployment, StandInAccess(), pace=PACE)
    return Served(world, await aiohttp_client(app))


def calls(served: Served) -> CallsUnderWay:
    app = served.client.app
    assert app is not None
    return app[CALLS]


async def begin(served: Served, slow: Slow) -> "asyncio.Task[int]":
    """Begin to send a sheet; return once the service awaits the rest of it."""

    async def send() -> int:
        headers = {"Content-Type": CSV}
        answer = await served.call(
            "POST", "/api/v1/imports", "producer", data=slow.parts(), headers=headers
        )
        return answer.status

    sending = asyncio.ensure_future(send())
    await slow.is_coming.wait()
    for _ in range(1_000):
        await asyncio.sleep(0)
        if calls(served).count:
            return sending
    pytest.fail("it is not under way")


async def price(world: World) -> int | None:
    async with world.database.read() as conn:
        product, _ = (await reader.get(conn, ["SP-00001"]))["SP-00001"]
    return product.variants[0].price_vnd


async def test_a_call_under_way_is_awaited_and_what_it_does_is_done(
    world: World, served: Served
) -> None:
    slow, stop = Slow(), world.deployment.stop
    sending = await begin(served, slow)

    async with calls(served).awaited_at_the_end(stop.wait, LONG_S):
        stop.ask("SIGTERM")
        refused = await served.call("GET", PRODUCT, "admin")
        ready = await served.call("GET", "/health/ready")
        live = await served.call("GET", "/health/live")
        slow.rest.set()

    assert calls(served).count == 0
    assert await sending == 201
    assert await price(world) == 46_000
    assert (ready.status, live.status) == (503, 200)
    assert refused.status == 503
    assert (await refused.json())["code"] == "stopping"
    assert refused.headers["Connection"] == "close"
    assert refused.headers["Retry-After"] == "60"


async def test_a_call_that_takes_too_long_is_left_alone_and_counted(
    world: World, served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    slow, stop = Slow(), world.deployment.stop
    sending = await begin(served, slow)

    with caplog.at_level(logging.WARNING):
        async with calls(served).awaited_at_the_end(stop.wait, 0):
            stop.ask("SIGTERM")

    (line,) = [each for each in caplog.records if each.message == "calls are cut off"]
    assert vars(line)["count"] == calls(served).count == 1
    slow.rest.set()
    await sending


async def test_without_calls_the_end_comes_at_once(
    world: World, served: Served
) -> None:
    stop = world.deployment.stop
    await served.get(PRODUCT, "admin")

    async with calls(served).awaited_at_the_end(stop.wait, LONG_S):
        stop.ask("SIGTERM")

    assert calls(served).count == 0


async def test_the_work_that_fails_is_not_kept_waiting(
    world: World, served: Served
) -> None:
    with pytest.raises(LookupError):
        async with calls(served).awaited_at_the_end(world.deployment.stop.wait, LONG_S):
            raise LookupError
