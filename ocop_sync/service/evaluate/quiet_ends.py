"""Remember together that nothing was told at accounts: mostly that is so at all.

Accounts are asked side by side, hundreds of them where each producer has one. A
transaction for each would take more time than all that is written in them.
"""

import asyncio
from functools import partial
from operator import attrgetter

from ocop_sync.store.db.database import Database
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import EventsEnd


class QuietEnds:
    """Stores ends, those that come at the same time in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[EventsEnd] = []
        self._storing = asyncio.Lock()

    async def store(self, end: EventsEnd) -> None:
        """Store *end*, with those of others; return once it is stored."""
        self._waiting.append(end)
        async with self._storing:
            await asyncio.sleep(0)  # others have their answer in the same turn
            if end not in self._waiting:
                return  # stored by another one
            ends = sorted(self._waiting, key=attrgetter("key"))
            await self._database.write(partial(accounts.note_ends, ends=ends))
            self._waiting = [each for each in self._waiting if each not in ends]
