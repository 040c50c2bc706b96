"""Texts of cells that nobody wrote: error values, the 0 of an empty cell, broken ones.

A formula such as `=Sheet2!B5` is 0 where it looks at an empty cell, and #N/A where
it finds nothing; a CSV holds both as text. Half of a surrogate pair is what is left
of a letter. None of them is a name, and each is refused where it stands.
"""

import re
from typing import Final

from catalog.feed.cell import CellError, no_words
from catalog.feed.heading import COMMUNE, DISTRICT, NEW_COMMUNE, OLD_COMMUNE
from catalog.spreadsheet.line import Kind
from catalog.text import is_broken

_ERROR: Final = re.compile(
    r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!"
    r"|CONNECT!|UNKNOWN!|BUSY!|PYTHON!|GETTING_DATA)|Err:[0-9]{3}",
    re.IGNORECASE,
)
_BEGINS: Final = frozenset("#eE")
_PLACES: Final = frozenset({COMMUNE, DISTRICT, NEW_COMMUNE, OLD_COMMUNE})
"""Columns of words that no reader of cells sees."""

_AN_ERROR: Final = CellError(
    vi="ô đang báo lỗi của Excel: hãy ghi giá trị đúng",
    en="an error value of the spreadsheet: write what is right",
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


def fault_of(column: str, text: str, kind: Kind | None) -> CellError | None:
    """Return why the *text* of a cell is nobody's; None if it may be somebody's.

    Args:
        column: Our name of its column.
        text: The cell.
        kind: What the file says that it is.
    """
    if kind is Kind.FORMULA:
        return _NO_RESULT
    if kind is Kind.ERROR or (text[:1] in _BEGINS and _ERROR.fullmatch(text.strip())):
        return _AN_ERROR
    if not text.isascii() and is_broken(text):
        return _BROKEN
    return no_words(text) if column in _PLACES else None
