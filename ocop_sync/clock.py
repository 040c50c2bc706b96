"""Where the service gets its time from.

Each part is given a `Clock`, so that tests and the demonstration can move it. Nothing
else asks the operating system for the time of day, but for the scheduler of
`ocop_sync.worker` (a library's, which sleeps by the computer's time), the mocks (a
clock of their own) and a migration (the day of an upgrade). A part that also waits is
given a `Time`: where a wait is to move the clock, both come from one place.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam's civil time: UTC+7 without daylight saving time since 1975."""


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def __call__(self) -> datetime:
        """Return the present instant in UTC."""


def system_clock() -> datetime:
    """Return the computer's present instant in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """A clock that runs as fast as the computer's, but shifted.

    Attributes:
        shift: The time that is added to the computer's.
    """

    shift: timedelta

    def __call__(self) -> datetime:
        """Return the shifted instant in UTC."""
        return datetime.now(UTC) + self.shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """The time that a deployment goes by.

    Attributes:
        clock: The present instant, in UTC.
        seconds: Monotonic time in seconds.
        sleep: Waits for some seconds.
    """

    clock: Clock
    seconds: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
