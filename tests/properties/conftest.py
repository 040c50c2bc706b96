"""An event loop and SQLite files that stay open from one example to the next."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.properties.shared import Shared


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """What all examples of one file of tests share."""
    with TemporaryDirectory(dir=tmp_path_factory.getbasetemp()) as folder:
        shared = Shared(Path(folder))
        yield shared
        shared.close()
