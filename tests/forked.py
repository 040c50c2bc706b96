"""Commands as processes of their own, forked from one that has imported all of them.

A new interpreter takes a second of processor time to import what a command needs, which
is most of the time of a test that starts some. Here one is started for all tests of a
worker; it imports every command, does nothing else, and forks for each that is asked
for. That a command starts by itself, and what it imports, is shown by
`tests/e2e/test_start.py`, the demonstration and the worker of the image.

    python -m tests.forked SOCKET
"""

import array
import atexit
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
import traceback
from asyncio import unix_events
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any, NoReturn

_BENCHMARKS = "benchmarks."
_STREAMS = 3
_LONGEST = 1 << 20
_PATIENCE_S = 60


class Popen(subprocess.Popen[Any]):
    """A process as of `subprocess`; a command of ours is forked."""

    _status: socket.socket | None = None

    def _execute_child(self, args: Any, *more: Any) -> None:
        """Take the place of what starts a program; *more* as since Python 3.8."""
        words = None if more[3] else _program_of(args)
        cwd, env, pipes = more[4], more[5], more[9:15]
        if words is None or (env or os.environ).get("PYTHONPATH"):
            super()._execute_child(args, *more)  # type: ignore[misc]
            return
        asked = {
            "words": words,
            "folder": str(cwd or Path.cwd()),
            "variables": dict(os.environ if env is None else env),
            "umask": _umask(),
        }
        theirs = (pipes[0], pipes[3], pipes[5])
        streams = [own if fd == -1 else fd for own, fd in enumerate(theirs)]
        self._status, self.pid = _ask(asked, streams)
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    def poll(self) -> int | None:
        """Return how it has ended, or None."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, and return how."""
        if self._status is None:
            return int(super().wait(timeout))
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._status, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired(self.args, timeout or 0)
            said = self._status.recv(_LONGEST)
            self.returncode = os.waitstatus_to_exitcode(int(said))
            self._status.close()
        return int(self.returncode)

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        return self.poll()


def run(
    command: Sequence[str], *, timeout: float | None = _PATIENCE_S, **how: Any
) -> subprocess.CompletedProcess[Any]:
    """Run a command as `subprocess.run` does; its output is kept."""
    how |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with Popen(command, **how) as process:
        try:
            said = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, *said)


def _program_of(command: Any) -> list[str] | None:
    """Return the module of our program, and the words behind; None for another one."""
    if isinstance(command, str | bytes | os.PathLike):
        return None
    words = [os.fspath(each) for each in command]
    if words[0] == "ocop-sync":
        return ["ocop_sync", *words[1:]]
    python, *words = (each for each in words if each != "-P")  # the folder is no place
    is_ours = python == sys.executable and words[:1] == ["-m"]
    if not is_ours or not (words[1] == "ocop_sync" or words[1].startswith(_BENCHMARKS)):
        return None
    return words[1:]


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def stand_in(real: str) -> str:
    """Return a script that has a command forked, to stand for our program in a shell.

    The *real* one is run by a user who may not ask for that, or who adds to what is
    imported.
    """
    return _STAND_IN.format(address=_server(), real=real)


_STAND_IN = """
import array, json, os, signal, socket, sys
connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
try:
    if ":" in os.environ.get("PYTHONPATH", ""):
        raise PermissionError
    connection.connect({address!r})
except PermissionError:
    os.execv({real!r}, [{real!r}, *sys.argv[1:]])
umask = os.umask(0)
asked = {{
    "words": ["ocop_sync", *sys.argv[1:]],
    "folder": os.getcwd(),
    "variables": dict(os.environ),
    "umask": umask,
}}
rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", range(3)))
connection.sendmsg([json.dumps(asked).encode()], [rights])
pid = int(connection.recv(99))
for each in (signal.SIGINT, signal.SIGTERM):
    signal.signal(each, lambda number, _: os.kill(pid, number))
code = os.waitstatus_to_exitcode(int(connection.recv(99)))
sys.exit(code if code >= 0 else 128 - code)
"""


