"""Write the catalog as a workbook, with Vietnamese headings.

It carries ids and SKUs and, in its last column, the instant of its export: by these an
import knows its products and its origin. How workbooks are read is in
`catalog.spreadsheet`.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from xlsxwriter.worksheet import Worksheet

from catalog.feed.cells.stamp import Stamp
from catalog.feed.headings.column import COLUMNS
from catalog.feed.headings.display import in_words
from catalog.feed.headings.heading import EXPORT_STAMP, heading_of
from catalog.feed.write.to_rows import rows_of
from catalog.model.product import Entry
from catalog.spreadsheet.writing import Writer

SHEET: Final = "Sản phẩm"
"""Name of the sheet that holds the catalog."""
_WIDTH: Final = 18


class XlsxFeed:
    """A sheet of the catalog that is being written."""

    def __init__(self, writer: Writer, *, stamp: Stamp) -> None:
        self._writer = writer
        self._stamp = stamp.by_the_clock
        self._row = 0
        self._sheet: Worksheet = writer.book.add_worksheet(SHEET)
        names = [*COLUMNS, EXPORT_STAMP]
        self._sheet.set_column(0, len(names) - 1, _WIDTH)
        self._sheet.freeze_panes(1, 0)
        for column, name in enumerate(names):
            self._sheet.write_string(0, column, heading_of(name), writer.heading)

    def write(self, entries: Iterable[Entry]) -> int:
        """Add *entries*; return the number of rows."""
        before = self._row
        for row in rows_of(entries):
            self._row += 1
            for column, name in enumerate(COLUMNS):
                if name in row:
                    self._writer.put(
                        self._sheet, self._row, column, in_cell(name, row[name])
                    )
            self._writer.put(self._sheet, self._row, len(COLUMNS), self._stamp)
        return self._row - before


def in_cell(name: str, value: object) -> object:
    """Return *value* of the column *name* as a cell: a number, a day, or in words."""
    if isinstance(value, bool | datetime):
        return in_words(name, value)
    return value if isinstance(value, int | float | date) else in_words(name, value)
