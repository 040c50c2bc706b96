"""Write JSON piece by piece, so that a document of any size takes no memory.

The text is the one that `json.dumps` writes of the whole. A source that is read
meanwhile, such as a large catalog, is never held.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from textwrap import indent as indented
from typing import Final

from catalog.values import is_frozen, names_of

Write = Callable[[str], object]
WriteRow = Callable[[object], None]

_AT_ONCE: Final = 1 << 16
"""Characters that are gathered before they are written."""


def json_text(value: object, indent: int = 2) -> str:
    """Return *value* as JSON.

    Instants are written in UTC to the second, such as "2026-11-24T02:00:00Z", days as
    "2026-11-24". A result is written as its method `json_form` says; a frozen value
    without that method as its fields, in their order. Anything else is refused: a value
    that was not made to be shown is not shown by mistake.
    """
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: object) -> object:
    form = getattr(value, "json_form", None)
    if form is not None:
        return form()
    if is_frozen(value):
        return {name: getattr(value, name) for name in names_of(type(value))}
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    message = f"{type(value).__name__} has no form in JSON"
    raise TypeError(message)


class JsonObject:
    """An object of JSON that is being written, key by key."""

    def __init__(self, write: Write, indent: int = 2, level: int = 0) -> None:
        self._write = write
        self._indent = indent
        self._level = level
        self._is_empty = True

    def put(self, key: str, value: object) -> None:
        """Write one key with its value; a list that is an iterator comes row by row."""
        if isinstance(value, Iterator):
            with self.rows(key) as write_row:
                for row in value:
                    write_row(row)
            return
        self._begin(key)
        self._write(self._text(value, self._level + 1))

    @contextmanager
    def nested(self, key: str) -> Iterator["JsonObject"]:
        """Write one key, and its value as an object piece by piece."""
        self._begin(key)
        inner = JsonObject(self._write, self._indent, self._level + 1)
        yield inner
        inner.close()

    @contextmanager
    def rows(self, key: str) -> Iterator[WriteRow]:
        """Write one key, and its value as a list one row after the other.

        Yields:
            Writes a row.
        """
        self._begin(key)
        level, separator = self._level + 2, "["

        def write_row(row: object) -> None:
            nonlocal separator
            self._write(f"{separator}{self._line(level)}{self._text(row, level)}")
            separator = ","

        yield write_row
        self._write("[]" if separator == "[" else f"{self._line(level - 1)}]")

    def close(self) -> None:
        """Write its end."""
        self._write("{}" if self._is_empty else f"{self._line(self._level)}}}")

    def _begin(self, key: str) -> None:
        name = json.dumps(key, ensure_ascii=False)
        separator = "{" if self._is_empty else ","
        self._is_empty = False
        self._write(f"{separator}{self._line(self._level + 1)}{name}: ")

    def _line(self, level: int) -> str:
        return "\n" + " " * (self._indent * level)

    def _text(self, value: object, level: int) -> str:
        text = json_text(value, self._indent)
        return indented(text, " " * (self._indent * level)).lstrip(" ")


@contextmanager
def json_document(write: Write, indent: int = 2) -> Iterator[JsonObject]:
    """Write a document, an object, in pieces of some size, and a line end.

    One that ends in an error is left open, so that nobody takes it for whole.
    """
    waiting: list[str] = []
    size = 0

    def gather(text: str) -> None:
        nonlocal size
        waiting.append(text)
        size += len(text)
        if size >= _AT_ONCE:
            write("".join(waiting))
            waiting.clear()
            size = 0

    document = JsonObject(gather, indent)
    yield document
    document.close()
    write("".join(waiting) + "\n")


def write_form(form: Mapping[str, object], write: Write) -> None:
    """Write the form of a result; a list that is an iterator comes row by row."""
    with json_document(write) as document:
        for key, value in form.items():
            document.put(key, value)


async def write_form_as_read(form: Mapping[str, object], write: Write) -> None:
    """Write the form of a result of which a list is still being read.

    A key behind that list is looked at when all of it is written.
    """
    with json_document(write) as document:
        for key, value in form.items():
            if not isinstance(value, AsyncIterator):
                document.put(key, value)
                continue
            with document.rows(key) as write_row:
                async for row in value:
                    write_row(row)
