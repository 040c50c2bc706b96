"""Commands in processes of their own, to be told or killed while they call."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests import forked
from tests.e2e.served import SECRETS, Desk


def start(desk: Desk, *words: str) -> subprocess.Popen[str]:
    """Start a command at *desk*; what it says is kept."""
    return forked.Popen(
        [
            *(sys.executable, "-m", "ocop_sync"),
            *("--settings", str(desk.settings), *words),
        ],
        env={**os.environ, **SECRETS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ask(desk: Desk, query: str) -> list[Any]:
    """Ask the database of *desk*."""
    connection = sqlite3.connect(desk.folder / "ocop.db", timeout=10)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def wait_for_intents(database: Path) -> None:
    """Wait until creates are written down that have no outcome yet."""
    open_creates = "SELECT 1 FROM change WHERE kind = 'create' AND outcome IS NULL"
    connection = sqlite3.connect(database, timeout=10)
    for _ in range(3_000):
        if connection.execute(open_creates).fetchone():
            break
        threading.Event().wait(0.01)
    else:
        pytest.fail("the sync has sent nothing")
    connection.close()


def await_upload(desk: Desk) -> None:
    """Wait until a service, whose `TMPDIR` is the desk's folder, takes an upload in."""
    for _ in range(3_000):
        if list(desk.folder.glob("ocop-sync-upload-*")):
            return
        threading.Event().wait(0.01)
    pytest.fail("nothing of it has reached the service")


def await_worker(desk: Desk) -> None:
    """Wait until the worker of a service that was started has shown that it lives."""
    for _ in range(3_000):
        if ask(desk, "SELECT 1 FROM heartbeat"):
            return
        threading.Event().wait(0.01)
    pytest.fail("no worker has begun")


@contextmanager
def stopped(desk: Desk, pid: int) -> Iterator[Callable[[], None]]:
    """Stop a process, between its writes: in one it would keep all others from theirs.

    Yields what lets it go on, as the end of the block does at the latest.
    """

    def go_on() -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    try:
        for _ in range(3_000):
            _stop(pid)
            if _can_write(desk):
                break
            go_on()
            threading.Event().wait(0.01)
        else:
            pytest.fail("it writes all the time")
        yield go_on
    finally:
        go_on()


def _stop(pid: int) -> None:
    """Stop a process, and wait until each of its threads stands."""
    os.kill(pid, signal.SIGSTOP)
    for _ in range(3_000):
        threads = list(Path(f"/proc/{pid}/task").glob("*/stat"))
        states = {
            each.read_text("utf-8").rpartition(")")[2].split()[0] for each in threads
        }
        if states == {"T"}:
            return
        threading.Event().wait(0.01)
    pytest.fail("it does not stand")


def _can_write(desk: Desk) -> bool:
    path = desk.folder / "ocop.db"
    with (
        closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection,
        suppress(sqlite3.OperationalError),
    ):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        return True
    return False


def let_leases_end(database: Path) -> None:
    """Do as if the time of the dead run's lease had passed."""
    connection = sqlite3.connect(database, timeout=10)
    with connection:
        connection.execute("UPDATE account SET lease_until = '2026-01-01 00:00:00'")
    connection.close()
