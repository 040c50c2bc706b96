"""By how much the pace of calls is to change, from a marketplace's count of our calls.

Such a count grows with each call, and shrinks by itself at the rate that is allowed. As
long as it is never empty, all of the quota is used; as long as it is not full, no call
is refused. So it is led to a little less than half. How fast it grows says how far off
the pace is: by looking at that, and not at the count alone, the pace does not swing,
although what is told is as old as an answer.
"""

_TARGET = 0.45
"""The share of the count that is to be filled."""
_FULL = 0.6
"""From here on it is emptied as fast as it had grown."""
_WITHIN_S = 3.0
"""It is led there within so many seconds, ..."""
_AT_MOST = 0.05
"""... but for the sake of that the pace is raised above the allowed one by no more than
this share: a count may be large."""
_PART = 0.5
"""How much of a difference is made up for at once: the rest shows only later."""
_FASTER, _SLOWER, _MUCH_SLOWER = 1.02, 0.98, 0.95
_LOOK_S = 1.0
"""Seconds over which one look goes; calls in flight show in the next one."""
_USED = 0.9
"""A pace of which less than this share was used is not raised: something else holds the
calls back, and they would come all at once when that ends."""
_LATE_S = 3.0
"""Two looks further apart say nothing of how fast the count grows."""


class ToldCount:
    """What a marketplace has told of its count of our calls.

    Args:
        now: The moment, in seconds of a monotonic clock.
    """

    def __init__(self, now: float) -> None:
        self._next_look_at = now
        self._begun_at = now
        self._made = 0
        self._told: list[float] = []
        self._size = 0.0
        self._before: tuple[float, float] | None = None  # its mean, and when

    def look_anew(self, now: float, made: int) -> None:
        """Begin a new look: what was told until now is of another pace.

        *made* calls were made until then.
        """
        self._told.clear()
        self._begun_at, self._next_look_at = now, now + _LOOK_S
        self._made = made

    def is_due(self, now: float) -> bool:
        """Say whether a look is over."""
        return now >= self._next_look_at

    def factor(
        self, used: float, size: float, *, per_s: float, made: int, now: float
    ) -> float:
        """Return by what factor the pace is to change: 1 until a look is over.

        Args:
            used: How many calls the count holds.
            size: How many it holds before one is refused.
            per_s: The pace, in calls a second.
            made: How many calls were made until now.
            now: The moment, as of this one's making.
        """
        if size != self._size:
            self._size, self._before = size, None
        self._told.append(used)
        if not self.is_due(now):
            return 1.0
        mean = sum(self._told) / len(self._told)
        before, self._before = self._before, (mean, now)
        paced = per_s * (now - self._begun_at)
        is_used = made - self._made >= _USED * paced
        self.look_anew(now, made)
        if before is None or now - before[1] > _LATE_S:
            return 1.0
        grows_per_s = (mean - before[0]) / (now - before[1])
        most_per_s = (_TARGET * size - mean) / _WITHIN_S
        faster_per_s = min(most_per_s, _AT_MOST * per_s)
        wanted_per_s = min(max(grows_per_s, faster_per_s), most_per_s)
        factor = 1 + _PART * (wanted_per_s - grows_per_s) / per_s
        if mean > _FULL * size:
            return min(max(factor, _MUCH_SLOWER), 1.0)
        return min(max(factor, _SLOWER), _FASTER) if is_used else 1.0
