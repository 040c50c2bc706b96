"""Who waits to write to one file of SQLite, so that nobody starves.

SQLite gives its lock to whoever asks in the right moment. A process that writes again
and again, as a first sync does, would nearly always have it, and another one that asks
every few milliseconds would wait for seconds. So whoever waits holds a lock on a file
beside the database, shared with all who wait, and whoever has just written lets them go
first for a moment. The kernel lets go of it with the process. The database's own file
is not locked: to close any handle of it would end SQLite's locks. Where that file
cannot be made, or locked, all goes on, unfairly.
"""

import asyncio
import fcntl
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from ocop_sync.errors import NotWrittenError
from ocop_sync.files import open_lock

ENDING: Final = ".waiting"
"""How the name of that file ends."""
ASK_AGAIN_S: Final = 0.003
"""From one question for the lock to the next."""
LETS_FIRST_S: Final = 0.02
"""So long others go first at most: one of them may be held up."""


class WaitingWriters:
    """The writers, of all processes, that wait for the lock of one database.

    Args:
        file: The database; None for one that nobody shares.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file and file.with_name(f"{file.name}{ENDING}")
        self._ours: IO[bytes] | None = None
        self._asking: IO[bytes] | None = None
        self._waiting = 0
        self._is_told = False

    async def let_first(self) -> None:
        """Let those who wait go first, for a moment."""
        loop = asyncio.get_running_loop()
        until = loop.time() + LETS_FIRST_S
        while self._are_there() and loop.time() < until:  # noqa: ASYNC110  (theirs)
            await asyncio.sleep(ASK_AGAIN_S)

    @contextmanager
    def among_them(self) -> Iterator[None]:
        """Wait with them, as long as the block lasts."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting and self._is_told and self._ours is not None:
                fcntl.flock(self._ours, fcntl.LOCK_UN)
                self._is_told = False

    def tell(self) -> None:
        """Tell the others that somebody waits here; again as often as it asks."""
        if self._is_told or not self._is_open() or self._ours is None:
            return
        # Who just looks holds it alone for a moment: then the next time.
        self._is_told = self._locks(self._ours, fcntl.LOCK_SH)

    def close(self) -> None:
        """Close the file."""
        for each in (self._ours, self._asking):
            if each is not None:
                each.close()
        self._ours = self._asking = None

    def _are_there(self) -> bool:
        if not self._is_open() or self._asking is None:
            return False
        if not self._locks(self._asking, fcntl.LOCK_EX):
            return self._file is not None
        fcntl.flock(self._asking, fcntl.LOCK_UN)
        return False

    def _locks(self, file: IO[bytes], kind: int) -> bool:
        """Lock the file unless others have it; say whether it is locked."""
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # there are no such locks on this disk
            self._file = None
            return False
        return True

    def _opened(self) -> IO[bytes]:
        assert self._file is not None  # noqa: S101  (asked before)
        opened = open_lock(self._file)
        weakref.finalize(self, opened.close)
        return opened

    def _is_open(self) -> bool:
        """Open the file twice: a lock is that of one handle."""
        if self._file is not None and self._ours is None:
            try:
                self._ours, self._asking = self._opened(), self._opened()
            except NotWrittenError:
                self._file = None
        return self._file is not None
