"""How far this computer's clock is from those of the marketplaces.

Each HTTP answer carries a Date. A certificate's end, a budget's window and a lease all
hang on our own clock, and nothing else would tell that it jumped. The reaction to it is
decided in `ocop_sync.engine.plan.clock_doubt`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


class ClockWitness:
    """The offsets of this computer's clock, by the answers to one process."""

    def __init__(self) -> None:
        self._ahead: dict[str, timedelta] = {}

    def forget(self) -> None:
        """Forget all offsets: those from before a run tell nothing of the clock now."""
        self._ahead.clear()

    def hear(self, host: str, headers: Mapping[str, str], now: datetime) -> None:
        """Take in the headers of an answer of *host* that came *now*, in UTC.

        A cache answers with the Date of its source: that is no witness.
        """
        if "Age" in headers:
            return
        try:
            there = parsedate_to_datetime(headers.get("Date", ""))
        except (TypeError, ValueError, OverflowError):
            return
        if there.tzinfo is None:
            there = there.replace(tzinfo=UTC)  # HTTP dates are in GMT, named or not
        self._ahead[host] = now - there

    @property
    def ahead(self) -> timedelta | None:
        """How far our clock is ahead of the marketplace that agrees with it most.

        One marketplace may have a wrong clock itself. None if nobody has said.
        """
        return min(self._ahead.values(), key=abs, default=None)
