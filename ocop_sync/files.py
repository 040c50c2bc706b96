"""Files that the program writes: for their owner alone, whole or not at all.

Every file that stays is opened for writing here, but for the database, which SQLite
opens; temporary ones are opened where they are needed. The content goes to a new file
beside its target, under a name that nobody can guess, and that file takes the target's
place once the disk has all of it. So a reader sees the old file or the new one, two
writers at once both end well, and a link that stands in the way is never followed: it
is refused. A pipe or a terminal is no file: it is written to as it is.

A writer that is killed leaves its new file, `.NAME.<16 hex digits>.new`. The next
writer of the same target removes such files after a day without a write.
"""

import errno
import io
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, Final

from ocop_sync.errors import NotWrittenError

OWNER_ONLY: Final = 0o600
"""Mode of every file, under any umask."""
DEAD_AFTER_S: Final = 86_400
"""A new file that nobody has written to for so long is left of a crash."""

_OTHERS: Final = 0o077
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_HELD: Final = os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_BUFFER: Final = 1 << 16
_KEPT_OF_NAME: Final = 200
"""Bytes of the target's name in that of the new file: a name has 255 at most."""
_DESCRIPTOR: Final = re.compile(r"(?:/dev|/proc/self)/fd/(\d+)")
_STREAMS: Final = {"/dev/stdout": 1, "/dev/stderr": 2}
_LINK: Final = (
    "là liên kết; hãy ghi tên của chính tệp mà nó chỉ đến / it is a link: name the"
    " file that it points to"
)
_FULL: Final = (
    "ổ đĩa đầy, dọn chỗ rồi làm lại; tệp cũ còn nguyên / the disk is full: make room"
    " and do it again, the old file is as it was"
)
_NO_FILE: Final = "không phải tệp / it is no file"
_MOUNTED: Final = (
    "tệp được gắn (mount) riêng lẻ, hãy gắn cả thư mục / the file is mounted by"
    " itself: mount its folder"
)


@contextmanager
def write_whole(file: Path) -> Iterator[BinaryIO]:
    """Open *file* for writing; it is there at the end, whole or not at all.

    A pipe or a terminal gets the text as it comes.

    Raises:
        NotWrittenError: It cannot be written. An error that is raised inside passes.
        BrokenPipeError: Nobody reads that pipe any more.
    """
    opened = _open_stream(file)
    if opened is not None:
        with _buffered(opened, file) as stream:
            yield stream
        return
    with _named(file):
        fresh, descriptor = _open_new(file)
    try:
        with _buffered(descriptor, file) as stream:
            yield stream
            stream.flush()
            with _named(file):
                os.fsync(stream.fileno())
        with _named(file):
            fresh.replace(file)
            _sync_folder(file.parent)
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def place_whole(file: Path) -> Iterator[Path]:
    """Yield the name of an empty file that takes the place of *file* at the end.

    For programs that take a name, not a stream: SQLite.

    Raises:
        NotWrittenError: It cannot be written, or is no file.
    """
    opened = _open_stream(file)
    if opened is not None:
        os.close(opened)
        raise not_written(file, _NO_FILE)
    with _named(file):
        fresh, descriptor = _open_new(file)
    try:
        yield fresh
        with _named(file):
            os.fsync(descriptor)
            fresh.replace(file)
            _sync_folder(file.parent)
    finally:
        os.close(descriptor)
        fresh.unlink(missing_ok=True)


def write_text(file: Path, text: str) -> None:
    """Write *text* to *file*, as `write_whole` does."""
    with write_whole(file) as stream:
        stream.write(text.encode())


def append_to(file: Path) -> IO[bytes]:
    """Open *file* to write at its end, unbuffered; it is made if need be.

    Raises:
        NotWrittenError: It cannot be opened, or is a link.
    """
    return os.fdopen(_open_held(file, os.O_WRONLY | os.O_APPEND), "ab", buffering=0)


def open_lock(file: Path) -> IO[bytes]:
    """Open *file* to be locked; it is made if need be, and never written to.

    Raises:
        NotWrittenError: It cannot be opened, or is a link.
    """
    return os.fdopen(_open_held(file, os.O_WRONLY), "wb", buffering=0)


def is_open_to_others(file: Path) -> bool:
    """Say whether anybody but its owner may read or write *file*, if it is one."""
    try:
        mode = file.stat().st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and bool(mode & _OTHERS)


