"""An SQLite database as a first command makes it, made once for all tests.

The upgrade of nothing to the present version takes longer than most tests.
"""

import asyncio
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ocop_sync.store.db.schema import upgrade


@cache
def empty_database() -> bytes:
    """Return a database without any row."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ocop.db"
        asyncio.run(upgrade(f"sqlite:///{file}"))
        return file.read_bytes()


def put_database(file: Path) -> None:
    """Put a database without any row there; no event loop may be running."""
    file.touch(0o600)  # as the service makes it
    file.write_bytes(empty_database())