def _ask(asked: Mapping[str, Any], streams: Sequence[int]) -> tuple[socket.socket, int]:
    """Have a process forked; return where its end will be told, and its number."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.settimeout(_PATIENCE_S)
    connection.connect(_server())
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams))
    connection.sendmsg([json.dumps(asked).encode()], [rights])
    return connection, int(connection.recv(_LONGEST))


@cache
def _server() -> str:
    """Start the process that forks, and return its address; it ends with us."""
    address = f"{mkdtemp(prefix='ocop-forks-')}/socket"
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, address],
        cwd=Path(__file__).parent.parent,
        env={k: v for k, v in os.environ.items() if not k.startswith("OCOP_")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )

    def end() -> None:
        process.communicate(timeout=_PATIENCE_S)
        Path(address).unlink()
        Path(address).parent.rmdir()

    assert process.stdout is not None
    process.stdout.readline()
    atexit.register(end)
    return address


class _Forks:
    """Forks for whoever asks, and tells each how its process has ended."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(address)
        self._listener.listen()
        self._running: dict[int, socket.socket] = {}
        self._woken, self._wakes = socket.socketpair()
        self._woken.setblocking(False)
        self._wakes.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes.fileno())

    def serve(self) -> None:
        """Go on until the input ends."""
        with selectors.DefaultSelector() as selector:
            for each in (self._listener, self._woken, sys.stdin):
                selector.register(each, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is sys.stdin:
                        return
                    if key.fileobj is self._listener:
                        self._fork()
                    else:
                        self._tell_ends()

    def _fork(self) -> None:
        connection, _ = self._listener.accept()
        room = socket.CMSG_SPACE(_STREAMS * array.array("i").itemsize)
        asked, [(_, _, rights)], _, _ = connection.recvmsg(_LONGEST, room)
        streams = array.array("i", rights)
        pid = os.fork()
        if not pid:
            _become(json.loads(asked), streams, self._address)
        for stream in streams:
            os.close(stream)
        self._running[pid] = connection
        connection.send(str(pid).encode())

    def _tell_ends(self) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(_LONGEST)
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            with self._running.pop(pid) as connection, suppress(OSError):
                connection.send(str(status).encode())


def _become(asked: Mapping[str, Any], streams: Sequence[int], where: str) -> NoReturn:
    """Be the command that was asked for, to its end; we are asked at *where*."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for own, stream in enumerate(streams):
        os.dup2(stream, own)
    os.closerange(_STREAMS, 1024)
    os.umask(asked["umask"])
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["variables"])
    module, *words = asked["words"]
    sys.argv = [module, *words]
    if module.startswith(_BENCHMARKS):
        _fork_from_here(where)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout, sys.stderr = (
        open(fd, "w", encoding="utf-8", errors=errors, buffering=buffering)  # noqa: PTH123, SIM115
        for fd, errors, buffering in ((1, "strict", -1), (2, "backslashreplace", 1))
    )
    code = _carry_out(module)
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    os._exit(code)


def _fork_from_here(where: str) -> None:
    """Have the processes that a benchmark starts forked at *where* as well.

    Those that asyncio starts are its own: it waits for them by their numbers.
    """
    as_it_was = SimpleNamespace(**vars(subprocess))
    setattr(unix_events, "subprocess", as_it_was)  # noqa: B010  (mypy)
    setattr(sys.modules[__name__], "_server", lambda: where)  # noqa: B010  (mypy)
    setattr(subprocess, "Popen", Popen)  # noqa: B010  (mypy)


def _carry_out(module: str) -> int:
    """Run the program; return its exit code, as the interpreter would."""
    code = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(bool(error.code))
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)  # noqa: T201
    except BaseException:  # noqa: BLE001  (as the interpreter does)
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    return code & 0xFF


def _import_all() -> None:
    """Import every command, adapter and mock, and what is imported late."""
    import asyncpg  # noqa: F401, PLC0415
    import sqlalchemy.dialects.postgresql.asyncpg  # noqa: F401, PLC0415

    from ocop_sync.cli.app.commands import PLACES, load  # noqa: PLC0415
    from ocop_sync.store.db import schema  # noqa: F401, PLC0415

    for place in PLACES.values():
        load(place)
    for group in ("ocop_sync.marketplaces", "ocop_sync.mocks"):
        for each in entry_points(group=group):
            each.load()
    gc.collect()
    gc.freeze()


def _main() -> None:
    forks = _Forks(sys.argv[1])
    _import_all()
    print("ready", flush=True)  # noqa: T201
    forks.serve()
    os._exit(0)  # to take all that was imported apart takes half a second


if __name__ == "__main__":
    _main()
