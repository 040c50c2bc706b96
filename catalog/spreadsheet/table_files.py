"""Write a table as a file: a workbook of one sheet, or CSV as spreadsheets read it.

CSV is UTF-8 with a byte-order mark in front. In either kind text stays text: what a
spreadsheet would run as a formula stands behind an apostrophe in CSV, and is written as
text in a workbook.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import BinaryIO, Final

from catalog.spreadsheet.writing import WriteRows, open_sheet

TABLES: Final = (".csv", ".xlsx")
"""The kinds of files, by the end of their names."""
MARK: Final = "\ufeff"
"""The byte-order mark."""

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n]")


def write_table(
    stream: BinaryIO,
    kind: str,
    title: str,
    headings: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[object]],
) -> None:
    """Write *rows* below their headings, as they come.

    Args:
        stream: Where to.
        kind: One of `TABLES`.
        title: Name of the sheet, at most 31 characters; CSV has none.
        headings: The heading of each column, and its width in characters.
        rows: Numbers, days and texts; None is an empty cell.
    """
    with open_table(stream, kind, title, headings) as write:
        write(rows)


@contextmanager
def open_table(
    stream: BinaryIO, kind: str, title: str, headings: Sequence[tuple[str, int]]
) -> Iterator[WriteRows]:
    """Begin what `write_table` writes; yield what writes the next rows.

    The file is complete when the block is left.
    """
    if kind == ".xlsx":
        with open_sheet(stream, title, headings) as write:
            yield write
        return
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    try:
        text.write(MARK)
        writer = csv.writer(text)
        writer.writerow([shield(heading) for heading, _ in headings])

        def write_lines(rows: Iterable[Sequence[object]]) -> None:
            writer.writerows([_cell(value) for value in row] for row in rows)

        yield write_lines
    finally:
        text.detach()  # the stream stays open


def shield(text: str) -> str:
    """Return *text* as no spreadsheet runs it; it is read back without the mark."""
    return f"'{text}" if _FORMULA.match(text) else text


def _cell(value: object) -> str:
    """Return *value* in CSV; days in the one form that no spreadsheet turns round."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else shield(str(value))
