"""An XLSX workbook: its sheets, its shared texts, which formats are days.

Macros, external links, connections and objects are parts of their own; none of
them is opened. Sheets of Excel 4 macros are no worksheets and are left out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from posixpath import dirname, join, normpath
from typing import BinaryIO, Final

from catalog.spreadsheet.archive import Archive, broken
from catalog.spreadsheet.choices import Choice, read_choices
from catalog.spreadsheet.line import Sheet
from catalog.spreadsheet.strings import Strings
from catalog.spreadsheet.worksheet import SheetSource, read_hidden_columns, read_lines
from catalog.spreadsheet.xml_part import Attributes, XmlPart
from catalog.text import clean

_MAX_SHEETS: Final = 200
_SMALL: Final = re.compile("[0-9]{1,9}")
_MAX_FORMATS: Final = 100_000
_DAY_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(50, 59)})
"""Formats that are built in and show a day; 45 to 47 show a length of time."""
_NOT_LETTERS: Final = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """The worksheets of a file, and whether it carries macros or links to others.

    Neither is ever looked at.
    """

    sheets: tuple[Sheet, ...]
    macros: bool
    links: bool


class _Relations(XmlPart):
    """A part `.rels`: the kinds of other parts, by id."""

    def __init__(self, archive: Archive, part: str) -> None:
        super().__init__()
        self._folder = dirname(part)
        self.targets: dict[str, tuple[str, str]] = {}
        name = join(self._folder, "_rels", f"{part.rpartition('/')[2]}.rels")
        if name in archive:
            self.read(archive.chunks(name))

    def start(self, name: str, attributes: Attributes) -> None:
        """Keep one relation: kind and part; those to the outside are left out."""
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        target = attributes.get("Target", "")
        path = target if target.startswith("/") else join(self._folder, target)
        kind = attributes.get("Type", "").rpartition("/")[2]
        part = normpath(path).lstrip("/")
        self.targets[attributes.get("Id", "")] = (kind, part)

    def first(self, kind: str) -> str | None:
        """Return the first part of *kind*."""
        return next(
            (part for each, part in self.targets.values() if each == kind), None
        )


class _Contents(XmlPart):
    """The part `workbook.xml`."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, str]] = []
        self.days_from_1904 = False

    def start(self, name: str, attributes: Attributes) -> None:
        """Keep the names of sheets, and the day from which days are counted."""
        if name == "sheet":
            if len(self.sheets) >= _MAX_SHEETS:
                raise broken(vi="quá nhiều trang tính", en="it has too many sheets")
            relation = next(
                (value for key, value in attributes.items() if key.endswith(" id")), ""
            )
            state = attributes.get("state", "visible")
            self.sheets.append((attributes.get("name", ""), relation, state))
        elif name == "workbookPr":
            self.days_from_1904 = attributes.get("date1904") in {"1", "true"}


class _Styles(XmlPart):
    """The part `styles.xml`: which styles show a day."""

    def __init__(self) -> None:
        super().__init__()
        self._days = set(_DAY_FORMATS)
        self._in_cells = False
        self._count = 0
        self.days: set[int] = set()

    def start(self, name: str, attributes: Attributes) -> None:
        """Keep formats of days, and the styles of cells that use them."""
        if name == "numFmt":
            number = _integer(attributes.get("numFmtId"))
            if _shows_day(attributes.get("formatCode", "")):
                self._days.add(number)
            else:
                self._days.discard(number)
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            if _integer(attributes.get("numFmtId")) in self._days:
                self.days.add(self._count)
            self._count += 1
        if self._count > _MAX_FORMATS or len(self._days) > _MAX_FORMATS:
            raise broken(vi="quá nhiều định dạng", en="it has too many formats")

    def end(self, name: str) -> None:
        """Leave the styles of cells."""
        if name == "cellXfs":
            self._in_cells = False


def open_workbook(stream: BinaryIO) -> Workbook:
    """Open an XLSX; its sheets are read when their lines are.

    The stream stays open as long as sheets are read.

    Raises:
        FeedError: It is no workbook, or is damaged, protected or too large.
    """
    archive = Archive(stream)
    main = _Relations(archive, "").first("officeDocument")
    if main is None or main.endswith(".bin"):
        raise broken(vi="hãy lưu lại dạng .xlsx", en="save it as .xlsx")
    relations = _Relations(archive, main)
    contents = _Contents()
    contents.read(archive.chunks(main))
    styles = _Styles()
    part = relations.first("styles")
    if part is not None and part in archive:
        styles.read(archive.chunks(part))
    strings = _strings(archive, relations.first("sharedStrings"))
    sheets = []
    for name, relation, state in contents.sheets:
        kind, path = relations.targets.get(relation, ("", ""))
        if kind != "worksheet":
            continue
        source = SheetSource(
            archive=archive,
            name=path,
            strings=strings,
            days=frozenset(styles.days),
            from_1904=contents.days_from_1904,
        )
        sheets.append(
            Sheet(
                name=clean(name),
                lines=partial(read_lines, source),
                choices=partial(_choices, archive, path),
                hidden=state != "visible",
                very_hidden=state == "veryHidden",
                hidden_columns=read_hidden_columns(source),
                days_from_1904=contents.days_from_1904,
            )
        )
    return Workbook(
        sheets=tuple(sheets),
        macros=relations.first("vbaProject") is not None,
        links=relations.first("externalLink") is not None,
    )


def _choices(archive: Archive, part: str) -> list[Choice]:
    return read_choices(archive.chunks(part))


def _strings(archive: Archive, part: str | None) -> Callable[[], Strings | None]:
    """Return a reader of the shared texts, which reads once, on demand."""

    @cache
    def read() -> Strings | None:
        if part is None or part not in archive:
            return None
        return Strings(archive.chunks(part))

    return read


def _integer(text: str | None) -> int:
    return int(text) if text and _SMALL.fullmatch(text) else -1


def _shows_day(code: str) -> bool:
    """Say whether a format shows a year, a day, or a month beside no time."""
    letters = _NOT_LETTERS.sub("", code.partition(";")[0]).lower()
    if "general" in letters:
        return False
    return any(c in letters for c in "yd") or ("m" in letters and "h" not in letters)
