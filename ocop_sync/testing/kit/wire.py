"""A proxy between an adapter and its marketplace that breaks calls on their way.

It listens on loopback, passes each call on as it is, and notes it. A fault hits the
calls that `Wire.break_calls` names: some never arrive, some are carried out and their
answer is lost, doubled, late or unreadable. The effects are judged by the checks.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web
from yarl import URL

from ocop_sync.testing.kit.spoiled import spoiled
from ocop_sync.testing.kit.wire_faults import FAULTS, Answer, Met

_KEPT_OUT: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "date", "server"}
)
_LARGEST_BODY: Final = 2**26


@dataclass(slots=True)
class Hop:
    """An HTTP call that came along.

    Attributes:
        method: Its method.
        path: Its path, without the query.
        is_write: Whether it may change something, as the shop says.
        arrived: How often the marketplace got it.
        hit: The fault that hit it, or "".
    """

    method: str
    path: str
    is_write: bool
    arrived: int = 0
    hit: str = ""


@dataclass(slots=True)
class _Rule:
    fault: str
    only_writes: bool
    skip: int
    count: int | None
    value: str


class Wire:
    """The way to one marketplace.

    Args:
        base_url: Where its API is.
        is_write: Says by method and path whether a call may change something.

    Attributes:
        hops: The calls that came along, in order.
        late: The calls that are kept back.
        ended: Set when the way ends; whoever keeps an answer back looks at it.
        base_url: Where the adapter calls instead.
    """

    def __init__(self, base_url: str, is_write: Callable[[str, str], bool]) -> None:
        self._target = URL(base_url).origin()
        self._path = URL(base_url).path.rstrip("/")
        self._is_write = is_write
        self._rule: _Rule | None = None
        self.late: list[Callable[[], Awaitable[Answer]]] = []
        self._marker = ""
        self.ended = asyncio.Event()
        self.hops: list[Hop] = []
        self.base_url = ""

    async def start(self) -> None:
        """Listen on loopback, at any port that is free."""
        self._session = aiohttp.ClientSession(
            auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        app = web.Application(client_max_size=_LARGEST_BODY)
        app.router.add_route("*", "/{tail:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self._listen(0)
        self.base_url = f"http://127.0.0.1:{self._port}{self._path}"

    async def _listen(self, port: int) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        self._port: int = listening.getsockname()[1]
        self.is_unplugged = False
        await web.SockSite(self._runner, listening).start()

    async def stop(self) -> None:
        """Let go of whoever waits, and listen no longer."""
        self.ended.set()
        await self._runner.cleanup()
        await self._session.close()

    def break_calls(
        self,
        fault: str,
        *,
        only_writes: bool = False,
        skip: int = 0,
        count: int | None = None,
        value: str = "",
    ) -> None:
        """Let *fault* hit calls, until `mend`; it takes the place of an earlier one.

        Args:
            fault: A name of `FAULTS`.
            only_writes: Only calls that the shop calls writes.
            skip: How many of them pass unharmed first.
            count: How many are hit; None for all.
            value: Of `Retry-After`, for "rate_limited".
        """
        self._rule = _Rule(fault, only_writes, skip, count, value)

    def spoil(self, marker: str) -> None:
        """Let the object with the value *marker* come unreadable, until `mend`."""
        self._marker = marker

    def mend(self) -> None:
        """Let all calls pass unharmed."""
        self._rule, self._marker = None, ""

    async def unplug(self, last: web.Request) -> None:
        """Listen no longer, and close all but the connection of *last*."""
        self.is_unplugged = True
        for site in list(self._runner.sites):
            await site.stop()
        for each in self._runner.server.connections if self._runner.server else []:
            if each is not last.protocol:
                each.force_close()

    async def plug_in(self) -> None:
        """Listen again, at the same port."""
        if self.is_unplugged:
            await self._listen(self._port)

    async def deliver_late(self) -> int:
        """Let the calls arrive that were kept back; return how many."""
        late, self.late = self.late, []
        for each in late:
            await each()
        return len(late)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        hop = Hop(request.method, path, self._is_write(request.method, path))
        self.hops.append(hop)
        body = await request.read()

        async def passed_on() -> Answer:
            hop.arrived += 1
            return await self._pass_on(request, body)

        if fault := self._hits(hop):
            hop.hit = fault.fault
            hit = (fault.value, self.late, self.ended, self.unplug)
            met = Met(request, body, passed_on, *hit)
            return await FAULTS[fault.fault](met)
        return (await passed_on()).response()

    def _hits(self, hop: Hop) -> _Rule | None:
        rule = self._rule
        if rule is None or (rule.only_writes and not hop.is_write):
            return None
        if rule.skip:
            rule.skip -= 1
            return None
        if rule.count == 0:
            return None
        if rule.count is not None:
            rule.count -= 1
        return rule

    async def _pass_on(self, request: web.Request, body: bytes) -> Answer:
        headers = {
            k: v for k, v in request.headers.items() if k.lower() not in _KEPT_OUT
        }
        url = URL(f"{self._target}".rstrip("/") + request.raw_path, encoded=True)
        async with self._session.request(
            request.method, url, headers=headers, data=body, allow_redirects=False
        ) as answer:
            found = await answer.read()
            kept = {
                k: v for k, v in answer.headers.items() if k.lower() not in _KEPT_OUT
            }
        if self._marker:
            found = spoiled(found, self._marker)
        return Answer(answer.status, kept, found)
