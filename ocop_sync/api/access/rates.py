"""How many calls a caller may make: by key or session, else by address.

Mobile networks share addresses, so an address is the last resort. The memory is
bounded: whoever has been quiet for longest is forgotten first, which forgives calls and
never adds any.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_MOST: Final = 10_000
"""Callers that are remembered."""


class Rates:
    """Counts the calls of each caller.

    Args:
        per_minute: Calls of one caller in the long run.
        burst: Calls that may be made at once.
        seconds: Monotonic time in seconds.
        most: Callers that are remembered.
    """

    def __init__(
        self,
        per_minute: float,
        burst: int,
        seconds: Callable[[], float],
        most: int = _MOST,
    ) -> None:
        self._interval = 60 / per_minute
        self._ahead = self._interval * burst
        self._seconds = seconds
        self._most = most
        # Until when each caller's calls last, spread out at the pace that is allowed.
        self._until = OrderedDict[str, float]()

    def take(self, caller: str) -> int:
        """Count a call; return 0, or after how many seconds the next one is taken."""
        now = self._seconds()
        until = max(self._until.get(caller, now), now)
        if until + self._interval > now + self._ahead + _ROUNDING:
            return max(1, math.ceil(until + self._interval - self._ahead - now))
        self._until[caller] = until + self._interval
        self._until.move_to_end(caller)
        if len(self._until) > self._most:
            self._until.popitem(last=False)
        return 0


_ROUNDING: Final = 1e-9
