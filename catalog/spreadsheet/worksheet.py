"""Read the rows of one worksheet, streamed, each cell as text.

Of a formula the last result is taken, which is the value that its author saw; nothing
is evaluated. Merged blocks are named behind the rows, so the part is gone through
twice.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from catalog.spreadsheet.archive import Archive, broken
from catalog.spreadsheet.line import MAX_COLUMNS, CellKind, Line, column_of
from catalog.spreadsheet.merged import Blocks, read_blocks
from catalog.spreadsheet.serial import FROM_1904, day_text
from catalog.spreadsheet.strings import Collected, Strings, unescape
from catalog.spreadsheet.xml_part import Attributes, XmlPart

MAX_ROWS: Final = 1_048_576
_REFERENCE: Final = re.compile("([A-Z]{1,3})[0-9]{1,7}")
_TRUE: Final = frozenset({"1", "true"})
_BOOLEANS: Final = {"1": "TRUE", "0": "FALSE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSource:
    """The needs of reading one worksheet, which is the part *name* of a workbook.

    *strings* returns the shared texts; *days* are the styles that show a day.
    """

    archive: Archive
    name: str
    strings: Callable[[], Strings | None]
    days: frozenset[int]
    from_1904: bool


def read_lines(part: SheetSource) -> Iterator[Line]:
    """Return the rows that hold anything, in their order.

    Raises:
        FeedError: While reading: the part is damaged, or is no worksheet.
    """
    blocks = Blocks(read_blocks(part.archive.chunks(part.name)))
    rows = _Rows(part)
    for _ in rows.feed(part.archive.chunks(part.name)):
        for line in rows.take():
            merged = blocks.fill(line)
            if merged.cells:
                yield merged


def read_hidden_columns(part: SheetSource) -> frozenset[int]:
    """Return which columns of a worksheet are hidden, from 0."""
    columns = _Columns()
    for _ in columns.feed(part.archive.chunks(part.name)):
        if columns.passed:
            break
    return frozenset(columns.hidden)


class _Columns(XmlPart):
    """The beginning of a worksheet, before its rows."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: set[int] = set()
        self.passed = False

    def start(self, name: str, attributes: Attributes) -> None:
        """Keep hidden columns."""
        if name == "sheetData":
            self.passed = True
        elif name == "col" and attributes.get("hidden") in _TRUE:
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdecimal() and last.isdecimal() and len(first + last) < 12:  # noqa: PLR2004 (no larger number is a column)
                end = min(int(last), MAX_COLUMNS)
                self.hidden.update(range(int(first) - 1, end))


class _Rows(XmlPart):
    """The rows of a worksheet."""

    def __init__(self, part: SheetSource) -> None:
        super().__init__()
        self._part = part
        self._columns: dict[str, int] = {}
        self._lines: list[Line] = []
        self._row = 0
        self._hidden = False
        self._cells: dict[int, str] = {}
        self._kinds: dict[int, CellKind] = {}
        self._column = -1
        self._type = ""
        self._style = ""
        self._formula = False
        self._phonetic = 0
        self._text = Collected()

    def take(self) -> list[Line]:
        """Return the rows that are complete, once."""
        lines, self._lines = self._lines, []
        return lines

    def start(self, name: str, attributes: Attributes) -> None:
        """Begin a row or a cell, or collect a value."""
        if name == "c":
            self._begin_cell(attributes)
        elif name == "v" or (name == "t" and not self._phonetic):
            self.listen(self._text.add)
        elif name == "row":
            self._begin_row(attributes)
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._phonetic += 1

    def end(self, name: str) -> None:
        """End a row or a cell, or stop collecting."""
        if name == "c":
            self._end_cell()
        elif name in {"v", "t"}:
            self.listen(None)
        elif name == "row":
            line = Line(self._row, self._cells, kinds=self._kinds, hidden=self._hidden)
            self._lines.append(line)
        elif name == "rPh":
            self._phonetic -= 1

    def _begin_row(self, attributes: Attributes) -> None:
        stated = attributes.get("r")
        number = self._row + 1 if stated is None else _number(stated)
        if not self._row < number <= MAX_ROWS:
            raise broken(vi="số dòng không tăng dần", en="its rows are not in order")
        self._row = number
        self._hidden = attributes.get("hidden") in _TRUE
        self._cells, self._kinds = {}, {}
        self._column = -1

    def _begin_cell(self, attributes: Attributes) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            letters = reference.rstrip("0123456789")
            column = self._columns.get(letters)
            if column is None:
                if not _REFERENCE.fullmatch(reference):
                    raise broken(vi="địa chỉ ô sai", en="a cell's reference is wrong")
                column = self._columns[letters] = column_of(letters)
            self._column = column
        if self._column >= MAX_COLUMNS:
            raise broken(vi="quá nhiều cột", en="it has too many columns")
        self._type = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._formula = False

    def _end_cell(self) -> None:
        raw = self._text.take()
        if not raw:
            if self._formula:
                self._put("=…", CellKind.FORMULA)
        elif self._type == "s":
            self._put_shared(raw)
        elif self._type in {"str", "inlineStr"}:
            self._put(unescape(raw))
        elif self._type == "n":
            self._put_number(raw.strip())
        elif self._type == "b":
            self._put(_BOOLEANS.get(raw.strip(), raw))
        elif self._type == "d":
            self._put(raw.strip(), CellKind.DAY)
        else:
            self._put(raw, CellKind.ERROR)

    def _put(self, text: str, kind: CellKind | None = None) -> None:
        if not text:
            return
        self._cells[self._column] = text
        if kind is not None:
            self._kinds[self._column] = kind

    def _put_shared(self, raw: str) -> None:
        strings = self._part.strings()
        place = _number(raw.strip())
        if strings is None or not 0 <= place < len(strings):
            raise broken(
                vi="ô trỏ tới chữ không có", en="a cell names a text that is missing"
            )
        self._put(strings[place])

    def _put_number(self, raw: str) -> None:
        if self._style.isdecimal() and int(self._style) in self._part.days:
            try:
                serial = float(raw) + (FROM_1904 if self._part.from_1904 else 0)
                day = day_text(serial)
            except ValueError:
                day = None
            if day is not None:
                self._put(day, CellKind.DAY)
                return
        self._put(*_plain(raw))


def _plain(raw: str) -> tuple[str, CellKind]:
    """Return a number as people write it: 15 digits, as spreadsheets show."""
    if raw.isascii() and raw.isdecimal():
        return raw, CellKind.NUMBER
    try:
        value = float(raw)
    except ValueError:
        return raw, CellKind.ERROR
    if not math.isfinite(value):
        return raw, CellKind.ERROR
    text = f"{value:.15g}"
    return (f"{value:.0f}" if "e+1" in text else text), CellKind.NUMBER


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1  # noqa: PLR2004 (nothing larger is meant)
