"""An event loop and databases that stay open from one example to the next."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.postgres import Server
from tests.properties.shared import Shared, on_postgresql, on_sqlite


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """What all examples of one file of tests share, with files of SQLite."""
    with TemporaryDirectory(dir=tmp_path_factory.getbasetemp()) as folder:
        shared = on_sqlite(Path(folder))
        yield shared
        shared.close()


@pytest.fixture(scope="module")
def shared_on_postgresql(postgres: Server) -> Iterator[Shared]:
    """The same, with databases of PostgreSQL."""
    shared = on_postgresql(postgres)
    yield shared
    shared.close()
