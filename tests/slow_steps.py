"""Work of which each step takes time, to see whether other tasks go on meanwhile."""

import asyncio
from typing import Any

import pytest

from catalog import turns
from catalog.turns import LONGEST_S

STEP_S = LONGEST_S / 5
"""What one step takes."""


class SlowSteps:
    """Some methods of a class take time, and none passes otherwise.

    Attributes:
        now: Seconds.
        longest: How long another task waited at most.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, kind: type[Any], *names: str
    ) -> None:
        self.now = 100.0
        self.longest = 0.0
        monkeypatch.setattr(turns, "monotonic", lambda: self.now)
        monkeypatch.setattr(turns, "_turn", turns._Turn())  # none of another time
        for name in names:
            self._slow_down(monkeypatch, kind, name)

    def _slow_down(
        self, monkeypatch: pytest.MonkeyPatch, kind: type[Any], name: str
    ) -> None:
        real = getattr(kind, name)

        def slow(*arguments: Any) -> Any:
            self.now += STEP_S
            return real(*arguments)

        monkeypatch.setattr(kind, name, slow)

    async def watch(self) -> None:
        """Note how long another task waits for its turn."""
        last = self.now
        while True:
            await asyncio.sleep(0)
            self.longest = max(self.longest, self.now - last)
            last = self.now
