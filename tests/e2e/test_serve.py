"""`ocop-sync serve`: the API and the worker by one command."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest

from ocop_sync.cli.app.one_server import alone, beside_no_server
from ocop_sync.errors import ConfigurationError
from ocop_sync.settings import DatabaseSettings, Settings
from tests.e2e.processes import start
from tests.e2e.served import Desk, good


def settings_at(folder: Path) -> Settings:
    return Settings(database=DatabaseSettings(url=f"sqlite:///{folder}/ocop.db"))


def ask(url: str, key: str = "") -> tuple[int, str]:
    """Return the status and the text of an answer."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 (loopback)
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 (loopback)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def worker_pid(desk: Desk) -> int:
    """Return the process of the worker, as its last heartbeat names it."""
    with closing(sqlite3.connect(desk.folder / "ocop.db")) as conn:
        ((holder,),) = conn.execute("SELECT holder FROM heartbeat")
    return int(holder.partition("pid ")[2])


def press_the_button(url: str) -> str:
    """Send the form of a page as a browser does; return the page that comes then."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(url) as shown:
        (token,) = re.findall(r'name="form_token" value="(\w+)"', shown.read().decode())
    form = f"form_token={token}".encode()
    # As from a page that sends no referrer.
    request = urllib.request.Request(url, form, {"Origin": "null"})  # noqa: S310 (loopback)
    with browser.open(request) as answer:
        text: str = answer.read().decode()
        return text


def until(words: str, stream: IO[str]) -> str:
    """Read until a line has *words*; return all that was read."""
    lines: list[str] = []
    for line in stream:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


@contextmanager
def ended_at_last() -> Iterator[None]:
    """Tell a command of this process to stop that should have been refused at once."""
    late = threading.Timer(30, os.kill, (os.getpid(), signal.SIGTERM))
    late.start()
    yield
    late.cancel()


@contextmanager
def serving(desk: Desk) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve at a free port; yields the process and its address."""
    with saying(desk) as (process, said):
        yield process, address_in(said, "Serving at ")


@contextmanager
def saying(desk: Desk) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve at a free port; yields the process and its words until it serves."""
    with start(desk, "serve", "--port", "0") as process:
        try:
            assert process.stdout is not None
            yield process, until("Serving at", process.stdout)
        finally:
            process.kill()


def address_in(said: str, before: str) -> str:
    found = re.search(rf"{before}(http://127\.0\.0\.1:\d+)", said)
    assert found is not None, said
    return found[1]


def test_serve_makes_tables_says_how_to_begin_and_leaves_nothing_when_killed(
    desk: Desk,
) -> None:
    for file in desk.folder.glob("ocop.db*"):
        file.unlink()

    with serving(desk) as (process, url):
        assert process.stdout is not None
        hint = process.stdout.readline()
        ready, refused = ask(f"{url}/health/ready"), ask(f"{url}/api/v1/marketplaces")
        with ended_at_last():
            worker = desk.run("worker")
        with ended_at_last():
            second = desk.run("serve", "--port", "0")
        process.kill()

    assert "ocop-sync keys add" in hint
    assert (ready[0], refused[0]) == (200, 401)
    for each in (worker, second):
        assert each.exit_code == 2, each.output
        assert "`ocop-sync serve`" in each.stderr
    with alone(settings_at(desk.folder)):
        pass  # the killed one keeps nobody out


def begin_a_call_and_die(desk: Desk) -> None:
    """Leave a key that is under way, as a process does that is killed."""
    now = datetime.now(UTC).replace(tzinfo=None)
    with closing(sqlite3.connect(desk.folder / "ocop.db")) as conn, conn:
        conn.execute(
            "INSERT INTO idempotency_key (scope, key, fingerprint, begun_at, state)"
            " VALUES ('key:1', 'k', 'f', ?, 'under_way')",
            [str(now)],
        )


def key_states(desk: Desk) -> list[str]:
    with closing(sqlite3.connect(desk.folder / "ocop.db")) as conn:
        return [state for (state,) in conn.execute("SELECT state FROM idempotency_key")]


UNMEASURED = re.compile(r"worker_event_loop_lag_seconds_count 0\.0$", re.MULTILINE)


def told_once_measured(address: str) -> str:
    """Return the metrics, after the first measurement of the worker's event loop."""
    for _ in range(5000):
        _, metrics = ask(address)
        if not UNMEASURED.search(metrics):
            break
    return metrics


