"""Serve an application at an address, until the work inside has ended.

Calls that are under way then are awaited for a while; new ones find no connection.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

CALLS_END_WITHIN_S: Final = 20.0
"""Calls that are under way at the end are awaited for so long."""

_IDLE_S: Final = 75.0
"""A connection without a call is closed after so long."""


class _WithoutContent(logging.Filter):
    """Says of what the server itself reports that it happened, and of which kind.

    Danger: its own words quote the header that it could not read, which may be a key,
    and the address of whoever sent it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Leave nothing of *record* but its kind."""
        error = record.exc_info[1] if record.exc_info else None
        record.msg, record.args = "a request could not be read", ()
        record.kind = type(error).__name__
        record.exc_info = record.exc_text = None
        return True


_log = logging.getLogger(__name__)
_log.addFilter(_WithoutContent())


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve *app*; yields the address at which it listens.

    Args:
        app: What is served.
        host: A name or an address of this computer.
        port: The port; 0 takes one that is free.

    Raises:
        OSError: The address is taken, or none of this computer.
    """
    runner = web.AppRunner(
        app,
        # Danger: aiohttp's own log writes whole addresses, links that sign in as well.
        access_log=None,
        logger=_log,
        handle_signals=False,
        keepalive_timeout=_IDLE_S,
        shutdown_timeout=CALLS_END_WITHIN_S,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield _address_of(runner)
    finally:
        await runner.cleanup()


def _address_of(runner: web.AppRunner) -> str:
    host, port, *_ = runner.addresses[0]
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"
