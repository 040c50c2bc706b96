"""A list of products as a sheet: XLSX or CSV, a product on each line.

The codes stand under the heading of a product's code or of an SKU, as in the catalog's
sheets; where no line has such a heading, in the first cell of each line.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

from catalog.errors import refusal
from catalog.feed.headings.heading import find_heading
from catalog.feed.rows.file_format import ZIP, refuse_others, size_and_start
from catalog.spreadsheet.delimited import open_delimited
from catalog.spreadsheet.line import Line, Sheet
from catalog.spreadsheet.workbook import open_workbook

MOST_ROWS: Final = 20_000
_CODES: Final = frozenset({"product_id", "sku"})
_LONGEST: Final = 200


def read_codes(stream: BinaryIO) -> list[str]:
    """Return the codes of products that a sheet lists; the stream can be searched.

    Raises:
        FeedError: It is no sheet, lists nothing, or a line has no code.
    """
    place: int | None = None
    found: list[str] = []
    for line in _lines(stream):
        if place is None:
            place = _heading(line)
            if place is not None:
                continue
            place = min(line.cells)
        found.append(_code(line, place))
    if not found:
        raise refusal(
            vi="tệp không có mã sản phẩm nào: ghi mỗi dòng một mã",
            en="the file lists no product: write one code on each line",
        )
    return found


def _lines(stream: BinaryIO) -> Iterator[Line]:
    for n, line in enumerate(_sheet(stream).lines()):
        if n >= MOST_ROWS:
            raise refusal(
                vi=f"nhiều hơn {MOST_ROWS} dòng", en=f"more than {MOST_ROWS} lines"
            )
        if any(cell.strip() for cell in line.cells.values()):
            yield line


def _sheet(stream: BinaryIO) -> Sheet:
    _, start = size_and_start(stream)
    stream.seek(0)
    if start.startswith(ZIP):
        return next(iter(open_workbook(stream).sheets))
    refuse_others(stream, start)
    stream.seek(0)
    return open_delimited(stream)


def _heading(line: Line) -> int | None:
    """Return in which place *line* has the heading of a code; None for none."""
    named = {n: find_heading(cell) for n, cell in line.cells.items()}
    places = {heading.column: n for n, heading in named.items() if heading}
    return next((places[each] for each in sorted(_CODES) if each in places), None)


def _code(line: Line, place: int) -> str:
    code = line.cells.get(place, "").strip()
    if not 0 < len(code) <= _LONGEST:
        raise refusal(
            vi=f"dòng {line.number}: chưa có mã sản phẩm, hoặc mã quá dài",
            en=f"line {line.number}: no code of a product, or one that is too long",
        )
    return code
