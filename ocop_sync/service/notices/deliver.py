"""Notices are sent until they arrive, with growing waits, or for two days.

Each is claimed by one process; one that dies while it sends loses its claim, and it is
sent again: at least once, by the same id.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.clock import Clock
from ocop_sync.service.notices.sender import Sender, UndeliveredError
from ocop_sync.service.notices.words import message_of
from ocop_sync.store import notices
from ocop_sync.store.db.database import Database
from ocop_sync.store.notices import Claimed, DeliveryState

WAITS: Final = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 240, 720, 1440))
"""Waits between attempts; after the last one nobody tries any more."""

CLAIMED_FOR: Final = timedelta(minutes=5)
"""Longer than all that is claimed at once may take: each sender bounds its own."""

_log = logging.getLogger(__name__)


class Delivering:
    """Sends what is due.

    Args:
        database: Where notices are.
        clock: The present instant, in UTC.
        senders: The ways that they go.
    """

    def __init__(
        self, database: Database, clock: Clock, senders: Sequence[Sender]
    ) -> None:
        self._database = database
        self._clock = clock
        self._senders: Mapping[str, Sender] = {each.name: each for each in senders}

    async def deliver(self) -> int:
        """Send what is due now; return how many arrived."""
        now = self._clock()
        claimed = await self._database.write(
            partial(
                notices.claim,
                senders=self._senders,
                now=now,
                until=now + CLAIMED_FOR,
            )
        )
        arrived = await asyncio.gather(*map(self._send, claimed))
        return sum(arrived)

    async def _send(self, claimed: Claimed) -> bool:
        message = message_of(claimed.notice)
        try:
            await self._senders[claimed.sender].send(message, self._clock())
        except UndeliveredError as error:
            await self._put_off(claimed, error)
            return False
        await self._settle(claimed, DeliveryState.SENT)
        _log.info("notice sent", extra=_told(claimed))
        return True

    async def _put_off(self, claimed: Claimed, error: UndeliveredError) -> None:
        is_last = error.is_final or claimed.attempts >= len(WAITS)
        more = {"reason": error.kind, "attempts": claimed.attempts + 1}
        if is_last:
            await self._settle(claimed, DeliveryState.DEAD, error=error.kind)
            _log.error("notice given up", extra=_told(claimed) | more)
            return
        next_at = self._clock() + WAITS[claimed.attempts]
        await self._settle(
            claimed, DeliveryState.WAITING, error=error.kind, next_at=next_at
        )
        _log.warning("notice not sent", extra=_told(claimed) | more)

    async def _settle(
        self,
        claimed: Claimed,
        state: DeliveryState,
        *,
        error: str = "",
        next_at: datetime | None = None,
    ) -> None:
        async def work(conn: AsyncConnection) -> None:
            await notices.settle(
                conn, claimed, state, self._clock(), error=error, next_at=next_at
            )

        await self._database.write(work)


def _told(claimed: Claimed) -> dict[str, object]:
    return {
        "notice": claimed.notice.id,
        "kind": claimed.notice.kind,
        "sender": claimed.sender,
    }
