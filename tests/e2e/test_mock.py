"""A simulated marketplace as a process: it starts, keeps its data and ends."""

import json
import signal
import socket
import stat
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ocop_sync.cli import main
from ocop_sync.marketplace.registry import mock_names
from tests import forked

NAMES = mock_names()


@contextmanager
def started(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a mock that ends with us, and wait for its address."""
    command = [sys.executable, "-m", "ocop_sync", "mock", *words]
    with forked.Popen(
        [*command, "--until-input-ends"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process, address_of(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rpartition(" ")[2].strip()


def count(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/_mock/counts") as answer:  # noqa: S310 (loopback)
        found: dict[str, Any] = json.load(answer)
        return found


@pytest.mark.parametrize("name", NAMES)
def test_a_mock_keeps_its_data_and_ends_when_told(tmp_path: Path, name: str) -> None:
    words = (name, "--data", str(tmp_path / "mock.jsonl"), "--seed", "3")

    with started(*words) as (first, url):
        before = count(url)["by_hand"]
        first.send_signal(signal.SIGTERM)
    with started(name, "--data", str(tmp_path / "mock.jsonl"), "--seed", "4") as (
        _,
        url,
    ):
        after = count(url)["by_hand"]

    assert first.returncode == 0
    assert before == after > 0


def test_a_mock_waits_until_the_one_before_has_let_its_data_go(
    tmp_path: Path,
) -> None:
    words = ("postmart", "--data", str(tmp_path / "mock.jsonl"))

    with started(*words) as (first, _):
        ending = threading.Timer(1.5, first.terminate)
        ending.start()
        with started(*words) as (second, _):
            first_was_told = ending.finished.is_set()
        ending.join()

    assert first_was_told
    assert second.returncode == 0


def test_a_file_that_is_no_mocks_data_is_left_as_it_is(tmp_path: Path) -> None:
    data = tmp_path / "quan-trong.txt"
    data.write_text("quan trọng\n", "utf-8")

    command = [sys.executable, "-m", "ocop_sync", "mock", "voso"]
    refused = forked.run([*command, "--data", str(data)], text=True)

    assert refused.returncode == 2
    assert "quan-trong.txt" in refused.stderr
    assert data.read_text("utf-8") == "quan trọng\n"


def test_an_empty_address_is_refused() -> None:
    refused = CliRunner().invoke(main, ["mock", "voso", "--host", ""])

    assert refused.exit_code == 2
    assert "--host" in refused.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "sàn.example"])  # noqa: S104 (it is refused)
def test_an_address_that_others_can_reach_is_refused(host: str) -> None:
    refused = CliRunner().invoke(main, ["mock", "voso", "--host", host])

    assert refused.exit_code == 2
    assert "--allow-any-host" in refused.stderr
    assert "listening" not in refused.stdout


def test_whoever_allows_any_address_is_warned_and_its_staff_stay_here(
    capfd: pytest.CaptureFixture[str],
) -> None:
    words = ("voso", "--host", "0.0.0.0", "--allow-any-host")  # noqa: S104

    with started(*words) as (_, url):
        by_hand = count(url.replace("0.0.0.0", "127.0.0.1"))["by_hand"]  # noqa: S104

    assert by_hand > 0
    assert "simulation without protection" in capfd.readouterr().err


SHOP = {
    "key": "voso:CS-0001",
    "marketplace": "voso",
    "base_url": "http://127.0.0.1:9102",
    "seller_ref": "CS-0001",
    "secrets": {
        name: {"env": f"SIMULATED_{name.upper()}"}
        for name in ("username", "password", "secret")
    },
}
"""An account of the settings; of which port it is, a mock need not know."""


def set_accounts(monkeypatch: pytest.MonkeyPatch, *accounts: object) -> None:
    monkeypatch.setenv("OCOP_SYNC_ACCOUNTS", json.dumps(accounts))
    for name in ("USERNAME", "PASSWORD", "SECRET"):
        monkeypatch.setenv(f"SIMULATED_{name}", f"mo-phong-{name.lower()}")


def test_the_shops_of_the_settings_are_opened_and_stay_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_accounts(monkeypatch, SHOP)
    words = ("voso", "--open-accounts", "--data", str(tmp_path / "voso.jsonl"))

    for _ in range(2):
        with started(*words):
            pass

    kept = (tmp_path / "voso.jsonl").read_text("utf-8")
    assert kept.count('"username":"mo-phong-username"') == 1


def test_whoever_lets_accounts_be_opened_must_name_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_accounts(monkeypatch)

    result = CliRunner().invoke(main, ["mock", "voso", "--open-accounts"])

    assert result.exit_code == 2
    assert "the settings name no shop's account at voso" in result.stderr


def test_a_secret_that_may_be_real_never_goes_into_a_mock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_accounts(monkeypatch, {**SHOP, "base_url": "https://san.example"})

    result = CliRunner().invoke(main, ["mock", "voso", "--open-accounts"])

    assert result.exit_code == 2
    assert "voso:CS-0001: base_url is not on this computer" in result.stderr
    assert "mo-phong" not in result.stderr


def test_the_data_of_a_mock_is_for_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "mock.jsonl"

    with started("voso", "--data", str(data)):
        mode = stat.S_IMODE(data.stat().st_mode)

    assert mode == 0o600


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = CliRunner().invoke(main, ["mock", "voso", "--port", str(port)])

    assert refused.exit_code == 2
    assert f"port {port}: cannot listen there" in refused.stderr
