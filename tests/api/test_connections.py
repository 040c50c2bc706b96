"""What never becomes a call: no HTTP, or one connection too many."""

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.access.client_address import Proxies
from ocop_sync.api.access.crowds import bounds_of, one_crowd
from ocop_sync.api.access.rates import Rates
from ocop_sync.api.typed.connections import Bounds
from ocop_sync.api.typed.serving import serving
from tests.api.doors import serve_settings
from tests.api.sample import HandTime, sample_app

GET = b"GET /file HTTP/1.1\r\nHost: a\r\n"
CHUNKED = (
    b"POST /things HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer staff\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(url: str) -> Streams:
    return await asyncio.open_connection("127.0.0.1", urlsplit(url).port)


async def answer_of(streams: Streams) -> bytes:
    """Return all that comes until the connection is closed there."""
    try:
        return await streams[0].read()
    except ConnectionResetError:
        return b""
    finally:
        await leave(streams)


async def leave(streams: Streams) -> None:
    streams[1].close()
    with suppress(ConnectionError):
        await streams[1].wait_closed()


def told(answer: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Return the status, the headers and the JSON of the only answer."""
    assert answer.count(b"HTTP/1.") == 1
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(each.split(": ", 1) for each in lines)
    return int(status.split()[1]), headers, json.loads(body)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"NONSENSE\r\n\r\n", "bad_request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 60, "bad_request"),
        (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", "bad_request"),
        (b"GET /file HTTP/1.1\r\n\r\n", "bad_request"),
        (GET + b"Secret: a\x00\r\n\r\n", "bad_request"),
        (
            GET + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "bad_request",
        ),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", "head_too_large"),
        (GET + b"Secret: " + b"a" * 9000 + b"\r\n\r\n", "head_too_large"),
        (CHUNKED + b"ZZ\r\n", "bad_request"),
        (GET + b"Expect: secret\r\n\r\n", "expectation_failed"),
    ],
)
async def test_what_is_no_http_is_refused_as_all_problems_are(
    sent: bytes, code: str
) -> None:
    async with serving(sample_app(HandTime()), "127.0.0.1", 0) as url:
        streams = await connect(url)
        streams[1].write(sent)
        status, headers, form = told(await answer_of(streams))

    assert (form["code"], form["status"]) == (code, status)
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["X-Request-Id"] == form["request_id"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Server"] == "sample"
    assert "ecret" not in json.dumps(form)


class Watched:
    """The sample, and when calls begin and end there."""

    def __init__(self) -> None:
        self.begun, self.ended = asyncio.Event(), asyncio.Event()
        self.app = sample_app(HandTime())
        self.app.middlewares.insert(0, self._watch)

    @web.middleware
    async def _watch(self, request: web.Request, handler: Any) -> Any:
        self.begun.set()
        try:
            return await handler(request)
        finally:
            self.ended.set()


async def test_a_body_that_is_no_http_any_more_is_refused_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watched = Watched()
    async with serving(watched.app, "127.0.0.1", 0) as url:
        streams = await connect(url)
        streams[1].write(CHUNKED + b"3\r\nabc\r\n")
        await watched.begun.wait()
        streams[1].write(b"ZZ\r\n")
        async with asyncio.timeout(20):  # it hangs where it fails
            _, _, form = told(await answer_of(streams))

    assert form["code"] == "bad_request"
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_who_hangs_up_while_sending_is_no_failure_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watched = Watched()
    async with serving(watched.app, "127.0.0.1", 0) as url:
        _, writer = await connect(url)
        writer.write(CHUNKED + b"3\r\nabc\r\n")
        await watched.begun.wait()
        writer.transport.abort()
        await watched.ended.wait()

    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    "bounds",
    [
        pytest.param(Bounds(most=2), id="all together"),
        pytest.param(Bounds(most_of_one=2), id="of one address"),
        pytest.param(Bounds(most=2, caller_at=lambda _: ""), id="of a proxy"),
    ],
)
async def test_a_connection_too_many_is_told_so_and_closed(bounds: Bounds) -> None:
    async with serving(sample_app(HandTime()), "127.0.0.1", 0, bounds=bounds) as url:
        inside = [await connect(url) for _ in range(2)]
        status, headers, form = told(await answer_of(await connect(url)))

        await leave(inside.pop())
        while not await is_served(newcomer := await connect(url)):
            await leave(newcomer)  # the other one's end is not known there yet
        assert await is_served(inside[0]), "who was there before stays"
        for each in (*inside, newcomer):
            await leave(each)
    assert (status, form["code"]) == (503, "unavailable")
    assert headers["Connection"] == "close"
    assert int(headers["Retry-After"]) > 0


async def is_served(streams: Streams) -> bool:
    streams[1].write(GET + b"\r\n")
    return b" 200 " in await streams[0].readline()


async def test_a_proxy_has_no_bound_of_its_own() -> None:
    bounds = Bounds(most_of_one=1, caller_at=lambda _: "")
    async with serving(sample_app(HandTime()), "127.0.0.1", 0, bounds=bounds) as url:
        inside = [await connect(url) for _ in range(3)]
        assert all([await is_served(each) for each in inside])
        for each in inside:
            await leave(each)


async def test_requests_that_are_no_http_are_answered_only_so_often() -> None:
    clock = [0.0]
    proxies = Proxies()
    rates = Rates(60, 2, lambda: clock[0])
    bounds = bounds_of(serve_settings(), proxies, rates)

    async def is_answered() -> bool:
        streams = await connect(url)
        streams[1].write(b"NONSENSE\r\n\r\n")
        return bool(await answer_of(streams))

    async with serving(sample_app(HandTime()), "127.0.0.1", 0, bounds=bounds) as url:
        assert [await is_answered() for _ in range(4)] == [True, True, False, False]
        clock[0] += 1
        assert await is_answered()


def test_a_proxy_that_is_named_is_no_caller() -> None:
    settings = serve_settings(trusted_proxies=["10.0.0.0/8"])
    proxies = Proxies(trusted=settings.trusted_proxies)
    bounds = bounds_of(settings, proxies, Rates(60, 1, lambda: 0.0))

    assert bounds.caller_at("10.1.2.3") == ""
    assert bounds.caller_at("192.0.2.7") == "192.0.2.7"
    assert all(bounds.hears("") for _ in range(9)), "it speaks for many"
    assert bounds.hears("192.0.2.7")
    assert not bounds.hears("192.0.2.7")


async def test_calls_under_way_are_counted_for_the_address_that_a_proxy_tells(
    aiohttp_client: AiohttpClient,
) -> None:
    begun, end = asyncio.Event(), asyncio.Event()

    async def wait(request: web.Request) -> web.Response:
        del request
        begun.set()
        await end.wait()
        return web.Response()

    settings = serve_settings(trusted_proxies=["127.0.0.0/8"])
    app = sample_app(HandTime())
    app.middlewares.append(one_crowd(Proxies(trusted=settings.trusted_proxies), 1))
    app.router.add_get("/wait", wait)
    client = await aiohttp_client(app)

    async def status(path: str, address: str) -> int:
        answer = await client.get(path, headers={"X-Forwarded-For": address})
        return answer.status

    first = asyncio.create_task(status("/wait", "192.0.2.1"))
    await begun.wait()
    assert await status("/file", "192.0.2.1") == 429
    assert await status("/file", "192.0.2.2") == 200
    end.set()
    assert await first == 200
    assert await status("/file", "192.0.2.1") == 200
