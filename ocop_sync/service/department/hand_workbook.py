"""The workbook of a batch, in which nothing is live: what is text stays text."""

from collections.abc import Mapping
from typing import BinaryIO

from catalog.spreadsheet.writing import Writer, write_workbook
from ocop_sync.marketplace.by_hand import Batch, Cell, HandSheet, SellerCell

_CHOSEN_ROWS = 100_000


def write_batch(stream: BinaryIO, batch: Batch, names: Mapping[str, str]) -> None:
    """Write the sheets of a batch, each with its note above its headings.

    Args:
        stream: Where to.
        batch: The batch.
        names: The names of producers, by our reference.
    """
    with write_workbook(stream, wrap=True) as writer:
        for sheet in batch.sheets:
            _write_sheet(writer, sheet, names)


def sellers_of(batch: Batch) -> list[str]:
    """Return the producers whose names stand in a batch, by our reference."""
    cells = (cell for sheet in batch.sheets for row in sheet.rows for cell in row)
    return sorted({cell.ref for cell in cells if isinstance(cell, SellerCell)})


def _write_sheet(writer: Writer, sheet: HandSheet, names: Mapping[str, str]) -> None:
    page = writer.book.add_worksheet(sheet.name)
    first = 1 if sheet.note else 0
    page.freeze_panes(first + 1, 1)
    if sheet.note:
        page.write_string(0, 0, sheet.note)
    for column, heading in enumerate(sheet.headings):
        page.set_column(column, column, heading.width)
        if heading.choices:
            page.data_validation(
                first + 1,
                column,
                _CHOSEN_ROWS,
                column,
                {
                    "validate": "list",
                    "source": list(heading.choices),
                    "error_type": "information",
                },
            )
    for column, heading in enumerate(sheet.headings):
        page.write_string(first, column, heading.text, writer.heading)
    for number, row in enumerate(sheet.rows, start=first + 1):
        for column, cell in enumerate(row):
            value = _value(cell, names)
            if value is not None:
                writer.put(page, number, column, value)


def _value(cell: Cell, names: Mapping[str, str]) -> object:
    if isinstance(cell, SellerCell):
        name = names.get(cell.ref)
        return f"{name} ({cell.ref})" if name else cell.ref
    return cell
