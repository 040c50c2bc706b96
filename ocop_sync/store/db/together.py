"""Store together what comes at the same time.

Accounts are worked on side by side, hundreds of them where each producer has one. A
transaction for each would take more time than all that is written in them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.db.database import Database

T = TypeVar("T")


class Together(Generic[T]):
    """Stores things, those that come at the same time in one transaction.

    Args:
        database: Where.
        store: Stores some, each of them another one.
    """

    def __init__(
        self,
        database: Database,
        store: Callable[[AsyncConnection, Sequence[T]], Awaitable[None]],
    ) -> None:
        self._database = database
        self._store = store
        self._waiting: list[T] = []
        self._storing = asyncio.Lock()

    async def store(self, thing: T) -> None:
        """Store *thing*, with those of others; return once it is stored."""
        self._waiting.append(thing)
        async with self._storing:
            await asyncio.sleep(0)  # others have their answer in the same turn
            if thing not in self._waiting:
                return  # stored by another one
            things = [*self._waiting]
            await self._database.write(lambda conn: self._store(conn, things))
            self._waiting = [each for each in self._waiting if each not in things]
