"""Write workbooks in which nothing is live: text stays text.

Rows are written one after the other and not kept. A text that begins with an
equals sign is written as text, never as a formula; no address becomes a link.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import count
from typing import Any, BinaryIO, Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from catalog.text import legible

MAX_TEXT: Final = 32_767
"""Characters that a cell of a spreadsheet can hold."""
_LARGEST: Final = 10**15
"""From here on a spreadsheet's numbers are not exact."""
_WIDEST: Final = 60
_ERRORS: Final = frozenset(
    {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
)
"""Errors that are written as such; a newer one would be written as text."""

WriteRows = Callable[[Iterable[Sequence[object]]], None]
"""Writes the next rows: numbers, days and texts; None is an empty cell."""


class Writer:
    """A workbook that is being written, with the formats of its cells."""

    def __init__(self, book: Workbook, *, wrap: bool) -> None:
        self.book = book
        self.heading = self._format(bold=True, text_wrap=True, bg_color="#DDEBF7")
        self.plain = self._format(text_wrap=wrap)
        self.wrong = self._format(text_wrap=wrap, bg_color="#FFC7CE")
        self.day = self._format(num_format="dd/mm/yyyy")
        self._wrong_day = self._format(num_format="dd/mm/yyyy", bg_color="#FFC7CE")

    def _format(self, **properties: object) -> Format:
        return self.book.add_format({"valign": "top", **properties})

    def put(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        value: object,
        *,
        wrong: bool = False,
    ) -> None:
        """Write *value* with its own type: a number, a day, or text."""
        cell = self.wrong if wrong else self.plain
        if isinstance(value, date) and not isinstance(value, datetime):
            sheet.write_datetime(
                row, column, value, self._wrong_day if wrong else self.day
            )
        elif isinstance(value, int | float) and abs(value) < _LARGEST:
            sheet.write_number(row, column, value, cell)
        else:
            sheet.write_string(row, column, legible(str(value))[:MAX_TEXT], cell)

    def put_valueless(
        self, sheet: Worksheet, row: int, column: int, error: str
    ) -> None:
        """Write a cell that has no value: one with *error*, or not worked out.

        The only formula that is ever written: it has no value, whoever computes it.
        """
        shown = error if error in _ERRORS or not error else "#N/A"
        sheet.write_formula(row, column, "=NA()", self.wrong, shown)


@contextmanager
def write_workbook(stream: BinaryIO, *, wrap: bool = False) -> Iterator[Writer]:
    """Write a workbook to *stream*; it is complete when the block is left.

    With *wrap* long texts take several lines, and rows grow with them.
    """
    options = {"constant_memory": True}
    lent = _Lent(stream)
    try:
        with Workbook(lent, options) as book:
            yield Writer(book, wrap=wrap)
    except BaseException:
        lent.end()
        raise


class _Lent:
    """A stream for the library, which goes on writing to one that has failed.

    It packs the workbook and never lets go of the packing where that fails, so that
    Python would close it at some later time, with a traceback.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def end(self) -> None:
        """Drop all bytes that are still written."""
        self._stream = io.BytesIO()


def write_sheet(
    stream: BinaryIO,
    title: str,
    headings: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[object]],
) -> None:
    """Write *rows* below their headings, as a workbook of one sheet.

    Args:
        stream: Where to.
        title: Name of the sheet, at most 31 characters.
        headings: The heading of each column, and its width in characters.
        rows: Numbers, days and texts; None is an empty cell.
    """
    with open_sheet(stream, title, headings) as write:
        write(rows)


@contextmanager
def open_sheet(
    stream: BinaryIO, title: str, headings: Sequence[tuple[str, int]]
) -> Iterator[WriteRows]:
    """Begin what `write_sheet` writes; yield what writes the next rows."""
    with write_workbook(stream, wrap=True) as writer:
        sheet = writer.book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(headings):
            sheet.set_column(column, column, min(width, _WIDEST))
            sheet.write_string(0, column, heading, writer.heading)
        numbers = count(1)

        def write(rows: Iterable[Sequence[object]]) -> None:
            for row in rows:
                number = next(numbers)
                for column, value in enumerate(row):
                    if value is not None:
                        writer.put(sheet, number, column, value)

        yield write
