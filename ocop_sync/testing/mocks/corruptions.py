"""Corrupt the bytes of answers: a client must survive that, call after call.

Every call here was carried out before its answer is corrupted.
"""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from aiohttp import web

from ocop_sync.testing.mocks.call_log import UNANSWERED
from ocop_sync.testing.mocks.hit_call import HitCall
from ocop_sync.testing.mocks.reasons import reason_of

Corruption = Callable[[HitCall, web.Response], Awaitable[web.StreamResponse]]
"""Corrupts an answer; its docstring's first line names the effect."""

_PIECE = 65_536
_JSON = "application/json"


@cache
def _bomb() -> bytes:
    """Make it when it is asked for: every command imports this module."""
    return gzip.compress(b" " * 20_000_000)


def _body(response: web.Response) -> bytes:
    body = response.body
    return bytes(body) if isinstance(body, bytes | bytearray) else b""


def _stream(response: web.Response, length: int | None = None) -> web.StreamResponse:
    """Return a body under the answer's status that is sent piece by piece."""
    reason = reason_of(response.status)
    stream = web.StreamResponse(status=response.status, reason=reason)
    stream.content_type, stream.content_length = _JSON, length
    return stream


def _instead(
    hit: HitCall, response: web.Response, body: bytes, content_type: str = _JSON
) -> web.Response:
    """Return another body under the answer's status."""
    hit.request[UNANSWERED] = True
    return web.Response(status=response.status, body=body, content_type=content_type)


def _other_body(
    name: str, says: str, body: bytes, content_type: str = _JSON
) -> Corruption:
    """Return the corruption *name*, which puts *body* in place of the answer's."""

    async def corrupt(hit: HitCall, response: web.Response) -> web.StreamResponse:
        return _instead(hit, response, body, content_type)

    corrupt.__name__, corrupt.__doc__ = name, says
    return corrupt


_DEPTH = 200_000
_OTHER_BODIES = (
    _other_body(
        "garbage", "JSON that is cut short, as if it were whole.", b'{"cut short'
    ),
    _other_body("empty", "No body at all.", b""),
    _other_body(
        "html",
        "A page for people, such as a login page.",
        "<html><title>Đăng nhập</title></html>".encode(),
        "text/html",
    ),
    _other_body("not_utf8", "A body that is no UTF-8.", b'{"name": "\xff\xfe"}'),
    _other_body(
        "other_json", "JSON of another shape.", b'[null, 1e400, {"data": "x"}]'
    ),
    _other_body(
        "deep_json",
        "JSON that is nested two hundred thousand deep.",
        b'{"data":' + b"[" * _DEPTH + b"]" * _DEPTH + b"}",
    ),
)


async def gzip_bomb(hit: HitCall, response: web.Response) -> web.StreamResponse:
    """A compressed body of a thousand times its size."""
    bomb = _instead(hit, response, _bomb())
    bomb.headers["Content-Encoding"] = "gzip"
    return bomb


async def huge(hit: HitCall, response: web.Response) -> web.StreamResponse:
    """A body of `size` bytes, at least 20 MB, sent as long as it is taken."""
    hit.request[UNANSWERED] = True
    stream = _stream(response)
    with suppress(ConnectionError):
        await stream.prepare(hit.request)
        await stream.write(b'{"data": "')
        for _sent in range(0, max(hit.rule.size, 20_000_000), _PIECE):
            await stream.write(b"a" * _PIECE)
        await stream.write_eof(b'"}')
    return stream


