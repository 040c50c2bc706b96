"""Have each test file's assertions rewritten by one process only.

Each process of a run collects all test files, in one order. In a new clone each
would rewrite the assertions of all of them, at the same time as the others do. So
each begins with another file; what another one has rewritten it finds on disk.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from _pytest.pathlib import import_path


def in_turn(files: Sequence[Path], process: int, processes: int) -> list[Path]:
    """Return *files* from where a process begins, and on to where it began."""
    first = len(files) * process // processes
    return [*files[first:], *files[:first]]


def import_in_turn(config: pytest.Config) -> None:
    """Import all test files, unless this is the only process or some were named."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not name or config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    processes = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    files = sorted((config.rootpath / "tests").rglob("test_*.py"))
    for file in in_turn(files, int(name.removeprefix("gw")), processes):
        with suppress(Exception):  # collecting it tells why
            import_path(
                file,
                mode=config.getoption("--import-mode"),
                root=config.rootpath,
                consider_namespace_packages=False,
            )
