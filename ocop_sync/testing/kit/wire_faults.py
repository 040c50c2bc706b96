"""The faults that can hit an HTTP call on its way, each a function.

Which calls are hit is decided in `wire`. A fault says in its first line what it does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import web

ELSEWHERE: Final = "/elsewhere"
"""The path to which a redirect leads, at the same address."""
PHONE: Final = "0912345678"
"""A telephone number that the bodies of failures repeat: nobody's."""

_PIECE: Final = b"a" * 2**16
_LONGEST: Final = 24_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of the marketplace."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def response(self) -> web.Response:
        """Return it as an answer to the adapter."""
        return web.Response(status=self.status, headers=self.headers, body=self.body)


@dataclass(frozen=True, slots=True)
class Met:
    """A call that is hit.

    Attributes:
        request: The call.
        body: Its body.
        pass_on: Lets the marketplace have it.
        value: What the fault was told.
        late: The calls that are kept back.
        ended: Set when nobody waits any longer.
        unplug: Lets nobody connect from now on.
    """

    request: web.Request
    body: bytes
    pass_on: Callable[[], Awaitable[Answer]]
    value: str
    late: list[Callable[[], Awaitable[Answer]]]
    ended: asyncio.Event
    unplug: Callable[[web.Request], Awaitable[None]]

    def cut(self) -> web.Response:
        """Cut the connection."""
        if self.request.transport is not None:
            self.request.transport.abort()
        return web.Response(status=499, reason="Cut")

    def raw(self, sent: bytes) -> web.Response:
        """Send bytes as they are, and cut the connection."""
        if self.request.transport is not None:
            self.request.transport.write(sent)
            self.request.transport.close()
        return web.Response(status=499, reason="Raw")


def _page(status: int, text: str, **headers: str) -> web.Response:
    return web.Response(
        status=status, text=text, headers=headers, content_type="text/html"
    )


async def lose_request(met: Met) -> web.StreamResponse:
    """Never arrives; the connection is cut."""
    return met.cut()


async def lose_answer(met: Met) -> web.StreamResponse:
    """Carried out; the connection is cut instead of an answer."""
    await met.pass_on()
    return met.cut()


async def late(met: Met) -> web.StreamResponse:
    """The connection is cut, and the call arrives later."""
    met.late.append(met.pass_on)
    return met.cut()


async def twice(met: Met) -> web.StreamResponse:
    """Arrives twice; the first answer is given."""
    first = await met.pass_on()
    await met.pass_on()
    return first.response()


async def error_before(met: Met) -> web.StreamResponse:
    """Never arrives; HTTP 503."""
    del met
    return _page(503, "<h1>Service Unavailable</h1>")


async def error_after(met: Met) -> web.StreamResponse:
    """Carried out; HTTP 502."""
    await met.pass_on()
    return _page(502, "<h1>Bad Gateway</h1>")


async def slow(met: Met) -> web.StreamResponse:
    """Carried out; no answer comes."""
    await met.pass_on()
    transport = met.request.transport
    while not met.ended.is_set() and transport and not transport.is_closing():
        with suppress(TimeoutError):
            await asyncio.wait_for(met.ended.wait(), 0.02)
    return web.Response(status=499, reason="Slow")


async def redirect(met: Met) -> web.StreamResponse:
    """Never arrives; sent on to another address with 307."""
    del met
    return web.Response(status=307, headers={"Location": ELSEWHERE})


async def garbage(met: Met) -> web.StreamResponse:
    """Carried out; the body is cut short, as if it were whole."""
    answer = await met.pass_on()
    return Answer(200, {}, answer.body[: len(answer.body) // 2] or b"{").response()


async def empty(met: Met) -> web.StreamResponse:
    """Carried out; no body at all."""
    await met.pass_on()
    return web.Response(status=200)


async def not_utf8(met: Met) -> web.StreamResponse:
    """Carried out; a body that is no UTF-8."""
    await met.pass_on()
    return web.Response(status=200, body=b'{"a": "\xff\xfe"}')


async def other_json(met: Met) -> web.StreamResponse:
    """Carried out; JSON of another shape."""
    await met.pass_on()
    return web.json_response([{"x_new": None}])


async def html(met: Met) -> web.StreamResponse:
    """Carried out; a page for people, as of a proxy."""
    await met.pass_on()
    return _page(200, "<html><title>Welcome</title></html>")


async def packed(met: Met) -> web.StreamResponse:
    """Carried out; a compressed body that nobody has asked for."""
    await met.pass_on()
    headers = {"Content-Encoding": "gzip"}
    return web.Response(status=200, body=b"\x1f\x8b\x08\x00aaaa", headers=headers)


async def not_http(met: Met) -> web.StreamResponse:
    """Carried out; bytes that are no HTTP."""
    await met.pass_on()
    return met.raw(b"\x00\x01\x02 not HTTP at all\r\n\r\n")


async def cut_body(met: Met) -> web.StreamResponse:
    """Carried out; the connection is cut in the middle of the body."""
    answer = await met.pass_on()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer.body) + 1}\r\n\r\n"
    return met.raw(head.encode() + answer.body)


async def oversize(met: Met) -> web.StreamResponse:
    """Carried out; a body of megabytes."""
    await met.pass_on()
    stream = web.StreamResponse(status=200)
    with suppress(ConnectionError):
        await stream.prepare(met.request)
        await stream.write(b'{"data": "')
        for _ in range(_LONGEST // len(_PIECE)):
            await stream.write(_PIECE)
        await stream.write_eof(b'"}')
    return stream


async def answer_twice(met: Met) -> web.StreamResponse:
    """Carried out; the answer, and once more when nobody has asked."""
    answer = await met.pass_on()
    response = answer.response()
    await response.prepare(met.request)
    await response.write_eof()
    head = f"HTTP/1.1 {answer.status} OK\r\nContent-Length: {len(answer.body)}\r\n\r\n"
    if met.request.transport is not None:
        met.request.transport.write(head.encode() + answer.body)
    return response


async def rate_limited(met: Met) -> web.StreamResponse:
    """Never arrives; HTTP 429."""
    headers = {"Retry-After": met.value} if met.value else {}
    return _page(429, "<h1>Too Many Requests</h1>", **headers)


async def unauthorized(met: Met) -> web.StreamResponse:
    """Never arrives; HTTP 401."""
    del met
    return _page(401, "<h1>Unauthorized</h1>")


async def talkative(met: Met) -> web.StreamResponse:
    """Never arrives; HTTP 500 with a body that repeats the call and a number."""
    sent = " ".join(met.request.headers.values())
    return _page(500, f"{sent} {met.body.decode(errors='replace')[:2_000]} {PHONE}")


async def unplug(met: Met) -> web.StreamResponse:
    """Carried out and answered; nobody can connect from then on."""
    answer = (await met.pass_on()).response()
    answer.force_close()
    await met.unplug(met.request)
    return answer


FAULTS: Final[Mapping[str, Callable[[Met], Awaitable[web.StreamResponse]]]] = {
    each.__name__: each
    for each in (
        *(lose_request, lose_answer, late, twice, error_before, error_after, slow),
        *(redirect, garbage, empty, not_utf8, other_json, html, packed, not_http),
        *(cut_body, oversize, answer_twice, rate_limited, unauthorized, talkative),
        unplug,
    )
}