def make_private(file: Path) -> None:
    """Make *file*, empty, if it is not there; let only its owner read it.

    It is never opened where it is there: to close a file ends the locks that this
    process holds on it, those of SQLite as well.

    Raises:
        OSError: It cannot be made, or is another user's.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, _NEW, OWNER_ONLY))
    if is_open_to_others(file):
        file.chmod(OWNER_ONLY)


def not_written(file: Path, why: str) -> NotWrittenError:
    """Return the error for a *file* that cannot be written."""
    return NotWrittenError(f"{file}: không ghi được / cannot be written: {why}")


class _Raw(io.FileIO):
    """A file that says its name where it cannot be written."""

    def __init__(self, descriptor: int, file: Path) -> None:
        super().__init__(descriptor, "wb")
        self._file = file

    def write(self, data: object, /) -> int:
        with _named(self._file):
            return super().write(data)  # type: ignore[arg-type]


@contextmanager
def _buffered(descriptor: int, file: Path) -> Iterator[BinaryIO]:
    stream = io.BufferedWriter(_Raw(descriptor, file), _BUFFER)
    try:
        yield stream
        stream.flush()
    finally:
        # The rest in the buffer has been refused before, or is of no use.
        with suppress(OSError, NotWrittenError):
            stream.close()


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Say of which *file* an error of the system is."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise not_written(file, _why(error)) from error


def _why(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return _LINK
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{_FULL} ({error.strerror})"
    return _MOUNTED if error.errno == errno.EBUSY else str(error.strerror or error)


def _open_stream(file: Path) -> int | None:
    """Open a stream that is no file: a pipe, a terminal, a descriptor of ours.

    A descriptor was opened by whoever started us: nothing is followed to it.

    Returns:
        None if a file stands there, or nothing.
    """
    own = _own_descriptor(str(file))
    try:
        if own is not None:
            with _named(file):
                return os.dup(own)
        mode = file.lstat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        raise not_written(file, _why(error)) from error
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISLNK(mode):
        raise not_written(file, _LINK)
    if not _takes_a_stream(mode):
        raise not_written(file, _NO_FILE)
    with _named(file):
        opened = os.open(file, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    if _takes_a_stream(os.fstat(opened).st_mode):
        return opened
    os.close(opened)  # something else has taken its place
    raise not_written(file, _NO_FILE)


def _own_descriptor(name: str) -> int | None:
    if name in _STREAMS:
        return _STREAMS[name]
    found = _DESCRIPTOR.fullmatch(name)
    return int(found[1]) if found else None


def _takes_a_stream(mode: int) -> bool:
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _open_new(file: Path) -> tuple[Path, int]:
    """Make the new file of *file*, and remove those that a crash has left."""
    kept = os.fsencode(file.name)[:_KEPT_OF_NAME].decode(errors="ignore")
    fresh = file.with_name(f".{kept}.{secrets.token_hex(8)}.new")
    descriptor = os.open(fresh, _NEW, OWNER_ONLY)
    try:
        with suppress(PermissionError):  # a file system without owners, a stick
            os.fchmod(descriptor, OWNER_ONLY)  # the umask may have taken more
        _remove_dead(file.parent, kept, os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        fresh.unlink(missing_ok=True)
        raise
    return fresh, descriptor


def _remove_dead(folder: Path, kept: str, fresh: os.stat_result) -> None:
    """Remove new files of the same target that nobody writes to any more."""
    name = re.compile(rf"\.{re.escape(kept)}\.[0-9a-f]{{16}}\.new")
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if name.fullmatch(entry.name) and _is_dead(entry, fresh):
                Path(entry.path).unlink(missing_ok=True)


def _is_dead(entry: os.DirEntry[str], fresh: os.stat_result) -> bool:
    """Say whether *entry* is a file of ours that is left of a crash.

    The time of *fresh* is that of now, by the clock of the file system itself.
    """
    found = entry.stat(follow_symlinks=False)
    is_ours = stat.S_ISREG(found.st_mode) and found.st_uid == fresh.st_uid
    return is_ours and fresh.st_mtime - found.st_mtime > DEAD_AFTER_S


def _sync_folder(folder: Path) -> None:
    """Have the disk keep the new name, where we may read the folder to say so.

    The file is there by now: a failure here is no reason to say otherwise.
    """
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _open_held(file: Path, how: int) -> int:
    """Open a file that stays in place; permissions wider than ours are tightened."""
    with _named(file):
        descriptor = os.open(file, _HELD | how, OWNER_ONLY)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # a device is everybody's
            with suppress(PermissionError):  # it is another user's
                os.fchmod(descriptor, OWNER_ONLY)
    return descriptor
