"""SQLite files and engines that stay open from one test of a file to the next.

To make all tables, and to have a new connection learn them and each statement, took a
tenth of the time of a test. A file whose tables, settings or place a test has changed
is not lent again, nor one that somebody still holds.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ocop_sync.store.db import database
from tests.kept_engines import Lent
from tests.tables import NAMES, statements

_EMPTY = [f'DELETE FROM "{name}"' for name in sorted(NAMES)]  # noqa: S608  (our own names)
_SETTINGS = ("schema_version", "user_version", "application_id", "journal_mode")


@dataclass(frozen=True, slots=True)
class _File:
    """A file with all tables, and a connection that empties it."""

    path: Path
    connection: sqlite3.Connection
    shape: object

    @property
    def url(self) -> str:
        """Its address."""
        return f"sqlite:///{self.path}"

    def is_as_new(self) -> bool:
        """Empty it, and tell whether it is as it was made."""
        with suppress(sqlite3.Error, OSError):
            self.connection.execute("BEGIN IMMEDIATE")
            for each in _EMPTY:
                self.connection.execute(each)
            self.connection.execute("COMMIT")
            return _shape(self.path, self.connection) == self.shape
        return False


class KeptFiles:
    """The files of one file of tests.

    Args:
        folder: Where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = database._sqlite
        self._files: list[_File] = []
        self._idle: list[_File] = []
        self._engines: dict[str, list[AsyncEngine]] = {}
        self._unused: dict[Any, list[AsyncEngine]] = {}

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend a file with all tables and no row; yields its address."""
        file = self._idle.pop() if self._idle else self._new()
        try:
            yield file.url
        finally:
            if file.is_as_new():
                self._idle.append(file)

    @contextmanager
    def database_and_engines(self) -> Iterator[str]:
        """Lend a file, and have whoever opens it lent its engines."""
        with self.database() as url, pytest.MonkeyPatch.context() as patch:
            patch.setattr(database, "_sqlite", self.open)
            yield url

    def open(self, url: str, begin: str, **settings: int) -> Any:
        """Lend an engine that nobody uses, or open one; those on our files stay."""
        is_of_thread = begin == "DEFERRED" and settings["pool_size"] == 1
        if url not in self._engines or is_of_thread:  # which ends with the test
            return self._open(url, begin, **settings)
        key = url, begin, *sorted(settings.items())
        unused = self._unused.setdefault(key, [])
        if not unused:
            unused.append(self._open(url, begin, **settings))
            self._engines[url].append(unused[-1])
        return Lent(unused.pop(), unused)

    async def close(self) -> None:
        """Close all engines and files."""
        for engines in self._engines.values():
            for engine in engines:
                await engine.dispose()
        for file in self._files:
            file.connection.close()

    def _new(self) -> _File:
        path = self._folder / f"ocop-{len(self._files)}.db"
        connection = sqlite3.connect(path, isolation_level=None, timeout=0)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        for each in statements("sqlite"):
            connection.execute(each)
        connection.execute("COMMIT")
        file = _File(path, connection, _shape(path, connection))
        self._files.append(file)
        self._engines[file.url] = []
        return file


def _shape(path: Path, connection: sqlite3.Connection) -> object:
    """Return what is to be as it was: where the file is, and what it is like."""
    found = path.stat()
    settings = [connection.execute(f"PRAGMA {each}").fetchone() for each in _SETTINGS]
    return found.st_dev, found.st_ino, found.st_mode, settings
