"""CSV as spreadsheets write it: UTF-8, with a byte-order mark in front.

The separator may be a comma, a semicolon (Vietnamese Excel) or a tab. Text
that a spreadsheet would run as a formula is written behind an apostrophe and
read back without it; nothing else is changed on the way. What the columns mean
is in `catalog.feed.column`.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from catalog.assembly import Entry
from catalog.errors import FeedError
from catalog.feed.cell import show
from catalog.feed.column import COLUMNS, IDENTIFYING
from catalog.feed.row import MAX_BYTES, FeedRow, too_large
from catalog.feed.writing import rows_of

_MARK = "\ufeff"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_SHIELDED = re.compile(r"'+[=+\-@\t\r]")


def read_csv(stream: BinaryIO) -> Iterator[FeedRow]:
    """Read the rows of a CSV file one after the other.

    Raises:
        FeedError: While reading: it is no UTF-8, is cut off in the middle, is
            too large, or has no usable header. What was read so far is then
            not to be kept.
    """
    lines = _lines(stream)
    first = next(lines, "")
    header = _header(first)
    reader = csv.reader(lines, delimiter=_separator(first), strict=True)
    try:
        for number, cells in enumerate(reader, start=2):
            yield _row(number, header, cells)
    except csv.Error as error:
        where = reader.line_num + 1
        raise FeedError(
            [
                (
                    f"dòng văn bản {where}: dấu nháy kép không khớp hoặc ô quá dài"
                    f" / line {where}: double quotes do not match, or a cell is too"
                    f" long ({error})"
                )
            ]
        ) from error


def write_csv(
    entries: Iterable[Entry], stream: BinaryIO, *, header: bool = True
) -> int:
    """Write *entries* so that `read_csv` and an import give them back.

    Args:
        entries: What to write.
        stream: Where to.
        header: Whether to begin with the names of the columns; False goes on
            with a file begun before.

    Returns:
        The number of rows, without the header.
    """
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    if header:
        lines.write(_MARK)
        writer.writerow(COLUMNS)
    count = 0
    for row in rows_of(entries):
        writer.writerow([_shield(show(row.get(name))) for name in COLUMNS])
        count += 1
    stream.write(lines.getvalue().encode())
    return count


def _lines(stream: BinaryIO) -> Iterator[str]:
    size = 0
    for number, line in enumerate(iter(lambda: stream.readline(MAX_BYTES + 1), b""), 1):
        size += len(line)
        if size > MAX_BYTES:
            raise too_large()
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise FeedError(
                [
                    (
                        f"dòng văn bản {number} không phải UTF-8: hãy lưu lại dạng"
                        f" 'CSV UTF-8' / line {number} is no UTF-8: save it as"
                        " 'CSV UTF-8'"
                    )
                ]
            ) from error
        yield text.removeprefix(_MARK) if number == 1 else text


def _separator(first: str) -> str:
    return max(",;\t", key=first.count)


def _header(first: str) -> Sequence[str]:
    try:
        cells = next(csv.reader([first], delimiter=_separator(first)), [])
    except csv.Error:
        cells = []
    names = [cell.strip().casefold() for cell in cells]
    used = [name for name in names if name]
    if len(set(used)) < len(used) or not IDENTIFYING.intersection(used):
        raise FeedError(
            [
                (
                    "dòng 1 phải là tên cột, mỗi cột một lần, có ít nhất một trong"
                    f" {', '.join(sorted(IDENTIFYING))} / row 1 must name the columns,"
                    " each once, at least one of these among them"
                )
            ]
        )
    return names


def _row(number: int, header: Sequence[str], cells: Sequence[str]) -> FeedRow:
    named = {
        name: _unshield(cell)
        for name, cell in zip(header, cells, strict=False)
        if name and cell
    }
    nameless = [cell for name, cell in zip(header, cells, strict=False) if not name]
    surplus = (*nameless, *cells[len(header) :])
    return FeedRow(number=number, cells=named, surplus=surplus)


def _shield(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _unshield(text: str) -> str:
    return text[1:] if _SHIELDED.match(text) else text
