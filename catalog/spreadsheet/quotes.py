"""Double quotes of a CSV file that are left open, or stand where none may.

A quote that is not closed takes the lines below into its cell, up to the next
quote or the end of the file. It is told where it was opened, not where that came
to light: there it can be mended.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import pairwise
from typing import Final, NamedTuple

from catalog.errors import FeedError, refusal
from catalog.spreadsheet.line import Fault, letter

_LEAST: Final = 3
"""Separators on a swallowed line, at least: fewer stand in any sentence."""
_FEW: Final = 2
"""The same on the first and the last one together, where none is a sentence's."""


class _Sign(Enum):
    """The possible meaning of a separator inside a cell."""

    OF_A_ROW = "row"
    OF_A_SENTENCE = "sentence"
    OF_A_FIGURE = "figure"


class Swallowing(NamedTuple):
    """A cell, from 0, that took in lines which look like rows, and its fault."""

    column: int
    fault: Fault


class _Quote(NamedTuple):
    """A quote that opened a cell: its line and place there, from 1, and the cell."""

    line: int
    place: int
    column: int
    closed: bool


class Quotes:
    """The lines of a file, handed on one by one; those of one row are kept."""

    def __init__(self, lines: Iterable[str], separator: str) -> None:
        self._lines = iter(lines)
        self._separator = separator
        self._row: list[str] = []
        self._before = 0
        self._width = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._row.append(line)
        return line

    def end_of_row(self, cells: Sequence[str]) -> Swallowing | None:
        """Forget the lines of a row that is complete; say which it swallowed."""
        count = len(self._row)
        found = self._swallowed(cells) if count > 1 else None
        if found is None:  # else it may have more cells than the table has columns
            self._width = max(self._width, len(cells))
        self._before += count
        self._row.clear()
        return found

    def refusal(self) -> FeedError:
        """Return why the row that was begun cannot be read, and where."""
        quote = _last_quote(self._row, self._separator)
        if quote is None:
            return _too_long(self._before + 1)
        number, last = self._before + quote.line, self._before + len(self._row)
        if quote.closed and number == last:
            why = ("dấu nháy kép không khớp", "the double quotes do not match")
        else:
            why = (
                f"dấu nháy kép mở ở đây không đóng, các dòng đến {last} rơi vào một ô",
                (
                    "the double quote opened here is not closed, the lines down to"
                    f" {last} fall into one cell"
                ),
            )
        where = quote.place, letter(quote.column)
        return refusal(
            vi=f"dòng văn bản {number}, ký tự {where[0]} (ô {where[1]}): {why[0]}."
            ' Đóng nháy, hoặc viết nháy bên trong ô thành hai dấu ("")',
            en=f"line {number}, character {where[0]} (cell {where[1]}): {why[1]}."
            ' Close it, or write quotes inside a cell twice ("")',
        )

    def _swallowed(self, cells: Sequence[str]) -> Swallowing | None:
        """Say which lines look like rows of the table and fell into one cell."""
        for n, cell in enumerate(cells):
            if "\n" not in cell or self._separator not in cell:
                continue
            first, *rest = cell.split("\n")
            full = self._width - 1
            begun = first.count(self._separator) == full - n >= _LEAST
            whole = [each for each in rest[:-1] if each.count(self._separator) == full]
            broken = self._are_two_rows(first, rest[-1], n, len(cells) - 1 - n)
            if begun or (whole and full >= _LEAST) or broken:
                return Swallowing(n, self._fault(n, len(rest)))
        return None

    def _are_two_rows(self, first: str, last: str, before: int, behind: int) -> bool:
        """Say whether the ends of a cell make whole rows with their surroundings.

        Args:
            first: The line on which the cell begins, from there on.
            last: The line on which it ends, up to there.
            before: Separators of its row in front of it.
            behind: Those behind it.
        """
        counts = [each.count(self._separator) for each in (first, last)]
        full = self._width - 1
        if counts != [full - before, full - behind] or sum(counts) < _FEW:
            return False
        signs = [sign for each in (first, last) for sign in self._signs(each)]
        return _Sign.OF_A_SENTENCE not in signs and _Sign.OF_A_ROW in signs

    def _signs(self, text: str) -> Iterator[_Sign]:
        """Yield of each separator in *text* which kind of sign it is there.

        Sentences have a space behind it, and figures a digit on either side.
        """
        pieces = text.split(self._separator)
        for left, right in pairwise(pieces):
            if right[:1].isspace() and right.strip():
                yield _Sign.OF_A_SENTENCE
            elif left[-1:].isdigit() and right[:1].isdigit():
                yield _Sign.OF_A_FIGURE
            else:
                yield _Sign.OF_A_ROW

    def _fault(self, column: int, more: int) -> Fault:
        end = self._before + len(self._row)
        start, name = end - more, letter(column)
        return Fault(
            vi=f"dấu nháy kép mở ở dòng văn bản {start} (ô {name}) không đóng ở dòng"
            f" đó: các dòng đến {end} rơi vào một ô, không đọc được. Đóng nháy",
            en=f"the double quote opened on line {start} (cell {name}) is not closed"
            f" there: the lines down to {end} fall into one cell and are not read."
            " Close it",
        )


def _last_quote(lines: Sequence[str], separator: str) -> _Quote | None:
    """Return the last quote that opened a cell of a row; None if none did."""
    text, found = "".join(lines), None
    place = column = 0
    begins = True
    while place < len(text):
        mark = text[place]
        if mark == '"' and begins:
            end = _closing(text, place + 1)
            before = text[:place]
            found = _Quote(
                line=before.count("\n") + 1,
                place=place - before.rfind("\n"),
                column=column,
                closed=end < len(text),
            )
            place = end
            if text[place + 1 : place + 2] not in {separator, "\r", "\n"}:
                break
        begins = mark == separator
        column += begins
        place += 1
    return found


def _closing(text: str, place: int) -> int:
    """Return where a cell in quotes is closed; two of them are one inside it."""
    while place < len(text):
        if text[place] != '"':
            place += 1
        elif text[place + 1 : place + 2] == '"':
            place += 2
        else:
            break
    return place


def _too_long(line: int) -> FeedError:
    return refusal(
        vi=f"dòng văn bản {line}: có ô quá dài, hãy rút ngắn",
        en=f"line {line}: a cell is too long, shorten it",
    )
