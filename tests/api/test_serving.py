"""An application at an address, as the service is served."""

import asyncio
import logging
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from ocop_sync.api.typed.serving import TAKEN_WITHIN_S, UNREADABLE_EVERY_S, serving
from tests.api.sample import HandTime, sample_app


async def say(url: str, *lines: bytes) -> bytes:
    """Send *lines* as they are; return the first line of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
    writer.write(b"\r\n".join((*lines, b"", b"")))
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_what_is_no_http_is_refused_and_not_written_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving(sample_app(HandTime()), "127.0.0.1", 0) as url:
        key = b"Authorization: Bearer ocop_secret\x00"
        answer = await say(url, b"GET /file HTTP/1.1", b"Host: a", key)

    assert b" 400 " in answer
    told = [each for each in caplog.records if "could not be read" in each.message]
    assert [each.levelno for each in told] == [logging.WARNING]
    assert not any("secret" in str(each.__dict__) for each in caplog.records)


async def test_what_is_no_http_is_told_of_once_a_minute_with_its_count(
    caplog: pytest.LogCaptureFixture,
) -> None:
    minutes: list[Callable[[], None]] = []

    def later(seconds: float, end: Callable[[], None]) -> None:
        if seconds == UNREADABLE_EVERY_S:
            minutes.append(end)

    def counts() -> list[int]:
        return [vars(each)["count"] for each in caplog.records]

    async with serving(sample_app(HandTime()), "127.0.0.1", 0, later=later) as url:
        for _ in range(5):
            await say(url, b"GET /file HTTP/1.1", b"Host: a", b"Secret\x00: a")
        assert (counts(), len(minutes)) == ([1], 1)
        minutes.pop()()
        assert (counts(), len(minutes)) == ([1, 4], 1)
        minutes.pop()()
        assert (counts(), len(minutes)) == ([1, 4], 0)
        for _ in range(3):
            await say(url, b"GET /file HTTP/1.1", b"Host: a", b"Secret\x00: a")
        assert (counts(), len(minutes)) == ([1, 4, 1], 1)

    assert counts() == [1, 4, 1, 2], "none goes untold at the end"
    assert {each.levelno for each in caplog.records} == {logging.WARNING}
    assert not any("Secret" in str(each.__dict__) for each in caplog.records)


async def test_the_log_of_the_server_has_no_addresses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        async with serving(sample_app(HandTime()), "127.0.0.1", 0) as url:
            await say(url, b"GET /things/link-secret?a=secret HTTP/1.1", b"Host: a")

    assert len(caplog.records) == 1
    assert not any("secret" in str(each.__dict__) for each in caplog.records)


async def test_a_connection_on_which_nobody_asks_is_closed() -> None:
    ends: asyncio.Queue[tuple[float, Callable[[], None]]] = asyncio.Queue()

    def later(seconds: float, end: Callable[[], None]) -> None:
        ends.put_nowait((seconds, end))

    async with serving(sample_app(HandTime()), "127.0.0.1", 0, later=later) as url:
        port = urlsplit(url).port
        asked, asking = await asyncio.open_connection("127.0.0.1", port)
        asking.write(b"GET /file HTTP/1.1\r\nHost: a\r\n\r\n")
        await asked.readuntil(b"content")
        silent, saying = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            seconds, end = await ends.get()
            assert seconds == 30
            end()

        assert await silent.read() == b""
        asking.write(b"GET /file HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"200 OK" in await asked.readline()
        for each in (asking, saying):
            each.close()
            await each.wait_closed()


@pytest.mark.skipif(
    not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system has no such option"
)
async def test_who_takes_nothing_of_an_answer_is_cut_off_by_the_system() -> None:
    seen: list[int] = []

    async def look(request: web.Request) -> web.Response:
        assert request.transport is not None
        its = request.transport.get_extra_info("socket")
        seen.append(its.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))
        return web.Response()

    app = web.Application()
    app.router.add_get("/", look)
    async with serving(app, "127.0.0.1", 0) as url:
        await say(url, b"GET / HTTP/1.1", b"Host: a")

    assert seen == [TAKEN_WITHIN_S * 1000]
