"""The sheet that an annotated copy has behind the others: all problems in a list."""

from collections.abc import Iterable
from typing import Final

from catalog.db.overflow import Growing
from catalog.feed.rows.row import Problem
from catalog.spreadsheet.annotations import Listing, safe
from catalog.spreadsheet.line import Sheet

NAME: Final = "Danh sách lỗi"
HEADINGS: Final = (
    "Trang",
    "Dòng",
    "Ô",
    "Tiêu đề",
    "Giá trị",
    "Cần làm gì",
    "What to do",
)


def problem_list(problems: Iterable[Problem]) -> Listing:
    """Return *problems* one below the other, those of no row among them.

    Many of them lie on disk.
    """
    return Listing(name=NAME, headings=HEADINGS, rows=Growing(map(_row, problems)))


def _row(problem: Problem) -> tuple[str | int, ...]:
    return (
        safe(problem.sheet),
        problem.row,
        problem.place.letter,
        safe(problem.heading),
        safe(problem.value),
        safe(problem.vi),
        safe(problem.en),
    )


def is_problem_list(sheet: Sheet) -> bool:
    """Say whether *sheet* is such a list: it names columns, and is no catalog."""
    if not sheet.name.startswith(NAME):
        return False
    first = next(iter(sheet.lines()), None)
    return first is not None and tuple(first.cells.values()) == HEADINGS
