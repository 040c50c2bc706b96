"""The place of a sheet's header, and the meaning of each heading.

It has one row or two. The meaning of single headings is decided in
`catalog.feed.headings.heading`, their meaning below a group in
`catalog.feed.headings.grouped`; a person's word overrules both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from catalog.feed.headings.column import IDENTIFYING
from catalog.feed.headings.grouped import find_under, is_group, is_of_group
from catalog.feed.headings.heading import (
    PASSED_OVER,
    Heading,
    find_heading,
    with_meaning,
)
from catalog.feed.headings.heading_answers import (
    NO_HEADING_ANSWERS,
    HeadingAnswers,
    heading_key,
)
from catalog.feed.headings.misspelt import Nearly, nearly
from catalog.spreadsheet.line import NOTHING, Line, Sheet
from catalog.values import replace

_SEARCHED: Final = 40
"""Lines in which a header is looked for."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a sheet.

    Attributes:
        last: Number of its last row.
        rows: Its rows, one or two, as they stand in the sheet.
        texts: The headings by column, from 0; of two rows, both.
        known: Their meaning, where it is known.
        again: Columns that repeat the heading on their left, as a merged block.
        over: The other heading that stands above a heading, by column.
        grouped: Columns that have their meaning from the heading above them.
        told: Columns that have it from a person.
    """

    last: int
    rows: Sequence[Mapping[int, str]]
    texts: Mapping[int, str]
    known: Mapping[int, Heading]
    again: frozenset[int]
    over: Mapping[int, str]
    grouped: frozenset[int]
    told: frozenset[int]

    @property
    def names(self) -> frozenset[str]:
        """Our names of its columns; those that are passed over do not count."""
        found = {each.column for n, each in self.known.items() if n not in self.again}
        return frozenset(found - {PASSED_OVER})

    @property
    def names_at(self) -> frozenset[int]:
        """Where those columns stand."""
        return frozenset(n for n, each in self.known.items() if each.column)

    @property
    def nearly(self) -> Mapping[int, Nearly]:
        """Return near matches of unknown headings; each known one is taken once."""
        taken = {each.column for each in self.known.values()}
        found: dict[int, Nearly] = {}
        for n in sorted(self.texts.keys() - self.known.keys()):
            near = self._nearly(n)
            if near is not None and near.means.column not in taken:
                taken.add(near.means.column)
                found[n] = near
        return found

    def _nearly(self, n: int) -> Nearly | None:
        """Return the near match of a column's heading, below the one over it."""
        near = nearly(self.texts[n])
        if near is None or n not in self.over:
            return near
        means = find_under(self.over[n], near.known)
        if means is None or means.column == PASSED_OVER:
            return None
        return Nearly(near.known, means)


def find_header(
    sheet: Sheet, told: HeadingAnswers = NO_HEADING_ANSWERS
) -> Header | None:
    """Return the header of *sheet*: the lines that name most columns.

    None if no line names a column by which a product can be found, or nearly does.

    Args:
        sheet: The sheet.
        told: The meanings that a person has given to its headings.
    """
    best: Header | None = None
    almost: Header | None = None
    above: Line | None = None
    # The keys of JSON are its first line; a seeming heading below is a value.
    for line in islice(sheet.lines(), _SEARCHED if sheet.lettered else 1):
        found = _best_of(line, above, told)
        above = line
        if not IDENTIFYING & found.names:
            almost = almost or _identifies_nearly(found)
        elif best is None or _is_better(found, best, line):
            best = found
    return best or almost


def _best_of(line: Line, above: Line | None, told: HeadingAnswers) -> Header:
    """Return *line* as a header, alone or with the line above it."""
    alone = _header(line, None, told)
    if above is None or above.number != line.number - 1:
        return alone
    two = _header(line, above, told)
    more = len(two.names) - len(alone.names)
    has_group = len(two.rows) > 1 and any(map(is_group, two.over.values()))
    return two if more > 0 or (has_group and (more == 0 or two.grouped)) else alone


def _is_better(found: Header, best: Header, line: Line) -> bool:
    """Say whether *found*, which *line* ends, is the header instead of *best*."""
    if len(found.names) > len(best.names):
        return True
    if best.last != line.number - 1:
        return False
    # A merged block that holds a heading and reaches down: two rows of one header.
    spans = any(best.texts.get(n) == line.cells[n] for n in line.filled & best.names_at)
    is_whole = len(found.names) == len(best.names)
    return spans or (is_whole and bool(found.grouped))


def _identifies_nearly(found: Header) -> Header | None:
    """Return a header in which only the identifying heading is misspelt."""
    if not found.names:
        return None
    near = {each.means.column for each in found.nearly.values()}
    return found if IDENTIFYING & near else None


def _header(line: Line, above: Line | None, told: HeadingAnswers) -> Header:
    """Return *line* as a header, its groups in the line *above*, if any."""
    if above is None:
        return _read_header(line, {}, told)
    over = {n: text for n, text in above.cells.items() if line.cells.get(n) != text}
    over |= _to_the_right(line, above)
    down = above.filled - line.cells.keys()
    found = _read_header(line, over, told, down=down)
    reaches_down = found.texts != line.cells or any(map(is_group, over.values()))
    if reaches_down and len({*above.cells.values()}) > 1:
        return replace(found, rows=(above.cells, *found.rows))
    return found  # what stands above is a title, or nothing of this header


def _to_the_right(line: Line, above: Line) -> dict[int, str]:
    """Return groups that stand over more columns than their own, unmerged.

    A CSV of a sheet with merged headings says them once. Only bare headings of that
    group are taken for its own, and none that means something alone.
    """
    found: dict[int, str] = {}
    group: str | None = None
    for n in range(min(above.cells), max(line.cells) + 1):
        below = line.cells.get(n)
        if n in above.cells:
            group = above.cells[n] if below not in {None, above.cells[n]} else None
        elif below is None or group is None:
            group = None
        elif find_heading(below) is None and is_of_group(group, below):
            found[n] = group
    return found


def _read_header(
    line: Line,
    over: Mapping[int, str],
    told: HeadingAnswers,
    *,
    down: frozenset[int] = NOTHING,
) -> Header:
    """Return *line* as a header.

    Args:
        line: The line.
        over: The headings above its columns that differ from them.
        told: The meanings that a person has given to headings.
        down: Columns without a heading that a merged block above fills.
    """
    texts = {**over, **line.cells}
    known = {n: found for n, text in texts.items() if (found := find_heading(text))}
    grouped: set[int] = set()
    for n in over.keys() & line.cells.keys():
        found = find_under(over[n], line.cells[n])
        if found != known.pop(n, None):
            # It means something else than it would alone, or nothing.
            texts[n] = f"{over[n]} / {line.cells[n]}"
            grouped.add(n)
        if found is not None:
            known[n] = found
    by_person = _by_person(texts, told)
    known |= by_person
    filled = line.filled | down
    return Header(
        last=line.number,
        rows=(line.cells,),
        texts=texts,
        known=known,
        again=frozenset(
            n
            for n in known.keys() & filled
            if n - 1 in known and known[n] == known[n - 1]
        ),
        over=over,
        grouped=frozenset(grouped),
        told=frozenset(by_person),
    )


def _by_person(texts: Mapping[int, str], told: HeadingAnswers) -> dict[int, Heading]:
    """Return the meanings that a person has given to headings."""
    found: dict[int, Heading] = {}
    for n, text in texts.items() if told else ():
        column = told.get(heading_key(text))
        means = None if column is None else with_meaning(text, column)
        if means is not None:
            found[n] = means
    return found
