"""What a monitoring system measures of schedules, whichever process has run them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.service.schedules.schedules import timing_of
from ocop_sync.store.schedules import runs, schedules
from ocop_sync.store.schedules.runs import RunOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleMeasurements:
    """How one schedule stands.

    Attributes:
        name: Its name.
        kind: The work.
        is_paused: A person has paused it.
        due_at: The first due time that no worker has dealt with, in UTC; None while it
            is paused, or if there is none.
        last_outcome: How its last run has ended; None if none has.
        last_ended_at: When that was.
        failing: Runs that have failed or died since one worked, of those that are kept.
        skipped: Due times since the last begun run at which that still went on.
    """

    name: str
    kind: str
    is_paused: bool
    due_at: datetime | None
    last_outcome: RunOutcome | None
    last_ended_at: datetime | None
    failing: int
    skipped: int


async def measure_schedules(conn: AsyncConnection) -> Sequence[ScheduleMeasurements]:
    """Return how each schedule stands, by name."""
    last, failing = await runs.last_runs(conn), await runs.failing_runs(conn)
    found = list[ScheduleMeasurements]()
    for row in await schedules.all_schedules(conn):
        is_paused, run = row.paused_at is not None, last.get(row.id)
        found.append(
            ScheduleMeasurements(
                name=row.name,
                kind=row.kind,
                is_paused=is_paused,
                due_at=None if is_paused else timing_of(row).next_after(row.due_until),
                last_outcome=run.outcome if run else None,
                last_ended_at=run.ended_at if run else None,
                failing=failing.get(row.id, 0),
                skipped=row.skipped,
            )
        )
    return found
