"""The slices of one account whose calls are in flight, while the next is written down.

A slice ends when its outcomes are stored. The next one is written down as soon as few
calls of those before still wait for their turn: early enough that the account's pace is
kept, and no earlier, as what is written down goes as it is.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from ocop_sync.service.run.account_run import AccountRun

MOST_SLICES = 4
"""Slices in flight: where calls are answered too slowly, or made again and again."""


class Landed(NamedTuple):
    """A slice whose outcomes are stored.

    Attributes:
        sent: How many changes were sent.
        urgency: The most urgent of the changes that are due after it, or None.
    """

    sent: int
    urgency: int | None


class InFlight:
    """The slices of one account whose calls are in flight."""

    def __init__(self, run: AccountRun) -> None:
        self._run = run
        self._slices: dict[asyncio.Task[Landed], Collection[str]] = {}
        self._removing: set[asyncio.Task[Landed]] = set()
        self._landed: list[Landed] = []
        self._waiting: set[str] = set()  # products whose call was not made yet
        self._fewer = asyncio.Event()  # wait for their call, or are in flight
        self._stale: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._slices)

    @property
    def products(self) -> set[str]:
        """Return the products of which a change is in flight."""
        return {id_ for ids in self._slices.values() for id_ in ids}

    def begin(
        self,
        sending: Coroutine[Any, Any, Landed],
        product_ids: Collection[str],
        *,
        removes: bool,
    ) -> None:
        """Let a slice whose intents are stored go.

        *removes*: some of it takes from buyers. Nothing is written down before that has
        landed: the reason for it may end meanwhile, and another take its place.
        """
        task = asyncio.ensure_future(sending)
        self._slices[task] = product_ids
        self._waiting.update(product_ids)
        if removes:
            self._removing.add(task)
        task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[Landed]) -> None:
        self._removing.discard(task)
        self._waiting.difference_update(self._slices.get(task, ()))
        self._fewer.set()

    def may_go(self, product_id: str) -> bool:
        """Note that a call is about to be made; say whether its product is as it was.

        That is as when it was written down.
        """
        self._waiting.discard(product_id)
        self._fewer.set()
        return product_id not in self._stale

    def pop_landed(self) -> list[Landed]:
        """Return the slices that have landed since this was asked last.

        Raises:
            Exception: The error with which one has ended.
        """
        for task in [task for task in self._slices if task.done()]:
            del self._slices[task]
            self._landed.append(task.result())
        landed, self._landed = self._landed, []
        return landed

    async def take_back(self, product_ids: Collection[str]) -> None:
        """Take back what waits for its call, of products that have changed.

        Whatever is under way lands first.
        """
        self._stale.update(product_ids)
        while not self.products.isdisjoint(product_ids):
            await self.one_has_landed()
        self._stale.difference_update(product_ids)

    async def until_room(self) -> None:
        """Wait until the next slice is to be written down.

        Without a known pace that is when nothing is in flight: no quota would be left
        unused.
        """
        if self._run.places.quota.calls_per_s is None:
            await self.all_have_landed()
        if self._run.is_resting:
            await self.all_have_landed()  # their failures are enough
        while len(self._slices) >= MOST_SLICES or self._removing:
            await self.one_has_landed()
        while len(self._waiting) > self._run.slice_changes // 2:
            self._fewer.clear()
            await self._fewer.wait()

    async def one_has_landed(self) -> None:
        """Wait until one of the slices has landed."""
        async with self._run.slot.released():
            await asyncio.wait(self._slices, return_when=asyncio.FIRST_COMPLETED)
        self._landed = self.pop_landed()

    async def all_have_landed(self) -> None:
        """Wait until nothing is in flight."""
        while self._slices:
            await self.one_has_landed()

    async def end(self, *, cancel: bool) -> None:
        """Wait until nothing is in flight, whatever comes of it.

        *cancel*: wait for no answers.
        """
        if cancel:
            for task in self._slices:
                task.cancel()
        await asyncio.gather(*self._slices, return_exceptions=True)


@asynccontextmanager
async def slices_in_flight(run: AccountRun) -> AsyncIterator[InFlight]:
    """Send slices inside; all have landed behind it, also if the work inside fails.

    Only if it is cancelled their calls are, too.
    """
    slices = InFlight(run)
    try:
        yield slices
    except Exception:
        await slices.end(cancel=False)
        raise
    except BaseException:
        await slices.end(cancel=True)
        raise
