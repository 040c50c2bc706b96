"""A desk for each test, and a log that does not outlive it."""

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ocop_sync.marketplace.registry import available
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


def show_soon(monkeypatch: pytest.MonkeyPatch, *, call_timeout_s: float) -> None:
    """Let the marketplaces declare that a call ends, and a write shows, so soon.

    Where a command is a process it waits by the real clock: 13 seconds after a create
    until it is looked up. The mocks on this computer answer, and show what they were
    sent, in far less.
    """
    for adapter in available().values():
        declared = replace(
            adapter.capabilities, visible_within_s=0.2, call_timeout_s=call_timeout_s
        )
        monkeypatch.setattr(adapter, "capabilities", declared)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The marketplaces, empty, and an account at Postmart."""
    show_soon(monkeypatch, call_timeout_s=8)  # a busy computer answers in that time
    with open_desk(tmp_path) as desk:
        yield desk
