"""The demonstration, as a person runs it: twice in one folder, then with Ctrl-C."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from aiohttp import ClientSession
from click.testing import CliRunner

from ocop_sync.bootstrap import open_deployment
from ocop_sync.cli import main
from ocop_sync.cli.demo.folder import Folder
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import open_for
from ocop_sync.settings import load_settings
from ocop_sync.testing.mocks.mock import mocked_adapters, open_mock
from tests import forked
from tests.demonstration import (
    QUICK,
    command,
    copied,
    demonstrate,
    demonstrated,
    make_secrets_known,
)
from tests.e2e.served import serve
from tests.pages.codes import codes_in, walk
from tests.pages.open_service import open_service

NAMES = list(mocked_adapters())
with_proc = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="needs Linux: children are in /proc"
)
BY = ("--by", "Ng. Văn A")


@dataclass
class Twice:
    """What two runs in the same folder printed.

    Attributes:
        folder: The folder.
        first: Output of the first run.
        second: Output of the second run.
        file_after_first: The fictitious catalog, as the first run left it.
    """

    folder: Path
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]
    file_after_first: bytes


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """Run the demonstration once more, in a copy of the one that all tests share."""
    made = demonstrated(tmp_path_factory)
    folder = copied(made.folder, tmp_path_factory.mktemp("demo") / "copy").path
    file = (folder / "mau.csv").read_bytes()
    second = demonstrate(folder)  # its output is no terminal
    return Twice(folder, made.run, second, file)


def test_both_runs_end_well(twice: Twice) -> None:
    assert (twice.first.returncode, twice.second.returncode) == (0, 0), (
        twice.first.stdout + twice.first.stderr + twice.second.stderr
    )


def test_the_second_run_has_nothing_to_do_and_the_marketplaces_agree(
    twice: Twice,
) -> None:
    assert "không có gì phải làm / nothing to do" in twice.second.stdout
    assert "0 changes sent; 0 writing calls" in twice.second.stdout
    assert " 0 changes sent" not in twice.first.stdout


def test_something_of_each_kind_is_left_for_the_visitor_to_decide(twice: Twice) -> None:
    told = " ".join(twice.first.stdout.split())
    lost = re.search(r"ở (\w+), (\d+) tin mẫu biến mất cùng lúc", told)
    assert lost is not None
    found: dict[str, list[Any]] = {}
    for each in work_of(twice.folder):
        found.setdefault(each["kind"], []).append(each)

    (group,), (drift,), (twin,) = (
        found[kind] for kind in ("group_held", "drift_asked", "twin")
    )
    assert (group["marketplace"], group["size"]) == (lost[1], int(lost[2]))
    assert drift["subject"] in told
    assert {each["subject"][:4] for each in (drift, twin)} == {"MAU-"}
    for output in (twice.first, twice.second):
        assert "1 nhóm chờ duyệt, 1 tin bị gỡ" in " ".join(output.stdout.split())
    assert "tin mẫu biến mất" not in twice.second.stdout


def work_of(folder: Path) -> list[Any]:
    """Return what `worklist --json` says of the demonstration."""
    words = ["--settings", str(folder / "ocop-sync.toml"), "worklist", "--json"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    return list(json.loads(done.stdout)["items"])


def test_the_fictitious_catalog_is_made_once_and_kept(twice: Twice) -> None:
    assert (twice.folder / "mau.csv").read_bytes() == twice.file_after_first


def test_the_jump_in_time_is_told(twice: Twice) -> None:
    told = twice.first.stdout

    assert "1. Tháng 3/2024" in told
    assert "50 sản phẩm thật, từ 01/03/2024 đến hôm nay" in told
    assert "không được ghi OCOP" in told
    assert "1. Tháng 3/2024" not in twice.second.stdout


def test_what_was_made_up_for_real_products_is_said(twice: Twice) -> None:
    assert "bởi DEMO" in twice.first.stdout
    assert "Giá, tồn kho, quy cách và ảnh là mô phỏng" in twice.first.stdout


def test_every_table_of_figures_is_marked(twice: Twice) -> None:
    tables = twice.second.stdout.count("Tình hình lên sàn")

    assert tables == 1
    assert twice.second.stdout.count("SỐ LIỆU MÔ PHỎNG") >= 2


def test_it_ends_on_figures_that_add_up_and_on_reasons(twice: Twice) -> None:
    status = status_of(twice.folder)

    for figures in status["marketplaces"].values():
        waiting = ("unconfirmed", "in_review", "pending")
        assert [figures[name] for name in waiting] == [0, 0, 0]
        assert figures["listed"] > 0
        assert figures["certified"] == figures["listable"] + sum(
            figures["blocked"].values()
        )
    assert "Chưa rõ còn hiệu lực" in twice.second.stdout or "E02" in twice.second.stdout


def status_of(folder: Path) -> dict[str, Any]:
    """Return what `status --json` says of the demonstration."""
    words = ["--settings", str(folder / "ocop-sync.toml"), "status", "--json"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_secrets_are_for_their_owner_alone_and_in_no_other_file(twice: Twice) -> None:
    secrets = twice.folder / "secrets.env"
    values = [line.split("=", 1) for line in secrets.read_text("utf-8").splitlines()]
    passwords = [value for name, value in values if name.endswith("_PASSWORD")]

    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert passwords
    for output in (twice.first, twice.second):
        assert not any(each in output.stdout + output.stderr for each in passwords)
    settings = (twice.folder / "ocop-sync.toml").read_text("utf-8")
    log = (twice.folder / "ocop-sync.log").read_text("utf-8")
    assert not any(each in settings + log for each in passwords)


def test_all_that_it_writes_is_for_its_owner_alone(twice: Twice) -> None:
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (twice.folder, *twice.folder.iterdir())
    }

    assert modes.pop(twice.folder.name) == 0o700
    assert {"ocop.db", "ocop-sync.log", *(f"{n}.jsonl" for n in NAMES)} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_another_deployment_of_this_computer_is_left_alone(twice: Twice) -> None:
    assert not (twice.folder / "real.db").exists()


@pytest.mark.parametrize("name", NAMES)
def test_the_marketplace_itself_agrees_and_nothing_was_doubled_or_touched(
    twice: Twice, tmp_path: Path, name: str
) -> None:
    data = Path(shutil.copy(twice.folder / f"{name}.jsonl", tmp_path))
    figures = status_of(twice.folder)["marketplaces"][name]

    with serve(open_mock(name).make_app(data=data)) as served:
        counts = served.look("counts")

    assert (counts["doubled"], counts["touched"]) == ([], [])
    assert counts["ours_by_state"]["live"] == figures["live"]
    assert counts["by_hand"] > 0


def test_where_the_output_is_no_terminal_it_opens_nothing_and_ends(
    twice: Twice,
) -> None:
    assert "Ctrl-C" not in twice.second.stdout
    assert "127.0.0.1:" not in twice.second.stdout


@contextmanager
def at_a_terminal(
    words: list[str],
) -> Iterator[tuple[subprocess.Popen[bytes], IO[str]]]:
    """Start a command whose output is a terminal; yields what is read there, too."""
    ours, theirs = os.openpty()
    with (
        open(ours, encoding="utf-8", errors="replace") as screen,  # noqa: PTH123
        subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
        ) as command,
    ):
        os.close(theirs)
        yield command, screen


def open_once(address: str) -> list[tuple[int, str]]:
    """Return what a browser gets that presses the button of an address, twice."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    host = "/".join(address.split("/")[:3])

    def ask(url: str, form: bytes | None = None) -> tuple[int, str]:
        headers = {"Origin": host, "Accept": "text/html"}
        try:
            with browser.open(Request(url, form, headers)) as answer:  # noqa: S310  (ours)
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    shown = ask(address)
    token = re.search(r'name="form_token" value="(\w+)"', shown[1])
    assert token is not None, shown
    form = f"form_token={token[1]}".encode()
    return [ask(address, form), ask(address, form)]


