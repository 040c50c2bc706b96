"""A sync that is killed in the middle of its calls loses nothing and doubles nothing.

The marketplaces go on with what they were sent: it is applied after the death.
"""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.e2e.served import SECRETS, Desk, Served, good

COUNT = 30
LATE_S = 1.0
CREATES = {"postmart": "submit_product", "voso": "save_products"}


def start_sync(desk: Desk) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "ocop_sync"),
            *("--settings", str(desk.settings), "sync"),
        ],
        env={**os.environ, **SECRETS},
    )


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


def let_leases_end(database: Path) -> None:
    """Do as if the time of the dead run's lease had passed."""
    connection = sqlite3.connect(database, timeout=10)
    with connection:
        connection.execute("UPDATE account SET lease_until = '2026-01-01 00:00:00'")
    connection.close()


@pytest.mark.parametrize("name", ["postmart", "voso"])
def test_a_killed_sync_is_gone_on_with_and_doubles_nothing(
    desk: Desk, name: str
) -> None:
    is_voso = name == "voso"
    desk.write_settings(
        producers=["CS-0001"] if is_voso else [],
        postmart=not is_voso,
    )
    _, maker = good(1)
    desk.import_(*[(product, maker) for product, _ in map(good, range(1, COUNT + 1))])
    market: Served = getattr(desk, name)
    market.post(
        "faults", operation=CREATES[name], fault="slow", count=COUNT, seconds=LATE_S
    )

    with start_sync(desk) as killed:
        wait_for_intents(desk.folder / "ocop.db")
        threading.Event().wait(LATE_S / 2)  # its calls are on their way
        killed.kill()
    let_leases_end(desk.folder / "ocop.db")
    again, third = desk.run("sync"), desk.run("sync")

    counts = market.look("counts")
    assert again.exit_code == 0, again.output
    assert "nothing to do" in third.stdout
    assert counts["doubled"] == []
    assert counts["ours_by_state"] == {"live": COUNT}
