"""Give a sheet back with what is wrong written beside its cells.

The cells are written anew, as values: formulas, macros, links and pictures of
the original are not carried over. Its rows keep their numbers and its columns
their letters, so that what is said of one is true of the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import BinaryIO, Final

from xlsxwriter.worksheet import Worksheet

from catalog.feed.role import Role
from catalog.feed.row import Problem
from catalog.feed.table import Table
from catalog.spreadsheet.line import Kind, Line, column_of
from catalog.spreadsheet.writing import Writer, write_workbook

HEADING: Final = "Lỗi cần sửa"
"""Heading of the column that says what is wrong; a reader passes over it."""
_ALL: Final = "Danh sách lỗi"
_SHEET_NAME: Final = 31
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_MAX_COMMENTS: Final = 2_000
_WIDTH: Final = 60

ByRow = Mapping[int, Sequence[Problem]]


def annotate(
    tables: Sequence[Table], problems: Iterable[Problem], stream: BinaryIO
) -> None:
    """Write the sheets that were read, with *problems* beside their cells.

    Args:
        tables: As `open_feed` returned them; their file is still open.
        problems: All that was found.
        stream: Where the workbook is written.
    """
    by_row: defaultdict[str, defaultdict[int, list[Problem]]] = defaultdict(
        lambda: defaultdict(list)
    )
    everything = list(problems)
    for problem in everything:
        by_row[problem.sheet][problem.row].append(problem)
    with write_workbook(stream) as writer:
        for number, table in enumerate(tables, start=1):
            name = _sheet_name(table.sheet.name, number)
            sheet = writer.book.add_worksheet(name)
            _Annotated(writer, sheet, table, by_row[table.sheet.name]).write()
        _list(writer, everything)


class _Annotated:
    """One sheet that is being given back."""

    def __init__(
        self, writer: Writer, sheet: Worksheet, table: Table, problems: ByRow
    ) -> None:
        self._writer = writer
        self._sheet = sheet
        self._table = table
        self._problems = problems
        # Rows of JSON have no header among them: it takes the first place.
        self._offset = 1 if table.sheet.lettered else 0
        self._column = self._column_for_problems()
        self._comments = 0

    def write(self) -> None:
        """Write all lines."""
        hidden = self._table.sheet.hidden_columns
        for column in sorted(hidden)[:_MAX_COMMENTS]:
            self._sheet.set_column(column, column, None, None, {"hidden": True})
        self._sheet.set_column(self._column, self._column, _WIDTH)
        for line, role in self._table.lines():
            row = line.number - self._offset
            if line.hidden:
                self._sheet.set_row(row, None, None, {"hidden": True})
            self._line(row, line, role)

    def _column_for_problems(self) -> int:
        """Return the column of an earlier annotation, or the first free one."""
        for column, text in self._table.header.texts.items():
            if text == HEADING:
                return column
        lines = self._table.sheet.lines()
        return 1 + max((max(line.cells, default=0) for line in lines), default=0)

    def _line(self, row: int, line: Line, role: Role) -> None:
        problems = self._problems.get(line.number, ())
        wrong = {column_of(each.place.letter) for each in problems if each.place.letter}
        for column in sorted(line.cells):
            if column == self._column or (
                role is not Role.ROW and column in line.filled
            ):
                continue
            value = _value(line.cells[column], line.kinds.get(column))
            self._writer.put(self._sheet, row, column, value, wrong=column in wrong)
        if role is not Role.ROW:
            self._merge(row, line)
        if line.number == self._table.header.last:
            self._sheet.write_string(row, self._column, HEADING, self._writer.heading)
        elif problems:
            said = "\n".join(f"{each.vi} / {each.en}" for each in problems)
            self._writer.put(self._sheet, row, self._column, said, wrong=True)
        self._comment(row, problems)

    def _merge(self, row: int, line: Line) -> None:
        """Merge again what one text filled, as with titles and sections."""
        columns = sorted(line.cells)
        for text, run in groupby(columns, key=lambda n: line.cells[n]):
            first, *rest = list(run)
            if rest and line.filled.issuperset(rest) and rest[-1] - first == len(rest):
                self._sheet.merge_range(row, first, row, rest[-1], "", None)
                self._writer.put(self._sheet, row, first, text)

    def _comment(self, row: int, problems: Sequence[Problem]) -> None:
        said: defaultdict[int, list[str]] = defaultdict(list)
        for each in problems:
            if each.place.letter:
                text = f"{each.vi} / {each.en}"
                said[column_of(each.place.letter)].append(text)
        for column, texts in said.items():
            if self._comments < _MAX_COMMENTS:
                self._comments += 1
                self._sheet.write_comment(row, column, "\n".join(texts))


def _value(text: str, kind: Kind | None) -> object:
    try:
        if kind is Kind.NUMBER:
            return float(text)
        if kind is Kind.DAY:
            return date.fromisoformat(text)
    except ValueError:
        pass
    return text


def _sheet_name(name: str, number: int) -> str:
    kept = " ".join(name.translate(_FORBIDDEN).split())[: _SHEET_NAME - 4]
    return f"{kept or 'Sheet'} {number}" if number > 1 or not kept else kept


def _list(writer: Writer, problems: Sequence[Problem]) -> None:
    """Write all problems one below the other, those of no row among them."""
    sheet = writer.book.add_worksheet(_ALL)
    sheet.set_column(0, 5, 20)
    heads = ("Trang", "Dòng", "Ô", "Tiêu đề", "Giá trị", "Cần làm gì", "What to do")
    for column, text in enumerate(heads):
        sheet.write_string(0, column, text, writer.heading)
    for row, each in enumerate(problems, start=1):
        name = each.place.heading or each.column
        said = (each.sheet, each.row, each.place.letter, name, each.value, each.vi)
        for column, value in enumerate((*said, each.en)):
            writer.put(sheet, row, column, value)
