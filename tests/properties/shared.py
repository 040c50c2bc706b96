"""What examples share: an event loop, and databases that are emptied for the next.

To make all tables, and to have a new connection learn them and each statement, took a
third of the time of an example. Connections belong to the loop in which they wait.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from tests.kept_files import KeptFiles

T = TypeVar("T")


class Shared:
    """What all examples of one file of tests share.

    Args:
        folder: Where the files of databases are.
    """

    def __init__(self, folder: Path) -> None:
        self._files = KeptFiles(folder)
        self._runner = asyncio.Runner()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carry *work* out."""
        return self._runner.run(work)

    def database(self) -> AbstractContextManager[str]:
        """Lend a database with all tables and no row; yields its address."""
        return self._files.database_and_engines()

    def close(self) -> None:
        """Close all databases, and the loop."""
        self.run(self._files.close())
        self._runner.close()
