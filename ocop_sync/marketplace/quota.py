"""Pace the calls of one account, so that its quota is used and never exceeded.

The generic cell rate algorithm: each call moves one instant, at which nothing
will be owed any more, further on. Calls are spread evenly instead of being let
through in bursts: a limiter that fills a bucket once a second lets twice the
quota through within one second.

Which call goes first is decided by whoever asks first; urgency is decided in
`ocop_sync.engine`. The quota of several processes is not shared here.
"""

import asyncio
from collections.abc import Awaitable, Callable

_MARGIN = 1.03
"""Share of the quota left unused: clocks drift and networks bunch calls up."""


class Quota:
    """The pace of one account.

    Args:
        calls_per_s: Calls a second that the marketplace allows; None if it
            names no limit.
        burst: How many calls the marketplace takes at once; at least 1.
        time: Monotonic time in seconds, such as `time.monotonic`.
        sleep: Waits for some seconds, such as `asyncio.sleep`.
        longest_pause_s: Longest pause that a marketplace may ask for: a wrong
            Retry-After of an hour must not stop withdrawals for an hour.
    """

    def __init__(
        self,
        *,
        calls_per_s: float | None,
        burst: int = 1,
        time: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        longest_pause_s: float = 60.0,
    ) -> None:
        if burst < 1 or (calls_per_s is not None and calls_per_s <= 0):
            message = "a quota needs a rate above 0 and a burst of 1 or more"
            raise ValueError(message)
        self._interval_s = _MARGIN / calls_per_s if calls_per_s else 0.0
        self._burst = burst
        self._time = time
        self._sleep = sleep
        self._longest_pause_s = longest_pause_s
        self._nothing_owed_at = time()
        self._paused_until = self._nothing_owed_at
        self._queue = asyncio.Lock()  # wakes its waiters in the order they came

    async def take(self, calls: int = 1) -> None:
        """Wait until *calls* calls may be made; first come, first served.

        More calls than the burst go out at once as soon as nothing is owed, and
        are paid for afterwards. A caller that is cancelled while it waits has
        used nothing.
        """
        if calls < 1:
            return
        async with self._queue:
            while (wait_s := self._due_at(calls) - self._time()) > 0:
                await self._sleep(wait_s)
            start = max(self._nothing_owed_at, self._time())
            self._nothing_owed_at = start + calls * self._interval_s

    def pause(self, seconds: float) -> None:
        """Make no call for *seconds*, as a marketplace asked, within bounds.

        It never shortens a pause.
        """
        until = self._time() + min(seconds, self._longest_pause_s)
        self._paused_until = max(self._paused_until, until)

    def _due_at(self, calls: int) -> float:
        spare = self._burst - min(calls, self._burst)
        return max(self._nothing_owed_at - spare * self._interval_s, self._paused_until)
