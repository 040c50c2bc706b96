"""Faults of a line that its file tells, as problems of its row and its cell.

A NUL byte is no text; a field of JSON may hold a list, or yes and no, where its column
takes one text. Texts that nobody wrote are found in
`catalog.feed.headings.error_values`.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from catalog.feed.cells import cell
from catalog.feed.headings.column import COLUMNS, ColumnPart
from catalog.feed.rows.row import FeedRow, Problem, shorten
from catalog.spreadsheet.line import CellKind, Line

_NUL: Final = "\0"
_FLAGS: Final = (cell.fact, cell.flag, cell.facts)


def faults_of(
    row: FeedRow,
    line: Line,
    columns: Mapping[int, str],
    texts: Mapping[int, str],
    *,
    each_once: bool,
) -> Iterator[Problem]:
    """Yield the unreadable cells of *line*.

    Args:
        row: The line as a row.
        line: The line.
        columns: Our names of the columns, from 0; faults in an unknown column are
            passed over with it.
        texts: The file's names of them.
        each_once: No two of the columns have one name of ours.
    """
    for fault in line.faults:
        if fault.column is None:
            yield row.problem(vi=fault.vi, en=fault.en)
        elif fault.column in columns:
            name, value = columns[fault.column], fault.value
            yield row.problem(column=name, vi=fault.vi, en=fault.en, value=value)
    if each_once and not line.kinds and _NUL not in "".join(line.cells.values()):
        return  # as nearly every line of a CSV
    said: dict[str, tuple[int, str]] = {}
    for n, text in line.cells.items():
        name = columns.get(n, "")
        first, before = said.setdefault(name, (n, text))
        if before != text and name:
            vi, en = _two(*(shorten(texts.get(each, "")) for each in (first, n)))
            yield row.problem(column=name, vi=vi, en=en)
        if name not in COLUMNS:
            continue
        if _NUL in text:
            vi, en = _has_nul(text.index(_NUL) + 1)
            yield row.problem(column=name, vi=vi, en=en)
        elif why := _of_kind(kind := line.kinds.get(n), name):
            shown = _FLAG_WORDS.get(text) if kind is CellKind.FLAG else None
            yield row.problem(column=name, vi=why[0], en=why[1], value=shown)


def _of_kind(kind: CellKind | None, name: str) -> tuple[str, str] | None:
    """Say why the column *name* takes no value of *kind*; None if it does."""
    if kind is CellKind.LIST and COLUMNS[name].part is not ColumnPart.PICTURES:
        return _ONE_VALUE
    if kind is CellKind.FLAG and COLUMNS[name].read not in _FLAGS:
        return _NO_FLAG
    return None


def _has_nul(place: int) -> tuple[str, str]:
    return (
        (
            f"ký tự thứ {place} của ô là NUL (byte 0), không phải chữ: gõ lại ô này"
            " hoặc lưu lại tệp"
        ),
        (
            f"character {place} of the cell is a NUL byte, which is no text: type the"
            " cell anew, or save the file anew"
        ),
    )


def _two(one: str, other: str) -> tuple[str, str]:
    both = f"“{one}” và “{other}”", f"“{one}” and “{other}”"
    return (
        f"hai trường của bản ghi cùng nghĩa ({both[0]}) mà khác nhau: giữ một",
        f"two fields of the record ({both[1]}) mean the same and differ: keep one",
    )


_FLAG_WORDS: Final = {"yes": "true", "no": "false"}
"""A flag as the file has it, by the text of its cell."""
_ONE_VALUE: Final = (
    "là danh sách [...], mà trường này chỉ nhận một giá trị: ghi một giá trị",
    "is a list [...], but this field takes one value: write one",
)
_NO_FLAG: Final = (
    "là true/false, mà trường này nhận chữ hoặc số: ghi giá trị đúng",
    "is true or false, but this field takes text or a number: write what is right",
)
