"""The life line of a process beside the API: its standard input.

The API's process holds the other end, and says words of one byte by it. The line breaks
with that process, however it ends, and then this one ends at once, as a crash would end
it: nobody is left who could stop it in order. A thread listens, so that this holds
while the event loop computes.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Final

WAKE: Final = b"w"
"""There may be work."""
STOP: Final = b"s"
"""Stop in order."""

_LONGEST: Final = 4096


def hold(words: Mapping[bytes, Callable[[], None]]) -> None:
    """Call the function of each of *words* that is said, on the running loop."""
    loop, line = asyncio.get_running_loop(), sys.stdin.fileno()

    def listen() -> None:
        while said := os.read(line, _LONGEST):
            for word, act in words.items():
                if word in said and not loop.is_closed():
                    loop.call_soon_threadsafe(act)
        os._exit(1)

    threading.Thread(target=listen, name="life line", daemon=True).start()
