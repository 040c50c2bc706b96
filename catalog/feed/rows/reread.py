"""The rows of a feed, which are needed twice: to compare them, and to take them in.

Holding them would take several times the memory of all that is kept of them, and to
read a file again half the time of an import: they lie in a temporary file meanwhile.
"""

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final

from catalog.db.overflow import Growing
from catalog.feed.rows.reading import Reading, read_values
from catalog.feed.rows.row import FeedRow
from catalog.values import names_of

_TOGETHER: Final = 25
"""Rows that are laid down together: what they share is written once."""

_NAMES: Final = names_of(FeedRow)
_parts = attrgetter(*_NAMES)


class Readings:
    """Rows with their values: read once, and as often as needed looked at again.

    Args:
        rows: The rows, of any number.
    """

    def __init__(self, rows: Iterable[FeedRow]) -> None:
        self._rows = rows
        self._laid = Growing[Sequence[Any]](most=0)

    def first(self) -> Iterator[Reading]:
        """Read the rows, and lay them down; once."""
        some: list[Any] = []
        for row in self._rows:
            read = Reading(row, *read_values(row))
            some.append((_parts(row), read.given, read.problems))
            if len(some) == _TOGETHER:
                self._laid.append(some)
                some = []
            yield read
        self._laid.append(some)

    def again(self) -> Iterator[Reading]:
        """Return the same once more, after the last of the first reading."""
        for some in self._laid:
            for parts, given, problems in some:
                named = dict(zip(_NAMES, parts, strict=True))
                yield Reading(FeedRow(**named), given, problems)
