"""Workbooks for tests, made here: good ones by a library, bad ones by hand."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook

from catalog.feed.rows.open_feed import Feed, open_feed
from catalog.spreadsheet.annotate import write_annotated
from catalog.spreadsheet.annotations import Annotations
from catalog.spreadsheet.confined import ConfinedError

Rows = Sequence[Sequence[object]]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>Tên sản phẩm</t></is></c></row>'
GOOD_ROW = '<row r="2"><c r="A2" t="inlineStr"><is><t>Chè mẫu</t></is></c></row>'


def make_workbook(
    sheets: Mapping[str, Rows],
    *,
    merged: Sequence[str] = (),
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[str] = (),
    hidden_sheets: Sequence[str] = (),
    very_hidden_sheets: Sequence[str] = (),
    from_1904: bool = False,
) -> bytes:
    """Return a workbook.

    Args:
        sheets: Rows by the name of the sheet; a text with "=" is a formula.
        merged: Ranges of the first sheet that are merged, as "A1:B2".
        hidden_rows: Numbers of rows of the first sheet, from 1.
        hidden_columns: Ranges of columns of the first sheet, as "B:C".
        hidden_sheets: Names of sheets.
        very_hidden_sheets: Names of sheets that no menu shows.
        from_1904: Whether days are counted from 1904.
    """
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "date_1904": from_1904}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(r, c, value, day)
                    elif value is not None:
                        sheet.write(r, c, value)
        _hide(book, hidden_sheets, very_hidden_sheets)
        first = book.worksheets()[0]
        for number in hidden_rows:
            first.set_row(number - 1, None, None, {"hidden": True})
        for columns in hidden_columns:
            first.set_column(columns, None, None, {"hidden": True})
        for block in merged:
            _merge(first, block, next(iter(sheets.values())))
    return out.getvalue()


def _hide(book: Any, hidden: Sequence[str], very_hidden: Sequence[str]) -> None:
    for name in hidden:
        book.get_worksheet_by_name(name).hide()
    for name in very_hidden:
        book.get_worksheet_by_name(name).very_hidden()


def _merge(sheet: Any, block: str, rows: Rows) -> None:
    first, _, _ = block.partition(":")
    row, column = int(first[1:]) - 1, ord(first[0]) - ord("A")
    sheet.merge_range(block, rows[row][column])


def raw_workbook(
    rows: str = HEADER + GOOD_ROW,
    *,
    before: str = "",
    after: str = "",
    prolog: str = "",
    **parts: str,
) -> bytes:
    """Return a workbook whose only sheet holds the XML *rows*.

    Args:
        rows: What stands in `sheetData`.
        before: What stands before it.
        after: What stands behind it.
        prolog: What stands before the root element.
        parts: Other parts by name, a dot written "__" and a slash "_".
    """
    sheet = (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<worksheet xmlns="{MAIN}">'
        f"{before}<sheetData>{rows}</sheetData>{after}</worksheet>"
    )
    return zipped({**_frame(), "xl/worksheets/sheet1.xml": sheet, **_named(parts)})


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """Return an archive of *parts*."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _named(parts: Mapping[str, str]) -> dict[str, str]:
    return {f"xl/{name.replace('__', '.')}": content for name, content in parts.items()}


def _frame() -> dict[str, str]:
    def relation(number: int, kind: str, target: str) -> str:
        return (
            f'<Relationship Id="r{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        )

    def relations(*each: str) -> str:
        return f'<Relationships xmlns="{_PACKAGE}">{"".join(each)}</Relationships>'

    def part(name: str, kind: str) -> str:
        return (
            f'<Override PartName="/xl/{name}.xml" ContentType="application/vnd'
            f'.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
        )

    return {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package'
        '.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        + part("workbook", "sheet.main")
        + part("worksheets/sheet1", "worksheet")
        + "</Types>",
        "_rels/.rels": relations(relation(1, "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Bảng" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            relation(1, "worksheet", "worksheets/sheet1.xml"),
            relation(2, "sharedStrings", "sharedStrings.xml"),
            relation(3, "styles", "styles.xml"),
        ),
    }


def mark_here(source: BinaryIO, out: BinaryIO, marks: Annotations) -> int:
    """Mark a workbook as `mark_confined` does, in this process: that is quicker."""
    try:
        return write_annotated(source, out, Annotations.from_json(marks.to_json()))
    except Exception as error:
        raise ConfinedError(str(error)) from error


def opened(content: bytes, **options: Any) -> Feed:
    """Return the feed of *content*."""
    return open_feed(io.BytesIO(content), **options)


def cells_in(content: bytes, **options: Any) -> list[dict[str, str]]:
    """Return the cells of all rows of *content*."""
    return [dict(row.cells) for row in opened(content, **options).rows]