def say(folder: Path, *words: str) -> str:
    """Give a command from outside; return what it says."""
    at = ("--settings", str(folder / "ocop-sync.toml"))
    asked = [sys.executable, "-m", "ocop_sync", *at, *words]
    done = forked.run(asked, env=dict(os.environ), text=True, timeout=60)
    return str(done.stdout)


def run_that_is_asked_for(folder: Path) -> str:
    """Ask for a run from outside; return the last that is told of it."""
    started = json.loads(say(folder, "runs", "start", "sync", *BY, "--json"))
    return say(folder, "runs", "follow", started["run"], "--json").splitlines()[-1]


def how_a_schedule_ends(folder: Path) -> Any:
    """Return how the run of a schedule has ended that was asked for."""
    for _ in range(60):
        (found,) = json.loads(say(folder, "schedule", "list", "--json"))["schedules"]
        if found["last"] is not None:
            return found["last"]["outcome"]
    return None


@with_proc
def test_it_ends_with_the_service_open_for_each_role_until_ctrl_c(
    twice: Twice,
) -> None:
    with at_a_terminal(command(twice.folder)) as (demo, screen):
        addresses: dict[str, str] = {}
        for line in screen:
            if found := re.search(r"(\w[\w ]*) / [\w ]+: (http://\S+)", line):
                addresses[found[1].strip()] = found[2]
            if "Ctrl-C" in line:
                break
        told = {role: open_once(address) for role, address in addresses.items()}
        weekly = ("--kind", "certificates", "--cron", "0 3 * * mon", *BY)
        say(twice.folder, "schedule", "add", "hang-tuan", *weekly)
        say(twice.folder, "schedule", "run-now", "hang-tuan", *BY)
        followed = run_that_is_asked_for(twice.folder)
        scheduled = how_a_schedule_ends(twice.folder)
        children = children_of(demo.pid)
        demo.send_signal(signal.SIGINT)
        code = demo.wait(60)

    assert set(told) == {"Người xem", "Cán bộ", "Quản trị", "Cơ sở"}
    for role, (first, second) in told.items():
        assert (first[0], second[0] in {403, 404}) == (200, True), role
        assert f">{role}<" in first[1]
    assert "sản phẩm được công nhận" in told["Người xem"][0][1]
    assert "SỐ LIỆU MÔ PHỎNG" in told["Người xem"][0][1]
    assert told["Cơ sở"][0][1].count("<article") > 1, "not the one with most products"
    assert all(each.startswith("http://127.0.0.1:") for each in addresses.values())
    assert '"outcome":"held"' in followed, "a group waits for the visitor"
    assert scheduled == "done"
    assert code == 0
    assert len(children) == len(NAMES)
    assert not any(is_running(pid) for pid in children)


