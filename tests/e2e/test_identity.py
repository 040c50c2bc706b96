"""A clerk adds people, makes keys, and gives producers links to sign in by."""

import sqlite3
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from ocop_sync.cli import main
from ocop_sync.service.identity import passwords
from tests.e2e.served import Desk, good

BY = ("--by", "Bà Mẫu")
SENTENCE = "ba con cò bay lả bay la"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords in no time, which protects nothing."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: cheap)


def run(desk: Desk, *words: str, typed: str = "") -> Result:
    """Run a command that is typed to."""
    settings = ["--settings", str(desk.settings)]
    time = desk.time.for_commands()
    return CliRunner().invoke(main, [*settings, *words], input=typed, obj=time)


def test_a_password_is_typed_or_made_and_never_an_argument(desk: Desk) -> None:
    typed = run(
        desk,
        "people",
        "add",
        "Ng. Văn A",
        "--role",
        "admin",
        *BY,
        typed=f"{SENTENCE}\n",
    )
    made = run(
        desk, "people", "add", "Lê B", "--role", "viewer", "--make-password", *BY
    )

    assert (typed.exit_code, made.exit_code) == (0, 0), typed.output + made.output
    assert "NV-00001 Ng. Văn A (quản trị / admin): đã thêm / added" in typed.output
    assert SENTENCE not in typed.output
    assert len(made.stdout.splitlines()[-1]) == 23
    first, second = desk.run_json("people", "list")["people"]
    assert (first["role"], first["has_password"]) == ("admin", True)
    assert (second["id"], second["name"]) == ("NV-00002", "Lê B")
    assert "Lê B" in desk.run("people", "list").output


def test_a_short_password_is_wrong_use(desk: Desk) -> None:
    result = run(desk, "people", "add", "Lan", "--role", "admin", *BY, typed="ngắn\n")

    assert result.exit_code == 2
    assert "at least 12 characters" in result.output


def test_people_are_changed_disabled_enabled_and_erased(desk: Desk) -> None:
    run(desk, "people", "add", "Ng. Văn A", "--role", "admin", "--make-password", *BY)

    for words, said in (
        (("change", "NV-00001", "--role", "viewer"), "(xem / viewer): đã đổi"),
        (("reset", "NV-00001", "--make-password"), "đã đặt lại mật khẩu"),
        (("sign-out", "NV-00001"), "đã thoát 0 phiên"),
        (("sign-out", "NV-00001", "--session", "7"), "đã thoát 0 phiên"),
        (("disable", "NV-00001"), "đã khóa"),
        (("enable", "NV-00001"), "đã mở khóa"),
        (("disable", "NV-00001"), "đã khóa"),
    ):
        assert said in desk.run("people", *words, *BY).output
    assert "bị khóa / disabled" in desk.run("people", "list").output
    assert desk.run_json("people", "sessions", "NV-00001") == {"sessions": []}
    assert "NV-00001" in desk.run("people", "sessions", "NV-00001").output
    assert "đã xóa" in desk.run("people", "erase", "NV-00001", *BY).output

    (person,) = desk.run_json("people", "list")["people"]
    assert (person["name"], person["has_password"]) == ("", False)
    assert desk.run("audit", "verify").exit_code == 0
    assert desk.run("people", "erase", "NV-00001", *BY).exit_code == 2


def test_who_removes_the_last_admin_is_told(desk: Desk) -> None:
    for n in (1, 2):
        name = f"Người Mẫu {n}"
        run(desk, "people", "add", name, "--role", "admin", "--make-password", *BY)

    first = desk.run("people", "disable", "NV-00001", *BY)
    last = desk.run("people", "change", "NV-00002", "--role", "viewer", *BY)

    assert "no admin is left" not in first.stderr
    assert "no admin is left" in last.stderr
    assert last.exit_code == 0


def test_a_key_is_shown_once_and_listed_without_what_proves_it(desk: Desk) -> None:
    desk.enter(good(1))
    add = ("keys", "add", "Bảng", "--role", "producer", "--producer", "CS-0001")

    made = desk.run(*add, "--ends", "31/12/2089", *BY).stdout.splitlines()[-1]
    key_id = made.rpartition("_")[0]
    new = desk.run_json("keys", "rotate", key_id, "--hold", "30m", *BY)
    revoked = desk.run("keys", "revoke", new["key"]["id"], *BY)

    assert "đã thu hồi / revoked" in revoked.output
    listed = desk.run("keys", "list").output
    assert key_id in listed
    assert "producer CS-0001" in listed
    assert made not in listed
    first, second = desk.run_json("keys", "list")["keys"]
    assert first["replaced_by"] == second["id"] == new["key"]["id"]
    assert second["revoked_at"]
    assert desk.run("keys", "revoke", second["id"], *BY).exit_code == 2


def test_a_link_comes_as_an_address_a_code_to_scan_and_a_file_to_print(
    desk: Desk, tmp_path: Path
) -> None:
    desk.enter(good(1))
    desk.write_settings(more='serve.public_url = "https://ocop.example/"')
    file = tmp_path / "ma.svg"

    shown = desk.run("producers", "link", "CS-0001", "--svg", str(file), *BY)
    again = desk.run_json("producers", "link", "CS-0001", *BY)

    assert shown.exit_code == 0, shown.output
    (url,) = [each for each in shown.stdout.splitlines() if "://" in each]
    assert url.startswith("https://ocop.example/link/")
    assert "CS-0001 Cơ sở Mẫu 001, NV-00001" in shown.stdout
    assert "\u2588" in shown.stdout
    assert file.read_text("utf-8").startswith("<svg")
    assert file.stat().st_mode & 0o777 == 0o600
    assert (again["voided"], again["is_new_person"]) == (1, False)
    latest, first = desk.run_json("producers", "links")["links"]
    assert (latest["holds"], first["holds"]) == (True, False)
    assert "đã thay / voided" in desk.run("producers", "links", "CS-0001").output
    with sqlite3.connect(desk.folder / "ocop.db") as db:
        dumped = "\n".join(db.iterdump())
    db.close()
    assert url.rpartition("/")[2] not in dumped


def test_a_link_that_opens_here_alone_says_so(desk: Desk) -> None:
    desk.enter(good(1))

    shown = desk.run("producers", "link", "CS-0001", *BY)

    assert "serve.public_url" in shown.stderr
    assert desk.run("producers", "link", "CS-0009", *BY).exit_code == 2
