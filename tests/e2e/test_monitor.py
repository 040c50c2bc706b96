"""One line and an exit code for a monitor, after any event."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.served import Desk, good


def unreachable() -> str:
    """Return the address of a port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return f"postgresql+asyncpg://ocop:mat-khau-thu@127.0.0.1:{port}/ocop"


def test_an_account_that_works_is_ok(desk: Desk) -> None:
    desk.import_(good(1))
    desk.run("sync")

    said = desk.run("status", "--monitor")

    assert said.stdout == (
        "OK: 1 tài khoản chạy tốt / accounts run well | accounts=1\n"
    )
    assert said.exit_code == 0


def test_of_an_account_that_fails_since_lately_it_does_not_say_that_it_runs_well(
    desk: Desk,
) -> None:
    desk.import_(good(1))
    desk.run("sync")
    path = desk.settings
    nobody = urlsplit(unreachable()).netloc.rpartition("@")[2]
    away = path.read_text("utf-8").replace(urlsplit(desk.postmart.url).netloc, nobody)
    path.write_text(away, "utf-8")
    desk.run("sync")

    said = desk.run("status", "--monitor")

    (line,) = said.stdout.splitlines()
    assert line.startswith("OK: 0/1 tài khoản chạy tốt, 1 đang lỗi")
    assert said.exit_code == 0
    assert desk.run_json("status", "--monitor")["failing"] == 1


def test_an_account_that_never_ran_is_a_warning_and_is_named(desk: Desk) -> None:
    desk.import_(good(1))

    said = desk.run("status", "--monitor")

    (line,) = said.stdout.splitlines()
    assert line.startswith("WARNING: postmart số liệu có thể cũ / counts may be old")
    assert line.endswith("| accounts=1 counts_old=1")
    assert said.exit_code == 1


def test_what_is_not_right_again_by_itself_is_critical_with_account_and_reason(
    desk: Desk,
) -> None:
    desk.import_(good(1))
    path = desk.settings
    wrong = path.read_text("utf-8").replace(
        "THU_POSTMART_CLIENT_SECRET", "THU_VOSO_PASSWORD"
    )
    path.write_text(wrong, "utf-8")
    desk.run("sync")

    said = desk.run("status", "--monitor", "--longer-than", "1")
    told = desk.run_json("status", "--monitor")

    (line,) = said.stdout.splitlines()
    assert line.startswith("CRITICAL: postmart chạy lỗi / failing từ / since ")
    assert "mat-khau-thu-4711" not in said.output
    assert said.exit_code == 2
    assert (told["level"], told["alarms"][0]["code"]) == ("CRITICAL", "failing")


@pytest.mark.parametrize(
    ("database", "expected"),
    [
        pytest.param(lambda _: unreachable(), "cannot be used", id="unreachable"),
        pytest.param(
            lambda folder: f"sqlite:///{folder}/gone.db", "is not there", id="gone"
        ),
        pytest.param(lambda _: "mysql://x", "database.url", id="no such database"),
    ],
)
def test_a_database_that_cannot_be_used_is_critical(
    desk: Desk, tmp_path: Path, database: Callable[[Path], str], expected: str
) -> None:
    desk.settings.write_text(f'database.url = "{database(tmp_path)}"', "utf-8")

    said = desk.run("status", "--monitor")

    (line,) = said.stdout.splitlines()
    assert line.startswith("CRITICAL: ")
    assert expected in line
    assert "mat-khau-thu" not in line
    assert said.exit_code == 2
    assert not (tmp_path / "gone.db").exists()


def test_a_database_that_nobody_can_write_to_is_critical_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write whatever the permissions say: so this is what they say."""
    real = os.access

    def access(path: str | Path, mode: int) -> bool:
        return mode != os.W_OK and real(path, mode)

    monkeypatch.setattr("ocop_sync.store.db.schema.os.access", access)

    said = desk.run("status", "--monitor")
    unwell = desk.run("health")

    (line,) = said.stdout.splitlines()
    assert line.startswith("CRITICAL: database.url: ")
    assert "check the permissions of the file and of its folder" in line
    assert (said.exit_code, unwell.exit_code) == (2, 1)


def test_settings_that_are_wrong_are_critical_and_a_fault_is_unknown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    good_settings = desk.settings.read_text("utf-8")
    desk.settings.write_text("[sai\n", "utf-8")
    wrong = desk.run("status", "--monitor")
    desk.settings.write_text(good_settings, "utf-8")
    desk.import_(good(1))

    async def fault(*_: object, **__: object) -> None:
        message = "lỗi của ta"
        raise RuntimeError(message)

    monkeypatch.setattr("ocop_sync.cli.monitor.watch", fault)
    unknown = desk.run("status", "--monitor")

    assert (wrong.exit_code, unknown.exit_code) == (2, 3)
    assert wrong.stdout.startswith("CRITICAL: ")
    assert unknown.stdout == "UNKNOWN: RuntimeError: lỗi của ta\n"


def test_status_shows_each_accounts_last_run(desk: Desk) -> None:
    desk.import_(good(1))
    before = desk.run_json("status")["accounts"][0]
    desk.run("sync")

    (told,) = desk.run_json("status")["accounts"]
    said = desk.run("status").stdout

    assert (before["last_run"], before["may_be_old"]) == (None, True)
    assert (told["key"], told["last_run"]["outcome"]) == ("postmart", "done")
    assert (told["failing_since"], told["words"]["error"]) == (None, "")
    assert not told["may_be_old"]
    assert "postmart: " in said
    assert "xong / done (2 gửi / sent, 0 không thành / failed)" in said
