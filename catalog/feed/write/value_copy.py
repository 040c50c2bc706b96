"""Write the sheets of a feed anew, as values, with annotations beside their cells.

Formulas, macros, links and pictures of the original are not carried over. It
takes no more memory for a large file than for a small one.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import BinaryIO, Final

from xlsxwriter.worksheet import Worksheet

from catalog.feed.rows.row_kind import Role
from catalog.feed.rows.table import Table
from catalog.spreadsheet.annotations import (
    MOST_REMARKS,
    Annotations,
    Listing,
    Remark,
    SheetAnnotations,
    joined,
)
from catalog.spreadsheet.line import CellKind, Line
from catalog.spreadsheet.writing import Writer, write_workbook

_SHEET_NAME: Final = 31
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LIST_WIDTH: Final = 20
_COLUMNS: Final = 16_384


def write_values(
    tables: Sequence[Table], annotations: Annotations, stream: BinaryIO
) -> None:
    """Write *tables* as values, with their *annotations*."""
    with write_workbook(stream) as writer:
        pairs = zip(tables, annotations.sheets, strict=True)
        for number, (table, each) in enumerate(pairs, start=1):
            name = _sheet_name(table.sheet.name, number)
            sheet = writer.book.add_worksheet(name)
            _ValueSheet(writer, sheet, table, each).write(annotations.title)
        _list(writer, annotations.listing)


class _ValueSheet:
    """One sheet that is being written."""

    def __init__(
        self,
        writer: Writer,
        sheet: Worksheet,
        table: Table,
        annotations: SheetAnnotations,
    ) -> None:
        self._writer = writer
        self._sheet = sheet
        self._table = table
        # Rows of JSON have no header among them: it takes the first place.
        self._offset = 1 if table.sheet.lettered else 0
        self._annotations = annotations
        self._replaced = {each.column for each in annotations.added}
        self._wrong = {_cell(each.row, each.column) for each in annotations.remarks}

    def write(self, title: str) -> None:
        """Write all lines; each remark begins with *title*."""
        for column in sorted(self._table.sheet.hidden_columns)[:MOST_REMARKS]:
            self._sheet.set_column(column, column, None, None, {"hidden": True})
        for each in self._annotations.added:
            if each.fresh:
                self._sheet.set_column(each.column, each.column, each.width)
        for line, role in self._table.lines():
            row = line.number - self._offset
            if line.hidden:
                self._sheet.set_row(row, None, None, {"hidden": True})
            self._line(row, line, role)
        for remark in joined(_drawn(self._annotations.remarks)):
            row = remark.row - self._offset
            self._sheet.write_comment(row, remark.column, f"{title}\n{remark.text}")

    def _line(self, row: int, line: Line, role: Role) -> None:
        for column in sorted(line.cells):
            if column in self._replaced or (
                role is not Role.ROW and column in line.filled
            ):
                continue
            text, kind = line.cells[column], line.kinds.get(column)
            wrong = _cell(line.number, column) in self._wrong
            if kind in {CellKind.ERROR, CellKind.FORMULA}:
                said = text if kind is CellKind.ERROR else ""
                self._writer.put_valueless(self._sheet, row, column, said)
            else:
                value = _value(text, kind)
                self._writer.put(self._sheet, row, column, value, wrong=wrong)
        if role is not Role.ROW:
            self._merge(row, line)
        self._added(row, line)

    def _added(self, row: int, line: Line) -> None:
        number = line.number
        for each in self._annotations.added:
            if number == self._annotations.heading_row:
                heading = line.cells.get(each.column, each.heading)
                self._sheet.write_string(
                    row, each.column, heading, self._writer.heading
                )
            elif number in each.texts:
                text = each.texts[number]
                self._writer.put(self._sheet, row, each.column, text, wrong=each.wrong)

    def _merge(self, row: int, line: Line) -> None:
        """Merge again the cells that one text filled, as with titles and sections."""
        columns = sorted(line.cells)
        for text, run in groupby(columns, key=lambda n: line.cells[n]):
            first, *rest = list(run)
            if rest and line.filled.issuperset(rest) and rest[-1] - first == len(rest):
                self._sheet.merge_range(row, first, row, rest[-1], "", None)
                self._writer.put(self._sheet, row, first, text)


def _cell(row: int, column: int) -> int:
    """Return a cell as one number: many of them take a third of the room of pairs."""
    return row * _COLUMNS + column


def _drawn(remarks: Iterable[Remark]) -> Iterator[Remark]:
    """Yield the remarks of the first few cells."""
    cells: set[int] = set()
    for each in remarks:
        cell = _cell(each.row, each.column)
        if cell in cells or len(cells) < MOST_REMARKS:
            cells.add(cell)
            yield each


def _value(text: str, kind: CellKind | None) -> object:
    try:
        if kind is CellKind.NUMBER:
            return float(text)
        if kind is CellKind.DAY:
            return date.fromisoformat(text)
    except ValueError:
        pass
    return text


def _sheet_name(name: str, number: int) -> str:
    kept = " ".join(name.translate(_FORBIDDEN).split())[: _SHEET_NAME - 4]
    return f"{kept or 'Sheet'} {number}" if number > 1 or not kept else kept


def _list(writer: Writer, listing: Listing) -> None:
    sheet = writer.book.add_worksheet(listing.name)
    sheet.set_column(0, len(listing.headings) - 1, _LIST_WIDTH)
    for column, text in enumerate(listing.headings):
        sheet.write_string(0, column, text, writer.heading)
    for row, values in enumerate(listing.rows, start=1):
        for column, value in enumerate(values):
            writer.put(sheet, row, column, value)
