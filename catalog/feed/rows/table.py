"""From the lines of a sheet to rows under our names of the columns.

The header is looked for: titles stand above it, and it may take two rows. Lines below
it that are passed over are named in notes, but for empty ones.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from catalog.errors import FeedError, refusal
from catalog.feed.headings.column import DAYS, IDENTIFYING
from catalog.feed.headings.error_values import PLACES, fault_of, suspects
from catalog.feed.headings.header import Header
from catalog.feed.headings.heading import EXPORT_STAMP, PASSED_OVER, heading_of
from catalog.feed.headings.heading_answers import HeadingAnswers, heading_key
from catalog.feed.headings.misspelt import Nearly
from catalog.feed.headings.sheet_names import ColumnPlace, Filled
from catalog.feed.places.section import Section
from catalog.feed.places.whereabouts import Whereabouts
from catalog.feed.rows.faults import faults_of
from catalog.feed.rows.row import FeedRow, Problem, shorten
from catalog.feed.rows.row import ProblemKind as Matter
from catalog.feed.rows.row_kind import Role, Roles
from catalog.spreadsheet.line import CellKind, Line, Sheet, letter
from catalog.spreadsheet.serial import FROM_1904, as_shown
from catalog.text import clean
from catalog.values import replace

_BARE: Final = re.compile(r"[0-9][0-9.,\s\u00a0]*")
_SHOWN: Final = 8
_MAX_STRANGE: Final = 50
"""Columns that nobody knows and that are named one by one."""
NEEDED: Final = frozenset(
    {*IDENTIFYING, "producer_id", "producer_name", "pack", "counted_at", EXPORT_STAMP}
)
"""Columns without which a row may be taken for another one, or a count for newer."""

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
        return " / ".join(self.placed)

    @property
    def placed(self) -> tuple[str, str]:
        """Return the note in both languages, each beginning with its sheet."""
        if not self.sheet:
            return self.vi, self.en
        vi, en = f'trang "{self.sheet}"', f'sheet "{self.sheet}"'
        return f"{vi}: {self.vi}", f"{en}: {self.en}"


@dataclass(slots=True)
class Table:
    """One sheet whose header was found.

    Attributes:
        sheet: The sheet.
        header: Its header.
        districts: Folded names of districts, by which sections are called.
        whereabouts: Tells our province from others, by which they are called, too.
        problems: The faults of the sheet as a whole; complete once the rows were read.
        notes: The lines that were passed over; likewise.
        passed_over: How many rows that was; likewise.
    """

    sheet: Sheet
    header: Header
    districts: frozenset[str] = frozenset()
    whereabouts: Whereabouts | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    passed_over: int = 0
    places: Mapping[str, ColumnPlace] = field(init=False)
    _columns: Mapping[int, str] = field(init=False)
    _near: Mapping[int, Nearly] = field(init=False)
    _of_unit: frozenset[int] = field(init=False)
    _of_place: frozenset[int] = field(init=False)
    _each_once: bool = field(init=False)
    _roles: Roles = field(init=False)
    _strange: dict[int, None] = field(default_factory=dict)

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
        self._of_unit = frozenset(n for n in columns if known[n].unit)
        self._of_place = frozenset(n for n in columns if columns[n] in PLACES)
        self._each_once = len(taken) == len(columns)
        self._roles = Roles(columns, self.header.rows, self.districts)
        self._near = self.header.nearly
        self.places = Filled({name: self._place(n) for name, n in taken.items()})

    def rows(self) -> Iterator[FeedRow]:
        """Return its rows; notes and problems grow meanwhile."""
        skipped: defaultdict[Role, list[int]] = defaultdict(list)
        hidden: list[int] = []
        section = Section(self.whereabouts)
        for line, role in self.lines():
            if role is not Role.ROW:
                if role is Role.SECTION:
                    section.enter(line)
                if role in _NOTES:
                    skipped[role].append(line.number)
                    self.passed_over += 1
                continue
            if line.hidden:
                hidden.append(line.number)
            row = self._row(line)
            yield (
                replace(row, under=section.other_province)
                if section.other_province
                else row
            )
        self._take_notes(skipped, hidden)
        self._note_columns()

    def questions(self) -> tuple[list[Problem], bool]:
        """Return the questions about headings that are nearly known ones.

        Only where something stands below them. The lines are read until that is
        known.

        Returns:
            The questions, and whether nothing can be read before the answer.
        """
        near = self._near
        below: set[int] = set()
        for line, role in self.lines() if near else ():
            if role is Role.ROW:
                held = {*line.cells, *(each.column for each in line.faults)}
                below |= near.keys() & held - line.filled
            if len(below) == len(near):
                break
        asked = {n: each for n, each in near.items() if n in below}
        needed = any(each.means.column in NEEDED for each in asked.values())
        return [self._question(n, each) for n, each in asked.items()], needed

    def _question(self, n: int, near: Nearly) -> Problem:
        place = self._place(n)
        means = heading_of(near.means.column)
        waits = near.means.column in NEEDED
        whole = clean(self.header.texts[n])  # uncut: it is to be found again
        yes, no = (f'--column "{whole}={answer}"' for answer in (near.known, "-"))
        rest_vi = "chưa nạp gì cho đến khi trả lời" if waits else "cột chưa được nạp"
        rest_en = "nothing is taken in until then" if waits else "it is left out so far"
        return Problem(
            sheet=self.sheet.name,
            row=0,
            column=near.means.column,
            place=place,
            vi=f'tiêu đề gần giống "{near.known}" ({means}), {rest_vi}. Nếu đúng, nạp'
            f" lại với {yes}; nếu không, với {no}. Nguồn này sau đó không hỏi lại",
            en=f'its heading is nearly "{near.known}" ({means}), {rest_en}. If it is'
            f" that, import again with {yes}; if not, with {no}. It is not asked again"
            " of this source",
            kind=Matter.QUESTION,
        )

    def said_in(self, name: str) -> Iterator[str]:
        """Return the cells of a column, without notes on the lines passed over."""
        places = [n for n, column in self._columns.items() if column == name]
        for line, role in self.lines() if places else ():
            if role is Role.ROW:
                yield from (line.cells[n] for n in places if n in line.cells)

    def lines(self) -> Iterator[tuple[Line, Role]]:
        """Return all lines and their kinds; those above the table are titles."""
        before, lettered = Role.HEADER, self.sheet.lettered
        for line in self.sheet.lines():
            if line.number <= self.header.last:
                yield line, Role.TITLE
                continue
            role = self._roles.role_of(line, before) if lettered else Role.ROW
            if role is not Role.EMPTY:
                before = role
            yield line, role

    def _row(self, line: Line) -> FeedRow:
        columns, kinds = self._columns, line.kinds
        cells = self._cells(line)
        if len(cells) < len(line.cells) or line.faults:
            own = (*line.cells, *(each.column for each in line.faults))
            self._note_strange(own, line)
        row = FeedRow(
            number=line.number,
            cells=cells,
            surplus=self._surplus(line),
            sheet=self.sheet.name,
            places=self.places if self.sheet.lettered else self._places_in(line),
            at=line.at,
            shown=self._shown(line) if kinds else {},
        )
        found: list[Problem] = []
        for n in suspects(line, self._of_place):
            name = columns.get(n, "")
            fault = fault_of(name, line.cells[n], kinds.get(n)) if name else None
            if fault is not None:
                found.append(row.problem(column=name, vi=fault.vi, en=fault.en))
        texts = self.header.texts
        found += faults_of(row, line, columns, texts, each_once=self._each_once)
        if not found:
            return row
        unread = {each.column for each in found}
        kept = {name: text for name, text in cells.items() if name not in unread}
        return replace(row, cells=kept, problems=tuple(found))

    def _cells(self, line: Line) -> dict[str, str]:
        """Return the texts of a line by our names of their columns."""
        columns, kinds = self._columns, line.kinds
        if not kinds and not self._of_unit:
            return {columns[n]: text for n, text in line.cells.items() if n in columns}
        return {
            columns[n]: self._text(n, columns[n], text, kinds.get(n))
            for n, text in line.cells.items()
            if n in columns
        }

    def _shown(self, line: Line) -> dict[str, str]:
        """Return the texts of its days as a spreadsheet shows them."""
        return {
            self._columns[n]: as_shown(text)
            for n, text in line.cells.items()
            if line.kinds.get(n) is CellKind.DAY and n in self._columns
        }

    def _places_in(self, line: Line) -> Mapping[str, ColumnPlace]:
        """Return where the columns stand in a record: each calls them as it likes."""
        own = {*line.cells, *(each.column for each in line.faults)}
        said = {name: self._place(n) for n, name in self._columns.items() if n in own}
        return {**self.places, **said}

    def _text(self, n: int, name: str, text: str, kind: CellKind | None) -> str:
        """Return the text of a cell with the unit or epoch of its heading and sheet."""
        unit = self.header.known[n].unit
        if unit and _BARE.fullmatch(text.strip()):
            return f"{text.strip()} {unit}"
        counted = self.sheet.days_from_1904 and kind is CellKind.NUMBER and name in DAYS
        return str(int(text) + FROM_1904) if counted and text.isdecimal() else text

    def _surplus(self, line: Line) -> tuple[str, ...]:
        """Return cells without a heading: a separator too many shifts the others."""
        if not self.sheet.separated:
            return ()
        headings, cells = self.header.texts, line.cells
        if cells.keys() <= headings.keys():
            return ()  # as nearly always
        return tuple([text for n, text in cells.items() if n not in headings])

    def _note_strange(self, own: Iterable[int | None], line: Line) -> None:
        """Keep those of a line's own columns that nobody knows and that say something.

        One that is nearly known is asked about.
        """
        known, texts = self.header.known, self.header.texts
        for n in own:
            if n is None or n in self._columns or n in self._strange or n in known:
                continue
            if n in line.filled or n in self._near:
                continue
            if texts.get(n, "") or not self.sheet.separated:
                self._strange[n] = None

    def _note_columns(self) -> None:
        """Name the columns that are passed over, and those that a person named."""
        strange = list(self._strange)
        if strange:
            names = ", ".join(map(self._name, strange[:_MAX_STRANGE]))
            more = len(strange) - _MAX_STRANGE
            self._say(
                f"không có cột này, bỏ qua: {names}"
                + (f" … và {more} cột nữa" if more > 0 else ""),
                f"no such columns, passed over: {names}"
                + (f" … and {more} more" if more > 0 else ""),
            )
        for n in sorted(self.header.told):
            column = self.header.known[n].column
            means = f'"{heading_of(column)}"' if column else ""
            self._say(
                f"cột {self._name(n)}: "
                + (f"hiểu là {means}" if column else "bỏ qua")
                + ", theo câu trả lời",
                f"column {self._name(n)}: "
                + (f"read as {means}" if column else "passed over")
                + ", as answered",
            )

    def _say(self, vi: str, en: str) -> None:
        self.notes.append(Note(sheet=self.sheet.name, vi=vi, en=en))

    def _name(self, n: int) -> str:
        place = self._place(n)
        named = f'"{place.heading}"' if place.heading else ""
        return " ".join(filter(None, (place.letter, named)))

    def _place(self, n: int) -> ColumnPlace:
        heading = shorten(self.header.texts.get(n, ""))
        return ColumnPlace(letter(n) if self.sheet.lettered else "", heading)

    def _twice(self, name: str, first: int, second: int) -> FeedError:
        one, other, means = self._name(first), self._name(second), heading_of(name)
        said, again = (clean(self.header.texts[n]) for n in (first, second))
        vi, en = "hãy bỏ hoặc đổi tên một cột", "drop or rename one"
        if heading_key(said) != heading_key(again):  # else both were passed over
            vi += f', hoặc nạp lại với --column "{again}=-" để bỏ qua cột {other}'
            en += f', or import again with --column "{again}=-" to pass over {other}'
        return refusal(
            vi=f"cột {one} và cột {other} cùng nghĩa ({means}), mỗi cột một lần: {vi}",
            en=f"columns {one} and {other} both mean {means}, each once: {en}",
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
            self._say(
                f"cột {letters}: đang ẩn, vẫn được đọc",
                f"columns {letters}: hidden, read all the same",
            )

    def _note(self, numbers: Sequence[int], vi: str, en: str) -> None:
        some = _some([str(each) for each in numbers])
        self._say(f"dòng {some}: {vi}", f"rows {some}: {en}")


def _some(each: Sequence[str]) -> str:
    more = f" … ({len(each)})" if len(each) > _SHOWN else ""
    return ", ".join(each[:_SHOWN]) + more


def refuse_unknown(told: HeadingAnswers, tables: Iterable[Table]) -> None:
    """Raise `FeedError` if one of the headings of *told* means nothing in *tables*."""
    known = {
        heading_key(table.header.texts[n])
        for table in tables
        for n in table.header.told
    }
    if missing := sorted(told.keys() - known):
        raise refusal(
            vi=f'--column: không có cột "{missing[0]}", hoặc đơn vị trong tiêu đề không'
            " rõ; hãy chép đúng tiêu đề",
            en=f'no column "{missing[0]}", or the unit in its heading is not known;'
            " copy the heading as it is",
        )
