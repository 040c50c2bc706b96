"""Cells that say "as above" about a decision, read as the row above.

Offices write "nt" (như trên) below the first row of a decision. Each such cell
that took over a value is counted and reported; one with nothing above it is a problem.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from catalog.counted import counted
from catalog.feed.cells.value_words import AS_ABOVE, read_body
from catalog.feed.rows.row import FeedRow, Problem
from catalog.feed.rows.table import Note
from catalog.model.decision import read_number
from catalog.text import clean, fold_words
from catalog.values import replace

_MARKS: Final = frozenset({'"', "''", "“", "”", "″", "〃", "//", "↑"})
_AROUND: Final = " -–—"
_LONGEST: Final = 20
_OF_DECISION: Final = ("decision", "decided_on", "body")
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@lru_cache(maxsize=4096)  # days and decisions stand in many rows
def says_ditto(cell: str) -> bool:
    """Say whether *cell* means the cell above it."""
    if not cell or len(cell) > _LONGEST:
        return False
    return clean(cell).strip(_AROUND) in _MARKS or fold_words(cell) in AS_ABOVE


@dataclass(slots=True)
class Dittos:
    """The rows of one sheet, each with the decision of the one before it.

    Attributes:
        taken: How many cells were read as those above, by column.
    """

    taken: Counter[str] = field(default_factory=Counter)
    _above: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def resolve(self, row: FeedRow) -> FeedRow:
        """Return *row* with the values that it takes over from the row above."""
        said = [name for name in _OF_DECISION if says_ditto(row.cells.get(name, ""))]
        if said:
            row = self._filled(row, said)
        self._above = {name: row.cells.get(name, "") for name in _OF_DECISION}
        return row

    def _filled(self, row: FeedRow, said: list[str]) -> FeedRow:
        above, cells = self._above, dict(row.cells)
        problems: list[Problem] = []
        if not _is_known("decision", above.get("decision", "")):
            above = _NOTHING  # what is wrong there was said there
        for name in said:
            if _is_known(name, above.get(name, "")):
                cells[name] = above[name]
                self.taken[name] += 1
            else:
                problems.append(row.problem(column=name, vi=_NONE[0], en=_NONE[1]))
                del cells[name]
        if "decision" in said:
            for name in _OF_DECISION:
                # The same decision has the same day and authority.
                if not cells.get(name, "").strip() and above.get(name, ""):
                    cells[name] = above[name]
        return replace(row, cells=cells, problems=(*row.problems, *problems))

    def notes(self, sheet: str) -> Iterator[Note]:
        """Say how many cells were read as the ones above them."""
        for name, count in self.taken.items():
            vi, en = _COLUMNS[name]
            yield Note(
                sheet=sheet,
                vi=f"{count} ô “nt” (như trên) ở cột {vi} được đọc như dòng trên",
                en=f'{counted(count, "cell")} "nt" (ditto) in the column for {en}'
                f" {'was' if count == 1 else 'were'} read as the row above",
            )


def _is_known(name: str, cell: str) -> bool:
    if name == "decision":
        return read_number(cell) is not None
    return bool(cell.strip() and (name != "body" or read_body(cell)))


_NONE: Final = (
    "ghi như trên nhưng dòng trên không có: hãy ghi đủ ở dòng này",
    "says ditto, but the row above has none: write it out in this row",
)
_COLUMNS: Final = {
    "decision": ("số quyết định", "the number of the decision"),
    "decided_on": ("ngày quyết định", "the day of the decision"),
    "body": ("cơ quan quyết định", "who decided"),
}
