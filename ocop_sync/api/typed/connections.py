"""The connections of a server: how many, how long until a request, and what is refused.

So many are open at once and no more, of one address only a part of them: whoever opens
thousands and says nothing keeps nobody else out. A connection too many is told so and
closed. Requests that are no HTTP are answered as problems, too, as long as there are
not too many of one address.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ocop_sync.api.typed.refusing import refusal, refusal_of_connection

Later = Callable[[float, Callable[[], None]], object]
"""Calls a function after some seconds."""

HEAD_WITHIN_S: Final = 30.0
"""The first request of a connection must have come within so long, to its body."""

REFUSED_FOR_S: Final = 2.0
"""A refused connection is open for so long, so that its caller reads why."""

_MOST_REFUSED: Final = 50
"""Refused connections that are told why; those beyond are closed without a word."""


def _nobody(address: str) -> str:
    return address


def _always(address: str) -> bool:
    del address
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many connections there may be.

    Attributes:
        most: Open at once.
        most_of_one: Those of one caller.
        caller_at: Returns what counts as one caller, of the address that a connection
            comes from; "" for a proxy, which speaks for many.
        hears: Says whether one more request that is no HTTP is answered, to a caller.
    """

    most: int = 700
    most_of_one: int = 200
    caller_at: Callable[[str], str] = _nobody
    hears: Callable[[str], bool] = _always


class Connections:
    """The open connections of one server.

    Args:
        app: The application that is served.
        bounds: How many there may be.
        later: Calls a function after some seconds.
        handling: What each connection is handled with, as of `web.AppRunner`.
    """

    def __init__(
        self, app: web.Application, bounds: Bounds, later: Later, **handling: Any
    ) -> None:
        self._app = app
        self._bounds = bounds
        self._later = later
        self._handling = handling
        self._awaited: set[asyncio.BaseProtocol] = set()
        self._of_caller = Counter[str]()
        self._refused: set[asyncio.Transport] = set()

    def connect(self, server: web.Server) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        return _Door(self, server)

    def enter(
        self, transport: asyncio.Transport, server: web.Server
    ) -> asyncio.Protocol:
        """Return what handles a connection from now on; it is counted."""
        caller = self.caller_of(transport)
        is_crowd = bool(caller) and self._of_caller[caller] >= self._bounds.most_of_one
        if is_crowd or self._of_caller.total() >= self._bounds.most:
            return self._refuse()
        self._of_caller[caller] += 1
        protocol = _Connection(
            server,
            loop=asyncio.get_running_loop(),
            app=self._app,
            hears=partial(self._bounds.hears, caller),
            left=partial(self._leave, caller),
            **self._handling,
        )
        self._awaited.add(protocol)
        self._later(HEAD_WITHIN_S, partial(self._end, protocol))
        return protocol

    def caller_of(self, transport: asyncio.Transport) -> str:
        """Return what counts as the caller of a connection."""
        peer = transport.get_extra_info("peername")
        return self._bounds.caller_at(peer[0]) if peer else ""

    @property
    def note(self) -> Middleware:
        """Return the middleware that notes each request with its connection."""

        @web.middleware
        async def noted(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._awaited.discard(request.protocol)
            return await handler(request)

        return noted

    def _end(self, protocol: web.RequestHandler) -> None:
        if protocol in self._awaited and protocol.transport is not None:
            protocol.transport.close()
        self._awaited.discard(protocol)

    def _leave(self, caller: str) -> None:
        self._of_caller[caller] -= 1
        if not self._of_caller[caller]:
            del self._of_caller[caller]

    def _refuse(self) -> asyncio.Protocol:
        is_told = len(self._refused) < _MOST_REFUSED
        answer = refusal_of_connection(self._app) if is_told else b""
        return _Refused(answer, self._later, self._refused)

    def end(self) -> None:
        """Close the refused connections that are still open."""
        for each in self._refused:
            each.abort()


class _Door(asyncio.Protocol):
    """A connection of which nobody knows yet where it comes from."""

    def __init__(self, connections: Connections, server: web.Server) -> None:
        self._connections = connections
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand it to whatever handles it."""
        opened = cast("asyncio.Transport", transport)
        protocol = self._connections.enter(opened, self._server)
        opened.set_protocol(protocol)
        protocol.connection_made(opened)


class _Refused(asyncio.Protocol):
    """A connection too many: it is told so, and what it says is not looked at.

    Danger: closed at once, while something of its caller's is under way to us, the
    system would throw the answer away.
    """

    def __init__(
        self, answer: bytes, later: Later, opened: set[asyncio.Transport]
    ) -> None:
        self._answer = answer
        self._later = later
        self._opened = opened
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer, and close it soon."""
        self._transport = opened = cast("asyncio.Transport", transport)
        if not self._answer:
            opened.abort()
            return
        self._opened.add(opened)
        opened.write(self._answer)
        opened.write_eof()
        self._later(REFUSED_FOR_S, opened.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give its place back."""
        del exc
        if self._transport is not None:
            self._opened.discard(self._transport)


class _Connection(web.RequestHandler):
    """A connection that is served, with refusals in our own form."""

    __slots__ = ("_app", "_hears", "_left")

    def __init__(
        self,
        server: web.Server,
        *,
        loop: asyncio.AbstractEventLoop,
        app: web.Application,
        hears: Callable[[], bool],
        left: Callable[[], None],
        **handling: Any,
    ) -> None:
        super().__init__(server, loop=loop, **handling)
        self._app = app
        self._hears = hears
        self._left = left

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give its place back."""
        super().connection_lost(exc)
        self._left()

    def data_received(self, data: bytes) -> None:
        """Read on; a body that is no HTTP any more ends for whoever reads it.

        Danger: aiohttp's parser forgets that body, and its reader would wait for more
        of it until it is told off for being slow.
        """
        super().data_received(data)
        is_broken = bool(self._messages) and hasattr(self._messages[-1][0], "exc")
        if is_broken and self._current_request is not None:
            broken = web.RequestPayloadError("the body is no HTTP")
            self._current_request.content.set_exception(broken)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that is no HTTP, or one at which all else has failed."""
        if isinstance(exc, ConnectionError):  # an answer cannot be begun again
            raise exc
        super().handle_error(request, status, exc, message)
        if not self._hears():
            raise ConnectionResetError
        return refusal(self._app, request, status, exc)

    async def finish_response(
        self,
        request: web.BaseRequest,
        resp: web.StreamResponse,
        start_time: float | None,
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; one that no handler has seen in our own form."""
        if isinstance(resp, web.HTTPException):
            resp = refusal(self._app, request, resp.status)
        return await super().finish_response(request, resp, start_time)
