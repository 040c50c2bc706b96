"""Slots: at how many accounts work goes on side by side.

A slot is for work of our own: evaluating, storing. It is released while an account
waits, for its marketplace or for a time to come, so that one that hangs keeps no
other from its slot.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slot:
    """The slot of one account.

    There is one place for each account that may be worked on at once.
    """

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots = slots
        self._waits = 0
        self._has_place = False

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Work inside, once there is a place."""
        await self._take()
        try:
            yield
        finally:
            self._release()

    @asynccontextmanager
    async def released(self) -> AsyncIterator[None]:
        """Wait inside; several may do so at once. The work then waits for a place."""
        self._waits += 1
        self._release()
        try:
            yield
        finally:
            self._waits -= 1
            if not self._waits:
                await self._take()

    async def _take(self) -> None:
        await self._slots.acquire()
        if self._has_place or self._waits:  # somebody was faster, or waits again
            self._slots.release()
            return
        self._has_place = True

    def _release(self) -> None:
        if self._has_place:
            self._has_place = False
            self._slots.release()
