"""The adapters believe the real pushes of the mocks, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ocop_sync.errors import AuthenticationError
from ocop_sync.marketplace.port import EventKind
from tests.adapters.calls import Market, open_market
from tests.adapters.traits import names_with


@dataclass
class Receiver:
    """Takes pushes, and answers them as it is told.

    Attributes:
        answers: Statuses of the next answers; 204 when there are none left.
        came: Headers and bodies of what came.
    """

    answers: list[int] = field(default_factory=list)
    came: asyncio.Queue[tuple[dict[str, str], bytes]] = field(
        default_factory=asyncio.Queue
    )
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        """Note a push and answer it."""
        self.came.put_nowait((dict(request.headers), await request.read()))
        status = self.answers.pop(0) if self.answers else 204
        headers = {"Location": "http://127.0.0.1:9/"} if status == 307 else None
        return web.Response(status=status, headers=headers)

    async def next(self) -> tuple[dict[str, str], bytes]:
        """Return what comes next; fail if nothing does."""
        return await asyncio.wait_for(self.came.get(), 10)


@asynccontextmanager
async def receiving(name: str) -> AsyncIterator[tuple[Market, Receiver]]:
    """Serve a mock that pushes to a receiver, and three tries for each push."""
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/push/{tail:.*}", receiver.take)
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/push/thu?a=%20b"))
        market = await open_market(name, push_waits_s=(0.0, 0.0))
        try:
            await subscribe(market, receiver)
            yield market, receiver
        finally:
            await market.support.close_bench([market.bench])


async def subscribe(market: Market, receiver: Receiver) -> None:
    code = market.traits.shop
    await market.bench.control("pushes", url=receiver.url, code=code)


async def address(market: Market) -> dict[str, Any]:
    [found] = (await market.bench.look("pushes"))["pushes"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", names_with("events"))
async def test_a_real_push_is_believed_and_tells_what_happened(name: str) -> None:
    async with receiving(name) as (market, receiver):
        ref = await market.bench.publish()
        await market.bench.shown(ref)  # when the mock is asked, its review ends
        await market.bench.control("sell", ref=ref, sku="SP-00001-1", quantity=3)

        pushes = [await receiver.next() for _ in range(2)]

        told = [
            event
            for headers, body in pushes
            for event in market.adapter.verify_push(receiver.url, headers, body)
        ]
        assert [event.kind for event in told] == [EventKind.APPROVED, EventKind.SOLD]
        assert (told[1].ref, told[1].sku, told[1].quantity) == (ref, "SP-00001-1", 3)
        assert told == list((await market.adapter.events(None)).items)


@pytest.mark.parametrize("name", names_with("events"))
async def test_a_real_push_is_not_believed_once_it_was_changed(name: str) -> None:
    async with receiving(name) as (market, receiver):
        ref = await market.bench.publish()
        await market.bench.control("ban", ref=ref, reason="Vi phạm")
        headers, body = await receiver.next()

        for url, changed in (
            (receiver.url, body.replace(ref.encode(), b"40009")),
            (receiver.url + "2", body),
        ):
            with pytest.raises(AuthenticationError):
                market.adapter.verify_push(url, headers, changed)


@pytest.mark.parametrize("status", [500, 404, 307])
@pytest.mark.parametrize("name", names_with("events"))
async def test_a_push_that_is_not_taken_comes_again(name: str, status: int) -> None:
    async with receiving(name) as (market, receiver):
        ref = await market.bench.publish()
        receiver.answers = [status, status]
        await market.bench.control("ban", ref=ref, reason="Vi phạm")

        tries = [await receiver.next() for _ in range(3)]

        bodies = {body for _, body in tries}
        assert len(bodies) <= 2, "the approval, and the ban"
        for headers, body in tries:
            market.adapter.verify_push(receiver.url, headers, body)


@pytest.mark.parametrize("name", names_with("events"))
async def test_an_address_that_never_answers_is_dead_until_it_is_named_again(
    name: str,
) -> None:
    async with receiving(name) as (market, receiver):
        ref = await market.bench.publish()
        receiver.answers = [500] * 9
        for _ in range(3):
            changes = {market.traits.name_field: "A"}
            await market.bench.control("edit", ref=ref, changes=changes)
        for _ in range(9):
            await receiver.next()
        dead = await address(market)
        for _ in range(20):  # the last answer is on its way
            if dead["is_dead"]:
                break
            dead = await address(market)
        await market.bench.control("take_down", ref=ref)

        await subscribe(market, receiver)
        await market.bench.control("delete", ref=ref)
        headers, body = await receiver.next()

        assert (dead["is_dead"], dead["sent"]) == (True, 0)
        [event] = market.adapter.verify_push(receiver.url, headers, body)
        assert event.kind is EventKind.DOWN
        assert (await address(market))["is_dead"] is False


@pytest.mark.parametrize(
    "url", ["http://203.0.113.5/push", "https://127.0.0.1/x", "http://example.test/"]
)
@pytest.mark.parametrize("name", names_with("events"))
async def test_nothing_is_pushed_to_another_computer(name: str, url: str) -> None:
    async with receiving(name) as (market, _):
        page = market.bench.server.make_url("/_mock/pushes")
        where = {"url": url, "code": market.traits.shop}

        async with market.bench.session.post(page, json=where) as response:
            assert response.status == 422
