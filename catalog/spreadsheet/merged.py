"""Merged blocks: each of their cells has the value of the first one."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from catalog.spreadsheet.archive import broken
from catalog.spreadsheet.line import CellKind, Line, column_of
from catalog.values import replace

_MAX_BLOCKS: Final = 100_000
_MAX_WIDTH: Final = 64
_MAX_OPEN: Final = 2_000
"""Blocks that reach into one row."""
_MAX_TAIL: Final = 64_000_000
_END: Final = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>|<(?:[\w.-]+:)?sheetData\s*/>")
_BLOCK: Final = re.compile(
    rb"<(?:[\w.-]+:)?mergeCell\s[^>]*?ref=[\"']"
    rb"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']"
)
_OVERLAP: Final = 64


class Block(NamedTuple):
    """A merged block: rows from 1, columns from 0, all inclusive."""

    top: int
    bottom: int
    left: int
    right: int


def read_blocks(chunks: Iterable[bytes]) -> list[Block]:
    """Return the merged blocks of a worksheet's part, the topmost first.

    They stand behind the rows: all bytes before are passed over unread.
    """
    tail = bytearray()
    found = False
    rest = b""
    for chunk in chunks:
        if not found:
            window = rest + chunk
            end = _END.search(window)
            rest = window[-_OVERLAP:]
            if end is None:
                continue
            found = True
            chunk = window[end.end() :]  # noqa: PLW2901 (what is left of it)
        tail += chunk
        if len(tail) > _MAX_TAIL:
            raise broken(vi="phần cuối trang quá dài", en="a sheet's end is too long")
    return sorted(_blocks(bytes(tail)))


def _blocks(tail: bytes) -> Iterator[Block]:
    for count, each in enumerate(_BLOCK.finditer(tail)):
        if count >= _MAX_BLOCKS:
            raise broken(vi="quá nhiều ô gộp", en="it has too many merged cells")
        left, top, right, bottom = (part.decode() for part in each.groups())
        yield Block(int(top), int(bottom), column_of(left), column_of(right))


class Blocks:
    """The blocks of one sheet, while its rows go by."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._coming = list(reversed(blocks))
        self._open: list[tuple[Block, str, CellKind | None]] = []

    def fill(self, line: Line) -> Line:
        """Return *line* with the values of the blocks that reach into it."""
        if not self._coming and not self._open:
            return line
        self._open = [each for each in self._open if each[0].bottom >= line.number]
        while self._coming and self._coming[-1].top <= line.number:
            block = self._coming.pop()
            text = line.cells.get(block.left) if block.top == line.number else None
            if text is not None and block.bottom >= line.number:
                self._open.append((block, text, line.kinds.get(block.left)))
        if len(self._open) > _MAX_OPEN:
            raise broken(vi="quá nhiều ô gộp", en="it has too many merged cells")
        return self._filled(line) if self._open else line

    def _filled(self, line: Line) -> Line:
        cells, kinds = dict(line.cells), dict(line.kinds)
        filled: set[int] = set()
        for block, text, kind in self._open:
            right = min(block.right, block.left + _MAX_WIDTH)
            for column in range(block.left, right + 1):
                if column not in cells:
                    cells[column] = text
                    filled.add(column)
                    if kind is not None:
                        kinds[column] = kind
        return replace(line, cells=cells, kinds=kinds, filled=frozenset(filled))
