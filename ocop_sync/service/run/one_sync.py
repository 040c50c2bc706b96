"""All that the runs of one sync share, one run at each account."""

from collections.abc import Callable
from dataclasses import dataclass

from ocop_sync.service.deployment import Deployment
from ocop_sync.service.evaluate.event_feed import Sales
from ocop_sync.service.run.clock_check import ClockCheck
from ocop_sync.service.run.run_events import RunEvents
from ocop_sync.store.runs.accounts import Lease

Progress = Callable[[str, int, int], None]
"""Told of an account, how many changes it has had, and how many are left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSync:
    """All that the runs of one sync share.

    Attributes:
        lease: The right to work on its accounts.
        sales: The sales that were read, at all accounts.
        clock_check: Holds changes that hang on the day while the clock is doubted.
        progress: Told how far each account is.
        events: Tell whoever follows it, in any process.
    """

    deployment: Deployment
    lease: Lease
    sales: Sales
    clock_check: ClockCheck
    progress: Progress
    events: RunEvents
