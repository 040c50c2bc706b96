"""From the lines of a sheet to rows under our names of the columns.

The header is looked for: titles stand above it, and it may take two rows. What
is passed over is said in notes; nothing is passed over without one.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from catalog.errors import FeedError
from catalog.feed.cell import CellError
from catalog.feed.column import DAYS, IDENTIFYING
from catalog.feed.faults import faults_of
from catalog.feed.heading import PASSED_OVER, Heading, find_heading
from catalog.feed.role import Role, role_of
from catalog.feed.row import FeedRow, Place, Problem, shorten
from catalog.feed.spoiled import fault_of
from catalog.spreadsheet.line import Kind, Line, Sheet, letter
from catalog.spreadsheet.serial import FROM_1904

_SEARCHED: Final = 40
"""Lines in which a header is looked for."""
_BARE: Final = re.compile(r"[0-9][0-9.,\s\u00a0]*")
_SHOWN: Final = 8
_MAX_STRANGE: Final = 50
"""Columns that nobody knows and that are named one by one."""

_NOTES: Final = {
    Role.EXAMPLE: ("dòng ví dụ, bỏ qua", "the example, passed over"),
    Role.HEADER: ("dòng tiêu đề lặp lại, bỏ qua", "headings repeated, passed over"),
    Role.NUMBERS: ("dòng đánh số cột, bỏ qua", "numbers of columns, passed over"),
    Role.SECTION: ("tên nhóm, không phải sản phẩm", "a section, no product"),
    Role.TOTAL: ("dòng tổng cộng, bỏ qua", "a total, passed over"),
    Role.FOOTER: ("ghi chú hoặc chữ ký, bỏ qua", "a remark or signature, passed over"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that a reader of a feed should know; nothing is wrong.

    Attributes:
        sheet: Name of the sheet; "" where there are none.
        vi: In Vietnamese.
        en: The same in English.
    """

    sheet: str = ""
    vi: str
    en: str

    def __str__(self) -> str:
        """Return the note as one line, Vietnamese first."""
        where = (f'trang "{self.sheet}": ', f'sheet "{self.sheet}": ')
        vi, en = where if self.sheet else ("", "")
        return f"{vi}{self.vi} / {en}{self.en}"


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a sheet.

    Attributes:
        last: Number of its last row.
        texts: The headings by column, from 0.
        known: What they mean, where that is known.
        again: Columns that repeat the heading on their left, as a merged block.
    """

    last: int
    texts: Mapping[int, str]
    known: Mapping[int, Heading]
    again: frozenset[int]

    @property
    def names(self) -> frozenset[str]:
        """Our names of its columns; those that are passed over do not count."""
        found = {each.column for n, each in self.known.items() if n not in self.again}
        return frozenset(found - {PASSED_OVER})


def find_header(sheet: Sheet) -> Header | None:
    """Return the header of *sheet*: the lines that name most columns.

    None if no line names a column by which a product can be found.
    """
    best: Header | None = None
    above: Line | None = None
    # The keys of JSON are its first line; what looks like a heading below is a value.
    for line in islice(sheet.lines(), _SEARCHED if sheet.lettered else 1):
        for found in (_header(line, None), _header(line, above)):
            if not IDENTIFYING & found.names:
                continue
            more = 0 if best is None else len(found.names) - len(best.names)
            if best is None or more > 0 or (more == 0 and _completes(line, found)):
                best = found
        above = line
    return best


def _completes(line: Line, found: Header) -> bool:
    """Say whether all headings of *line* reach down from the line above."""
    return bool(found.known) and line.filled.issuperset(found.known)


def _header(line: Line, above: Line | None) -> Header:
    """Return *line* as a header, its groups in the line *above*."""
    texts = dict(line.cells)
    if above is not None and above.number == line.number - 1:
        for column, group in above.cells.items():
            below = line.cells.get(column, "")
            if find_heading(below) is None and group != below:
                joined = f"{group} {below}".strip()
                texts[column] = joined if find_heading(joined) else below or group
    known = {n: found for n, text in texts.items() if (found := find_heading(text))}
    again = {
        n
        for n in known
        if n in line.filled and n - 1 in known and known[n] == known[n - 1]
    }
    return Header(line.number, texts, known, frozenset(again))


@dataclass(slots=True)
class Table:
    """One sheet whose header was found.

    Attributes:
        sheet: The sheet.
        header: Its header.
        problems: What is wrong with the sheet as a whole; complete once the
            rows were read.
        notes: What was passed over; likewise.
        passed_over: How many rows that was; likewise.
    """

    sheet: Sheet
    header: Header
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    passed_over: int = 0
    places: Mapping[str, Place] = field(init=False)
    _columns: Mapping[int, str] = field(init=False)
    _strange: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        known, again = self.header.known, self.header.again
        columns: dict[int, str] = {}
        taken: dict[str, int] = {}
        for n in sorted(known.keys() - again):
            name = known[n].column
            if name in taken and self.sheet.lettered:
                raise self._twice(name, taken[name], n)
            if name != PASSED_OVER:
                columns[n] = name
                taken.setdefault(name, n)
        self._columns = columns
        self.places = {name: self._place(n) for name, n in taken.items()}

    def rows(self) -> Iterator[FeedRow]:
        """Return its rows; notes and problems grow meanwhile."""
        skipped: defaultdict[Role, list[int]] = defaultdict(list)
        hidden: list[int] = []
        for line, role in self.lines():
            if role in _NOTES:
                skipped[role].append(line.number)
                self.passed_over += 1
            if role is not Role.ROW:
                continue
            if line.hidden:
                hidden.append(line.number)
            yield self._row(line)
        self._take_notes(skipped, hidden)

    def lines(self) -> Iterator[tuple[Line, Role]]:
        """Return all lines and what they are; those above the table are titles."""
        before = Role.HEADER
        for line in self.sheet.lines():
            if line.number <= self.header.last:
                yield line, Role.TITLE
                continue
            role = self._role(line, before)
            if role is not Role.EMPTY:
                before = role
            yield line, role

    def _role(self, line: Line, before: Role) -> Role:
        if not self.sheet.lettered:
            return Role.ROW
        return role_of(line, self._columns, self.header.texts, before)

    def _row(self, line: Line) -> FeedRow:
        cells: dict[str, str] = {}
        wrong: list[tuple[str, CellError]] = []
        for n, text in line.cells.items():
            name = self._columns.get(n)
            if name is None:
                self._note_strange(n, line)
                continue
            kind = line.kinds.get(n)
            cells[name] = self._text(n, name, text, kind)
            if (fault := fault_of(name, text, kind)) is not None:
                wrong.append((name, fault))
        for each in line.faults:
            if each.column is not None and each.column not in self._columns:
                self._note_strange(each.column, line)
        row = FeedRow(
            number=line.number,
            cells=cells,
            surplus=self._surplus(line),
            sheet=self.sheet.name,
            places=self.places if self.sheet.lettered else self._places_in(line),
            at=line.at,
        )
        found = [
            row.problem(column=name, vi=fault.vi, en=fault.en) for name, fault in wrong
        ]
        found += faults_of(row, line, self._columns)
        if not found:
            return row
        unread = {each.column for each in found}
        kept = {name: text for name, text in cells.items() if name not in unread}
        return replace(row, cells=kept, problems=tuple(found))

    def _places_in(self, line: Line) -> Mapping[str, Place]:
        """Return where the columns stand in a record: each calls them as it likes."""
        own = {*line.cells, *(each.column for each in line.faults)}
        said = {name: self._place(n) for n, name in self._columns.items() if n in own}
        return {**self.places, **said}

    def _text(self, n: int, name: str, text: str, kind: Kind | None) -> str:
        """Return the text of a cell with what its heading and sheet say of it."""
        unit = self.header.known[n].unit
        if unit and _BARE.fullmatch(text.strip()):
            return f"{text.strip()} {unit}"
        counted = self.sheet.days_from_1904 and kind is Kind.NUMBER and name in DAYS
        return str(int(text) + FROM_1904) if counted and text.isdecimal() else text

    def _surplus(self, line: Line) -> tuple[str, ...]:
        """Return cells without a heading: a separator too many shifts the others."""
        if not self.sheet.separated:
            return ()
        headings = self.header.texts
        return tuple(text for n, text in line.cells.items() if n not in headings)

    def _note_strange(self, n: int, line: Line) -> None:
        """Report a column that nobody knows, once, when it holds something."""
        if n in self._strange or n in self.header.known or n in line.filled:
            return
        heading = self.header.texts.get(n, "")
        separated_only = self.sheet.separated and not heading
        if separated_only or len(self._strange) >= _MAX_STRANGE:
            return
        self._strange.add(n)
        self.problems.append(
            Problem(
                sheet=self.sheet.name,
                row=0,
                column=shorten(heading).casefold(),
                place=self._place(n),
                vi="không có cột này, nên bỏ qua: xem danh sách tên cột",
                en="no such column, it is ignored: see the list of columns",
            )
        )

    def _place(self, n: int) -> Place:
        heading = shorten(self.header.texts.get(n, ""))
        return Place(letter(n) if self.sheet.lettered else "", heading)

    def _twice(self, name: str, first: int, second: int) -> FeedError:
        one, other = (
            " ".join(filter(None, (place.letter, f'"{place.heading}"')))
            for place in (self._place(first), self._place(second))
        )
        return FeedError(
            [
                (
                    f"cột {one} và cột {other} cùng nghĩa ({name}), mỗi cột một lần:"
                    f" hãy bỏ hoặc đổi tên một cột / columns {one} and {other} both"
                    f" mean {name}, each once: drop or rename one"
                )
            ]
        )

    def _take_notes(
        self, skipped: Mapping[Role, Sequence[int]], hidden: Sequence[int]
    ) -> None:
        for role, numbers in skipped.items():
            vi, en = _NOTES[role]
            self._note(numbers, vi, en)
        if hidden:
            self._note(hidden, "đang ẩn, vẫn được đọc", "hidden, read all the same")
        columns = [n for n in sorted(self.sheet.hidden_columns) if n in self._columns]
        if columns:
            letters = _some([letter(n) for n in columns])
            self.notes.append(
                Note(
                    sheet=self.sheet.name,
                    vi=f"cột {letters}: đang ẩn, vẫn được đọc",
                    en=f"columns {letters}: hidden, read all the same",
                )
            )

    def _note(self, numbers: Sequence[int], vi: str, en: str) -> None:
        some = _some([str(each) for each in numbers])
        self.notes.append(
            Note(
                sheet=self.sheet.name, vi=f"dòng {some}: {vi}", en=f"rows {some}: {en}"
            )
        )


def _some(each: Sequence[str]) -> str:
    more = f" … ({len(each)})" if len(each) > _SHOWN else ""
    return ", ".join(each[:_SHOWN]) + more
