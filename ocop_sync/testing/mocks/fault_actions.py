"""Do to a call as the networks and servers of real marketplaces do.

Each fault stands around the carrying out of a call: before it, instead of it, later,
twice, or after it. Faults of the answer's bytes are in `corruptions`. No fault here
knows an API; each mock adds those that do.

A call that was carried out says so in the log (`applied`), whether or not its client
was told (`answered`).
"""

import asyncio
import copy
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from aiohttp import web

from ocop_sync.testing.mocks import corruptions
from ocop_sync.testing.mocks.call_log import APPLIED, UNANSWERED
from ocop_sync.testing.mocks.hit_call import HitCall

PAGE_SIZE = web.RequestKey("page_size", int)
"""The most items that a page of this call may have."""

FaultAction = Callable[[HitCall], Awaitable[web.StreamResponse]]
"""Plays one fault; its docstring's first line names the effect."""


def _hang_up(request: web.Request) -> web.Response:
    """Cut the connection."""
    request[UNANSWERED] = True
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499, reason="Cut")


def _error_page(status: int) -> web.Response:
    text = f"<html><body><h1>{status}</h1>Lỗi hệ thống (mô phỏng)</body></html>"
    return web.Response(status=status, text=text, content_type="text/html")


async def drop(hit: HitCall) -> web.StreamResponse:
    """Not carried out; the connection is cut."""
    return _hang_up(hit.request)


async def lose_answer(hit: HitCall) -> web.StreamResponse:
    """Carried out; the connection is cut instead of an answer."""
    await hit.proceed()
    return _hang_up(hit.request)


async def late(hit: HitCall) -> web.StreamResponse:
    """The connection is cut; carried out so many seconds later."""
    hit.mock.later.put_off(hit.rule.seconds, hit.request, hit.proceed)
    return _hang_up(hit.request)


async def error(hit: HitCall) -> web.StreamResponse:
    """Not carried out; an HTTP error page."""
    return _error_page(hit.rule.status)


async def error_after(hit: HitCall) -> web.StreamResponse:
    """Carried out; an HTTP error page."""
    await hit.proceed()
    hit.request[UNANSWERED] = True
    return _error_page(hit.rule.status)


async def too_long(hit: HitCall) -> web.StreamResponse:
    """Not carried out if the body is longer than `size` bytes: HTTP 413."""
    if len(await hit.request.read()) > hit.rule.size:
        return _error_page(413)
    return await hit.proceed()


async def redirect(hit: HitCall) -> web.StreamResponse:
    """Not carried out; sent on to another address with 307."""
    headers = {"Location": hit.rule.target or "http://127.0.0.1:9/"}
    return web.Response(status=307, headers=headers)


async def twice(hit: HitCall) -> web.StreamResponse:
    """Delivered and carried out twice; the second answer is given."""
    await hit.proceed()
    return await hit.proceed()


async def stale(hit: HitCall) -> web.StreamResponse:
    """Carried out and answered; readers see it so many seconds later."""
    back = hit.mock
    before = copy.deepcopy(dict(back.rows))
    response = await hit.proceed()
    until = back.clock() + timedelta(seconds=hit.rule.seconds)
    for key in hit.request.get(APPLIED, []):
        if key in back.rows:
            back.lag.hold(key, before.get(key), until)
    return response


async def slow(hit: HitCall) -> web.StreamResponse:
    """Carried out so many real seconds late."""
    await asyncio.sleep(hit.rule.seconds)
    return await hit.proceed()


async def skew(hit: HitCall) -> web.StreamResponse:
    """Carried out by a clock that is so many seconds off."""
    hit.mock.clock.advance(hit.rule.seconds)
    try:
        return await hit.proceed()
    finally:
        hit.mock.clock.advance(-hit.rule.seconds)


async def small_pages(hit: HitCall) -> web.StreamResponse:
    """Pages hold fewer items than was asked for and is documented."""
    hit.request[PAGE_SIZE] = hit.rule.size
    return await hit.proceed()


async def act_before(hit: HitCall) -> web.StreamResponse:
    """People do something just before the call is carried out."""
    _act(hit)
    return await hit.proceed()


async def act_after(hit: HitCall) -> web.StreamResponse:
    """People do something right after; ref "$applied" is the changed listing."""
    response = await hit.proceed()
    _act(hit)
    return response


def _act(hit: HitCall) -> None:
    body = dict(hit.rule.act)
    act = hit.mock.acts[body.pop("act")]
    refs = [body.get("ref")]
    if refs == ["$applied"]:
        refs = hit.request.get(APPLIED, [])
    for ref in refs:
        # An act that makes no sense for this listing, or for none, is left out.
        with suppress(LookupError, ValueError):
            act({**body, "ref": ref})


def _corrupted(corrupt: corruptions.Corruption) -> FaultAction:
    async def play(hit: HitCall) -> web.StreamResponse:
        response = await hit.proceed()
        assert isinstance(response, web.Response)  # noqa: S101 - what mocks answer
        return await corrupt(hit, response)

    play.__doc__ = corrupt.__doc__
    return play


FAULT_ACTIONS: Mapping[str, FaultAction] = {
    **{
        play.__name__: play
        for play in (
            *(drop, lose_answer, late, error, error_after, too_long, redirect, twice),
            *(stale, slow, skew, small_pages, act_before, act_after),
        )
    },
    **{each.__name__: _corrupted(each) for each in corruptions.ALL},
}
"""The faults of every mock."""
