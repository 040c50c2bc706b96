"""Write a table as a workbook of one sheet, in which nothing is live.

Text stays text: what begins with an equals sign is no formula, and no address
becomes a link.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO, Final

from xlsxwriter import Workbook

MAX_TEXT: Final = 32_767
"""Characters that a cell of a spreadsheet can hold."""
_WIDEST: Final = 60
_OPTIONS: Final[dict[str, Any]] = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write_sheet(
    stream: BinaryIO,
    title: str,
    headings: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[object]],
) -> None:
    """Write *rows* below their headings.

    Args:
        stream: Where to.
        title: Name of the sheet, at most 31 characters.
        headings: The heading of each column, and its width in characters.
        rows: Numbers, days and texts; None is an empty cell.
    """
    with Workbook(stream, _OPTIONS) as book:
        sheet = book.add_worksheet(title)
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(headings):
            sheet.set_column(column, column, min(width, _WIDEST))
            sheet.write_string(0, column, heading, bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, date) and not isinstance(value, datetime):
                    sheet.write_datetime(number, column, value, day)
                elif isinstance(value, int):
                    sheet.write_number(number, column, value, plain)
                elif value is not None:
                    sheet.write_string(number, column, str(value)[:MAX_TEXT], plain)
