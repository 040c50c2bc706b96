"""Count calls as a marketplace's server does: a bucket that leaks.

It decides whether one more call fits. How a refusal looks is decided by each
mock; how a client paces itself, in `ocop_sync.marketplace.quota`.
"""

import math
import time
from collections.abc import Callable


class LeakyBucket:
    """A bucket of calls that empties at a steady rate.

    Args:
        per_s: Calls that leak out each second; None takes every call.
        size: Calls that the bucket holds at once.
        now: Seconds of a clock that never jumps.
    """

    def __init__(
        self,
        per_s: float | None,
        *,
        size: int = 1,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.size = size
        self._per_s = per_s
        self._now = now
        self._level = 0.0
        self._seen = now()

    @property
    def used(self) -> int:
        """How many calls the bucket holds at this moment."""
        self._leak()
        return math.ceil(self._level)

    def take(self) -> float:
        """Let one call in.

        Returns:
            0 if it fits; else the seconds until it would, and the call is not
            counted.
        """
        if self._per_s is None:
            return 0.0
        self._leak()
        over = self._level + 1.0 - self.size
        # Sums of small steps may miss the whole number by a hair.
        if over > 1e-9:  # noqa: PLR2004 - explained above
            return over / self._per_s
        self._level += 1.0
        return 0.0

    def _leak(self) -> None:
        now = self._now()
        if self._per_s is not None:
            leaked = (now - self._seen) * self._per_s
            self._level = max(0.0, self._level - leaked)
        self._seen = now
