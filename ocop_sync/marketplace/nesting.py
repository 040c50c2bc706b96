"""Read a long JSON text piece by piece, and keep its ends and its nesting alone."""

import re
from typing import Final

from ocop_sync.errors import Ends

_TEXT: Final = re.compile(
    rb'"(?:[^"\\]+|\\.)*+"|(")(?:[^"\\]+|\\.)*+(\\?)\Z', re.DOTALL
)
"""A text; or one that goes on behind the piece, which is kept as its quote."""
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


class Nesting:
    """The depth of nesting behind the bytes read so far, and the least one.

    Attributes:
        depth: How many brackets are open.
        least: The least depth since it was last set.
    """

    def __init__(self) -> None:
        self.depth = self.least = 0
        self._unfinished = b""

    @property
    def opened(self) -> bytes:
        """Bytes that, read first, lead to the same depth, and into a text as here."""
        return b"[" * self.depth + self._unfinished

    def read(self, piece: bytes) -> None:
        """Go on over *piece*; texts and escapes may be cut anywhere."""
        bare = _TEXT.sub(rb"\1\2", self._unfinished + piece)
        brackets, quote, slash = bare.partition(b'"')
        self._unfinished = quote + slash
        brackets = brackets.translate(None, _NO_BRACKETS)
        closing = brackets.count(b"]") + brackets.count(b"}")
        if self.depth - closing >= self.least:  # no need to look at each
            self.depth += len(brackets) - 2 * closing
            return
        for bracket in brackets:
            self.depth += 1 if bracket in b"[{" else -1
            self.least = min(self.least, self.depth)


class EndsReader:
    """Keeps the ends of an answer, each of up to *length* bytes."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._head = self._tail = b""
        self._nesting = Nesting()

    @property
    def ends(self) -> Ends:
        """The ends of all that was read."""
        nesting = self._nesting
        return Ends(self._head, nesting.least, nesting.opened, self._tail)

    def read(self, piece: bytes) -> None:
        """Go on over *piece*."""
        missing = self._length - len(self._head)
        if missing > 0:
            self._head += piece[:missing]
            self._nesting = Nesting()
            self._nesting.read(self._head)
            self._nesting.least = self._nesting.depth
        self._tail += piece[missing:] if missing > 0 else piece
        self._nesting.read(self._tail[: -self._length])
        self._tail = self._tail[-self._length :]
