"""Commands run on uvloop where it is installed, and on Python's own loop elsewhere."""

import asyncio
import logging
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable

import pytest

from ocop_sync.cli.app.event_loop import carry_out, note_loop, own_group

_SAYS_ITS_GROUP = "import os; print(os.getpgrp() == os.getpid())"

Hide = Callable[[], None]


@pytest.fixture
def hide(monkeypatch: pytest.MonkeyPatch) -> Hide:
    """What takes uvloop away, as if it was not installed."""
    return lambda: monkeypatch.setitem(sys.modules, "uvloop", None)


async def kind_of_loop() -> str:
    note_loop()
    return type(asyncio.get_running_loop()).__module__


async def child_has_own_group() -> str:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-S", "-c", _SAYS_ITS_GROUP), stdout=PIPE, **own_group()
    )
    said, _ = await child.communicate()
    return said.decode().strip()


def test_it_is_uvloop_where_that_is_installed_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        module = carry_out(kind_of_loop())

    assert module.startswith("uvloop")
    assert [vars(each)["loop"] for each in caplog.records] == ["uvloop"]


def test_it_is_pythons_own_elsewhere(
    hide: Hide, caplog: pytest.LogCaptureFixture
) -> None:
    hide()
    with caplog.at_level(logging.INFO):
        module = carry_out(kind_of_loop())

    assert module.startswith("asyncio")
    assert caplog.records == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_child_is_in_a_group_of_its_own(hide: Hide, *, is_there: bool) -> None:
    if not is_there:
        hide()

    assert carry_out(child_has_own_group()) == "True"
