"""Pace the calls of one account, so that its quota is used and never exceeded.

The generic cell rate algorithm: each call moves one instant, at which nothing
will be owed any more, further on. Calls are spread evenly instead of being let
through in bursts: a limiter that fills a bucket once a second lets twice the
quota through within one second.

The pace is learned, within bounds. Where a marketplace says how full its own count of
our calls is, that count is kept a little less than half full: then all of the quota is
used, and none of it exceeded, even if the declared quota is wrong
(`ocop_sync.marketplace.told_count`). Where it says nothing but that there were too
many, we go slower, and by and by faster again.

Which call goes first is decided by whoever asks first; urgency is decided in
`ocop_sync.engine`. The quota of several processes is not shared here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ocop_sync.marketplace.told_count import ToldCount

_MARGIN = 1.03
"""Calls lie this much further apart than asked: clocks drift, networks bunch calls."""

SLOWEST, FASTEST = 0.1, 2.0
"""Bounds of the learned pace, as shares of the declared quota: a wrong answer must stop
no withdrawals, and a right one is no licence."""

_LEAST_SIZE = 5
"""A count of fewer calls is filled by the calls that are in flight."""
_QUIET_S = 60.0
"""Seconds without a refusal after which a little more is tried."""


@dataclass(slots=True)
class _Paid:
    """A call that was let through before it was known which one it would be."""

    quota: "Quota"
    is_left: bool = True


_PAID: ContextVar[_Paid | None] = ContextVar("_PAID", default=None)


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
        fastest: How much faster than *calls_per_s* it may become, as a factor; 1
            where a person has set the rate.

    Attributes:
        taken: How many calls were let through since it was made.
        used_share: How full the marketplace's own count of our calls was last, from 0
            to 1; None where it has told nothing.
    """

    def __init__(
        self,
        *,
        calls_per_s: float | None,
        burst: int = 1,
        time: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        longest_pause_s: float = 60.0,
        fastest: float = FASTEST,
    ) -> None:
        if burst < 1 or (calls_per_s is not None and calls_per_s <= 0):
            message = "a quota needs a rate above 0 and a burst of 1 or more"
            raise ValueError(message)
        self.taken = 0
        self.used_share: float | None = None
        self._interval_s = _MARGIN / calls_per_s if calls_per_s else 0.0
        self._burst = burst
        self._time = time
        self._sleep = sleep
        self._longest_pause_s = longest_pause_s
        self._fastest = fastest
        self._pace = 1.0  # learned, as a share of the declared rate
        self._count = ToldCount(time())
        self._room = float("inf")  # in the marketplace's count, when it was told
        self._told_at = time()
        self._quiet_since = time()
        self._nothing_owed_at = time()
        self._paused_until = self._nothing_owed_at
        self._queue = asyncio.Lock()  # wakes its waiters in the order they came

    async def take(self, calls: int = 1) -> None:
        """Wait until *calls* calls may be made; first come, first served.

        More calls than the burst go out at once as soon as nothing is owed, and
        are paid for afterwards. A caller that is cancelled while it waits has
        used nothing.
        """
        paid = _PAID.get()
        if paid is not None and paid.quota is self and paid.is_left and calls > 0:
            paid.is_left = False
            calls -= 1
        if calls < 1:
            return
        async with self._queue:
            while (wait_s := self._due_at(calls) - self._time()) > 0:
                await self._sleep(wait_s)
            self._note_taken(calls)

    def takes_at_once(self) -> bool:
        """Let one call through if nobody waits and it may be made now; say if so."""
        if self._queue.locked() or self._due_at(1) > self._time():
            return False
        self._note_taken(1)
        return True

    def _note_taken(self, calls: int) -> None:
        self._try_more()
        self.taken += calls
        start = max(self._nothing_owed_at, self._time())
        self._nothing_owed_at = start + calls * self._interval_s / self._pace

    @contextmanager
    def paid(self) -> Iterator[None]:
        """Make a request inside that `take` has let through before.

        Whoever decides which call goes next waits for the pace first, and decides then.
        If none is made, the next one may be earlier.
        """
        paid = _Paid(self)
        before = _PAID.set(paid)
        try:
            yield
        finally:
            _PAID.reset(before)
            if paid.is_left:
                self.taken -= 1
                self._nothing_owed_at -= self._interval_s / self._pace

    @property
    def calls_per_s(self) -> float | None:
        """Return the pace as it is now, in calls a second; None if there is none."""
        return self._pace / self._interval_s if self._interval_s else None

    def told(self, used: float, size: float) -> None:
        """Learn from the marketplace's own count of our calls.

        Args:
            used: How many calls it holds, the one that was answered included.
            size: How many it holds before it refuses one.
        """
        if not (used >= 0 and size >= _LEAST_SIZE):
            return
        now = self._time()
        self.used_share = min(used / size, 1.0)
        self._quiet_since = now  # there is a better teacher
        self._room, self._told_at = size - used, now
        if (per_s := self.calls_per_s) is None:
            return
        made = self.taken
        self._learn(self._count.factor(used, size, per_s=per_s, made=made, now=now))

    def over(self, seconds: float) -> None:
        """Pause, and go slower from now on: a call was refused for the quota."""
        self.pause(seconds)
        self._quiet_since = self._time()
        if self._count.is_due(self._time()):  # calls in flight are refused alike
            self._learn(0.9)
            self._count.look_anew(self._time(), self.taken)

    def _try_more(self) -> None:
        """Be a little faster again, up to the declared rate, if all was quiet."""
        if self._pace < 1 and self._time() - self._quiet_since >= _QUIET_S:
            self._quiet_since = self._time()
            self._pace = min(self._pace * 1.02, 1.0)

    def _learn(self, factor: float) -> None:
        self._pace = min(max(self._pace * factor, SLOWEST), self._fastest)

    def pause(self, seconds: float) -> None:
        """Make no call for *seconds*, as a marketplace asked, within bounds.

        It never shortens a pause.
        """
        until = self._time() + min(seconds, self._longest_pause_s)
        self._paused_until = max(self._paused_until, until)

    def _due_at(self, calls: int) -> float:
        burst = self._burst_now()
        spare = burst - min(calls, burst)
        spare_s = spare * self._interval_s / self._pace
        return max(self._nothing_owed_at - spare_s, self._paused_until)

    def _burst_now(self) -> float:
        """Return how many calls may go at once: half of what there is room for.

        Where our own machine was held up, calls that were let through before may not
        have arrived yet, and would come together with those that make up for it.
        """
        since_s = self._time() - self._told_at
        room = self._room + since_s * (self.calls_per_s or 0.0)
        return min(float(self._burst), max(room / 2, 1.0))
