"""The kinds of lines below a header: products, and the lines around them.

Sheets of offices have sections, totals, numbers under the headings and signatures
below. Only a line that is certainly no product is passed over. A line that names an id
is a product, unless it is the example, or the headings once more.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from typing import Final

from catalog.feed.headings.heading import NUMBER
from catalog.spreadsheet.line import Line
from catalog.text import fold_words

_IDS: Final = frozenset({"product_id", "sku", "ocop_code"})
_FEW: Final = 3
_ROMAN: Final = re.compile(r"[IVXLC]{1,6}|[A-Z]")
_SECTION: Final = re.compile(r"\s*(?:[IVXLC]{1,6}|[A-Z])\s*[.):/-]\s*\S")
_TOTAL: Final = re.compile(
    r"(?:tong cong|tong so|tong|cong|total|grand total)"
    r"(?: (?:san pham|chu the|co so|ocop|chung|toan tinh|cong|so|huyen|xa|phuong)\b.*"
    r"| \d.*)?"
)
_TOTAL_BEGINS: Final = frozenset("TtCcGg")
_FOOTER: Final = re.compile(
    r"(?:nguoi lap|lap bieu|lap bang|nguoi tong hop|thu truong|giam doc|truong phong"
    r"|chu tich|pho chu tich|ky ten|ky ghi ro|ky dong dau|ky va|xac nhan cua"
    r"|noi nhan|ghi chu|luu y|nguoi kiem tra|can bo)\b.*"
    r"|.*\bngay \d{1,2} thang \d{1,2} nam \d{4}|.*\bngay thang nam(?: \d{2,4})?"
)
_NUMBERS: Final = re.compile(r"[(\[]?\s*([0-9]{1,3}|[A-Z])\s*[)\]]?")
_EXAMPLE: Final = frozenset({"vi du", "example"})


class Role(Enum):
    """The kind of a line."""

    ROW = "row"
    TITLE = "title"
    """The lines above the table, its header included."""
    EMPTY = "empty"
    EXAMPLE = "example"
    HEADER = "header"
    """The headings once more, as on each printed page."""
    NUMBERS = "numbers"
    """Numbers of the columns, under their headings."""
    SECTION = "section"
    TOTAL = "total"
    FOOTER = "footer"


class Roles:
    """Tells the kinds of the lines of one sheet, below its header.

    Args:
        columns: Our names of the columns by their place; NUMBER among them.
        headings: The rows of headings themselves, by their place.
        districts: Folded names of districts, by which sections are called.
    """

    def __init__(
        self,
        columns: Mapping[int, str],
        headings: Sequence[Mapping[int, str]],
        districts: Collection[str] = (),
    ) -> None:
        self._columns = columns
        self._headings = headings
        self._districts = districts
        self._number = next((n for n, each in columns.items() if each == NUMBER), -1)
        self._ids = [n for n, name in columns.items() if name in _IDS]

    def role_of(self, line: Line, before: Role) -> Role:
        """Return the kind of *line*; that *before* it is HEADER for the first one."""
        cells = line.cells
        number = cells.get(self._number, "").strip()
        if number and fold_words(number) in _EXAMPLE:
            return Role.EXAMPLE
        if not cells:
            return Role.EMPTY
        if _repeats(line, self._headings):
            return Role.HEADER
        if not cells.keys().isdisjoint(self._ids):
            return Role.ROW
        return self._without_id(line, number, before)

    def _without_id(self, line: Line, number: str, before: Role) -> Role:
        columns = self._columns
        if before is Role.HEADER and _counts(line):
            return Role.NUMBERS
        said = {columns[n]: text for n, text in line.cells.items() if n in columns}
        said.pop(NUMBER, None)
        if _is_section(line, said, number, columns, self._districts):
            return Role.SECTION
        return _around(line, said, number, columns, before)


def _repeats(line: Line, headings: Sequence[Mapping[int, str]]) -> bool:
    """Say whether *line* is one of the rows of headings once more."""
    return any(
        all(line.cells.get(n) == text for n, text in row.items()) for row in headings
    )


def _counts(line: Line) -> bool:
    """Say whether the cells are growing numbers, at most two letters among them."""
    found = [_NUMBERS.fullmatch(text.strip()) for text in line.cells.values()]
    if len(found) < _FEW or not all(found):
        return False
    digits = [int(each[1]) for each in found if each and each[1].isdigit()]
    return digits == sorted(set(digits)) and len(digits) >= len(found) - 2


def _is_section(
    line: Line,
    said: Mapping[str, str],
    number: str,
    columns: Mapping[int, str],
    districts: Collection[str],
) -> bool:
    own = [n for n in line.cells if n in columns]
    if len(own) >= _FEW and len(set(line.cells.values())) == 1:
        return len(line.filled.intersection(own)) >= len(own) - 1
    if said.keys() != {"name"}:
        return False
    name = said["name"]
    return bool(
        _ROMAN.fullmatch(number.rstrip(".)"))
        or (not number and _SECTION.match(name))
        or fold_words(name) in districts
    )


def _around(
    line: Line,
    said: Mapping[str, str],
    number: str,
    columns: Mapping[int, str],
    before: Role,
) -> Role:
    """Tell totals and signatures from products."""
    if not said or number.isdigit():
        return Role.ROW if said else Role.EMPTY
    texts = [
        text for text in dict.fromkeys(line.cells.values()) if not _is_digits(text)
    ]
    if _is_total(texts):
        return Role.TOTAL
    few = len(said) < max(2, min(_FEW + 1, (len(columns) + 1) // 2))
    if few and (
        before is Role.FOOTER
        or any(_FOOTER.fullmatch(fold_words(text)) for text in texts)
    ):
        return Role.FOOTER
    return Role.ROW


def _is_total(texts: Sequence[str]) -> bool:
    """Say whether the first of *texts* is the label of a total, the rest figures."""
    # Folding every name of a large sheet would cost more than reading it.
    if not texts or texts[0].lstrip()[:1] not in _TOTAL_BEGINS:
        return False
    if not _TOTAL.fullmatch(fold_words(texts[0])):
        return False
    return all(fold_words(text)[:1].isdigit() for text in texts[1:])


def _is_digits(text: str) -> bool:
    return text.strip().isdigit()
