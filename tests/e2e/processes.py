"""Commands in processes of their own, to be told or killed while they call."""

import os
import sqlite3
import subprocess
import sys
import threading
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


def let_leases_end(database: Path) -> None:
    """Do as if the time of the dead run's lease had passed."""
    connection = sqlite3.connect(database, timeout=10)
    with connection:
        connection.execute("UPDATE account SET lease_until = '2026-01-01 00:00:00'")
    connection.close()
