"""Where tests keep their files: in memory, where that is roomy.

SQLite waits for the disk as often as it is told to, and pytest makes and removes a
folder for each test: on a disk, a third of the suite's time went by with that.
"""

import os
import shutil
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  (pytest and tempfile make folders of their own there)
ROOM = 1_000_000_000
"""Bytes that must be free. All tests together never hold more than a tenth of it."""


def work_in_memory(
    environment: MutableMapping[str, str] = os.environ, memory: Path = MEMORY
) -> None:
    """Let temporary files of this process and its children be in memory.

    Whoever has said where they are to be is heard. Some systems run no program
    from memory, and containers often have little of it: there the disk it is.
    """
    if "TMPDIR" not in environment and is_fit(memory):
        environment["TMPDIR"] = str(memory)
        tempfile.tempdir = None  # it is asked for anew


def is_fit(folder: Path) -> bool:
    """Tell whether *folder* has room, and programs can be started from it."""
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return False
    runs = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    return runs and shutil.disk_usage(folder).free > ROOM
