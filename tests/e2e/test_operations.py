"""The commands of docs/operations.md, "Deployment", are run as they stand there.

Each block of shell commands has a test here. A missing part of this computer (a
container engine, systemd, other users) is replaced by a small program that does the
part of it that concerns us; the left-out part is named where it is written.
"""

import os
import re
import shlex
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from ocop_sync.cli import main
from tests import forked
from tests.composition import Composition
from tests.e2e.served import Desk, good
from tests.postgres import Server

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text("utf-8")
BLOCK = re.compile(r"^```(sh|dockerfile)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UNITS = ROOT / "docs" / "systemd"
PROGRAMS = Path(sys.executable).parent


def blocks() -> dict[str, str]:
    """Return the blocks of commands by the heading above them, and their number."""
    found: dict[str, str] = {}
    for part in re.split(r"^#{2,3} ", TEXT, flags=re.MULTILINE):
        heading = part.partition("\n")[0].partition(" / ")[0]
        for n, (_, text) in enumerate(BLOCK.findall(part), start=1):
            found[f"{heading} {n}"] = text
    return found


BLOCKS = blocks()
TRIED = {
    "Containers 1",
    "Accounts in the environment 1",
    "Credentials of the mocks 1",
    "Data in a folder of the host 1",
    "Import and export in a container 1",
    "An adapter in the image 1",
    "systemd 1",
    "Backup and restore 1",
    "Backup and restore 2",
    "Backup and restore 3",
    "Backup and restore 4",
}


def test_every_block_of_commands_is_tried() -> None:
    assert set(BLOCKS) == TRIED


ENGINE = """
import os, sys
words = sys.argv[1:]
log = open("docker.log", "a"); print(*words, file=log); log.close()
composed = words[0] == "compose"
words = words[composed:]
verb, words = words[0], words[1:]
if verb not in ("run", "exec"):
    sys.exit()  # up, down, build: what they do is in test_compose.py
mounts = []
while words[0].startswith("-"):
    option = words.pop(0)
    if option == "-v":
        here, there = words.pop(0).split(":")[:2]
        mounts.append((there, here))
name = words.pop(0)  # of the image, or of the service
if verb == "exec":
    assert words.pop(0) == "ocop-sync"
for there, here in mounts:
    words = [w.replace(there, here) if w.startswith(there) else w for w in words]
    if there == "/data":
        os.environ["OCOP_SYNC_DATABASE__URL"] = f"sqlite:///{here}/ocop.db"
user = os.environ.get("IMAGE_USER", "").split() if mounts and not composed else []
command = [*user, "ocop-sync", *words]
os.execvp(command[0], command)
"""
"""Stands for docker: a command of the image as a process, with mounted folders in the
place of the container's. Images, networks and limits are left out."""
PYTHON = """
case "$*" in
"-m venv "*) mkdir -p "$3/bin"; ln -s "$(command -v ocop-sync)" "$3/bin/ocop-sync"
  printf '#!/bin/sh\\nexit 0\\n' > "$3/bin/pip"; chmod +x "$3/bin/pip" ;;
*) exit 9 ;;
esac
"""
"""Stands for python3 where an environment is made: what is in it is installed here."""


class Shell:
    """Runs blocks of commands in a folder of their own.

    Attributes:
        folder: Where they are run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self._shims = folder / "shims"
        for each in (self.folder, self._shims):
            each.mkdir()
        self.variables = {
            "PATH": f"{self._shims}:{PROGRAMS}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
        }

    def stand_for(self, name: str, text: str, program: str = "/bin/sh") -> None:
        """Let *text* be run where a block calls *name*."""
        shim = self._shims / name
        shim.write_text(f"#!{program}\n{text}")
        shim.chmod(0o755)

    def run(self, block: str) -> subprocess.CompletedProcess[str]:
        """Run a block of commands; it ends at the first that fails."""
        return subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", block],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command."""
        return self.run(shlex.join(words))


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    made.stand_for("docker", ENGINE, sys.executable)
    real = str(PROGRAMS / "ocop-sync")
    made.stand_for("ocop-sync", forked.stand_in(real), f"{sys.executable} -ISE")
    made.stand_for("sudo", 'exec "$@"')
    made.stand_for("systemctl", 'echo "$@" >> systemctl.log')
    return made


def make_catalog(file: Path, *, count: int) -> None:
    words = ["generate", str(file), "--count", str(count), "--seed", "7", "--force"]
    assert CliRunner().invoke(main, words).exit_code == 0


def fill_database(folder: Path, *, count: int) -> None:
    """Have so many products in the database of a folder."""
    make_catalog(folder / "mau.csv", count=count)
    url = {"OCOP_SYNC_DATABASE__URL": f"sqlite:///{folder}/ocop.db"}
    done = CliRunner(env=url).invoke(main, ["import", str(folder / "mau.csv")])
    assert done.exit_code == 0, done.output


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_composition_is_started_with_a_password_that_nobody_else_reads(
    shell: Shell,
) -> None:
    service = Composition(Path(), (), {}, "", {"OCOP_POSTGRES_PASSWORD": "x"}).services
    accounts = service["service"]["environment"]["OCOP_SYNC_ACCOUNTS"]
    shell.variables["OCOP_SYNC_ACCOUNTS"] = accounts

    done = shell.run(BLOCKS["Containers 1"])

    assert done.returncode == 0, done.stderr
    name, _, value = (shell.folder / ".env").read_text().strip().partition("=")
    assert (name, mode_of(shell.folder / ".env")) == ("OCOP_POSTGRES_PASSWORD", 0o600)
    assert len(value) == 32
    assert (shell.folder / "docker.log").read_text().splitlines() == [
        "compose up --build --detach",
        "compose exec service ocop-sync status",
        "compose exec service ocop-sync held list",
    ]


def test_accounts_can_stand_in_one_variable(shell: Shell) -> None:
    done = shell.run(BLOCKS["Accounts in the environment 1"])

    assert done.returncode == 0, done.stderr
    counted = re.findall(r"(postmart|voso)\D+1\b", done.stdout)
    assert counted == ["postmart", "voso"], done.stdout


def test_a_mock_opens_the_shops_of_the_settings_and_they_can_sign_in(
    shell: Shell,
) -> None:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port = any_port.getsockname()[1]
    shell.stand_for("sleep", "exec python3 -c pass")
    block = BLOCKS["Credentials of the mocks 1"].replace("9102", str(port))

    done = shell.run(block)

    assert done.returncode == 0, done.stderr
    assert "1 SIMULATED accounts are open" in done.stdout
    assert (shell.folder / "voso.jsonl").exists()


IS_ROOT = os.geteuid() == 0


@pytest.mark.skipif(not IS_ROOT, reason="only root gives a folder to another user")
def test_a_folder_of_the_host_is_the_image_users_own(shell: Shell) -> None:
    from tests.test_image import GROUP, USER, as_user  # noqa: PLC0415

    shell.variables["IMAGE_USER"] = " ".join(as_user())
    shell.folder.parent.chmod(0o755)
    place = shell.folder / "srv"
    block = BLOCKS["Data in a folder of the host 1"].replace("/srv/ocop", str(place))
    done = shell.run(block)

    assert done.returncode == 0, done.stderr
    made = (place / "ocop.db").stat()
    assert (made.st_uid, made.st_gid) == (USER, GROUP)
    assert (mode_of(place), mode_of(place / "ocop.db")) == (0o700, 0o600)
    assert "program" in done.stdout


def test_a_sheet_goes_into_a_container_and_an_export_comes_out(shell: Shell) -> None:
    make_catalog(shell.folder / "san-pham.csv", count=3)

    done = shell.run(BLOCKS["Import and export in a container 1"])

    assert done.returncode == 0, done.stderr
    assert mode_of(shell.folder / "nap" / "san-pham.csv") == 0o644
    assert "MAU-00003" in (shell.folder / "danh-muc.csv").read_text("utf-8")


ADAPTER = """
from ocop_sync.testing.memory import InMemoryMarketplace

class MyMarket(InMemoryMarketplace):
    name = "my-market"
"""
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "my-adapter"
version = "1"
[project.entry-points."ocop_sync.marketplaces"]
my-market = "my_adapter:MyMarket"
"""


def test_an_adapter_that_is_installed_into_the_image_is_found(shell: Shell) -> None:
    """Its line is run with the folder of the image's environment replaced."""
    lines = BLOCKS["An adapter in the image 1"].splitlines()
    package = shell.folder / "my-adapter"
    package.mkdir()
    (package / "my_adapter.py").write_text(ADAPTER)
    (package / "pyproject.toml").write_text(PROJECT)
    (run,) = (line.removeprefix("RUN ") for line in lines if line.startswith("RUN"))
    install = run.partition(" && ")[0]
    target = shell.folder / "site"
    wanted = f"{install} --no-build-isolation --no-index --quiet --target {target}"

    done = shell.run(
        wanted.replace("/opt/venv/bin/pip", f"{sys.executable} -m pip").replace(
            "/tmp/my-adapter",  # noqa: S108  (in the image)
            str(package),
        )
    )

    assert done.returncode == 0, done.stderr
    shell.variables["PYTHONPATH"] = f"{target}:{ROOT}"
    assert "my-market" in shell.ask("ocop-sync", "marketplaces").stdout
    assert (lines[0], lines[-1]) == ("FROM ocop-sync", "USER 10001:10001")


@pytest.fixture
def installed(shell: Shell) -> Shell:
    """What the block of systemd installs, in folders of this test."""
    shell.stand_for("useradd", 'echo "$@" > useradd.log')
    shell.stand_for("python3", PYTHON)
    places = {"/opt/": "opt", "/etc/": "etc"}
    block = BLOCKS["systemd 1"].replace(" -g ocop-sync", "")
    for old, new in places.items():
        (shell.folder / new / "systemd/system").mkdir(parents=True)
        block = block.replace(old, f"{shell.folder / new}/")
    shutil.copytree(UNITS, shell.folder / "docs/systemd")
    (shell.folder / "secrets.env").write_text("VOSO_PASSWORD=x\n")
    (shell.folder / "ocop-sync.toml").write_text(
        f'database.url = "sqlite:///{shell.folder}/ocop.db"\n'
    )
    done = shell.run(block)
    assert done.returncode == 0, done.stderr
    return shell


def units(shell: Shell) -> list[Path]:
    found = sorted((shell.folder / "etc/systemd/system").iterdir())
    assert len(found) == 3
    for each in found:
        text = each.read_text("utf-8").replace("/opt/", f"{shell.folder / 'opt'}/")
        each.write_text(text.replace("User=ocop-sync", "User=root"))
    return found


def test_settings_and_secrets_are_installed_for_their_group_alone(
    installed: Shell,
) -> None:
    etc = installed.folder / "etc" / "ocop-sync"

    assert mode_of(etc) == 0o750
    assert {mode_of(path) for path in etc.iterdir()} == {0o640}
    assert (installed.folder / "systemctl.log").read_text().splitlines() == [
        "daemon-reload",
        "enable --now ocop-sync.service ocop-sync-backup.timer",
    ]


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)
def test_systemd_finds_nothing_wrong_with_the_units(installed: Shell) -> None:
    found = units(installed)

    done = installed.ask("systemd-analyze", "verify", "--man=no", *map(str, found))

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def commands_of(unit: Path) -> Iterator[list[str]]:
    for line in unit.read_text("utf-8").splitlines():
        if line.startswith("ExecStart="):
            text = line.removeprefix("ExecStart=").replace("%%", "%")
            yield shlex.split(text.replace("$$", "$"))


