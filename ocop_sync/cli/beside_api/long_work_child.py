"""The process that carries long work out beside the API: `long_work` starts it.

It opens a deployment of its own, with the settings that it is handed.
"""

import asyncio
import os
import socket
import sys
from functools import partial
from typing import Final

from ocop_sync.cli.app.app import quiet_libraries
from ocop_sync.cli.app.event_loop import carry_out
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.beside_api import life_line
from ocop_sync.cli.beside_api.frames import answer_all, receive
from ocop_sync.log import configure_log

_NICE: Final = 5
"""Behind the API where processors are scarce; no further, as an import has SQLite's
lock while it is written."""


def main() -> None:
    """Work until the socket that the argument names is closed."""
    os.nice(_NICE)
    with socket.socket(fileno=int(sys.argv[1])) as ours:
        carry_out(_work(ours))


async def _work(ours: socket.socket) -> None:
    life_line.hold({})
    reader, writer = await asyncio.open_connection(sock=ours)
    settings = await receive(reader)
    configure_log(level=settings.log.level, as_json=settings.log.format == "json")
    quiet_libraries()
    work = partial(answer_all, reader=reader, writer=writer)
    await in_deployment(settings, work, needs_accounts=False)


if __name__ == "__main__":
    main()
