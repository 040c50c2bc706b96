"""Who calls an account next: the most urgent, as soon as its pace allows.

All calls of an account in this process ask here for a place, and whoever gets one may
make the next request. So the most urgent goes next, however many others wait, and as
many calls are in flight as pace and answering time ask for: they need not be guessed.
There is a bound, for an account that answers too slowly, or whose pace is not known.
The pace itself is kept by `ocop_sync.marketplace.quota`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import count

from ocop_sync.calls.stop import Stop
from ocop_sync.marketplace.quota import Quota

UNPACED = 16
"""Most calls in flight where no pace is known: nothing else would hold them back."""


@dataclass(order=True, slots=True)
class _Waiting:
    """One that waits for a place.

    Attributes:
        has_place: It may call; it may not know yet.
        told: Set to have it look: it has a place, or is to get them for all.
    """

    urgency: int
    number: int
    has_place: bool = field(default=False, compare=False)
    told: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


class Places:
    """The places for calls to one account.

    Whoever has waited longest at the head of the line waits for the pace on behalf of
    all; the place goes to whoever is the most urgent by then.

    Args:
        quota: The account's pace.
        most: Most calls in flight.

    Attributes:
        taken: How many calls are in flight.
    """

    def __init__(self, quota: Quota, most: int) -> None:
        self.taken = 0
        self.quota = quota
        self._most = most
        self._waiting: list[_Waiting] = []
        self._numbers = count()
        self._is_led = False
        self._room = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Return how many wait for a place."""
        return len(self._waiting)

    @asynccontextmanager
    async def place(self, urgency: int, stop: Stop) -> AsyncIterator[None]:
        """Call inside, once it is the turn of a call of this *urgency*; lowest first.

        The first request inside may go at once: the pace has been waited for.

        Raises:
            StoppedError: *stop* was asked for before it was its turn.
        """
        stop.ensure_going()
        if self._is_free() and self.quota.takes_at_once():
            self.taken += 1
        else:
            await self._turn(urgency, stop)
        try:
            with self.quota.paid():
                yield
        finally:
            self._give_back()

    def _is_free(self) -> bool:
        return not self._waiting and self.taken < self._bound

    async def _turn(self, urgency: int, stop: Stop) -> None:
        mine = _Waiting(urgency, next(self._numbers))
        heappush(self._waiting, mine)
        try:
            await stop.while_going(self._wait(mine))
        except BaseException:
            self._leave(mine)
            raise

    async def _wait(self, mine: _Waiting) -> None:
        while not mine.has_place:
            if self._is_led:
                mine.told.clear()
                await mine.told.wait()
            else:
                await self._lead(mine)

    async def _lead(self, mine: _Waiting) -> None:
        """Give places out until *mine* is one of them."""
        self._is_led = True
        try:
            while not mine.has_place:
                while self.taken >= self._bound:
                    self._room.clear()
                    await self._room.wait()
                await self.quota.take()
                first = heappop(self._waiting)
                first.has_place = True
                first.told.set()
                self.taken += 1
        finally:
            self._is_led = False
            if self._waiting:
                self._waiting[0].told.set()  # it leads from now on

    def _give_back(self) -> None:
        self.taken -= 1
        self._room.set()

    @property
    def _bound(self) -> int:
        known = self.quota.calls_per_s is not None
        return self._most if known else min(self._most, UNPACED)

    def _leave(self, mine: _Waiting) -> None:
        """Wait no more: the caller was cancelled."""
        if mine.has_place:
            self._give_back()
            return
        self._waiting.remove(mine)
        heapify(self._waiting)
        if self._waiting and not self._is_led:
            self._waiting[0].told.set()
