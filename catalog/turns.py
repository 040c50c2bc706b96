"""Turns of the event loop: long work lets other tasks go on in between.

While one task computes, nobody else is answered, and no call of another account goes
out. So work on many rows asks here after each of them whether its turn has been long
enough. It is asked where nothing is half done: whatever another task may do meanwhile,
it may also do at any statement of ours.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from time import monotonic
from typing import Final, TypeVar

T = TypeVar("T")

LONGEST_S: Final = 0.005
"""How long a turn may last before others go on; a step of work ends a little later."""


class _Turn(threading.local):
    """The turn of this thread's loop, in which its tasks go on one after the other."""

    began = 0.0
    awaited_in: asyncio.AbstractEventLoop | None = None

    def await_next(self) -> None:
        """Have the next turn noted, before whoever waits for it goes on."""
        loop = asyncio.get_running_loop()
        if self.awaited_in is not loop:
            self.awaited_in = loop
            loop.call_soon(self._begin)

    def _begin(self) -> None:
        self.began = monotonic()
        self.awaited_in = None


_turn = _Turn()


async def let_others() -> None:
    """Let other tasks go on, if the turn of the loop has lasted long enough.

    Several tasks that work in one turn share it. Of a turn that nobody has asked about
    yet it is not known when it began: then others go on at once.
    """
    is_long = monotonic() - _turn.began >= LONGEST_S
    _turn.await_next()
    if is_long:
        await asyncio.sleep(0)


async def in_turns(values: Iterable[T]) -> AsyncIterator[T]:
    """Yield *values*, and let other tasks go on in between, as often as it takes."""
    for each in values:
        await let_others()
        yield each
