"""Know when the reviews of a mock end, by its own clock.

How a review ends is decided by each mock.
"""

import heapq
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime


class Reviews:
    """The ends of reviews.

    Args:
        now: The mock's present instant in UTC.
        seconds: How long a review takes; infinite if only staff ends reviews.
    """

    def __init__(self, now: Callable[[], datetime], seconds: float) -> None:
        self._now = now
        self._seconds = seconds
        self._due: list[tuple[float, int]] = []

    def begin(self, number: int) -> float | None:
        """Return when the review of product *number* ends; None if staff ends it.

        In seconds since 1970, as it is kept with the product: an end that is no longer
        kept there counts for nothing.
        """
        if not math.isfinite(self._seconds):
            return None
        due = self._now().timestamp() + self._seconds
        self.take_up(number, due)
        return due

    def take_up(self, number: int, due: float | None) -> None:
        """Know a review that was begun before the mock was started."""
        if due is not None:
            heapq.heappush(self._due, (due, number))

    def ended(self) -> Iterator[tuple[int, float, datetime]]:
        """Yield the reviews whose time has come, the earliest first, each once."""
        now = self._now().timestamp()
        while self._due and self._due[0][0] <= now:
            due, number = heapq.heappop(self._due)
            yield number, due, datetime.fromtimestamp(due, UTC)
