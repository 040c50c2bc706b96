"""Do to a call as the networks and servers of real marketplaces do.

Each fault stands around the carrying out of a call: before it, instead of it, later,
twice, or after it. Faults of the answer's bytes are in `corruptions`. No fault here
knows an API; each mock adds those that do.

A call that was carried out says so in the log (`applied`), whether or not its client
was told (`answered`).
"""

import asyncio
import copy
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from aiohttp import web

from ocop_sync.testing.mocks import corruptions
from ocop_sync.testing.mocks.call_log import APPLIED, UNANSWERED, CallLog
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.fault_rule import Rule
from ocop_sync.testing.mocks.lag import Lag
from ocop_sync.testing.mocks.staff_actions import Act

PAGE_SIZE = web.RequestKey("page_size", int)
"""The most items that a page of this call may have."""

Proceed = Callable[[], Awaitable[web.StreamResponse]]
"""Carries a call out."""


class Later:
    """Calls that are carried out at a later instant of the mock's clock.

    Args:
        clock: The mock's clock.
        log: Where they are noted once they are carried out.
    """

    def __init__(self, clock: MockClock, log: CallLog) -> None:
        self._clock = clock
        self._log = log
        self._due: list[tuple[datetime, int, web.Request, Proceed]] = []
        self._count = 0

    def put_off(self, seconds: float, request: web.Request, proceed: Proceed) -> None:
        """Carry a call out *seconds* from now."""
        self._count += 1
        due = self._clock() + timedelta(seconds=seconds)
        heappush(self._due, (due, self._count, request, proceed))

    async def settle(self) -> None:
        """Carry out the calls that are due, the earliest first.

        Nobody hears the answers.
        """
        while self._due and self._due[0][0] <= self._clock():
            _, _, request, proceed = heappop(self._due)
            request[APPLIED] = []
            response = await proceed()
            self._log.add(request, response.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backstage:
    """The parts of a mock that a fault can reach.

    Attributes:
        clock: Its clock.
        acts: The acts of its people, by name.
        rows: Its listings as they are kept, by the identifiers in the log.
        lag: The rows that readers see late.
        later: The calls that are carried out late.
    """

    clock: MockClock
    acts: Mapping[str, Act]
    rows: Mapping[str, Any]
    lag: Lag
    later: Later


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One call that is hit.

    Attributes:
        rule: The rule that hits it, with its parameters.
        request: The call; its body is read already.
        proceed: Carries it out, or plays the next fault around that.
        chance: Draws all made-up values.
        backstage: The parts of the mock that can be reached.
    """

    rule: Rule
    request: web.Request
    proceed: Proceed
    chance: random.Random
    backstage: Backstage


Play = Callable[[Scene], Awaitable[web.StreamResponse]]
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


async def drop(scene: Scene) -> web.StreamResponse:
    """Not carried out; the connection is cut."""
    return _hang_up(scene.request)


async def lose_answer(scene: Scene) -> web.StreamResponse:
    """Carried out; the connection is cut instead of an answer."""
    await scene.proceed()
    return _hang_up(scene.request)


async def late(scene: Scene) -> web.StreamResponse:
    """The connection is cut; carried out so many seconds later."""
    scene.backstage.later.put_off(scene.rule.seconds, scene.request, scene.proceed)
    return _hang_up(scene.request)


async def error(scene: Scene) -> web.StreamResponse:
    """Not carried out; an HTTP error page."""
    return _error_page(scene.rule.status)


async def error_after(scene: Scene) -> web.StreamResponse:
    """Carried out; an HTTP error page."""
    await scene.proceed()
    scene.request[UNANSWERED] = True
    return _error_page(scene.rule.status)


async def too_long(scene: Scene) -> web.StreamResponse:
    """Not carried out if the body is longer than `size` bytes: HTTP 413."""
    if len(await scene.request.read()) > scene.rule.size:
        return _error_page(413)
    return await scene.proceed()


async def redirect(scene: Scene) -> web.StreamResponse:
    """Not carried out; sent on to another address with 307."""
    headers = {"Location": scene.rule.target or "http://127.0.0.1:9/"}
    return web.Response(status=307, headers=headers)


async def twice(scene: Scene) -> web.StreamResponse:
    """Delivered and carried out twice; the second answer is given."""
    await scene.proceed()
    return await scene.proceed()


async def stale(scene: Scene) -> web.StreamResponse:
    """Carried out and answered; readers see it so many seconds later."""
    back = scene.backstage
    before = copy.deepcopy(dict(back.rows))
    response = await scene.proceed()
    until = back.clock() + timedelta(seconds=scene.rule.seconds)
    for key in scene.request.get(APPLIED, []):
        if key in back.rows:
            back.lag.hold(key, before.get(key), until)
    return response


async def slow(scene: Scene) -> web.StreamResponse:
    """Carried out so many real seconds late."""
    await asyncio.sleep(scene.rule.seconds)
    return await scene.proceed()


async def skew(scene: Scene) -> web.StreamResponse:
    """Carried out by a clock that is so many seconds off."""
    scene.backstage.clock.advance(scene.rule.seconds)
    try:
        return await scene.proceed()
    finally:
        scene.backstage.clock.advance(-scene.rule.seconds)


async def small_pages(scene: Scene) -> web.StreamResponse:
    """Pages hold fewer items than was asked for and is documented."""
    scene.request[PAGE_SIZE] = scene.rule.size
    return await scene.proceed()


async def act_before(scene: Scene) -> web.StreamResponse:
    """People do something just before the call is carried out."""
    _act(scene)
    return await scene.proceed()


async def act_after(scene: Scene) -> web.StreamResponse:
    """People do something right after; ref "$applied" is the changed listing."""
    response = await scene.proceed()
    _act(scene)
    return response


def _act(scene: Scene) -> None:
    body = dict(scene.rule.act)
    act = scene.backstage.acts[body.pop("act")]
    refs = [body.get("ref")]
    if refs == ["$applied"]:
        refs = scene.request.get(APPLIED, [])
    for ref in refs:
        # An act that makes no sense for this listing, or for none, is left out.
        with suppress(LookupError, ValueError):
            act({**body, "ref": ref})


def _spoilt(spoil: corruptions.Spoil) -> Play:
    async def play(scene: Scene) -> web.StreamResponse:
        response = await scene.proceed()
        assert isinstance(response, web.Response)  # noqa: S101 - what mocks answer
        return await spoil(scene.request, response, scene.rule, scene.chance)

    play.__doc__ = spoil.__doc__
    return play


PLAYS: Mapping[str, Play] = {
    **{
        play.__name__: play
        for play in (
            *(drop, lose_answer, late, error, error_after, too_long, redirect, twice),
            *(stale, slow, skew, small_pages, act_before, act_after),
        )
    },
    **{spoil.__name__: _spoilt(spoil) for spoil in corruptions.ALL},
}
"""The faults of every mock."""
