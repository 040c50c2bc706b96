"""Write the catalog as a workbook, with Vietnamese headings.

It carries the SKU of every row and, in its last column, when it was exported:
an import knows by these what the sheet was made from. How workbooks are read is
in `catalog.spreadsheet`.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from xlsxwriter.worksheet import Worksheet

from catalog.assembly import Entry
from catalog.fact import Fact
from catalog.feed.cell import show
from catalog.feed.column import COLUMNS
from catalog.feed.heading import EXPORT_STAMP, heading_of
from catalog.feed.stamp import Stamp
from catalog.feed.writing import rows_of
from catalog.product_set import SETS
from catalog.spreadsheet.writing import Writer

SHEET: Final = "Sản phẩm"
"""Name of the sheet that holds the catalog."""
FACT_WORDS: Final = {Fact.YES: "có", Fact.NO: "không", Fact.UNKNOWN: "chưa rõ"}
_WIDTH: Final = 18


class XlsxFeed:
    """A sheet of the catalog that is being written.

    Args:
        writer: The workbook.
        stamp: When it is exported, and its source.
    """

    def __init__(self, writer: Writer, *, stamp: Stamp) -> None:
        self._writer = writer
        self._stamp = str(stamp)
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
                        self._sheet, self._row, column, in_words(name, row[name])
                    )
            self._writer.put(self._sheet, self._row, len(COLUMNS), self._stamp)
        return self._row - before


def in_words(name: str, value: object) -> object:
    """Return *value* of the column *name* as a cell of a Vietnamese sheet."""
    if isinstance(value, Fact):
        return FACT_WORDS[value]
    if name == "set_code" and str(value) in SETS:
        return set_in_words(str(value))
    if isinstance(value, bool) or not isinstance(value, int | float | date):
        return "có" if value is True else show(value)
    return show(value) if isinstance(value, datetime) else value


def set_in_words(code: str) -> str:
    """Return a product set as it is chosen from a list: code and name."""
    return f"{code} {SETS[code].name}"
