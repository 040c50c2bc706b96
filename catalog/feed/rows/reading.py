"""Read the cells of one row, each by its column, and gather their faults."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from catalog import text
from catalog.feed.cells.cell import CellError
from catalog.feed.headings.cell_commands import (
    KIND_IS_RIGHT,
    empty_value,
    says_clear,
    says_new,
    says_right,
    unquoted,
)
from catalog.feed.headings.column import COLUMNS, ColumnPart
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind, shorten
from catalog.values import replace

_SHORT = 60
_MOST = 1024
"""Cells of each column that are remembered; a longer one is not."""
_EMPTY: tuple[object, ...] = ("", ())

Given = Mapping[str, object]
"""The values of a row: by column, only where a cell is not empty. Where a cell says
XÓA, it is the column's value for an unknown fact."""


class Reading(NamedTuple):
    """A row, its values, and its faults."""

    row: FeedRow
    given: Given
    problems: Sequence[Problem]


class RowError(Exception):
    """A row that can be read cannot be taken in.

    Attributes:
        column: The column it concerns, or "".
        vi: The fault and the advice for it, in Vietnamese.
        en: The same in English.
        kind: The action that a person is to take.
        about: Ids of known products that the row may be about.
        formerly: It says nearly what they were called before, and are no more.
    """

    def __init__(
        self,
        *,
        column: str,
        vi: str,
        en: str,
        kind: ProblemKind = ProblemKind.WRONG,
        about: Iterable[str] = (),
        formerly: bool = False,
    ) -> None:
        super().__init__(f"{column}: {vi} / {en}")
        self.kind = kind
        self.formerly = formerly
        self.about = tuple(about)
        self.column = column
        self.vi = vi
        self.en = en

    def at(self, row: FeedRow) -> Problem:
        """Return it as a problem of *row*."""
        return row.problem(column=self.column, vi=self.vi, en=self.en, kind=self.kind)


def read_values(row: FeedRow) -> tuple[Given, list[Problem]]:
    """Return the values of *row* in the known columns, and its faults."""
    given: dict[str, object] = {}
    problems = [*row.problems, *_surplus(row)]
    for name, cell in row.cells.items():
        column = _CELLS.get(name)
        if column is None:
            continue
        try:
            given |= column[cell]
        except CellError as error:
            problems.append(row.problem(column=name, vi=error.vi, en=error.en))
    return given, problems


def names_of(given: Given, *parts: ColumnPart) -> frozenset[str]:
    """Return the columns of *given* that speak of one of *parts*."""
    columns = _columns_of(parts)
    if len(columns) < len(given):
        return frozenset(given.keys() & columns)  # the fewer are looked up
    return columns.intersection(given)


def of_part(given: Given, part: ColumnPart) -> dict[str, object]:
    """Return the values of *given* for *part*, by attribute."""
    return {path: given[name] for name, path in _paths_of(part) if name in given}


class _Cells(dict[str, dict[str, object]]):
    """The values of one column's cells: dates, words and places come again and again.

    When it is full, it forgets them all.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __missing__(self, cell: str) -> dict[str, object]:
        said = _values_of(self._name, cell.strip())
        if len(cell) <= _SHORT:
            if len(self) >= _MOST:
                self.clear()
            self[cell] = said
        return said


_CELLS = {name: _Cells(name) for name in COLUMNS}


def _values_of(name: str, said: str) -> dict[str, object]:
    """Return the values that a cell brings to its row: often one, or none."""
    if not said:
        return {}
    if new := says_new(name, said):
        return {new: True}
    given: dict[str, object] = {}
    if right := says_right(name, said):
        said = right
        given[KIND_IS_RIGHT] = True
    if says_clear(said):
        return {**given, name: empty_value(name)}
    value = COLUMNS[name].read(unquoted(said))
    # Characters that nobody sees may be all there was.
    return given if value in _EMPTY else {**given, name: value}


# Each name is compared several times, and most names stand in several rows.
fold = lru_cache(maxsize=8192)(text.fold)


@cache
def _columns_of(parts: tuple[ColumnPart, ...]) -> frozenset[str]:
    return frozenset(name for name, each in COLUMNS.items() if each.part in parts)


@cache
def _paths_of(part: ColumnPart) -> tuple[tuple[str, str], ...]:
    return tuple((name, COLUMNS[name].path) for name in _columns_of((part,)))


def _surplus(row: FeedRow) -> Iterator[Problem]:
    if any(cell.strip() for cell in row.surplus):
        found = row.problem(
            vi="có ô nằm ngoài cột cuối: xem lại dấu phân cách và dấu nháy kép",
            en="cells beyond the last column: check separators and double quotes",
        )
        yield replace(found, value=shorten(" ".join(row.surplus)))
