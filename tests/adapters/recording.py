"""A recorder with which the tests of every adapter watch its calls."""

import asyncio
import time

from ocop_sync.marketplace.quota import Quota


class RecordingQuota(Quota):
    """A quota without a limit that counts calls and notes pauses."""

    def __init__(self) -> None:
        super().__init__(calls_per_s=None, time=time.monotonic, sleep=asyncio.sleep)
        self.taken = 0
        self.pauses: list[float] = []
        self.counts: list[tuple[float, float]] = []

    async def take(self, calls: int = 1) -> None:
        """Count, and wait for nothing."""
        self.taken += calls

    def pause(self, seconds: float) -> None:
        """Note the pause, and do not make it."""
        self.pauses.append(seconds)

    def told(self, used: float, size: float) -> None:
        """Note what the marketplace says of its count."""
        self.counts.append((used, size))
