"""Read the cells of one row, each by its column, and gather their faults."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import NamedTuple

from catalog import text
from catalog.feed.cells.cell import CellError
from catalog.feed.headings.cell_commands import (
    ASKING,
    KIND_IS_RIGHT,
    empty_value,
    says_clear,
    says_new,
    says_right,
    unquoted,
)
from catalog.feed.headings.column import COLUMNS, ColumnPart
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind, shorten

_SHORT = 60
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
        said = cell.strip()
        if not said or name not in COLUMNS:
            continue
        if name in ASKING:
            if new := says_new(name, said):
                given[new] = True
                continue
            if right := says_right(name, said):
                said = right
                given[KIND_IS_RIGHT] = True
        try:
            read = _read if len(said) <= _SHORT else _read_long
            value, counts = read(name, said)
        except CellError as error:
            problems.append(row.problem(column=name, vi=error.vi, en=error.en))
        else:
            if counts:
                given[name] = value
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


def _read_long(name: str, said: str) -> tuple[object, bool]:
    """Return the value of a cell, and whether it has any."""
    if says_clear(said):
        return empty_value(name), True
    value = COLUMNS[name].read(unquoted(said))
    # Characters that nobody sees may be all there was.
    return value, value not in _EMPTY


# Dates, words, names of places: a few thousand texts fill most cells of a feed.
_read = lru_cache(maxsize=8192)(_read_long)


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
