"""The rows of a feed, which are needed twice: to compare them, and to take them in.

Holding them would take several times the memory of all that is kept of them, and to
read a file again half the time of an import: they lie in a temporary file meanwhile.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final

from catalog.db.overflow import Growing
from catalog.db.temporary import packed_texts, unpacked_texts
from catalog.feed.rows.reading import Given, Reading, read_values
from catalog.feed.rows.row import FeedRow, Problem
from catalog.values import names_of

_TOGETHER: Final = 250
"""Rows that are laid down together: what they share is written once."""

_NAMES: Final = tuple(name for name in names_of(FeedRow) if name != "cells")
_parts = attrgetter(*_NAMES)
_Laid = tuple[bytes, Sequence[Any], Collection[str], Given, Sequence[Problem]]
"""The cells of a row, its other parts, which cells say nothing, the values that are
another thing than the text of their cell, and the faults."""


class Readings:
    """Rows with their values: read once, and as often as needed looked at again.

    Args:
        rows: The rows, of any number.
    """

    def __init__(self, rows: Iterable[FeedRow]) -> None:
        self._rows = rows
        self._laid = Growing[Sequence[_Laid]](most=0)

    def first(self) -> Iterator[Reading]:
        """Read the rows, and lay them down; once."""
        some: list[_Laid] = []
        for row in self._rows:
            read = Reading(row, *read_values(row))
            some.append(_laid(read))
            if len(some) == _TOGETHER:
                self._laid.append(some)
                some = []
            yield read
        self._laid.append(some)

    def again(self) -> Iterator[Reading]:
        """Return the same once more, after the last of the first reading."""
        for some in self._laid:
            yield from map(_read_again, some)


def _laid(read: Reading) -> _Laid:
    cells, given = read.row.cells, read.given
    silent = cells.keys() - given.keys()
    others = {
        name: value
        for name, value in given.items()
        if type(value) is not str or value != cells.get(name)
    }
    return packed_texts(cells), _parts(read.row), silent, others, read.problems


def _read_again(laid: _Laid) -> Reading:
    packed, parts, silent, others, problems = laid
    cells = unpacked_texts(packed)
    row = FeedRow(cells=cells, **dict(zip(_NAMES, parts, strict=True)))
    given = {**cells, **others}
    for name in silent:
        del given[name]
    return Reading(row, given, problems)
