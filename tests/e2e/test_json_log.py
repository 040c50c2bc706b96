"""A log of JSON lines has no other line in it, also when a command ends badly."""

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import click
import pytest
from click.testing import CliRunner

from ocop_sync.cli import main
from ocop_sync.cli.app.app import Program, as_input, settings_of
from ocop_sync.errors import PlanError, SyncInProgressError


@pytest.fixture(autouse=True)
def keep_root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def ended(
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    *,
    as_json: bool = True,
    is_terminal: bool = False,
) -> tuple[int, list[str]]:
    """Return the exit code, and the lines, of a command that ends with *error*."""
    program = Program("ocop-sync", params=[click.Option(["--settings"])])

    @program.command()
    def work() -> None:
        settings_of()
        monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
        with as_input():
            raise error

    env = {"OCOP_SYNC_LOG__FORMAT": "json" if as_json else "text"}
    result = CliRunner(env=env).invoke(program, ["work"])
    return result.exit_code, result.stderr.splitlines()


def read(lines: list[str]) -> dict[str, Any]:
    (line,) = lines
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        pytest.param(SyncInProgressError("a", "máy khác"), 1, "máy khác", id="busy"),
        pytest.param(PlanError("không có nhóm 9"), 2, "không có nhóm 9", id="input"),
        pytest.param(OSError(13, "không được phép"), 2, "không được", id="a file"),
        pytest.param(KeyboardInterrupt(), 130, "Đã dừng / Stopped", id="Ctrl-C"),
    ],
)
def test_why_a_command_ends_is_a_line_of_json(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, words: str
) -> None:
    exit_code, lines = ended(monkeypatch, error)

    found = read(lines)
    assert (exit_code, found["exit_code"], found["message"]) == (code, code, "ended")
    assert words in found["reason"]


def test_what_to_do_is_in_the_line_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    _, lines = ended(monkeypatch, SyncInProgressError("so-1", "máy khác"))

    assert "ocop-sync cancel so-1" in read(lines)["todo"]


def test_a_mistake_of_the_program_is_a_line_with_its_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exit_code, lines = ended(monkeypatch, RuntimeError("lỗi của ta"))

    found = read(lines)
    assert exit_code == 1
    assert found["level"] == "ERROR"
    assert "RuntimeError: lỗi của ta" in found["error"]


def test_a_person_at_a_terminal_reads_the_words_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, lines = ended(monkeypatch, OSError(13, "không được phép"), is_terminal=True)

    assert json.loads(lines[0])["message"] == "ended"
    assert lines[1].startswith("Lỗi / Error: ")


def test_settings_that_cannot_be_read_are_a_line_of_json_as_well() -> None:
    env = {"OCOP_SYNC_LOG__FORMAT": "json", "OCOP_SYNC_LOG__LEVEL": "LOUD"}
    result = CliRunner(env=env).invoke(main, ["status"])

    found = read(result.stderr.splitlines())
    assert (result.exit_code, found["exit_code"]) == (2, 2)
    assert "OCOP_SYNC_LOG__LEVEL" in found["reason"]


def test_where_the_log_is_text_nothing_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    _, lines = ended(monkeypatch, OSError(13, "không được phép"), as_json=False)

    (line,) = lines
    assert line.startswith("Lỗi / Error: ")
