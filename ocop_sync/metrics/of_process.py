"""What this process alone knows: how fast calls are answered, and how late its loop is.

Calls are told apart by their route, method and status: an address holds codes, a link
even what signs in.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector

from ocop_sync.metrics.names import PREFIX
from ocop_sync.service.run.heartbeat import beating

LAG: Final = f"{PREFIX}event_loop_lag_seconds"

LOOK_S: Final = 0.25
"""Seconds from one look at the lag of the loop to the next."""

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_LAGS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_TIMES: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class ProcessMetrics:
    """Counts what this process does.

    Attributes:
        registry: Where it is counted, with the processor time and memory of Linux.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._answers = Histogram(
            f"{PREFIX}http_request_duration_seconds",
            "How long calls of the API took, by route, method and status.",
            ("route", "method", "status"),
            buckets=_TIMES,
            registry=self.registry,
        )
        self._lag = Histogram(
            LAG,
            "How much later than due the event loop came to its work.",
            buckets=_LAGS,
            registry=self.registry,
        )

    def count_answer(self, route: str, method: str, status: int, took_s: float) -> None:
        """Count an answered call; *route* has names in place of values."""
        # Danger: anybody may make methods up, and each would be a metric.
        known = method if method in _METHODS else "other"
        self._answers.labels(route, known, str(status)).observe(took_s)

    @asynccontextmanager
    async def looking_at_lag(
        self,
        seconds: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> AsyncIterator[None]:
        """Measure the lag of the event loop during any work inside.

        By default by the loop's own time, whatever the rest goes by.
        """
        seconds = seconds or asyncio.get_running_loop().time
        due = seconds() + LOOK_S

        async def look() -> None:
            nonlocal due
            now = seconds()
            self._lag.observe(max(now - due, 0.0))
            due = now + LOOK_S

        async with beating(look, LOOK_S, sleep):
            yield
