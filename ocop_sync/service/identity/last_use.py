"""The last use of keys and sessions, stored beside the call that uses one.

A call that only reads must not wait for whoever writes: an import may hold SQLite's
only writer for a while. So the use is stored by a task of its own, one for each key or
session at a time. One that fails costs a time in a list, and nothing else.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.db.database import Database

_log = logging.getLogger(__name__)


class LastUse:
    """Stores last uses; whoever closes the database waits for `finished` first."""

    def __init__(self) -> None:
        self._under_way = dict[str, asyncio.Task[None]]()

    def note(
        self,
        database: Database,
        name: str,
        touch: Callable[[AsyncConnection], Awaitable[None]],
    ) -> None:
        """Have *touch* carried out, unless that of the same *name* is under way."""
        if name in self._under_way:
            return
        task = asyncio.ensure_future(self._store(database, touch))
        self._under_way[name] = task
        task.add_done_callback(lambda _: self._under_way.pop(name, None))

    async def finished(self) -> None:
        """Wait until all uses that were noted are stored."""
        await asyncio.gather(*self._under_way.values())

    async def _store(
        self,
        database: Database,
        touch: Callable[[AsyncConnection], Awaitable[None]],
    ) -> None:
        try:
            await database.write(touch)
        except Exception as error:  # noqa: BLE001  (told; the call has its answer)
            # By its kind alone: the text of a database's error repeats values.
            told = {"error": type(error).__name__}
            _log.warning("a last use was not stored", extra=told)
