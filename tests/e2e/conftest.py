"""A desk for each test, and a log that does not outlive it."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.served import Desk, open_desk


@pytest.fixture(autouse=True)
def settings_of_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in an empty folder, without settings of the person who tests."""
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.upper().startswith("OCOP_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def log_of_before() -> Iterator[None]:
    """Take away the log that a command has set up: its stream is closed."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Both marketplaces, empty, and an account at Postmart."""
    with open_desk(tmp_path) as desk:
        yield desk
