"""How far a run is at its account, as whoever follows it is told."""

from typing import Any

from ocop_sync.marketplace.port import Marketplace
from ocop_sync.service.run.run_events import failures_of
from ocop_sync.service.run.sent_tally import SentTally


class RunProgress:
    """Counts the calls of a run from where it has begun, and what was told.

    Args:
        sent: The changes that it has sent.
        retries: Calls that this process had made again at its account before.
    """

    def __init__(self, sent: SentTally, retries: int) -> None:
        self._sent = sent
        self._retries = retries
        self._calls: int | None = None
        self._told = 0

    def begin(self, marketplace: Marketplace) -> None:
        """Count calls from now on."""
        if self._calls is None:
            self._calls = marketplace.context.quota.taken

    def told(
        self, marketplace: Marketplace, retries: int, left: int | None
    ) -> dict[str, Any]:
        """Return how far it is, as JSON's values; each failure is named once."""
        sent, quota = self._sent, marketplace.context.quota
        new = sent.failures[self._told :]
        self._told = len(sent.failures)
        return {
            "sent": sent.writes,
            "failed": sent.failed,
            "left": left,
            "changes": {kind: dict(n) for kind, n in sorted(sent.outcomes.items())},
            "calls": quota.taken - (self._calls or 0),
            "retries": retries - self._retries,
            "calls_per_s": quota.calls_per_s,
            "quota_used": quota.used_share,
            **failures_of(new),
        }
