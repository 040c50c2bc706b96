"""Write a workbook again as it is, with annotations in it.

openpyxl loads and saves it. This module keeps the parts that it would lose or change:
the results of formulas on the sheets that are annotated, and lists to choose from that
stand on another sheet. The bytes come from anybody: call this through
`catalog.spreadsheet.confined`, which bounds time and memory.
"""

import warnings
from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO, Final

from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from catalog.spreadsheet.annotated_sheet import (
    HEADING_COLOUR,
    CannotKeepError,
    annotate_sheet,
    put_text,
    set_value,
)
from catalog.spreadsheet.annotations import Annotations, Listing
from catalog.spreadsheet.choices import Choice
from catalog.spreadsheet.line import CellKind, Line, Sheet
from catalog.spreadsheet.workbook import open_workbook
from catalog.text import clean

_LIST_WIDTH: Final = 24


def write_annotated(source: BinaryIO, out: BinaryIO, annotations: Annotations) -> int:
    """Write *source* to *out* annotated; return how many formulas became values.

    On the sheets that are annotated, a formula becomes the value that was last
    computed: saving would lose that, and nobody could read the sheet until a
    spreadsheet has worked it out anew. On other sheets formulas stay.

    Raises:
        CannotKeepError: Two of its sheets have the same name, or there is no room at
            the right. openpyxl may raise any other error besides.
    """
    workbook = open_workbook(source)
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    with warnings.catch_warnings():
        # `catalog.spreadsheet.unkept` names the dropped parts.
        warnings.simplefilter("ignore")
        source.seek(0)
        book: Book = load_workbook(source, rich_text=True)
        by_name = _by_name(book)
        for name, sheet in sheets.items():
            _offer(by_name[name], sheet.choices())
        replaced = 0
        for each in annotations.sheets:
            page = by_name[each.name]
            replaced += _put_values(page, sheets[each.name])
            annotate_sheet(page, each, annotations.title)
        _list(book, annotations.listing)
        book.save(out)
    return replaced


def _by_name(book: Book) -> dict[str, Worksheet]:
    pages: list[Worksheet] = list(map(_page, book.worksheets))
    found = {clean(page.title): page for page in pages}
    if len(found) < len(pages):
        message = "hai trang cùng tên / two sheets have one name"
        raise CannotKeepError(message)
    return found


def _page(page: object) -> Worksheet:
    assert isinstance(page, Worksheet)  # noqa: S101 (openpyxl's stubs know less)
    return page


def _offer(page: Worksheet, choices: Iterable[Choice]) -> None:
    """Put lists back that stand on another sheet: openpyxl passes over them."""
    for each in choices:
        rule = DataValidation(
            formula1=each.formulas[0] if each.formulas else None,
            formula2=each.formulas[1] if len(each.formulas) > 1 else None,
            sqref=each.cells,
            **each.settings,
        )
        page.add_data_validation(rule)


def _put_values(page: Worksheet, sheet: Sheet) -> int:
    """Replace formulas by their last results, as the sheet's reader has them."""
    replaced = 0
    for line in sheet.lines():
        for column in line.cells.keys() - line.filled:
            cell = page._cells.get((line.number, column + 1))  # noqa: SLF001 (`cell` would make what is missing)
            # Dates out of range are errors to openpyxl, and numbers to a spreadsheet.
            if not isinstance(cell, Cell) or cell.data_type not in {"f", "e"}:
                continue
            is_formula = cell.data_type == "f"
            replaced += _put_value(cell, line, column) and is_formula
    return replaced


def _put_value(cell: Cell, line: Line, column: int) -> bool:
    """Put the value of *line* into *cell*; say whether there was one."""
    text, kind = line.cells[column], line.kinds.get(column)
    if kind is CellKind.FORMULA:
        return False
    if kind is CellKind.NUMBER:
        set_value(cell, float(text), "n")
    elif kind is CellKind.DAY:
        set_value(cell, datetime.fromisoformat(text), "d")
    elif kind is CellKind.ERROR:
        set_value(cell, text, "e")
    elif text in {"TRUE", "FALSE"}:
        set_value(cell, text == "TRUE", "b")
    else:
        set_value(cell, text, "s")
    return True


def _list(book: Book, listing: Listing) -> None:
    """Write the list behind the other sheets, in place of an earlier one."""
    for page in book.worksheets:
        heads = [page.cell(1, n).value for n in range(1, 1 + len(listing.headings))]
        if page.title.startswith(listing.name) and heads == list(listing.headings):
            book.remove(page)
    page = book.create_sheet(listing.name)
    for n, text in enumerate(listing.headings, start=1):
        put_text(page, 1, n, text, bold=True, colour=HEADING_COLOUR)
        page.column_dimensions[get_column_letter(n)].width = _LIST_WIDTH
    page.freeze_panes = "A2"
    for row, values in enumerate(listing.rows, start=2):
        for n, value in enumerate(values, start=1):
            set_value(page.cell(row, n), value, "n" if isinstance(value, int) else "s")