def test_serve_answers_a_key_syncs_and_stops_in_order(desk: Desk) -> None:
    desk.import_(good())
    key = json.loads(
        desk.run(
            *("keys", "add", "Bảng", "--role", "viewer", "--by", "Lê B", "--json")
        ).stdout
    )

    made = desk.run_json("producers", "link", "CS-0001", "--by", "Lê B")
    link = made["url"].partition("/link/")[2]
    begin_a_call_and_die(desk)
    with desk.settings.open("a", encoding="utf-8") as settings:
        settings.write("\n[serve]\npublic_figures = true\n[metrics]\nport = 0\n")

    with saying(desk) as (process, said):
        url = address_in(said, "Serving at ")
        told_at = f"{address_in(said, 'url=')}/metrics"
        assert process.stdout is not None
        status, text = ask(f"{url}/api/v1/marketplaces?", key["secret"])
        for_everybody, _ = ask(f"{url}/public/coverage")
        page = ask(f"{url}/link/{link}")
        used = press_the_button(f"{url}/link/{link}")
        log = until("synced", process.stdout)
        metrics = told_once_measured(told_at)
        health = desk.run("health")
        # A worker that is started again goes by the settings that `serve` began with.
        desk.settings.write_text("[no settings any more", encoding="utf-8")
        os.kill(worker_pid(desk), signal.SIGKILL)
        log += until("account checked", process.stdout)
        # As a supervisor does, which tells every process of a service.
        os.kill(worker_pid(desk), signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        log += process.stdout.read()

    assert (status, for_everybody, process.returncode) == (200, 200, 0)
    assert key_states(desk) == ["failed"], "nobody knows what that call has done"
    assert health.exit_code == 0, health.output
    assert {"postmart", "voso"} <= {e["name"] for e in json.loads(text)["marketplaces"]}
    assert list(desk.postmart.ours()) == ["SP-00001"]
    assert "route=/api/v1/marketplaces status=200" in log
    assert (page[0], "Cơ sở Mẫu 001" in page[1]) == (200, True)
    assert "Măng khô Mẫu 1" in used, "a producer's first page"
    assert "route=/link/{token} status=200" in log
    assert key["secret"] not in log
    assert link not in log
    assert "Traceback" not in log
    calls = re.search(
        r'ocop_sync_quota_calls_total{account="postmart".*} (.+)', metrics
    )
    assert calls is not None
    assert float(calls[1]) > 0, "the worker's calls are not told"
    for of_worker in ("event_loop_lag_seconds_count", "process_cpu_seconds_total"):
        (count,) = re.findall(
            rf"^ocop_sync_worker_{of_worker} (.+)$", metrics, re.MULTILINE
        )
        assert float(count) > 0, of_worker
    assert log.count("Đang dừng") == 1, "each process says that it stops"


def test_each_line_of_serve_is_json_where_the_log_is(desk: Desk) -> None:
    desk.write_settings(more='[log]\nformat = "json"\n')

    with start(desk, "serve", "--port", "0") as process:
        assert process.stdout is not None
        try:
            said = until("account checked", process.stdout)
            process.send_signal(signal.SIGTERM)
            said += process.stdout.read()
        finally:
            process.kill()

    told = {line["message"]: line for line in map(json.loads, said.splitlines())}
    assert told["serving"]["url"].startswith("http://127.0.0.1:")
    assert told["no key yet"]["level"] == "WARNING"
    assert told["stopping"]["signal"] == "SIGTERM"


def test_nothing_of_a_killed_serve_is_left_behind(desk: Desk) -> None:
    with serving(desk) as (process, _):
        assert process.stdout is not None
        until("account checked", process.stdout)
        worker = worker_pid(desk)
        groups = {os.getpgid(each) for each in (worker, process.pid)}
        sessions = {os.getsid(each) for each in (worker, process.pid)}
        process.kill()
        # It ends once the last of those has ended that write to it.
        process.stdout.read()

    assert len(groups) == 2, "Ctrl-C reaches both"
    assert len(sessions) == 1, "processors are shared out by sessions"


def test_two_workers_may_share_a_file_and_none_beside_a_server(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)

    with (
        beside_no_server(settings),
        beside_no_server(settings),
        pytest.raises(ConfigurationError, match="ocop-sync worker"),
        alone(settings),
    ):
        pytest.fail("served beside a worker")
    with (
        alone(settings),
        pytest.raises(ConfigurationError, match="ocop-sync serve"),
        beside_no_server(settings),
    ):
        pytest.fail("worked beside a server")


def test_on_postgresql_several_processes_serve(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://localhost/x"
    settings = Settings(database=DatabaseSettings(url=url))

    with alone(settings), alone(settings):
        assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_named_with_what_to_do(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = desk.run("serve", "--port", str(port))

    assert result.exit_code == 2, result.output
    assert f"127.0.0.1:{port}" in result.stderr
    assert "--port" in result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--host", "192.0.2.1"], "public_url"),
        (["--port", "70000"], "70000"),
    ],
)
def test_an_address_that_cannot_be_served_is_refused(
    desk: Desk, words: list[str], told: str
) -> None:
    result = desk.run("serve", *words)

    assert result.exit_code == 2, result.output
    assert told in result.stderr
