"""Files of accounts that people work: nothing in them is live, and all has bounds."""

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from catalog.errors import FeedError
from ocop_sync.marketplace.by_hand import (
    Batch,
    HandFault,
    HandSheet,
    Heading,
    SellerCell,
)
from ocop_sync.service.department import hand_tables
from ocop_sync.service.department.hand_tables import read_tables
from ocop_sync.service.department.hand_workbook import sellers_of, write_batch

FORMULA = '=HYPERLINK("https://xau.example")'


def batch(*rows: tuple[object, ...]) -> Batch:
    headings = (
        Heading(text="Mã việc"),
        Heading(text="Tên"),
        Heading(text="Kết quả", choices=("xong", "không được")),
    )
    sheet = HandSheet(
        name="Việc",
        note="THÍ DỤ / EXAMPLE",
        headings=headings,
        rows=rows,  # type: ignore[arg-type]
    )
    return Batch(
        number=1,
        account="hand",
        closed_at=datetime(2026, 11, 24, tzinfo=UTC),
        closed_by="Cán bộ Mẫu",
        rows=len(rows),
        downs=0,
        sheets=(sheet,),
        pictures={},
        folder=Path(),
        is_new=True,
    )


def written(*rows: tuple[object, ...], **names: str) -> io.BytesIO:
    stream = io.BytesIO()
    write_batch(stream, batch(*rows), names)
    stream.seek(0)
    return stream


def test_text_stays_text_in_a_workbook_and_comes_back_as_it_was() -> None:
    stream = written(("K-1", FORMULA, None), ("K-2", 7, date(2026, 12, 31)))

    page = load_workbook(stream).active
    assert isinstance(page, Worksheet)
    assert (page.cell(3, 2).value, page.cell(3, 2).data_type) == (FORMULA, "s")
    assert page.cell(3, 2).hyperlink is None
    (table,) = read_tables(stream)
    assert [each.cells for each in table.lines] == [
        {0: "THÍ DỤ / EXAMPLE"},
        {0: "Mã việc", 1: "Tên", 2: "Kết quả"},
        {0: "K-1", 1: FORMULA},
        {0: "K-2", 1: "7", 2: "2026-12-31"},
    ]


def test_answers_are_chosen_from_a_list_below_the_headings() -> None:
    page = load_workbook(written(("K-1", "Chè", None))).active

    assert isinstance(page, Worksheet)
    (rule,) = page.data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref)[:2]) == ('"xong,không được"', "C3")


def test_producers_are_named_where_their_name_is_known() -> None:
    rows = (("K-1", SellerCell("CS-1"), None), ("K-2", SellerCell("CS-2"), None))
    page = load_workbook(written(*rows, **{"CS-1": "HTX Mẫu"})).active

    assert isinstance(page, Worksheet)
    names = [page.cell(n, 2).value for n in (3, 4)]
    assert names == ["HTX Mẫu (CS-1)", "CS-2"]
    assert sellers_of(batch(*rows)) == ["CS-1", "CS-2"]


def test_a_cell_without_a_value_is_known_as_one() -> None:
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.append(["Mã việc", "Kết quả"])
    page.append(["K-1", "=1+1"])
    page.append(["K-2", "#N/A"])
    page.cell(3, 2).data_type = "e"
    stream = io.BytesIO()
    book.save(stream)

    (table,) = read_tables(stream)

    assert [each.odd for each in table.lines] == [set(), {1}, {1}]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04nothing"])
def test_a_file_of_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(FeedError):
        read_tables(io.BytesIO(content))


def test_a_file_has_no_more_lines_and_bytes_than_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = b"a,b\n" * 4
    monkeypatch.setattr(hand_tables, "MOST_LINES", 4)
    assert len(read_tables(io.BytesIO(content))[0].lines) == 4

    monkeypatch.setattr(hand_tables, "MOST_LINES", 3)
    with pytest.raises(FeedError, match="more than 3 lines"):
        read_tables(io.BytesIO(content))
    monkeypatch.setattr(hand_tables, "MOST_BYTES", len(content) - 1)
    with pytest.raises(FeedError, match="larger than"):
        read_tables(io.BytesIO(content))


@pytest.mark.parametrize(
    ("column", "letters"), [(None, ""), (0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")]
)
def test_a_fault_names_its_column_as_spreadsheets_do(
    column: int | None, letters: str
) -> None:
    assert HandFault(column=column, vi="sai", en="wrong").letters == letters
