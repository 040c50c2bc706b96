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
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_intents(database: Path) -> None:
    """Wait until creates are written down that have no outcome yet."""
    open_creates = "SELECT 1 FROM change WHERE kind = 'create' AND outcome IS NULL"
    connection = sqlite3.connect(database, timeout=10)
    while connection.execute(open_creates).fetchone() is None:
        threading.Event().wait(0.01)
    connection.close()


@pytest.mark.parametrize("name", ["postmart", "voso"])
def test_a_killed_sync_is_gone_on_with_and_doubles_nothing(
    desk: Desk, name: str
) -> None:
    is_voso = name == "voso"
    desk.write_settings(
        producers=["CS-0001"] if is_voso else [],
        postmart=not is_voso,
        more="sync.lease_s = 3",
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
    again, third = desk.run("sync"), desk.run("sync")

    counts = market.look("counts")
    assert again.exit_code == 0, again.output
    assert "nothing to do" in third.stdout
    assert counts["doubled"] == []
    assert counts["ours_by_state"] == {"live": COUNT}