async def cut_body(hit: HitCall, response: web.Response) -> web.StreamResponse:
    """The connection is cut in the middle of the body."""
    hit.request[UNANSWERED] = True
    body = _body(response)
    stream = _stream(response, len(body) + 1)
    with suppress(ConnectionError):
        await stream.prepare(hit.request)
        await stream.write(body[: len(body) // 2])
    if hit.request.transport is not None:
        hit.request.transport.close()
    return stream


async def trickle(hit: HitCall, response: web.Response) -> web.StreamResponse:
    """The body, a byte every so many seconds."""
    body = _body(response)
    stream = _stream(response, len(body))
    with suppress(ConnectionError):
        await stream.prepare(hit.request)
        for byte in body:
            await stream.write(bytes([byte]))
            await asyncio.sleep(hit.rule.seconds)
            if hit.request.transport is None or hit.request.transport.is_closing():
                hit.request[UNANSWERED] = True
                break
    return stream


async def answer_twice(hit: HitCall, response: web.Response) -> web.StreamResponse:
    """The answer, and once more when nobody has asked."""
    response.set_status(response.status, reason_of(response.status))
    await response.prepare(hit.request)
    await response.write_eof()
    if hit.request.transport is not None:
        body = _body(response)
        head = f"HTTP/1.1 {response.status} OK\r\nContent-Length: {len(body)}\r\n\r\n"
        hit.request.transport.write(head.encode() + body)
    return response


async def not_http(hit: HitCall, _: web.Response) -> web.StreamResponse:
    """Bytes that are no HTTP."""
    return _raw(hit, b"\x00\x01\x02 not HTTP at all\r\n\r\n")


async def long_header(hit: HitCall, _: web.Response) -> web.StreamResponse:
    """A header of a megabyte."""
    return _raw(hit, b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 2**20 + b"\r\n\r\n")


def _raw(hit: HitCall, sent: bytes) -> web.Response:
    hit.request[UNANSWERED] = True
    if hit.request.transport is not None:
        hit.request.transport.write(sent)
        hit.request.transport.close()
    return web.Response(status=499, reason="Raw")


async def wrong_type(_: HitCall, response: web.Response) -> web.StreamResponse:
    """The right body under a wrong content type and encoding."""
    response.headers["Content-Type"] = "text/html; charset=utf-16"
    return response


async def unknown_field(_: HitCall, response: web.Response) -> web.StreamResponse:
    """Every object has one more field, which no document names."""

    def add(value: Any) -> None:
        for each in list(_objects(value)):
            each["x_new"] = {"a": [1, None]}

    return _changed(response, add)


async def missing_field(hit: HitCall, response: web.Response) -> web.StreamResponse:
    """A documented field, `field`, is missing everywhere."""

    def remove(value: Any) -> None:
        for each in _objects(value):
            if each.pop(hit.rule.field, None) is not None:
                hit.request[UNANSWERED] = True

    return _changed(response, remove)


async def wrong_values(hit: HitCall, response: web.Response) -> web.StreamResponse:
    """One value, any, is of another kind than documented."""
    strange: tuple[Any, ...] = (
        *(None, True, -1, 10**30, 1.5, "", "\ud83c", "\x00", "x" * 200_000),
        *([], {}, [[]], "31/02/2026 25:00:00", "9999-12-31T23:59:59-14:00"),
    )

    def corrupt(value: Any) -> None:
        places = [(each, key) for each in _objects(value) for key in each]
        if places:
            each, key = hit.chance.choice(places)
            each[key] = hit.chance.choice(strange)
            hit.request[UNANSWERED] = True

    return _changed(response, corrupt)


async def odd_item(hit: HitCall, response: web.Response) -> web.StreamResponse:
    """One item of a list is in an unknown state, or has a null as its `field`."""

    def corrupt(value: Any) -> None:
        for each in _items(value):
            names = {hit.rule.field} if hit.rule.field else _STATES & each.keys()
            if names and hit.rule.ref in {"", *map(str, each.values())}:
                each.update(dict.fromkeys(names, None if hit.rule.field else "x_new"))
                hit.request[UNANSWERED] = True
                return

    return _changed(response, corrupt)


_STATES = frozenset({"state", "STATUS", "type", "TYPE"})


def _items(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of every list in *value*, and nothing inside them."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _items(each)
    elif isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object inside *value*, the outer ones first."""
    if isinstance(value, dict):
        yield value
        for each in list(value.values()):
            yield from _objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)


def _changed(response: web.Response, change: Callable[[Any], None]) -> web.Response:
    value = json.loads(_body(response) or b"null")
    change(value)
    response.body = json.dumps(value).encode()
    return response


ALL: tuple[Corruption, ...] = (
    *_OTHER_BODIES,
    *(gzip_bomb, huge, cut_body, trickle, answer_twice, not_http, long_header),
    *(wrong_type, unknown_field, missing_field, wrong_values, odd_item),
)
"""Every way in which an answer is corrupted."""
