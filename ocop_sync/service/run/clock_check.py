"""Whether a run believes its clock: asked before each change that hangs on the day.

The reasons to doubt the clock are decided in `ocop_sync.engine.plan.clock_doubt`.
"""

import logging
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.eligibility import Text
from ocop_sync.engine.plan.clock_doubt import TODO, doubt_of, hangs_on_the_day
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.listings import change_delays, coverage_intervals
from ocop_sync.store.runs.accounts import LastLook
from ocop_sync.store.runs.ill_dates import FARTHEST_DUE, put_right

_log = logging.getLogger(__name__)


class ClockCheck:
    """Compares the clock with the time of others, as long as a run lasts."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._stored_at: datetime | None = None
        self._doubted: Text | None = None

    def begin(self, looks: Iterable[LastLook]) -> None:
        """Compare it with the instants that earlier runs have stored of their looks."""
        self._deployment.witness.forget()
        instants = (at for _, *both in looks for at in both if at is not None)
        self._stored_at = max(instants, default=None)

    async def put_right(self, conn: AsyncConnection, keys: Collection[str]) -> None:
        """Correct instants in the future that a wrong clock has written, if one has.

        Only a clock that a marketplace has confirmed can tell the future.
        """
        now, stored_at = self._deployment.clock(), self._stored_at
        is_confirmed = self._deployment.witness.ahead is not None
        if is_confirmed and stored_at is not None and stored_at > now + FARTHEST_DUE:
            await put_right(conn, keys, now)
            await coverage_intervals.put_right(conn, now, now + FARTHEST_DUE)
            await change_delays.erase_after(conn, now + FARTHEST_DUE)
            _log.warning(
                "dates of a wrong clock put right", extra={"latest": stored_at}
            )

    def holds(self, kind: Kind) -> bool:
        """Say whether a change of *kind* must wait until the clock is right."""
        return hangs_on_the_day(kind) and self._look() is not None

    def warning(self) -> Text | None:
        """Return why the clock was doubted in this run, and the advice; None if not."""
        doubt = self.doubt()
        if doubt is None:
            return None
        return Text(f"{doubt.vi}. {TODO.vi}", f"{doubt.en}. {TODO.en}")

    def doubt(self) -> Text | None:
        """Say why the clock was doubted in this run; None if it was not."""
        return self._look() or self._doubted

    def _look(self) -> Text | None:
        found = doubt_of(
            self._deployment.clock(),
            ahead=self._deployment.witness.ahead,
            stored_at=self._stored_at,
        )
        self._doubted = self._doubted or found
        return found
