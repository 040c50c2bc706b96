"""While a long page is evaluated, other tasks go on."""

import asyncio
from typing import Any

import pytest

from catalog import turns
from catalog.turns import LONGEST_S
from ocop_sync.service.evaluate.evaluator import Evaluator
from tests.world import World, entry, listed

STEP_S = LONGEST_S / 5
"""What one step of evaluating one product takes."""
MANY = 40


class Slow:
    """An evaluation of which each step takes time, and none passes otherwise.

    Attributes:
        now: Seconds.
        longest: How long another task waited at most.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.longest = 0.0
        monkeypatch.setattr(turns, "monotonic", lambda: self.now)
        monkeypatch.setattr(turns, "_turn", turns._Turn())  # none of another time
        for name in ("draft", "placed", "case"):
            self._slow_down(monkeypatch, name)

    def _slow_down(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        real = getattr(Evaluator, name)

        def slow(*arguments: Any) -> Any:
            self.now += STEP_S
            return real(*arguments)

        monkeypatch.setattr(Evaluator, name, slow)

    async def watch(self) -> None:
        """Note how long another task waits for its turn."""
        last = self.now
        while True:
            await asyncio.sleep(0)
            self.longest = max(self.longest, self.now - last)
            last = self.now


@pytest.mark.parametrize("is_known", [False, True], ids=["first", "again"])
async def test_others_go_on_while_a_page_is_evaluated(
    world: World, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    if is_known:
        await listed(world, MANY)
        await world.save(*(entry(n, name=f"Măng Mẫu {n}") for n in range(1, MANY + 1)))
    else:
        await world.save(*(entry(n) for n in range(1, MANY + 1)))
    slow = Slow(monkeypatch)
    watching = asyncio.create_task(slow.watch())

    await world.sync()

    watching.cancel()
    assert slow.now > 100 + 3 * MANY * STEP_S  # all of it was evaluated
    assert slow.longest <= LONGEST_S + STEP_S
