"""What examples share: an event loop, and databases that are emptied for the next.

To make all tables, and to have a new connection learn them and each statement, took a
third of the time of an example. Connections belong to the loop in which they wait.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from tests.kept_engines import KeptEngines
from tests.kept_files import KeptFiles
from tests.postgres import Server

T = TypeVar("T")


class Databases(Protocol):
    """Where databases are lent."""

    def database_and_engines(self) -> AbstractContextManager[str]:
        """Lend a database with all tables and no row; yields its address."""

    async def close(self) -> None:
        """Close all that was opened."""


class OnPostgresql:
    """Databases of a server, and engines that stay open on them.

    Args:
        server: The server.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._engines = KeptEngines()

    @contextmanager
    def database_and_engines(self) -> Iterator[str]:
        """Lend a database, and have whoever opens it lent its engines."""
        with self._server.database() as url, pytest.MonkeyPatch.context() as patch:
            self._engines.begin_test(patch)
            yield url

    async def close(self) -> None:
        """Close all engines."""
        await self._engines.close()


class Shared:
    """What all examples of one file of tests share.

    Args:
        databases: Where databases are lent.
    """

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._runner = asyncio.Runner()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carry *work* out."""
        return self._runner.run(work)

    def database(self) -> AbstractContextManager[str]:
        """Lend a database with all tables and no row; yields its address."""
        return self._databases.database_and_engines()

    def close(self) -> None:
        """Close all databases, and the loop."""
        self.run(self._databases.close())
        self._runner.close()


def on_sqlite(folder: Path) -> Shared:
    """Return what is shared where databases are files in *folder*."""
    return Shared(KeptFiles(folder))


def on_postgresql(server: Server) -> Shared:
    """Return what is shared where databases are those of *server*."""
    return Shared(OnPostgresql(server))