@with_proc
def test_marketplaces_end_with_a_demonstration_that_is_killed(twice: Twice) -> None:
    with subprocess.Popen(
        command(twice.folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        demo.stdout.readline()
        children = children_of(demo.pid)
        demo.kill()

    assert len(children) == len(NAMES)
    for pid in children:
        wait_until_gone(pid)


@pytest.mark.parametrize("kept", ["{", '{"stage": 3}'], ids=["cut", "other"])
def test_a_folder_of_another_version_is_named(tmp_path: Path, kept: str) -> None:
    (tmp_path / "demo.json").write_text(kept, "utf-8")

    words = ["demo", "--folder", str(tmp_path), *QUICK, "--once"]
    refused = CliRunner().invoke(main, words)

    assert refused.exit_code == 2
    assert isinstance(refused.exception, SystemExit)  # and no traceback
    assert "demo.json" in refused.stderr


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8")
    return [int(each) for each in text.split()]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2]
    except OSError:
        return False
    return state.split()[0] != "Z"


def wait_until_gone(pid: int) -> None:
    """Wait for the end of a process that is nobody's child any more."""
    while is_running(pid):
        threading.Event().wait(0.01)


async def test_nobody_reads_a_code_on_the_worklist(twice: Twice) -> None:
    place = Folder(twice.folder)
    make_secrets_known(place)
    async with (
        open_deployment(load_settings(place.settings)) as deployment,
        open_service(deployment) as service,
    ):
        who = await service.add("Ng. Mẫu", Role.OPERATOR)
        opened = await open_for(service.identity, who, device="", origin="")
        assert opened is not None
        cookie = {"Cookie": f"ocop={opened.token}"}
        async with ClientSession(service.url, headers=cookie) as browser:
            shown = await walk(browser, "/worklist", "/worklist/papers")

    assert len(shown) > 2
    found = {path: codes_in(page) for path, page in shown.items()}
    assert {path: codes for path, codes in found.items() if codes} == {}
