"""The runs of CI, on machines with other Pythons than this one's.

Each machine is a PATH of programs that are made up: a Python that answers questions
about itself, and a `make` that notes its arguments.
"""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTED = """#!/bin/sh
for word in "$@"; do printf '[%s]' "$word"; done >>"$NOTES"; echo >>"$NOTES"
"""
PYTHON = """#!/bin/sh
case "$2" in *"(3, MINOR)"*) exit 0;; *) exit 1;; esac
"""
BROKEN = "#!/bin/sh\nexit 127\n"
A_USER = "#!/bin/sh\necho 1000\n"
ROOT_USER = "#!/bin/sh\necho 0\n"
NOTHING = "#!/bin/sh\nexit 0\n"
NO_PACKAGE = '#!/bin/sh\n[ "$1" = update ]\n'
NO_NETWORK = "#!/bin/sh\nexit 100\n"


class Machine:
    """A machine with nothing on it but what is put there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path: list[str] = []
        self.put("tools", {"make": NOTED, "id": A_USER})
        for name in ("bash", "dirname"):
            real = shutil.which(name)
            assert real is not None
            (root / "tools" / name).symlink_to(real)

    def put(self, folder: str, programs: dict[str, str]) -> None:
        """Put programs into a folder of the PATH, behind those before it."""
        (self._root / folder).mkdir(exist_ok=True)
        for name, text in programs.items():
            path = self._root / folder / name
            path.write_text(text)
            path.chmod(0o755)
        if folder not in self._path:
            self._path.append(folder)

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run what CI runs."""
        path = os.pathsep.join(str(self._root / each) for each in self._path)
        return subprocess.run(
            [str(self._root / "tools" / "bash"), str(ROOT / ".ci" / "run")],
            env={"PATH": path, "NOTES": str(self._root / "notes")},
            capture_output=True,
            text=True,
            check=False,
        )

    def made(self) -> list[str]:
        """Return what `make` was told, each word in brackets."""
        return (self._root / "notes").read_text().splitlines()

    def words(self, python: str, minor: int, *more: str) -> str:
        """Return how `make` is told to use a Python of this machine."""
        words = (f"PYTHON={self._root}/{python}", f"VENV=.venv-3.{minor}", *more)
        return "".join(f"[{word}]" for word in words)


def python(minor: int) -> str:
    return PYTHON.replace("MINOR", str(minor))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_oldest_runs_everything_and_the_newest_all_but_the_slowest(
    machine: Machine,
) -> None:
    found = {f"python3.{minor}": python(minor) for minor in (11, 12, 13)}
    machine.put("bin", found | {"python3": python(12)})

    done = machine.run()

    assert done.returncode == 0, done.stderr
    assert machine.made() == [
        machine.words("bin/python3.11", 11, "check"),
        machine.words("bin/python3.11", 11, "test"),
        machine.words(
            "bin/python3.13", 13, "test", "ARGS=-m slow --collect-only -q -n 0"
        ),
        machine.words("bin/python3.13", 13, "test", "ARGS=-m 'not slow' --everywhere"),
    ]


def test_one_python_runs_everything_once(machine: Machine) -> None:
    machine.put("bin", {"python3": python(13)})

    machine.run()

    assert machine.made() == [
        machine.words("bin/python3", 13, "check"),
        machine.words("bin/python3", 13, "test"),
    ]


def test_a_python_that_does_not_work_is_passed_over(machine: Machine) -> None:
    machine.put("shims", {"python3.11": python(11), "python3.13": BROKEN})
    machine.put("bin", {"python3.13": python(13), "python3.14": BROKEN})

    machine.run()

    assert machine.made()[-1].startswith(machine.words("bin/python3.13", 13, "test"))


def test_without_a_python_it_says_what_to_install(machine: Machine) -> None:
    machine.put("bin", {"python3": python(10)})

    done = machine.run()

    assert done.returncode == 1
    assert "please install: python3 python3-venv" in done.stderr


def test_what_some_tests_use_is_installed_where_it_is_not_and_may_be(
    machine: Machine,
) -> None:
    machine.put("bin", {"python3": python(13), "apt-get": NOTED, "nginx": NOTHING})
    machine.put("tools", {"id": ROOT_USER})

    done = machine.run()

    assert (done.returncode, done.stderr) == (0, "")
    assert machine.made()[:4] == [
        "[update][-qq]",
        "[install][-y][-qq][--no-install-recommends][chromium][fonts-noto-core]",
        "[update][-qq]",
        "[install][-y][-qq][--no-install-recommends][caddy]",
    ]


@pytest.mark.parametrize(
    ("user", "apt"),
    [(A_USER, NOTED), (ROOT_USER, NO_PACKAGE), (ROOT_USER, NO_NETWORK)],
    ids=["who may not", "no such package", "no network"],
)
def test_what_cannot_be_installed_is_named_and_the_rest_is_tested(
    machine: Machine, user: str, apt: str
) -> None:
    machine.put("bin", {"python3": python(13), "apt-get": apt})
    machine.put("tools", {"id": user})

    done = machine.run()

    assert done.returncode == 0
    for program in ("chromium", "nginx", "caddy"):
        told = f"no {program}: the tests that need it are left out"
        assert told in done.stderr
    assert len(machine.made()) == 2


def test_what_is_there_is_used(machine: Machine) -> None:
    there = dict.fromkeys(("chromium", "nginx", "caddy"), NOTHING)
    machine.put("bin", {"python3": python(13), **there})

    assert machine.run().stderr == ""


def test_one_that_fails_fails_it(machine: Machine) -> None:
    machine.put("bin", {"python3": python(13)})
    machine.put("tools", {"make": "#!/bin/sh\nexit 2\n"})

    assert machine.run().returncode == 2


def test_what_the_second_run_leaves_out_is_a_marker_that_is_known() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    pytest_settings = settings["tool"]["pytest"]

    names = [each.partition(":")[0] for each in pytest_settings["markers"]]
    assert "slow" in names
    assert pytest_settings["strict"] is True


def test_files_with_the_slowest_tests_are_begun_first(
    request: pytest.FixtureRequest,
) -> None:
    items = request.session.items
    slow = {each.path for each in items if each.get_closest_marker("slow")}

    is_slow = [each.path in slow for each in items]

    assert is_slow == sorted(is_slow, reverse=True)