def test_the_nightly_backup_keeps_a_copy_and_an_export_for_its_owner_alone(
    installed: Shell,
) -> None:
    folder = installed.folder
    (folder / "kept").mkdir()
    installed.variables["OCOP_SYNC_FILE"] = str(folder / "etc/ocop-sync/ocop-sync.toml")
    fill_database(folder, count=3)
    (unit,) = (each for each in units(installed) if "backup.service" in each.name)
    unit.write_text(
        unit.read_text().replace("/var/lib/ocop-sync-backup", str(folder / "kept"))
    )

    done = [installed.ask(*words) for words in commands_of(unit)]

    assert [each.returncode for each in done] == [0, 0], done
    kept = {path.name: mode_of(path) for path in (folder / "kept").iterdir()}
    assert set(kept.values()) == {0o600}
    assert all(re.fullmatch(r"(ocop-\d\.db|danh-muc-\d\.csv)", name) for name in kept)
    assert len(kept) == 2


def test_the_service_of_the_unit_is_left_the_time_that_it_may_take_to_stop() -> None:
    text = (UNITS / "ocop-sync.service").read_text("utf-8")
    (limit,) = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    (command,) = commands_of(UNITS / "ocop-sync.service")

    assert int(limit) > 20
    assert command == ["/opt/ocop-sync/bin/ocop-sync", "serve", "--every", "60s"]


