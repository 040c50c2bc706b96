"""A folder in which an adapter keeps what must outlast it, for processes that share it.

For marketplaces that are reached by no network: what is sent to them lies in files
(`ocop_sync.marketplace.by_hand`). A file is written whole or not at all
(`ocop_sync.files`), and changed by one process at a time.
"""

import errno
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from ocop_sync import files
from ocop_sync.errors import NotWrittenError, UnavailableError

PATIENCE_S: Final = 10.0
"""Seconds after which a folder that another process holds is given up."""

_LOCK: Final = ".lock"
_BETWEEN_S: Final = 0.02
_HELD: Final = (errno.EAGAIN, errno.EACCES)


class Folder:
    """A folder that is there, and its files.

    Attributes:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all other processes and threads from changing anything inside.

        Raises:
            UnavailableError: Another one holds it for longer than `PATIENCE_S`, or it
                cannot be opened. Nothing was changed.
        """
        try:
            stream = files.open_lock(self.path / _LOCK)
        except NotWrittenError as error:
            raise UnavailableError(str(error)) from error
        with stream:
            self._lock(stream)
            yield

    def _lock(self, stream: IO[bytes]) -> None:
        given_up_at = time.monotonic() + PATIENCE_S
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in _HELD:
                    raise self._unavailable(error) from error
                if time.monotonic() > given_up_at:
                    message = (
                        f"{self.path}: tiến trình khác đang giữ / another process has"
                        " it in use"
                    )
                    raise UnavailableError(message) from error
                time.sleep(_BETWEEN_S)
            else:
                return

    def read(self, name: str, longest: int) -> bytes | None:
        """Return the content of a file; None if there is none.

        Raises:
            UnavailableError: It cannot be read, or has more than *longest* bytes.
        """
        try:
            with (self.path / name).open("rb") as stream:
                content = stream.read(longest + 1)
        except FileNotFoundError:
            self._ensure_there()
            return None
        except OSError as error:
            raise self._unavailable(error) from error
        if len(content) > longest:
            message = f"{self.path / name}: quá dài / too long: > {longest}"
            raise UnavailableError(message)
        return content

    def stamp(self, name: str) -> tuple[int, int, int] | None:
        """Return what differs once a file was written anew; None if there is none."""
        try:
            found = (self.path / name).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all; the disk has it afterwards.

        Raises:
            UnavailableError: It cannot be written. The former one is as it was.
        """
        try:
            with files.write_whole(self.path / name) as stream:
                stream.write(content)
        except NotWrittenError as error:
            raise UnavailableError(str(error)) from error

    def _ensure_there(self) -> None:
        if not self.path.is_dir():
            message = f"{self.path}: không có thư mục này / there is no such folder"
            raise UnavailableError(message)

    def _unavailable(self, error: OSError) -> UnavailableError:
        return UnavailableError(
            f"{self.path}: không đọc được / cannot be read: {error.strerror or error}"
        )
