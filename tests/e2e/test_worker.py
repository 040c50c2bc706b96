"""The worker as the image runs it: one folder to write to, nothing else.

No container is needed: an audit hook of the interpreter refuses all that a read-only
file system would. That the image's user is not root is read in
`tests/test_dockerfile.py`.
"""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import pytest

from ocop_sync.store.db.waiting_writers import ENDING

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")

READ_ONLY = """
import os, sys
data = os.path.realpath(os.environ["HOME"])
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC

def inside(path):
    whole = os.path.realpath(os.fsdecode(path))
    # The folder itself is opened for a temporary file that has no name.
    return whole == data or whole.startswith(data + os.sep) or whole == os.devnull

def refuse(event, args):
    writes = {
        "open": lambda path, mode, flags: flags & WRITING and path,
        "sqlite3.connect": lambda path: path,
        "os.mkdir": lambda path, *_: path,
        "os.rename": lambda _, path, *__: path,
    }.get(event)
    path = writes and writes(*args)
    if path and isinstance(path, str | bytes | os.PathLike) and not inside(path):
        raise PermissionError(f"read-only: {event} {path}")

sys.addaudithook(refuse)
from ocop_sync.cli import main
main()
"""


@pytest.fixture
def image(tmp_path: Path) -> Mapping[str, Any]:
    """How the image starts a process, with a folder of the test in place of /data."""
    final = DOCKERFILE.rpartition("FROM ")[2]
    variables = dict(re.findall(r"^(?:ENV| +) *(\w+)=(\S+)", final, re.MULTILINE))
    environment = {
        name: value.replace("/data", str(tmp_path))
        for name, value in variables.items()
        if name != "PATH"
    }
    assert environment["HOME"] == str(tmp_path)
    return {
        "cwd": tmp_path,
        "env": {**environment, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        "text": True,
    }


def program(*words: str) -> list[str]:
    return [sys.executable, "-c", READ_ONLY, *words]


def wait_for(words: str, stream: IO[str]) -> list[str]:
    """Read lines until one has *words*; return them all."""
    lines: list[str] = []
    for line in stream:
        lines.append(line)
        if words in line:
            return lines
    message = f"ended without {words!r}: {''.join(lines)}"
    raise AssertionError(message)


def test_the_worker_runs_is_healthy_and_ends_when_told(
    image: Mapping[str, Any],
) -> None:
    command = program("worker", "--every", "60s")
    subprocess.run(program("db", "upgrade"), capture_output=True, check=True, **image)
    image["env"]["OCOP_SYNC_METRICS__PORT"] = "0"

    with subprocess.Popen(command, stderr=subprocess.PIPE, **image) as worker:
        assert worker.stderr is not None
        said = "".join(wait_for("synced", worker.stderr))
        (url,) = re.findall(r"metrics are told url=(\S+)", said)
        with urllib.request.urlopen(url) as told:  # noqa: S310 (loopback)
            metrics = told.read().decode()
        health = subprocess.run(
            program("health", "--json"), capture_output=True, check=False, **image
        )
        worker.send_signal(signal.SIGTERM)
        rest = worker.stderr.read()

    assert (worker.returncode, health.returncode) == (0, 0), rest + health.stderr
    assert json.loads(health.stdout)["healthy"] is True
    assert "ocop_sync_database_up 1.0" in metrics
    assert "Traceback" not in rest


def test_a_worker_whose_database_is_lost_begins_with_no_empty_one(
    image: Mapping[str, Any],
) -> None:
    refused = subprocess.run(
        program("worker"), capture_output=True, check=False, **image
    )

    assert refused.returncode == 2
    assert "ocop-sync db upgrade" in refused.stderr
    assert not (image["cwd"] / "ocop.db").exists()


def test_the_file_system_of_these_tests_is_read_only(
    image: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "mau.csv"

    refused = subprocess.run(
        program("generate", str(outside)), capture_output=True, check=False, **image
    )

    assert refused.returncode == 2
    assert not outside.exists()


def test_a_service_without_its_database_is_not_healthy(
    image: Mapping[str, Any],
) -> None:
    (image["cwd"] / "ocop.db").write_bytes(b"nothing that is a database" * 100)

    health = subprocess.run(
        program("health"), capture_output=True, check=False, **image
    )

    assert health.returncode == 1
    assert "database.url" in health.stdout


def test_nothing_is_written_outside_the_data_folder(image: Mapping[str, Any]) -> None:
    generated = program("generate", "mau.csv", "--count", "5")

    codes = [
        subprocess.run(command, check=False, capture_output=True, **image).returncode
        for command in (generated, program("import", "mau.csv"), program("status"))
    ]

    assert codes == [0, 0, 0]

    kinds = {path.suffix for path in image["cwd"].rglob("*")}
    assert kinds <= {".csv", ".db", ".db-wal", ".db-shm", ENDING}
