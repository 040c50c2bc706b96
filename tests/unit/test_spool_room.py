"""Where temporary files have no room, the error names that, and the folder."""

import sqlite3
import tempfile
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
