"""The event loop that commands run on: uvloop where it is installed, else Python's own.

uvloop takes less processor time for each request (the extra `fast`). Nothing depends on
it, and what differs between the two stands here.
"""

import asyncio
import logging
import os
from asyncio import AbstractEventLoop
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)


def carry_out(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of *work*, on a loop that is closed then."""
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        return runner.run(work)


def note_loop() -> None:
    """Write to the log that this is uvloop, if it is."""
    if _is_uvloop():
        _log.info("event loop", extra={"loop": "uvloop"})


def own_group() -> Mapping[str, Any]:
    """Return the argument by which a process starts in a process group of its own.

    uvloop has none for it. It runs Python between fork and exec in any case, so that a
    function costs nothing there; beside Python's own loop it would be a danger, as
    another thread may hold a lock.
    """
    return {"preexec_fn": os.setpgrp} if _is_uvloop() else {"process_group": 0}


def _new_loop() -> AbstractEventLoop:
    try:
        import uvloop  # noqa: PLC0415  (an extra)
    except ImportError:
        return asyncio.new_event_loop()
    loop: AbstractEventLoop = uvloop.new_event_loop()
    return loop


def _is_uvloop() -> bool:
    return type(asyncio.get_running_loop()).__module__.partition(".")[0] == "uvloop"
