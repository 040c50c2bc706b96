"""Put annotations into one sheet of openpyxl's: remarks, colours, columns at the right.

People's remarks and layout stay; earlier annotations are taken out first.
"""

from copy import copy
from typing import Final

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet

from catalog.spreadsheet.annotations import (
    MOST_REMARKS,
    AddedColumn,
    Remark,
    SheetAnnotations,
    joined,
)
from catalog.spreadsheet.line import MAX_COLUMNS
from catalog.values import replace

HEADING_COLOUR: Final = "FFDDEBF7"
_WRONG: Final = "FFFFC7CE"
_BY: Final = "ocop-sync"
_LINE_PX: Final = 18
_BOX: Final = (420, 60, 400)
"""Width of a remark's box, and its least and largest height, in pixels."""
_PER_LINE: Final = 58

_Anchors = dict[tuple[int, int], tuple[int, int]]
"""Cells inside merged blocks, each with the one that holds its value; both from 1."""


class CannotKeepError(Exception):
    """The workbook cannot be written again as it is."""


def annotate_sheet(page: Worksheet, annotations: SheetAnnotations, title: str) -> None:
    """Put *annotations* into *page*; each remark begins with *title*.

    Raises:
        CannotKeepError: No column is free at the right.
    """
    _clear(page, title)
    anchors = _anchors(page)
    at_anchors = [_moved(each, anchors) for each in annotations.remarks]
    for n, each in enumerate(joined(at_anchors)):
        cell = page.cell(each.row, each.column + 1)
        if isinstance(cell, Cell):
            cell.fill = PatternFill("solid", fgColor=_WRONG)
            if n < MOST_REMARKS:
                _comment(cell, f"{title}\n{each.text}")
    shift = _shift(annotations, anchors)
    for column in annotations.added:
        _add(page, annotations.heading_row, column, shift if column.fresh else 0)


def _moved(remark: Remark, anchors: _Anchors) -> Remark:
    """Return *remark* at the cell that is seen: the first one of a merged block."""
    row, column = anchors.get((remark.row, remark.column + 1), (0, 0))
    return replace(remark, row=row, column=column - 1) if row else remark


def _clear(page: Worksheet, title: str) -> None:
    """Take the remarks and colours of an earlier time out."""
    for cell in list(page._cells.values()):  # noqa: SLF001 (its rows would make every cell)
        text = cell.comment.text if cell.comment else ""
        before, mark, _ = text.partition(title)
        if not mark or not isinstance(cell, Cell):
            continue
        cell.comment = None
        if cell.fill.fgColor.rgb == _WRONG:
            cell.fill = PatternFill()
        if before.strip():
            _comment(cell, before.strip())


def _comment(cell: Cell, text: str) -> None:
    """Add *text* to people's remarks on *cell*."""
    before = cell.comment
    texts = f"{before.text}\n\n{text}" if before else text
    width, least, most = _BOX
    lines = sum(1 + len(each) // _PER_LINE for each in texts.splitlines())
    height = max(least, min(most, _LINE_PX * (lines + 1)))
    by = before.author if before else _BY
    cell.comment = Comment(texts, by or _BY, height=height, width=width)


def _anchors(page: Worksheet) -> _Anchors:
    return {
        (row, column): (block.min_row, block.min_col)
        for block in page.merged_cells.ranges
        for row in range(block.min_row, block.max_row + 1)
        for column in range(block.min_col, block.max_col + 1)
    }


def _shift(annotations: SheetAnnotations, anchors: _Anchors) -> int:
    """Return how far new columns move to the right, past empty merged blocks."""
    fresh = [each for each in annotations.added if each.fresh]
    wanted = {
        (row, each.column + 1)
        for each in fresh
        for row in (annotations.heading_row, *each.texts)
    }
    shift = 0
    while any((row, column + shift) in anchors for row, column in wanted):
        shift += 1
    if any(each.column + shift >= MAX_COLUMNS for each in fresh):
        message = "không còn cột trống bên phải / no column is free at the right"
        raise CannotKeepError(message)
    return shift


def _add(page: Worksheet, heading_row: int, added: AddedColumn, shift: int) -> None:
    column = added.column + 1 + shift
    if added.fresh:
        dimension = _own_dimension(page, column)
        dimension.width, dimension.hidden = added.width, False
        put_text(
            page, heading_row, column, added.heading, bold=True, colour=HEADING_COLOUR
        )
    else:
        for (row, n), cell in list(page._cells.items()):  # noqa: SLF001 (as above)
            if n == column and row > heading_row and isinstance(cell, Cell):
                set_value(cell, None, "n")
                if cell.fill.fgColor.rgb == _WRONG:
                    cell.fill = PatternFill()
    for row, text in added.texts.items():
        put_text(page, row, column, text, colour=_WRONG if added.wrong else None)


def _own_dimension(page: Worksheet, column: int) -> ColumnDimension:
    """Return the dimension of *column* alone; sheets give one to many together."""
    for each in list(page.column_dimensions.values()):
        first, last = _bounds(each)
        if first <= column < last:
            _part(page, each, column + 1, last)
            each.max = column
        if first < column <= last:
            _part(page, each, column, column)
            each.max = column - 1
    own = page.column_dimensions[get_column_letter(column)]
    assert isinstance(own, ColumnDimension)  # noqa: S101 (the stubs know less)
    return own


def _bounds(dimension: ColumnDimension) -> tuple[int, int]:
    dimension.reindex()
    return dimension.min or 0, dimension.max or 0


def _part(page: Worksheet, whole: ColumnDimension, first: int, last: int) -> None:
    """Give the columns from *first* to *last* a dimension as *whole* has."""
    letter = get_column_letter(first)
    part = ColumnDimension(
        page,
        index=letter,
        width=whole.width,
        hidden=whole.hidden,
        outlineLevel=whole.outlineLevel,
        collapsed=whole.collapsed,
        min=first,
        max=last,
    )
    part._style = copy(whole._style)  # type: ignore[attr-defined]  # noqa: SLF001 (as it copies itself)
    page.column_dimensions[letter] = part


def put_text(
    page: Worksheet,
    row: int,
    column: int,
    text: str,
    *,
    bold: bool = False,
    colour: str | None = None,
) -> None:
    """Write *text* as text, with any first letter; not inside a merged block."""
    cell = page.cell(row, column)
    if isinstance(cell, MergedCell):
        return
    set_value(cell, text, "s")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    if colour:
        cell.fill = PatternFill("solid", fgColor=colour)


def set_value(cell: Cell, value: object, data_type: str) -> None:
    """Set a value with its own type: a text with "=" is no formula."""
    cell._value = value  # type: ignore[attr-defined]  # noqa: SLF001 (`value` guesses the type)
    cell.data_type = data_type
