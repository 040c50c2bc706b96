"""Files are written whole or not at all, for their owner alone, through no link."""

import ast
import errno
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory
from typing import IO
from zipfile import ZipFile

import pytest

from ocop_sync.errors import NotWrittenError
from ocop_sync.files import (
    DEAD_AFTER_S,
    append_to,
    open_lock,
    write_text,
    write_whole,
)

ROOT = Path(__file__).parents[2]
DISK, MEMORY = Path("/var/tmp"), Path("/dev/shm")  # noqa: S108


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def leave_new(file: Path, *, age_s: int, number: int = 1) -> Path:
    """Leave what a killed writer of *file* leaves."""
    left = file.with_name(f".{file.name}.{number:016x}.new")
    left.write_bytes(b"half")
    then = left.stat().st_mtime - age_s
    os.utime(left, (then, then))
    return left


def test_a_file_is_there_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "danh-muc.csv"
    file.write_text("before")

    with write_whole(file) as stream:
        stream.write(b"after")
        assert file.read_text() == "before"

    assert file.read_text() == "after"
    assert names_in(tmp_path) == {"danh-muc.csv"}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
def test_a_file_is_for_its_owner_alone_whatever_the_umask(
    tmp_path: Path, mask: int
) -> None:
    file, held = tmp_path / "a.csv", tmp_path / "nhat-ky.log"

    with umask(mask):
        with write_whole(file) as stream:
            new = next(tmp_path.glob(".a.csv.*"))
            assert mode_of(new) == 0o600
            stream.write(b"x")
        append_to(held).close()
        open_lock(tmp_path / "lock").close()

    assert {mode_of(tmp_path / name) for name in names_in(tmp_path)} == {0o600}


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    file, held = tmp_path / "a.csv", tmp_path / "nhat-ky.log"
    for each in (file, held):
        each.touch()
        each.chmod(0o666)

    write_text(file, "x")
    append_to(held).close()

    assert (mode_of(file), mode_of(held)) == (0o600, 0o600)


def test_the_new_name_can_not_be_guessed(tmp_path: Path) -> None:
    """What stands in the way of one name is never met: each time it is another."""
    names = set()
    for _ in range(3):
        with write_whole(tmp_path / "a.csv"):
            names |= names_in(tmp_path) - {"a.csv"}

    assert len(names) == 3
    assert all(re.fullmatch(r"\.a\.csv\.[0-9a-f]{16}\.new", each) for each in names)


def test_what_stands_at_the_new_name_is_neither_followed_nor_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / ".a.csv.guessed.new").symlink_to(victim)
    monkeypatch.setattr("ocop_sync.files.secrets.token_hex", lambda _: "guessed")

    with pytest.raises(NotWrittenError, match=r"a\.csv: không ghi được"):
        write_text(tmp_path / "a.csv", "x")

    assert victim.read_text() == "mine"
    assert (tmp_path / ".a.csv.guessed.new").is_symlink()


@pytest.mark.parametrize("exists", [True, False], ids=["to a file", "to nothing"])
@pytest.mark.parametrize(
    "write",
    [
        lambda file: write_text(file, "x"),
        lambda file: append_to(file).close(),
        lambda file: open_lock(file).close(),
    ],
    ids=["whole", "append", "lock"],
)
def test_a_link_is_refused_and_left(
    tmp_path: Path, *, exists: bool, write: Callable[[Path], None]
) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    if exists:
        target.write_text("mine")
    link.symlink_to(target)

    with pytest.raises(NotWrittenError, match="it is a link: name the file"):
        write(link)

    assert link.is_symlink()
    assert target.exists() is exists
    assert not exists or target.read_text() == "mine"
    assert names_in(tmp_path) <= {"target.csv", "link.csv"}


def test_a_link_that_is_put_there_meanwhile_is_replaced_itself(tmp_path: Path) -> None:
    target, file = tmp_path / "target.csv", tmp_path / "a.csv"
    target.write_text("mine")

    with write_whole(file) as stream:
        stream.write(b"x")
        file.symlink_to(target)

    assert not file.is_symlink()
    assert (file.read_text(), target.read_text()) == ("x", "mine")


