"""A forked command is what one is that was started (`tests/forked.py`)."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked

PROGRAM = [sys.executable, "-m", "ocop_sync"]


@pytest.mark.parametrize("words", [["--version"], ["sync", "--nothing-such"], []])
def test_it_says_the_same_and_ends_alike(tmp_path: Path, words: list[str]) -> None:
    command = [*PROGRAM, *words]

    said = forked.run(command, cwd=tmp_path, text=True)

    started = subprocess.run(
        command, cwd=tmp_path, text=True, check=False, capture_output=True
    )
    assert (said.returncode, said.stdout) == (started.returncode, started.stdout)
    assert said.stderr == started.stderr


def test_it_has_a_folder_and_variables_of_its_own(tmp_path: Path) -> None:
    variables = {"OCOP_SYNC_DATABASE__URL": "sqlite:///mau.db"}

    made = forked.run([*PROGRAM, "db", "upgrade"], cwd=tmp_path, env=variables)

    assert (made.returncode, [each.name for each in tmp_path.glob("*.db")]) == (
        0,
        ["mau.db"],
    )


@pytest.mark.parametrize(
    ("told", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_it_takes_signals(told: signal.Signals, code: int) -> None:
    with forked.Popen([*PROGRAM, "mock", "voso"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        running = process.poll()
        process.send_signal(told)

    assert (running, process.returncode) == (None, code)
