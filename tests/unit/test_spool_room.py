"""Temporary files: where there is no room, and who closes them."""

import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import pytest

from catalog.db import overflow
from ocop_sync.service.plan import spool
from ocop_sync.store.db.outage import of_disk


@pytest.mark.parametrize("module", [spool, overflow], ids=["plan", "import"])
def test_a_full_folder_for_temporary_files_is_named(module: ModuleType) -> None:
    with pytest.raises(OSError, match="TMPDIR") as raised, module.room():
        raise sqlite3.OperationalError

    said = of_disk(raised.value)
    assert said is not None
    assert f"TMPDIR={tempfile.gettempdir()}" in str(said)


def test_one_is_closed_in_the_thread_that_comes_by() -> None:
    with ThreadPoolExecutor(1) as another:
        found: spool.Spool[object] = another.submit(spool.Spool).result()

    del found  # what goes wrong then fails the test