def test_what_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("before")

    def fail() -> None:
        with write_whole(file) as stream:
            stream.write(b"half")
            raise OSError(errno.ECONNREFUSED, "the database is gone")

    # What is not the file's own error is not told as one.
    with pytest.raises(OSError, match="the database is gone"):
        fail()

    assert file.read_text() == "before"
    assert names_in(tmp_path) == {"a.csv"}


def test_two_writers_at_once_both_end_well(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"

    with write_whole(file) as first, write_whole(file) as second:
        first.write(b"1" * 200_000)
        second.write(b"2" * 200_000)

    assert file.read_bytes() == b"1" * 200_000
    assert names_in(tmp_path) == {"a.csv"}


def test_what_a_crash_has_left_for_a_day_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    leave_new(file, age_s=DEAD_AFTER_S + 5)
    young = leave_new(file, age_s=DEAD_AFTER_S - 60, number=2)
    others = leave_new(tmp_path / "b.csv", age_s=DEAD_AFTER_S + 5)

    write_text(file, "x")

    assert names_in(tmp_path) == {"a.csv", young.name, others.name}


def test_a_link_with_the_name_of_what_is_left_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    target = leave_new(tmp_path / "b.csv", age_s=DEAD_AFTER_S * 2)
    link = tmp_path / f".a.csv.{7:016x}.new"
    link.symlink_to(target)
    os.utime(link, (0, 0), follow_symlinks=False)

    write_text(file, "x")

    assert link.is_symlink()
    assert target.read_text() == "half"


@pytest.mark.parametrize(
    "name", ["a" * 251 + ".csv", "ă" * 120 + ".csv", "x\udcff.csv"]
)
def test_a_name_as_long_or_odd_as_a_name_can_be_will_do(
    tmp_path: Path, name: str
) -> None:
    write_text(tmp_path / name, "x")

    assert os.listdir(tmp_path) == [name]  # noqa: PTH208 (as the system has it)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotWrittenError, match=r"khong-co/a\.csv: .*No such file"):
        write_text(tmp_path / "khong-co" / "a.csv", "x")


def test_a_folder_takes_no_content(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()

    with pytest.raises(NotWrittenError, match="it is no file"):
        write_text(tmp_path / "a.csv", "x")


WRITING = """
import sys
from pathlib import Path
from ocop_sync.files import write_text
{first}
write_text(Path(sys.argv[1]), sys.argv[2])
"""
NOBODY = "import os; os.geteuid() or os.setgroups([]) or os.setgid(9) or os.setuid(9)"
SMALL_FILES = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
"""


def write_apart(
    file: Path | str, text: str, *, first: str = "", stdout: int | IO[str] = PIPE
) -> subprocess.CompletedProcess[str]:
    """Write *text* to *file* in a process of its own, which does *first*, loaded."""
    script = WRITING.format(first=first)
    command = [sys.executable, "-c", script, str(file), text]
    return subprocess.run(
        command, cwd=ROOT, stdout=stdout, stderr=PIPE, text=True, check=False
    )


def test_a_folder_that_may_not_be_written_to_is_named_and_its_file_stays() -> None:
    # The folders that pytest makes are closed to every other user.
    with TemporaryDirectory() as name:
        folder, file = Path(name), Path(name) / "a.csv"
        file.write_text("before")
        file.chmod(0o666)
        folder.chmod(0o555)
        result = write_apart(file, "x", first=NOBODY)

        folder.chmod(0o755)
        assert (
            f"{file}: không ghi được / cannot be written: Permission" in result.stderr
        )
        assert (names_in(folder), file.read_text()) == ({"a.csv"}, "before")


def test_a_folder_that_cannot_be_listed_takes_a_file_all_the_same() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o333)

        result = write_apart(folder / "a.csv", "x", first=NOBODY)

        folder.chmod(0o755)
        assert (result.returncode, result.stderr) == (0, "")
        assert names_in(folder) == {"a.csv"}


def test_a_file_that_is_mounted_by_itself_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "replace", busy)

    with pytest.raises(NotWrittenError, match="mounted by itself: mount its folder"):
        write_text(tmp_path / "a.csv", "x")

    assert names_in(tmp_path) == set()


@pytest.mark.skipif(
    not (
        DISK.is_dir() and MEMORY.is_dir() and DISK.stat().st_dev != MEMORY.stat().st_dev
    ),
    reason="there is one file system only",
)
def test_a_folder_of_another_file_system_will_do() -> None:
    """The new file stands beside its target, not where temporary files are."""
    with TemporaryDirectory(dir=DISK) as there, TemporaryDirectory(dir=MEMORY) as here:
        (Path(here) / "thu-muc").symlink_to(there)

        write_text(Path(here) / "thu-muc" / "a.csv", "x")

        assert (Path(there) / "a.csv").read_text() == "x"
        assert names_in(Path(there)) == {"a.csv"}


def test_a_named_pipe_gets_what_is_written_and_stays_one(tmp_path: Path) -> None:
    pipe, got = tmp_path / "ong.csv", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()

    write_text(pipe, "một dòng\n")

    reader.join(timeout=10)
    assert got == ["một dòng\n".encode()]
    assert pipe.is_fifo()


def test_a_workbook_goes_through_a_pipe(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    try:
        with (
            write_whole(Path(f"/dev/fd/{writer}")) as stream,
            ZipFile(stream, "w") as z,
        ):
            z.writestr("a.xml", "<a/>")
    finally:
        os.close(writer)
    with os.fdopen(reader, "rb") as got:
        (tmp_path / "a.zip").write_bytes(got.read())

    with ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_takes_it_be_it_a_pipe_or_a_file(
    tmp_path: Path, name: str
) -> None:
    file = tmp_path / "out"

    piped = write_apart(name, "x")
    with file.open("w") as out:
        write_apart(name, "x", stdout=out)

    assert (piped.stdout, file.read_text()) == ("x", "x")


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_text(Path("/dev/null"), "x")
    with pytest.raises(NotWrittenError, match=r"/dev/full: .*No space left"):
        write_text(Path("/dev/full"), "x")

    assert Path("/dev/null").is_char_device()


def test_the_mode_of_a_device_stays_as_it_is() -> None:
    """A terminal of our own: of others this test must change nothing if it fails."""
    ours, theirs = os.openpty()
    try:
        terminal = Path(os.ttyname(theirs))
        terminal.chmod(0o620)
        write_text(terminal, "x")
        append_to(terminal).close()
        assert mode_of(terminal) == 0o620
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path: Path) -> None:
    """A limit on the size of files is refused as a full disk is: at some write."""
    file = tmp_path / "a.csv"
    file.write_text("before")

    result = write_apart(file, "x" * 90_000, first=SMALL_FILES)

    assert "a.csv: không ghi được / cannot be written: File too large" in result.stderr
    assert (names_in(tmp_path), file.read_text()) == ({"a.csv"}, "before")


OPENING = {"write_text", "write_bytes", "mkstemp", "NamedTemporaryFile"}
MAY_OPEN = {"ocop_sync/files.py"}


def opens_to_write(call: ast.Call) -> bool:
    """Say whether *call* opens a file for writing, other than ours that are safe."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name = call.func.id if isinstance(call.func, ast.Name) else name
    words = [*call.args, *(word.value for word in call.keywords if word.arg == "mode")]
    modes = [w.value for w in words if isinstance(w, ast.Constant)]
    if name in {"open", "fdopen"}:
        return any(
            isinstance(m, str) and re.fullmatch(r"[rwaxbt+]*[wax+][rbt+]*", m)
            for m in modes
        )
    return name in OPENING and isinstance(call.func, ast.Attribute)


def test_no_other_module_opens_a_file_for_writing() -> None:
    found = {
        f"{path.relative_to(ROOT)}"
        for package in ("ocop_sync", "catalog", "adapters")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and opens_to_write(node)
    }

    assert found == MAY_OPEN
