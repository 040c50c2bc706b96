"""Read the cells of one row, each by its column, and gather what is wrong."""

from collections.abc import Iterator, Mapping

from catalog.feed.cell import CellError
from catalog.feed.column import COLUMNS, Part
from catalog.feed.row import FeedRow, Problem, shorten

Given = Mapping[str, object]
"""What a row says: values by column, only where a cell is not empty."""


class RowError(Exception):
    """A row that can be read cannot be taken in.

    Attributes:
        column: The column it concerns, or "".
        vi: What is wrong and what to do, in Vietnamese.
        en: The same in English.
    """

    def __init__(self, *, column: str, vi: str, en: str) -> None:
        super().__init__(f"{column}: {vi} / {en}")
        self.column = column
        self.vi = vi
        self.en = en

    def at(self, row: FeedRow) -> Problem:
        """Return it as a problem of *row*."""
        value = shorten(row.cells.get(self.column, ""))
        return Problem(
            row=row.number, column=self.column, value=value, vi=self.vi, en=self.en
        )


def read_values(row: FeedRow) -> tuple[Given, list[Problem]]:
    """Return what *row* says in the columns that are known, and what is wrong."""
    given: dict[str, object] = {}
    problems = list(_surplus(row))
    for name, cell in row.cells.items():
        column = COLUMNS.get(name)
        text = cell.strip()
        if column is None or not text:
            continue
        try:
            value = column.read(text)
        except CellError as error:
            problems.append(
                Problem(
                    row=row.number,
                    column=name,
                    value=shorten(text),
                    vi=error.vi,
                    en=error.en,
                )
            )
        else:
            # Characters that nobody sees may be all there was.
            if value not in {"", ()}:
                given[name] = value
    return given, problems


def names_of(given: Given, *parts: Part) -> frozenset[str]:
    """Return the columns of *given* that speak of one of *parts*."""
    return frozenset(name for name in given if COLUMNS[name].part in parts)


def of_part(given: Given, part: Part) -> dict[str, object]:
    """Return what *given* says of *part*, by attribute."""
    return {
        COLUMNS[name].path: value
        for name, value in given.items()
        if COLUMNS[name].part is part
    }


def _surplus(row: FeedRow) -> Iterator[Problem]:
    if any(cell.strip() for cell in row.surplus):
        yield Problem(
            row=row.number,
            value=shorten(" ".join(row.surplus)),
            vi="có ô nằm ngoài cột cuối: xem lại dấu phân cách và dấu nháy kép",
            en="cells beyond the last column: check separators and double quotes",
        )
