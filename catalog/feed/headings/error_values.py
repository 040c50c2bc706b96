"""Texts of cells that nobody wrote: error values, the 0 of an empty cell, broken ones.

A formula such as `=Sheet2!B5` is 0 where it looks at an empty cell, and #N/A where it
finds nothing; a CSV holds both as text, in the language of its Excel (#TÊN?). Half of a
surrogate pair is the rest of a damaged letter. None of them is a name, and each is
refused where it stands.
"""

import re
from collections.abc import Collection
from typing import Final

from catalog.feed.cells.cell import CellError, no_words
from catalog.feed.headings.heading import COMMUNE, DISTRICT, NEW_COMMUNE, OLD_COMMUNE
from catalog.spreadsheet.line import CellKind, Line
from catalog.text import clean, is_broken

_ERROR: Final = re.compile(
    r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!"
    r"|CONNECT!|UNKNOWN!|BUSY!|PYTHON!|GETTING_DATA)|Err:[0-9]{3}",
    re.IGNORECASE,
)
_LOCALISED_ERROR: Final = re.compile(r"#[^\W\d_][\w/ ]{0,30}[!?]")
"""One in the language of another Excel, such as #TÊN?: it is in capitals."""
_NOTHING: Final = re.compile(r"n\s*/\s*a", re.IGNORECASE)
_BEGINS: Final = frozenset("#eEnN")
_ERROR_BEGINS: Final = frozenset("#eE")
PLACES: Final = frozenset({COMMUNE, DISTRICT, NEW_COMMUNE, OLD_COMMUNE})
"""Columns of words that no reader of cells sees."""

_AN_ERROR: Final = CellError(
    vi="ô đang báo lỗi của Excel: hãy ghi giá trị đúng",
    en="an error value of the spreadsheet: write what is right",
)
_SAYS_NOTHING: Final = CellError(
    vi="N/A không phải giá trị: hãy ghi giá trị đúng, hoặc để trống nếu không có",
    en="N/A is no value: write what is right, or leave it empty if there is none",
)
_NO_RESULT: Final = CellError(
    vi="công thức chưa có kết quả (không tính hộ): hãy ghi giá trị",
    en="a formula without a result, none is worked out here: write a value",
)
_BROKEN: Final = CellError(
    vi="có ký tự hỏng, không đọc được (chỗ có dấu �): hãy gõ lại ô này",
    en="holds a broken character that cannot be read (where � stands): type the cell"
    " anew",
)


def suspects(line: Line, places: Collection[int]) -> list[int]:
    """Return the columns of a line at which `fault_of` has to look: few of a CSV.

    Args:
        line: The line.
        places: Its columns of `PLACES`.
    """
    kinds = line.kinds
    return [
        n
        for n, text in line.cells.items()
        if text[:1] in _BEGINS or not text.isprintable() or n in kinds or n in places
    ]


def fault_of(column: str, text: str, kind: CellKind | None) -> CellError | None:
    """Return why the *text* of a cell is nobody's; None if it may be somebody's.

    Args:
        column: Our name of its column.
        text: The cell.
        kind: The kind of the cell, by the file.
    """
    if kind is CellKind.FORMULA:
        return _NO_RESULT
    if kind is CellKind.ERROR:
        return _AN_ERROR
    if text[:1] in _BEGINS and (fault := _in_place_of_a_value(text.strip())):
        return fault
    if is_broken(text):
        return _BROKEN
    return no_words(text) if column in PLACES else None


def _in_place_of_a_value(text: str) -> CellError | None:
    """Return why *text* stands where a spreadsheet, or its writer, had no value."""
    if text[:1] in _ERROR_BEGINS and (
        _ERROR.fullmatch(text)
        or (_LOCALISED_ERROR.fullmatch(clean(text)) and text.isupper())
    ):
        return _AN_ERROR
    return _SAYS_NOTHING if _NOTHING.fullmatch(text) else None
