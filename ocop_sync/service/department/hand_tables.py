"""A file that people hand in for an account by hand, as tables of cells.

It is read as all files are: XLSX or CSV, with bounds, and nothing in it is ever run.
"""

from typing import BinaryIO, Final

from catalog.errors import refusal
from catalog.feed.rows.file_format import ZIP, refuse_others, size_and_start
from catalog.spreadsheet.delimited import open_delimited
from catalog.spreadsheet.line import CellKind, Line, Sheet
from catalog.spreadsheet.workbook import open_workbook
from ocop_sync.marketplace.by_hand import Table, TableLine

MOST_BYTES: Final = 20_000_000
MOST_LINES: Final = 200_000
"""Lines of a file: the export of fifty thousand listings."""

_NO_VALUE: Final = (CellKind.ERROR, CellKind.FORMULA)


def read_tables(stream: BinaryIO) -> list[Table]:
    """Return the sheets of a file.

    Args:
        stream: The file, which can be searched.

    Raises:
        FeedError: It is no such file, damaged, or too large.
    """
    size, start = size_and_start(stream)
    if size > MOST_BYTES:
        raise refusal(
            vi=f"tệp lớn hơn {MOST_BYTES // 1_000_000} MB",
            en=f"the file is larger than {MOST_BYTES // 1_000_000} MB",
        )
    stream.seek(0)
    if start.startswith(ZIP):
        sheets = open_workbook(stream).sheets
    else:
        refuse_others(stream, start)
        stream.seek(0)
        sheets = (open_delimited(stream),)
    left, found = MOST_LINES, []
    for sheet in sheets:
        table = _table(sheet, left)
        left -= len(table.lines)
        found.append(table)
    return found


def _table(sheet: Sheet, most: int) -> Table:
    lines = list[TableLine]()
    for line in sheet.lines():
        if not line.cells and not line.faults:
            continue
        if len(lines) >= most:
            raise refusal(
                vi=f"nhiều hơn {MOST_LINES} dòng", en=f"more than {MOST_LINES} lines"
            )
        lines.append(_line(line))
    return Table(sheet.name, lines)


def _line(line: Line) -> TableLine:
    odd = {n for n, kind in line.kinds.items() if kind in _NO_VALUE}
    odd |= {fault.column for fault in line.faults if fault.column is not None}
    return TableLine(line.number, line.cells, frozenset(odd))
