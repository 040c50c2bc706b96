"""Let readers see a listing as it was for a while after it was written.

Real marketplaces answer a write before every one of their machines shows it. A write is
kept at once; only readers see it late. Which calls lag is decided by a fault.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

R = TypeVar("R", bound=Mapping[str, Any])


class Lag:
    """The old rows that readers still see, by the key of a listing."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._old: dict[str, tuple[datetime, Mapping[str, Any] | None]] = {}

    def hold(self, key: str, before: Mapping[str, Any] | None, until: datetime) -> None:
        """Show *before*, None for nothing at all, until that instant.

        A row that is shown late already stays as it was, for longer if need be.
        """
        held = self._old.get(key)
        if held and held[0] > self._now():
            before, until = held[1], max(until, held[0])
        self._old[key] = (until, before)

    def seen(self, key: str, row: R) -> R | None:
        """Return the row that a reader sees for *row*; None for nothing yet."""
        held = self._old.get(key)
        if held is None:
            return row
        until, before = held
        if until <= self._now():
            del self._old[key]
            return row
        return before  # type: ignore[return-value] # an earlier state of such a row
