"""The time of the last change that an SQLite database sent, in a file beside it.

A copy that is put in the place of the file by hand is behind it, unless nothing was
sent since. Each intent outlives a power cut, so a database itself is never behind.
Where the file is not there nothing is known: a database may move without it.
"""

import asyncio
import logging
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.errors import NotWrittenError
from ocop_sync.files import write_text
from ocop_sync.store.tables import change

SENT: Final = ".sent"
"""The ending of its name, behind that of the database."""

_LAST = select(func.max(change.c.sent_at))
_NEVER: Final = datetime.min.replace(tzinfo=UTC)

_one_at_a_time = threading.Lock()

_log = logging.getLogger(__name__)


async def note(conn: AsyncConnection, file: Path | None) -> None:
    """Write down when the last change was sent, if it is a later one.

    Args:
        conn: A connection of the database.
        file: Its file; None where there is none, and nothing is written down.
    """
    if file is None:
        return
    last = await _last(conn)
    try:
        # In a thread: until a slow disk has it, others are answered.
        await asyncio.to_thread(_write, file, last)
    except (NotWrittenError, OSError) as error:
        # A full disk: the sync itself has been done.
        _log.warning("no note beside the database", extra={"reason": str(error)})


def _write(file: Path, last: datetime) -> None:
    # Danger: of two syncs that end together, the earlier time must not stay.
    with _one_at_a_time:
        if last > _noted(file):
            write_text(_beside(file), f"{last.isoformat()}\n")


async def is_older(conn: AsyncConnection, file: Path | None) -> bool:
    """Say whether more had been sent from *file* than the database knows of."""
    return file is not None and await _last(conn) < _noted(file)


def forget(file: Path | None) -> None:
    """Let nothing be known of what was sent from *file*."""
    if file is not None:
        with suppress(FileNotFoundError):
            _beside(file).unlink()


async def _last(conn: AsyncConnection) -> datetime:
    return (await conn.execute(_LAST)).scalar_one() or _NEVER


def _noted(file: Path) -> datetime:
    try:
        return datetime.fromisoformat(_beside(file).read_text().strip())
    except (OSError, ValueError):
        return _NEVER


def _beside(file: Path) -> Path:
    # Danger: where a link leads to the database, `restore` puts the file itself back,
    # and what lay beside the link would call the restored one older for good.
    real = file.resolve()
    return real.with_name(f"{real.name}{SENT}")
