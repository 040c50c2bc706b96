"""Where a command was given: this computer, its terminal, and from where they came.

The computer and the terminal are what the system knows. The others are what the
environment says (`sudo` and `sshd` set it, and whoever runs the command may set it
otherwise), so they are told as that, and prove nothing. All of it is a personal datum:
the audit keeps it beside the reason, where it can be erased.
"""

import os
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

_LONGEST: Final = 64
_NAME: Final = re.compile(rf"[\w.@-]{{1,{_LONGEST}}}")


def terminal_here() -> str:
    """Return the terminal of this process, such as "pts/3"; "" if it has none."""
    for stream in range(3):
        with suppress(OSError):
            return os.ttyname(stream).removeprefix("/dev/")
    return ""


def origin_here(
    environ: Mapping[str, str],
    *,
    host: Callable[[], str] = socket.gethostname,
    terminal: Callable[[], str] = terminal_here,
) -> str:
    """Return where this command was given: "may-1 pts/3 sudo:lan ssh:192.0.2.7".

    Args:
        environ: The environment variables.
        host: Tells the name of this computer.
        terminal: Tells its terminal.
    """
    client = environ.get("SSH_CONNECTION", "").partition(" ")[0]
    parts = [
        _shortened(host()),
        _shortened(terminal()),
        _marked("sudo", _name(environ.get("SUDO_USER", ""))),
        _marked("ssh", _address(client)),
    ]
    return " ".join(filter(None, parts))


def _shortened(text: str) -> str:
    return "".join(each for each in text if each.isprintable())[:_LONGEST]


def _marked(mark: str, text: str) -> str:
    return f"{mark}:{text}" if text else ""


def _name(text: str) -> str:
    return text if _NAME.fullmatch(text) else ""


def _address(text: str) -> str:
    """Return the address that *text* is; "" for anything else."""
    with suppress(ValueError):
        return str(ip_address(text))
    return ""
