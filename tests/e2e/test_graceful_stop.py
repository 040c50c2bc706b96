"""SIGTERM to a `serve` that answers a slow call and syncs: it ends in order."""

import http.client
import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import show_soon
from tests.e2e.processes import ask, wait_for_intents
from tests.e2e.served import Desk, good
from tests.e2e.test_serve import ask as get
from tests.e2e.test_serve import serving, until

COUNT = 12
SLOW_S = 0.5
PAUSE = "/api/v1/products/SP-00001/pause"
BODY = b'{"paused": true}'
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture
def slow(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with much to create, at a marketplace that answers late."""
    desk.time.is_real = True
    show_soon(monkeypatch, call_timeout_s=2.5)
    desk.enter(*map(good, range(1, COUNT + 1)))
    desk.postmart.post(
        "faults", operation="submit_product", fault="slow", count=99, seconds=SLOW_S
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    desk.write_settings(more=f"metrics.port = {port}\nsync.concurrency = 2")
    return desk


def metrics_of(desk: Desk) -> str:
    (port,) = re.findall(r"metrics\.port = (\d+)", desk.settings.read_text("utf-8"))
    status, text = get(f"http://127.0.0.1:{port}/metrics")
    assert status == 200
    return text


@contextmanager
def half_sent(url: str, key: str) -> Iterator[http.client.HTTPConnection]:
    """Make a call of which only the first half has come."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    with closing(connection):
        _begin(connection, key)
        yield connection


def _begin(connection: http.client.HTTPConnection, key: str) -> None:
    connection.putrequest("PUT", PAUSE)
    for name, value in (
        ("Authorization", f"Bearer {key}"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(BODY))),
        ("X-Request-Id", "cuoc-goi-cham"),
        ("Expect", "100-continue"),
    ):
        connection.putheader(name, value)
    connection.endheaders()
    # The service says so as it begins to answer: the call is under way.
    assert connection.sock.recv(len(GO_ON)) == GO_ON
    connection.send(BODY[:5])


def make_key(desk: Desk, role: str = "producer") -> str:
    words = ["keys", "add", "thử", "--role", role, "--by", "Ng. Văn A"]
    if role == "producer":
        words += ["--producer", "CS-0001"]
    return str(desk.run_json(*words)["secret"])


def stop(process: subprocess.Popen[str]) -> str:
    """Tell it to stop; return what it has said once it takes no new call."""
    process.send_signal(signal.SIGTERM)
    assert process.stdout is not None
    return until("no new call is taken", process.stdout)


def test_calls_are_answered_and_work_is_handed_back(slow: Desk) -> None:
    key = make_key(slow)
    with ExitStack() as stack:
        process, url = stack.enter_context(serving(slow))
        assert process.stdout is not None
        said = until("account checked", process.stdout)
        wait_for_intents(slow.folder / "ocop.db")
        connection = stack.enter_context(half_sent(url, key))
        said += stop(process)
        ready, _ = get(f"{url}/health/ready")
        live, _ = get(f"{url}/health/live")
        refused, told = get(f"{url}/api/v1/me", key)
        metrics = metrics_of(slow)
        connection.send(BODY[5:])
        answer = connection.getresponse()
        paused = json.load(answer)["paused"]
        said += process.stdout.read()
        process.wait()

    assert (ready, live, refused) == (503, 200, 503)
    assert json.loads(told)["code"] == "stopping"
    assert (answer.status, paused) == (200, True)
    assert process.returncode == 0, said
    assert "under_way=1" in said
    assert 'route="/api/v1/me",status="503"' in metrics
    assert 'ocop_sync_account_usable{account="postmart"' in metrics
    assert (
        "request_id=cuoc-goi-cham method=PUT route=/api/v1/products/{code}/pause"
        in said
    )
    assert key not in said
    assert ask(slow, "SELECT count(*) FROM account WHERE lease_until IS NOT NULL") == [
        (0,)
    ]
    assert ask(slow, "SELECT count(*) FROM change WHERE outcome IS NULL") == [(0,)]
    handed_back = "SELECT count(*) FROM change WHERE outcome = 'not_sent'"
    there = len(slow.postmart.ours())
    assert 0 < there < COUNT
    assert ask(slow, handed_back) != [(0,)]

    slow.postmart.delete("faults")
    slow.time.is_real = False
    assert slow.run("sync").exit_code == 0
    made = len(slow.postmart.ours())
    assert made in {COUNT - 1, COUNT}  # the paused one may not have been made yet
    assert slow.postmart.look("counts")["doubled"] == []


def test_a_second_signal_ends_it_at_once(desk: Desk) -> None:
    key = make_key(desk, "admin")
    with serving(desk) as (process, url), half_sent(url, key):
        stop(process)
        process.send_signal(signal.SIGTERM)
        process.wait(60)

    assert process.returncode == -signal.SIGTERM
