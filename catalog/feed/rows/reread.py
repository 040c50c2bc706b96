"""The rows of a feed, which are read twice: to compare them, and to take them in.

Holding them would take several times the memory of all that is kept of them.
"""

from collections.abc import Callable, Iterable, Iterator

from catalog.feed.rows.row import FeedRow


class Rows(Iterator[FeedRow]):
    """Rows that can be read once more from the start."""

    def __init__(
        self, first: Iterator[FeedRow], again: Callable[[], Iterable[FeedRow]]
    ) -> None:
        self._first = first
        self._again = again

    def __next__(self) -> FeedRow:
        return next(self._first)

    def again(self) -> Iterable[FeedRow]:
        """Return all rows anew; faults of the file itself are not reported again."""
        return self._again()


def twice(rows: Iterable[FeedRow]) -> tuple[Iterable[FeedRow], Iterable[FeedRow]]:
    """Return *rows* for a first and, once that is over, for a second reading."""
    if isinstance(rows, Rows):
        return rows, _later(rows)
    held = list(rows)
    return held, held


def _later(rows: Rows) -> Iterator[FeedRow]:
    # A generator: the file is opened anew only when the first reading is over.
    yield from rows.again()
