"""Read JSON piece by piece, so that a document of any size takes no memory.

A value is read on demand, as far as it goes: an object by its keys, a list by its
elements, anything else whole.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_CHUNK: Final = 1 << 16
_GOES_ON: Final = "+-.0123456789Ee"
"""Characters with which a cut number may go on; the end of the text counts as one."""
_LONGEST: Final = 1 << 26
"""Characters of one value: a damaged one is not read to the file's end."""


class JsonText:
    """A document that is being read from its start.

    Every method raises `ValueError` where it is no JSON, or goes on for too long.

    Args:
        stream: The file.
        most: So many bytes are read of it.
    """

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self._left = most
        self._text = ""
        self._place = 0
        self._is_over = False
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder()

    def is_object(self) -> bool:
        """Say whether an object follows."""
        return self._next() == "{"

    def fields(self) -> Iterator[str]:
        """Yield the keys of an object; after each, its value is to be read."""
        for _ in self._members("{", "}"):
            key = self.value()
            if not isinstance(key, str):
                raise _damaged()
            self._take(":")
            yield key

    def elements(self) -> Iterator[object]:
        """Yield the elements of a list."""
        for _ in self._members("[", "]"):
            yield self.value()

    def value(self) -> object:
        """Return the next value, whole."""
        self._next()
        size = _CHUNK
        while True:
            try:
                found, end = self._json.raw_decode(self._text, self._place)
            except json.JSONDecodeError:
                if self._is_over or len(self._text) > _LONGEST:
                    raise
            else:
                if self._is_over or self._text[end : end + 1] not in _GOES_ON:
                    self._place = end
                    return found
            self._read(size)  # it may go on
            size *= 2

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self._next():
            raise _damaged()

    def is_too_large(self) -> bool:
        """Say whether the file has more than is read of it; reads no further."""
        while self._left > 0 and (data := self._stream.read(min(_CHUNK, self._left))):
            self._left -= len(data)
        return self._left <= 0 and bool(self._stream.read(1))

    def _members(self, start: str, end: str) -> Iterator[None]:
        self._take(start)
        if self._next() != end:
            yield
            while self._next() == ",":
                self._take(",")
                yield
        self._take(end)

    def _take(self, mark: str) -> None:
        if self._next() != mark:
            raise _damaged()
        self._place += 1

    def _next(self) -> str:
        """Return the next sign that is no space; "" at the end."""
        while True:
            found = _SPACE.match(self._text, self._place)
            self._place = found.end() if found else self._place
            if self._place < len(self._text) or self._is_over:
                return self._text[self._place : self._place + 1]
            self._read(_CHUNK)

    def _read(self, size: int) -> None:
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        self._is_over = not data
        more = self._decoder.decode(data, final=self._is_over)
        self._text = self._text[self._place :] + more
        self._place = 0


def _damaged() -> ValueError:
    return ValueError("no JSON")
