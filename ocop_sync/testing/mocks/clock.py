"""Give a mock a present that can be moved.

It decides nothing; moderation and tokens ask it. Quotas do not: a jump of
years must neither open nor close them.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Between these every time zone has a calendar, and so have later instants."""


def system_time() -> datetime:
    """Return the computer's present instant in UTC."""
    return datetime.now(UTC)


class MockClock:
    """Tells an instant that runs on like the computer's, from wherever it was set.

    The shift is not kept in the mock's file: whoever starts a mock sets it.

    Args:
        now: The instant to start from, aware; None for the computer's.
        source: The clock underneath; a test passes one that stands still.
    """

    def __init__(
        self,
        now: datetime | None = None,
        *,
        source: Callable[[], datetime] = system_time,
    ) -> None:
        self._source = source
        self._shift = timedelta(0)
        if now is not None:
            self.set(now)

    def __call__(self) -> datetime:
        """Return the mock's present instant in UTC."""
        return self._source() + self._shift

    def set(self, now: datetime) -> None:
        """Make *now*, an aware instant, the present.

        Raises:
            ValueError: It has no time zone, or lies before 1970 or after 9000.
        """
        if now.tzinfo is None:
            message = "an instant needs a time zone"
            raise ValueError(message)
        if not EARLIEST <= now <= LATEST:
            message = "an instant must lie between 1970 and 9000"
            raise ValueError(message)
        self._shift = now.astimezone(UTC) - self._source()

    def advance(self, seconds: float) -> None:
        """Move the present by *seconds*, back if negative.

        Raises:
            ValueError: That would be before 1970 or after 9000.
        """
        try:
            self.set(self() + timedelta(seconds=seconds))
        except OverflowError:
            message = f"the clock cannot be moved by {seconds} seconds"
            raise ValueError(message) from None
