"""SQLite's log, written back into the database beside the event loop.

Whoever commits when the log has grown writes it back there and then, and waits for the
disk meanwhile, 40 to 100 ms each time. In the API's process everybody who asks would
wait for that, and in a worker's each call. There a thread does it some seconds after a
write, over a connection of its own: it keeps neither readers nor writers out. The log
begins anew only once nothing in it is left to write back. While others write all the
time something always is, so a log that has grown `LARGE` has its rest written back with
writers kept out: they ask again. Beyond `PAGES`, as after a thread that could not do
it, a commit does it after all.
"""

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Final

AFTER_S: Final = 2.0
"""So long after the first write that is not written back."""
LARGE: Final = 8_000
"""Pages of a log that is to begin anew: 32 MB, which a sync writes in some seconds."""
PAGES: Final = 128_000
"""With so many pages in the log a commit does it, 512 MB; else with SQLite's thousand.

Nobody can write back what a reader does not see yet, and one that sees one state for
long is a plan of the whole catalog: a first sync writes 44 KB for each product
meanwhile. The commit behind it would write back all of that."""

WAITS_S: Final = 0.1
"""So long, at most, writers are kept out until those who read in the log have ended."""

_log = logging.getLogger(__name__)


class WritingBack:
    """Writes the log of one database back, after writes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._due: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    def note_write(self) -> None:
        """Note that something was written, perhaps while it is written back."""
        if self._due is None and not self._is_closed:
            loop = asyncio.get_running_loop()
            self._due = loop.call_later(AFTER_S, self._begin)

    async def aclose(self) -> None:
        """Wait for what is under way, and begin no more."""
        self._is_closed = True
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._task is not None:
            await self._task

    def _begin(self) -> None:
        self._due, before = None, self._task
        self._task = asyncio.ensure_future(self._write_back(before))

    async def _write_back(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        try:
            await asyncio.to_thread(write_back, self._file)
        except sqlite3.Error as error:
            _log.warning("the log was not written back", extra={"reason": str(error)})


def write_back(file: Path) -> None:
    """Write the log back as far as nobody reads it.

    It keeps nobody waiting; where the log is large, those who write, for the little
    that has come meanwhile.

    Raises:
        sqlite3.Error: It could not be done: a file that is gone is not made anew.
    """
    address = f"{file.as_uri()}?mode=rw"
    with closing(connect(address, uri=True, timeout=WAITS_S)) as connection:
        checkpoint = "PRAGMA wal_checkpoint(PASSIVE)"
        _, pages, _ = connection.execute(checkpoint).fetchone()
        if pages > LARGE:
            connection.execute("PRAGMA wal_checkpoint(RESTART)").close()
