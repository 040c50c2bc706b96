"""Long work lets other tasks go on as soon as its turn has lasted long enough."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from catalog import turns
from catalog.turns import LONGEST_S, in_turns, let_others

STEP_S = LONGEST_S / 5
"""What one step of the work takes."""


class Watched:
    """A time that passes by steps of work alone, and who is kept waiting meanwhile.

    Attributes:
        now: Seconds.
        waits: From one turn of another task to its next.
    """

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def work(self, steps: int) -> None:
        async for _ in in_turns(range(steps)):
            self.now += STEP_S

    @asynccontextmanager
    async def another(self) -> AsyncIterator[None]:
        """Have another task go on as often as it may."""

        async def wait() -> None:
            last = self.now
            while True:
                await asyncio.sleep(0)
                self.waits.append(self.now - last)
                last = self.now

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        yield
        task.cancel()


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    time = Watched()
    monkeypatch.setattr(turns, "monotonic", time)
    monkeypatch.setattr(turns, "_turn", turns._Turn())  # none of another time
    return time


async def test_nobody_waits_much_longer_than_a_turn_may_last(watched: Watched) -> None:
    async with watched.another():
        await watched.work(100)

    assert max(watched.waits) == pytest.approx(LONGEST_S)
    assert sum(watched.waits) > 90 * STEP_S  # all that it saw is most of the work


async def test_short_work_is_done_in_few_turns(watched: Watched) -> None:
    async with watched.another():
        await watched.work(100)

    assert len(watched.waits) <= 100 * STEP_S / LONGEST_S + 2


async def test_several_that_work_at_once_share_a_turn(watched: Watched) -> None:
    async with watched.another():
        await asyncio.gather(*(watched.work(100) for _ in range(4)))

    # Each of them takes a step before it sees that the turn has been long enough.
    assert max(watched.waits) <= LONGEST_S + 4 * STEP_S
    assert max(watched.waits[5:]) < 4 * LONGEST_S


def test_a_loop_that_ended_while_a_turn_was_awaited_holds_no_other_up(
    watched: Watched,
) -> None:
    async def leave() -> None:
        waiting = let_others()
        waiting.send(None)
        loop.stop()
        waiting.close()

    loop = asyncio.new_event_loop()
    task = loop.create_task(leave())
    loop.run_forever()
    assert task.done()
    loop.close()

    async def work() -> None:
        async with watched.another():
            await watched.work(100)

    asyncio.run(work())

    assert len(watched.waits) <= 100 * STEP_S / LONGEST_S + 3
