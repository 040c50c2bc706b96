"""Commits that outlive a power cut, without the event loop waiting for the disk.

SQLite can wait for the disk in each commit (`synchronous=FULL`), and all of the process
would wait with it, 1 to 5 ms each time. So it commits without waiting, a thread has its
log written to disk, and whoever asked that a commit lasts is told after that. Others
see what it wrote meanwhile. All that wait at the same time are served at once.

It is as safe: the log is all that such a commit writes, and SQLite itself has it on
disk before it writes any of it back, or begins it anew.
"""

import asyncio
import os
from pathlib import Path
from typing import Final

from ocop_sync.errors import StorageError
from ocop_sync.store.db.outage import not_on_disk

_LOG: Final = "-wal"
_to_disk: Final = getattr(os, "fdatasync", os.fsync)


class LogOnDisk:
    """Has the log of one database written to disk.

    Args:
        file: The database.
    """

    def __init__(self, file: Path) -> None:
        real = file.resolve()  # SQLite, too, keeps it beside what a link leads to
        self._log = real.with_name(f"{real.name}{_LOG}")
        self._under_way: asyncio.Future[None] | None = None
        self._next: asyncio.Future[None] | None = None
        self._failed: StorageError | None = None

    async def wait(self) -> None:
        """Return once all that is committed by now is on disk.

        Raises:
            StorageError: It is not: the disk fails, or the log is gone. It stays so
                while the process lives.
        """
        # One that is under way may have begun before the last commit: never that one.
        if self._next is None:
            self._next = asyncio.ensure_future(self._write(self._under_way))
        await asyncio.shield(self._next)

    async def _write(self, before: asyncio.Future[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        self._under_way, self._next = self._next, None
        # Danger: what a disk has refused once, the system may call written next time.
        if self._failed is None:
            try:
                await asyncio.to_thread(_write_to_disk, self._log)
            except OSError as error:
                self._failed = not_on_disk(error)
        if self._failed is not None:
            raise self._failed


def _write_to_disk(log: Path) -> None:
    opened = os.open(log, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _to_disk(opened)
    finally:
        os.close(opened)
