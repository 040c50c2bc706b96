"""Write a table as a file: a workbook of one sheet, or CSV as spreadsheets read it.

CSV is UTF-8 with a byte-order mark in front. In either kind text stays text: what a
spreadsheet would run as a formula stands behind an apostrophe in CSV, and is written as
text in a workbook.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import BinaryIO, Final

from catalog.spreadsheet.writing import write_sheet

TABLES: Final = (".csv", ".xlsx")
"""The kinds of files, by the end of their names."""
MARK: Final = "\ufeff"
"""The byte-order mark."""

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")


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
    if kind == ".xlsx":
        write_sheet(stream, title, headings, rows)
        return
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    text.write(MARK)
    writer = csv.writer(text)
    writer.writerow([shield(heading) for heading, _ in headings])
    writer.writerows([_cell(value) for value in row] for row in rows)
    text.detach()  # the stream stays open


def shield(text: str) -> str:
    """Return *text* as no spreadsheet runs it; it is read back without the mark."""
    return f"'{text}" if _FORMULA.match(text) else text


def _cell(value: object) -> str:
    """Return *value* in CSV; days in the one form that no spreadsheet turns round."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else shield(str(value))
