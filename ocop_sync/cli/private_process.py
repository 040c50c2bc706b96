"""Files that a process and its children make without asking `ocop_sync.files`."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocop_sync.errors import ConfigurationError
from ocop_sync.files import open_lock

_AGAIN_S = 0.1


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


@contextmanager
def locked(
    file: Path, taken: str, *, wait_s: float = 0, shared: bool = False
) -> Iterator[None]:
    """Hold the lock *file*, which another process that just ends may hold for a while.

    It ends with the process, also with one that is killed.

    Args:
        file: The lock.
        taken: What to say if another process holds it.
        wait_s: How long to wait for that one to end.
        shared: Others that share it may hold it, too.

    Raises:
        ConfigurationError: Another process holds it: *taken*.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with open_lock(file) as lock:
        ends = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(lock, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= ends:
                    raise ConfigurationError(taken) from None
            time.sleep(_AGAIN_S)
        yield
