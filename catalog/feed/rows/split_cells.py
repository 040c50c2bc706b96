"""One cell that says several things, spread over the columns that hold them.

"1114/QĐ-UBND ngày 06/4/2021" is a decision and its day, "3 sao cấp huyện" three stars
and who granted them, "tiềm năng 5 sao" four stars and a flag, a commune in words a
code. A statement in a column of its own as well must agree.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Final

from catalog.feed.cells.cell import CellError
from catalog.feed.cells.days import read_day
from catalog.feed.cells.stars import read_stars
from catalog.feed.cells.value_words import LEVELS, read_body, read_fact
from catalog.feed.headings.column import COLUMNS
from catalog.feed.headings.heading import EXPORT_STAMP
from catalog.feed.headings.sheet_names import Filled
from catalog.feed.places.communes import Answers, Localities, shipped_localities
from catalog.feed.rows.producer_place import place_producer
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind
from catalog.model.decision import read_number
from catalog.model.fact import Fact
from catalog.text import clean
from catalog.values import replace

_DECISION: Final = re.compile(
    r"\W*(?:quyết định|qđ)?\s*(?:số)?\s*[:.]?\s*"
    r"(?P<number>[0-9]{1,6}\s?[/-]\s?[^\s,;()]+)(?P<rest>.*)",
    re.IGNORECASE,
)
_SPACED: Final = re.compile(r"(?<=[qđd])\s*-\s*(?=[^\W\d])", re.IGNORECASE)
_ISSUED: Final = re.compile(
    r"[\s,;(]*(?:ký\s+)?(?:ngày\s*)?(?:ký\s*)?:?\s*(?P<day>[^\s].*?)[\s).;]*"
    r"(?:,?\s*(?:của|do)\s+(?P<body>.+?)\)?)?",
    re.IGNORECASE,
)
_OURS: Final = COLUMNS.keys() | {EXPORT_STAMP}
Cells = dict[str, str]
Wrong = Iterator[tuple[str, CellError]]


def spread(
    row: FeedRow,
    answers: Answers,
    questions: list[Problem],
    localities: Localities | None = None,
    *,
    old_codes: bool = False,
) -> FeedRow:
    """Return *row* with each thing in its own column, under our names only.

    Args:
        row: As it stands in its sheet.
        answers: To which new commune addresses are known to belong.
        questions: Takes the questions for a person; the row goes in without those
            values.
        localities: The finder of places; of the province that ships if None.
        old_codes: Codes of communes of which the heading tells no time are old.
    """
    cells, places = dict(row.cells), row.places
    placed = place_producer(
        cells,
        localities or shipped_localities(),
        answers,
        old_codes=old_codes,
        under=row.under,
    )
    wrong = chain(
        _decision(cells, "decision", "decided_on"),
        _decision(cells, "revoked_by", "revoked_on"),
        _stars(cells),
        placed.wrong,
    )
    found = [row.problem(column=name, vi=each.vi, en=each.en) for name, each in wrong]
    questions += [
        row.problem(column=name, vi=each.vi, en=each.en, kind=ProblemKind.QUESTION)
        for name, each in placed.asked
    ]
    return replace(
        row,
        cells=cells
        if cells.keys() <= _OURS
        else {name: text for name, text in cells.items() if name in _OURS},
        places=places if isinstance(places, Filled) else Filled(places),
        problems=(*row.problems, *found),
        other_province=placed.other_province,
        unplaced=placed.unplaced,
    )


def _decision(cells: Cells, column: str, day_column: str) -> Wrong:
    """Take a decision apart: number, day, body."""
    apart = _number_and_rest(cells.get(column, ""))
    if apart is None:
        return
    cells[column], rest = apart
    if rest.strip(" .,;)"):
        issued = _ISSUED.fullmatch(rest)
        day = None if issued is None else read_day(issued["day"])
        if issued is None or day is None:
            yield column, _NO_DAY
            return
        own = cells.get(day_column, "")
        if own.strip() and read_day(own) != day:
            yield column, _OTHER_DAY
        cells[day_column] = day.isoformat()
        if issued["body"] and column == "decision":
            _fill_body(cells, issued["body"])


@lru_cache(maxsize=2048)  # a decision names many products
def _number_and_rest(cell: str) -> tuple[str, str] | None:
    """Return the number of a decision, and what stands behind it; None without one."""
    said = clean(cell)
    found = _DECISION.fullmatch(_SPACED.sub("-", said) if "-" in said else said)
    if found is None or read_number(found["number"]) is None:
        return None
    return found["number"].replace(" ", "").rstrip("."), found["rest"]


def _fill_body(cells: Cells, said: str) -> None:
    body = read_body(said)
    if not cells.get("body", "").strip() and body in LEVELS:
        cells["body"] = body


def _stars(cells: Cells) -> Wrong:
    """Take stars apart: their number, who granted them, whether a fifth is due."""
    found = read_stars(cells.get("stars", ""))
    if found is None or not (found.potential_5 or found.body):
        return
    cells["stars"] = str(found.number)
    if found.body:
        own = read_body(cells.get("body", ""))
        if own in LEVELS and own != found.body:
            yield "stars", _OTHER_BODY
        _fill_body(cells, found.body)
    if not found.potential_5:
        return
    if read_fact(cells.get("potential_5", "")) is Fact.NO:
        yield "stars", _NOT_POTENTIAL
    cells["potential_5"] = "yes"


_NO_DAY: Final = CellError(
    vi="sau số quyết định phải là ngày (1114/QĐ-UBND ngày 06/4/2021)",
    en="behind the number of the decision there must be a day, day first (1114/QĐ-UBND"
    " ngày 06/4/2021)",
)
_OTHER_DAY: Final = CellError(
    vi="ngày trong ô này khác với cột ngày quyết định: sửa cho giống nhau",
    en="the day in this cell is not that of the column for it: make them agree",
)
_OTHER_BODY: Final = CellError(
    vi="ô này ghi cấp công nhận khác với cột cơ quan quyết định: sửa cho giống nhau",
    en="names another level than the column for who decided: make them agree",
)
_NOT_POTENTIAL: Final = CellError(
    vi="ô này ghi tiềm năng 5 sao nhưng cột tiềm năng ghi không: sửa cho giống nhau",
    en="says potential 5 stars while its own column says no: make them agree",
)
