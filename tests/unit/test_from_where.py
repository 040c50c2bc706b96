"""Where a command was given, for the audit."""

import os

import pytest

from ocop_sync.cli.app.from_where import origin_here, terminal_here


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ""),
        ({"SSH_CONNECTION": "192.0.2.7 51234 192.0.2.1 22"}, " ssh:192.0.2.7"),
        ({"SSH_CONNECTION": "2001:db8::7 51234 2001:db8::1 22"}, " ssh:2001:db8::7"),
        ({"SUDO_USER": "lan"}, " sudo:lan"),
        (
            {"SUDO_USER": "lan", "SSH_CONNECTION": "192.0.2.7 5 192.0.2.1 22"},
            " sudo:lan ssh:192.0.2.7",
        ),
        ({"SSH_CONNECTION": "Bà Mẫu\x1b[2J"}, ""),
        ({"SUDO_USER": "lan\nroot"}, ""),
    ],
)
def test_a_command_comes_from_host_terminal_and_what_the_environment_says(
    environ: dict[str, str], expected: str
) -> None:
    found = origin_here(environ, host=lambda: "may-1", terminal=lambda: "pts/3")

    assert found == f"may-1 pts/3{expected}"


def test_a_command_without_a_terminal_comes_from_its_host() -> None:
    assert origin_here({}, host=lambda: "may-1", terminal=lambda: "") == "may-1"


def test_a_host_has_a_name_that_fits_one_line() -> None:
    found = origin_here({}, host=lambda: "may\n" * 99, terminal=lambda: "")

    assert found.isprintable()
    assert len(found) == 64


def test_the_terminal_is_that_of_the_first_stream_that_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def name(stream: int) -> str:
        if stream != 2:
            raise OSError
        return "/dev/pts/7"

    monkeypatch.setattr(os, "ttyname", name)

    assert terminal_here() == "pts/7"