def test_a_copy_of_sqlite_is_restored_by_the_commands_that_are_shown(
    shell: Shell,
) -> None:
    shell.variables["OCOP_SYNC_DATABASE__URL"] = "sqlite:///ocop.db"
    fill_database(shell.folder, count=3)
    (shell.folder / "sao-luu").mkdir()
    kept = shell.run(BLOCKS["Backup and restore 1"])
    fill_database(shell.folder, count=4)

    done = shell.run(BLOCKS["Backup and restore 2"])

    assert (kept.returncode, done.returncode) == (0, 0), kept.stderr + done.stderr
    catalog = shell.ask("ocop-sync", "export", "-").stdout
    assert "MAU-00003" in catalog
    assert "MAU-00004" not in catalog
    assert len(list(shell.folder.glob("ocop.db.before-restore-*"))) == 1
    assert (shell.folder / "systemctl.log").read_text().split() == [
        *("stop", "ocop-sync", "start", "ocop-sync")
    ]


def test_a_copy_of_postgresql_is_restored_and_nothing_is_listed_twice(
    desk: Desk, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell(tmp_path)
    shell.variables |= {"PGHOST": str(postgres.folder), "PGUSER": "postgres"}
    shell.variables["PATH"] = f"{postgres.programs}:{shell.variables['PATH']}"
    (shell.folder / "sao-luu").mkdir()

    def use(database: str) -> None:
        url = postgres.url(database)
        monkeypatch.setenv("OCOP_SYNC_DATABASE__URL", url)
        shell.variables["OCOP_SYNC_DATABASE__URL"] = url

    def done(*words: str) -> str:
        result = desk.run(*words)
        assert result.exit_code == 0, result.output
        return result.output

    shell.ask("createdb", "ocop")
    use("ocop")
    desk.write_settings(producers=["CS-0001"], postmart=False)
    later = good(2, producer_id="CS-0001")[0], good(1)[1]
    done("db", "upgrade")
    desk.import_(good(1))
    done("sync", "--follow", "0")
    kept = shell.run(BLOCKS["Backup and restore 3"])
    desk.import_(good(1), later)
    done("sync", "--follow", "0")

    restored = shell.run(BLOCKS["Backup and restore 4"])
    use("ocop_moi")
    current = done("db", "current")
    desk.import_(good(1), later)
    done("sync", "--follow", "0")

    assert (kept.returncode, restored.returncode) == (0, 0), kept.stderr
    assert mode_of(shell.folder / "sao-luu" / "ocop.dump") == 0o600
    assert "database: 00" in current
    rows = desk.voso.look("state")["listings"]
    assert sorted(row["client_ref"] for row in rows) == ["SP-00001", "SP-00002"]
