"""A run that is asked for, followed from outside while its worker is killed."""

import json
import os
import signal
import sqlite3
import urllib.request
from contextlib import closing

import pytest

from ocop_sync.testing.mocks.mock import open_mock
from tests.e2e.conftest import show_soon
from tests.e2e.processes import let_leases_end, start, wait_for_intents
from tests.e2e.served import Desk, good
from tests.e2e.test_serve import ask, serving, worker_pid

pytestmark = pytest.mark.slow

COUNT = 12
BY = ("--by", "Ng. Văn A")


def post(url: str, key: str, body: object) -> dict[str, object]:
    request = urllib.request.Request(  # noqa: S310 (loopback)
        url,
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 (loopback)
        found: dict[str, object] = json.load(answer)
        return found


def test_a_run_whose_worker_is_killed_goes_on_and_is_followed_to_its_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.time.is_real = True
    show_soon(monkeypatch, call_timeout_s=2.5)
    market, creates = desk.postmart, open_mock("postmart").creates
    key = desk.run_json("keys", "add", "a", "--role", "operator", *BY)["secret"]

    market.post("faults", operation=creates, fault="slow", count=99, seconds=1)

    with serving(desk) as (_, url):
        desk.import_(*map(good, range(1, COUNT + 1)))
        run = str(post(f"{url}/api/v1/runs", key, {"kind": "sync"})["run"])
        wait_for_intents(desk.folder / "ocop.db")
        with start(desk, "runs", "follow", run, "--json") as follower:
            os.kill(worker_pid(desk), signal.SIGKILL)
            market.delete("faults")
            let_leases_end(desk.folder / "ocop.db")
            let_claims_end(desk)
            said, _ = follower.communicate(timeout=120)
        state = json.loads(ask(f"{url}/api/v1/runs/{run}", key)[1])["request"]

    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert events[-1]["event"] == "end", said
    assert state["outcome"] == "done"
    counts = market.look("counts")
    assert counts["doubled"] == []
    assert counts["ours_by_state"] == {"live": COUNT}


def let_claims_end(desk: Desk) -> None:
    """Do as if the time of the dead worker's claim had passed."""
    file = desk.folder / "ocop.db"
    with closing(sqlite3.connect(file, timeout=10)) as connection, connection:
        connection.execute(
            "UPDATE run_request SET lease_until = '2026-01-01 00:00:00'"
            " WHERE lease_until IS NOT NULL"
        )
