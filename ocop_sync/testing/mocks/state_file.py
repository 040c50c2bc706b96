"""Keep the rows of a mock in memory and in one file.

The file holds one JSON row a line: `[table, key, row]`, the last line of a key counts,
and a row of null removes it. Each write is appended and handed to the operating system
before the mock answers, so that neither SIGTERM nor SIGKILL of the mock loses an
acknowledged write (a power cut may: nothing is fsynced). Appending costs the same
however large the shop is; whole snapshots would not. Opening and closing rewrite the
file without its outdated lines, atomically.

The meaning of the rows is decided by each mock.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from ocop_sync.errors import NotWrittenError
from ocop_sync.files import append_to, write_whole

Row = Mapping[str, object]
"""A JSON object; a `TypedDict` is one."""


class StateFile:
    """Tables of JSON rows that survive a restart.

    Not for two processes at once.

    Args:
        path: The file, made if missing; None keeps everything in memory only.

    Raises:
        ValueError: The file is not one of ours; it is left as it is.
        NotWrittenError: It cannot be written, or is a link.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._tables: dict[str, dict[str, Any]] = {}
        self._out: IO[bytes] | None = None
        if path is not None:
            self._load(path)
            self._out = _rewrite(path, self._lines())

    def table(self, name: str) -> dict[str, Any]:
        """Return the rows of table *name* by key, in order of their first write.

        It is always the same mapping, which a mock may annotate with the
        `TypedDict` of its rows. A mock may change a row in place and then `put`
        it; it never adds to or removes from the mapping itself.
        """
        return self._tables.setdefault(name, {})

    def put(self, table: str, key: str, row: Row) -> None:
        """Keep *row* as the present state of *key*.

        Raises:
            NotWrittenError: The file does not take it; the rows before it are kept.
        """
        self._append(table, key, row)
        self.table(table)[key] = row

    def remove(self, table: str, key: str) -> None:
        """Forget *key*; harmless if it is not there."""
        if self.table(table).pop(key, None) is not None:
            self._append(table, key, None)

    def last_number(self, name: str) -> int:
        """Return the last running number of *name* that was given, 0 for none."""
        row = self.table("numbers").get(name)
        return int(row["last"]) if row else 0

    def next_number(self, name: str) -> int:
        """Return the next running number of *name*, from 1; never the same twice."""
        number = self.last_number(name) + 1
        self.put("numbers", name, {"last": number})
        return number

    def close(self) -> None:
        """Rewrite the file compactly and let it go; harmless when repeated."""
        if self._path is not None and self._out is not None:
            self._out.close()
            self._out = None
            _rewrite(self._path, self._lines()).close()

    def _append(self, table: str, key: str, row: Row | None) -> None:
        if self._out is None:
            return
        line, end = _line(table, key, row), os.fstat(self._out.fileno()).st_size
        try:
            whole = self._out.write(line) == len(line)
        except OSError:
            whole = False
        if not whole:
            self._out.truncate(end)  # half a line would spoil the one after it
            message = (
                f"{self._path}: không ghi được, ổ đĩa đầy? / cannot be written, is the"
                " disk full?"
            )
            raise NotWrittenError(message)

    def _lines(self) -> Iterator[bytes]:
        for name, rows in self._tables.items():
            for key, row in rows.items():
                yield _line(name, key, row)

    def _load(self, path: Path) -> None:
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        # A process that was killed while writing leaves a last line without an
        # end: that write was not acknowledged yet.
        for number, line in enumerate(lines[:-1], start=1):
            self._replay(line, f"{path}:{number}")

    def _replay(self, line: bytes, where: str) -> None:
        try:
            match json.loads(line):
                case [str(table), str(key), None]:
                    self.table(table).pop(key, None)
                    return
                case [str(table), str(key), dict(row)]:
                    self.table(table)[key] = row
                    return
        except ValueError:
            pass
        message = f"{where}: not a line of a mock's state file"
        raise ValueError(message)


# Made once: `json.dumps` would make one for each line.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _line(table: str, key: str, row: Row | None) -> bytes:
    return _encode([table, key, row]).encode() + b"\n"


def _rewrite(path: Path, lines: Iterator[bytes]) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_whole(path) as out:
        out.writelines(lines)
    return append_to(path)
