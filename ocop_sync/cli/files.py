"""Files that a process and its children make without asking `ocop_sync.files`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def private_files() -> Iterator[None]:
    """Let only their owner read the files that this process makes, or a child.

    It concerns the whole process: for commands, not for parts of them.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
