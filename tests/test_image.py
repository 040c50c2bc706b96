"""The service as the image starts it, without a container engine.

Its own command runs with the image's variables, user and health check, on a copy of the
code; all but the data folder is read-only, even its home and the folder that it starts
in. The Dockerfile is tested in `test_dockerfile.py`; the worker, in
`tests/e2e/test_worker.py`.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import pytest

from tests.test_dockerfile import ENVIRONMENT, FINAL, ROOT

PACKAGES = ("ocop_sync", "catalog", "adapters")
READ_ONLY = ("code", "folder", "home")
USER, GROUP = map(int, FINAL["USER"].split(":"))
ENTRY = json.loads(FINAL["ENTRYPOINT"])
COMMAND = [*ENTRY, *json.loads(FINAL["CMD"])]
HEALTH = json.loads(FINAL["HEALTHCHECK"].partition("CMD ")[2])
IS_ROOT = os.geteuid() == 0

Listing = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the image's command runs.

    Attributes:
        root: Holds all that could be written to; the data folder is in it.
        user: What comes before a command, so that the image's user runs it.
        port: Stands for the image's own.
    """

    root: Path
    user: list[str]
    port: int

    @property
    def data(self) -> Path:
        """What the image calls /data."""
        return self.root / "data"

    @property
    def environment(self) -> dict[str, str]:
        """The image's variables, with a home that is read-only as well."""
        program = str(Path(sys.executable).parent)
        values = {
            name: value.replace("/data", str(self.data))
            .replace("/opt/venv/bin", program)
            .replace("$PATH", os.defpath)
            for name, value in ENVIRONMENT.items()
        }
        return values | {
            "HOME": str(self.root / "home"),
            "PYTHONPATH": str(self.root / "code"),
            "LC_ALL": "C.UTF-8",
            # Others on this computer may serve at the image's port.
            "OCOP_SYNC_SERVE__PORT": str(self.port),
        }

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a command there as the image's user."""
        path = self.environment["PATH"]
        program = shutil.which(command[0], path=path) or command[0]
        return subprocess.Popen(
            [*self.user, program, *command[1:]],
            cwd=self.root / "folder",
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def listed(self) -> Listing:
        """Return mode, size and time of every file that is not in the data folder."""
        found = {}
        for path in self.root.rglob("*"):
            if path != self.data and self.data not in path.parents:
                told = path.lstat()
                key = str(path.relative_to(self.root))
                found[key] = (told.st_mode, told.st_size, told.st_mtime_ns)
        return found


@dataclass(frozen=True, kw_only=True)
class Life:
    """What came of the service, from its start to its end."""

    before: Listing
    after: Listing
    said: str
    code: int
    health: tuple[int, str]
    ready: int


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    # The folders that pytest makes are closed to every other user.
    with TemporaryDirectory(prefix="ocop-sync-image-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        for name in PACKAGES:  # with their bytecode, as pip has installed them there
            shutil.copytree(ROOT / name, root / "code" / name)
        for name in ("folder", "home", "data"):
            (root / name).mkdir()
        if IS_ROOT:
            os.chown(root / "data", USER, GROUP)
        set_writable(root, write=False)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        yield Place(root=root, user=as_user(), port=port)
        set_writable(root, write=True)


def set_writable(root: Path, *, write: bool) -> None:
    for name in READ_ONLY:
        for path in (root / name, *(root / name).rglob("*")):
            mode = path.stat().st_mode & 0o555
            path.chmod(mode | 0o200 if write else mode)


def as_user() -> list[str]:
    """Return what runs a command as the image's user, if we may do that.

    It may read everything, as our own interpreter may be in a folder of root's.
    """
    if not IS_ROOT:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("another user cannot be tried: setpriv is not installed")
    read = "+dac_read_search"
    return [
        *("setpriv", f"--reuid={USER}", f"--regid={GROUP}", "--clear-groups"),
        *("--inh-caps=-all," + read, f"--ambient-caps=-all,{read}"),
        *("--bounding-set=-all," + read, "--no-new-privs", "--"),
    ]


@pytest.fixture(scope="module")
def life(place: Place) -> Life:
    """Start the service, let it sync twice, ask how it is, and end it."""
    before = place.listed()
    with place.start("ocop-sync", "db", "upgrade") as upgrade:
        assert upgrade.wait(timeout=30) == 0
    with place.start(*often(COMMAND)) as service:
        try:
            assert service.stderr is not None
            said = "".join(lines_until("synced", service.stderr, times=2))
            with place.start(*HEALTH) as check:
                answer, _ = check.communicate(timeout=30)
            (url,) = re.findall(r"Serving at (\S+)", said)
            with urllib.request.urlopen(f"{url}/health/ready") as told:  # noqa: S310 (loopback)
                ready = told.status
            service.send_signal(signal.SIGTERM)
            _, rest = service.communicate(timeout=30)
        finally:
            service.kill()
    return Life(
        before=before,
        after=place.listed(),
        said=said + rest,
        code=service.returncode,
        health=(check.returncode, answer),
        ready=ready,
    )


def often(command: list[str]) -> list[str]:
    """Return the image's command with the shortest time between two syncs."""
    place = command.index("--every") + 1
    return [*command[:place], "1s", *command[place + 1 :]]


def lines_until(word: str, stream: IO[str], *, times: int) -> Iterable[str]:
    """Read lines until so many of them have *word*, or there are no more."""
    for line in stream:
        yield line
        times -= word in line
        if not times:
            return


def test_the_service_syncs_again_and_again(life: Life) -> None:
    assert life.said.count("synced") >= 2, life.said
    assert "Traceback" not in life.said


def test_the_health_check_passes_while_it_runs(life: Life) -> None:
    code, answer = life.health

    assert code == 0
    assert "khỏe / healthy" in answer


def test_the_api_is_ready_while_it_runs(life: Life) -> None:
    assert life.ready == 200


def test_the_service_ends_well_when_it_is_told_to(life: Life) -> None:
    assert life.code == 0


def test_nothing_but_the_data_folder_is_written_to(life: Life, place: Place) -> None:
    assert life.after == life.before
    made = {path.name for path in place.data.iterdir()}
    # the locks of `serve` and `worker`, and of who waits to write
    assert made == {"ocop.db", "ocop.db.serving", "ocop.db.waiting"}


@pytest.mark.skipif(not IS_ROOT, reason="only root can try another user")
def test_the_service_is_the_user_of_the_image(life: Life, place: Place) -> None:
    assert life.code == 0
    made = (place.data / "ocop.db").stat()

    assert (made.st_uid, made.st_gid) == (USER, GROUP)


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_is_read_only_there_really_is(place: Place, name: str) -> None:
    write = f"open('{place.root}/{name}/mau.txt', 'w')"

    with place.start(sys.executable, "-c", write) as tried:
        _, said = tried.communicate(timeout=30)

    assert "PermissionError" in said
