"""Serve an application at an address, until the work inside has ended.

Calls that are under way then are awaited for a while; new ones find no connection.
"""

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from ocop_sync.api.typed.connections import Bounds, Connections, Later

TAKEN_WITHIN_S: Final = 60
"""A caller who takes nothing of an answer for so long is cut off."""

CALLS_END_WITHIN_S: Final = 20.0
"""Calls that are under way at the end are awaited for so long."""

_IDLE_S: Final = 75.0
"""A connection without a call is closed after so long."""


UNREADABLE_EVERY_S: Final = 60.0
"""Requests that are no HTTP are told of once in so long: anybody can send them."""

_UNREADABLE: Final = "requests could not be read"

_OF_CALLERS: Final = (HttpProcessingError, ConnectionError, web.RequestPayloadError)
"""Errors that anybody can bring about."""

_log = logging.getLogger(__name__)


class _WithoutContent(logging.Filter):
    """Says of what the server itself reports that it happened, and of which kind.

    Requests that are no HTTP are counted, and told of at most once a minute.

    Danger: its own words quote the header that it could not read, which may be a key,
    and the address of whoever sent it.

    Args:
        later: Calls a function after some seconds.
    """

    def __init__(self, later: Later) -> None:
        super().__init__()
        self._later = later
        self._counts = Counter[str]()
        self._is_quiet = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Leave nothing of *record* but its kind; only count it if it is no HTTP."""
        error = record.exc_info[1] if record.exc_info else None
        if record.levelno >= logging.ERROR and isinstance(error, _OF_CALLERS):
            self._counts[type(error).__name__] += 1
            if not self._is_quiet:
                self._go_on()
            return False
        record.msg, record.args = "a request could not be answered", ()
        record.kind = type(error).__name__
        record.exc_info = record.exc_text = None
        return True

    def tell(self) -> None:
        """Tell of those that were counted and not told of yet."""
        if self._counts:
            kinds = ", ".join(sorted(self._counts))
            told = {"count": self._counts.total(), "kinds": kinds}
            _log.warning(_UNREADABLE, extra=told)
        self._counts.clear()

    def _go_on(self) -> None:
        """Tell of those that were counted, then be quiet; the next minute as well."""
        self._is_quiet = bool(self._counts)
        if self._is_quiet:
            self.tell()
            self._later(UNREADABLE_EVERY_S, self._go_on)


def _logger(filter_: logging.Filter) -> logging.Logger:
    """Return a logger for one server, whose records go where ours go."""
    logger = logging.Logger(__name__)  # noqa: LOG001  (it ends with its server)
    logger.parent = _log
    logger.addFilter(filter_)
    return logger


@asynccontextmanager
async def serving(
    app: web.Application,
    host: str,
    port: int,
    *,
    later: Later | None = None,
    bounds: Bounds | None = None,
    ends_within_s: float = CALLS_END_WITHIN_S,
) -> AsyncIterator[str]:
    """Serve *app*; yields the address at which it listens.

    Args:
        app: What is served.
        host: A name or an address of this computer.
        port: The port; 0 takes one that is free.
        later: Calls a function after some seconds; by default the event loop does.
        bounds: How many connections there may be.
        ends_within_s: Calls that are under way at the end are awaited for so long.

    Raises:
        OSError: The address is taken, or none of this computer.
    """
    loop = asyncio.get_running_loop()
    later = later or loop.call_later
    reports = _WithoutContent(later)
    connections = Connections(
        app,
        bounds or Bounds(),
        later,
        # Danger: aiohttp's own log writes whole addresses, links that sign in as well.
        access_log=None,
        logger=_logger(reports),
        keepalive_timeout=_IDLE_S,
    )
    app.middlewares.insert(0, connections.note)
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=ends_within_s)
    await runner.setup()
    server = None
    try:
        assert runner.server is not None  # noqa: S101  (it is set up)
        connect = partial(connections.connect, runner.server)
        server = await loop.create_server(connect, host, port, start_serving=False)
        _cut_off_who_takes_nothing(server)
        await server.start_serving()
        yield _address_of(server)
    finally:
        if server is not None:
            server.close()
        await runner.cleanup()
        connections.end()
        reports.tell()


def _cut_off_who_takes_nothing(server: asyncio.Server) -> None:
    """Let the system end connections whose callers read no more of an answer.

    Danger: aiohttp waits for them for ever, with the whole answer in memory, and
    anybody may ask for `/openapi.json`. Connections inherit it; Linux alone has it.
    """
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is None:
        return
    for each in server.sockets:
        each.setsockopt(socket.IPPROTO_TCP, option, TAKEN_WITHIN_S * 1000)


def _address_of(server: asyncio.Server) -> str:
    host, port, *_ = server.sockets[0].getsockname()
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"
