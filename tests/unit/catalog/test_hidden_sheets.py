"""Sheets that a spreadsheet does not show: hidden ones, and very hidden ones."""

import pytest

from catalog.errors import FeedError
from tests.workbooks import Rows, make_workbook, opened

TEA: Rows = [["Tên sản phẩm", "Giá bán"], ["Chè mẫu", "150k"]]
OLD: Rows = [["Tên sản phẩm", "Giá bán", "Tồn kho"], ["Chè cũ mẫu", "90k", 2]]


def test_a_very_hidden_sheet_is_not_read_and_this_is_said() -> None:
    content = make_workbook({"Bảng": TEA, "Kho": OLD}, very_hidden_sheets=["Kho"])

    feed = opened(content)

    assert [row.cells["name"] for row in feed.rows] == ["Chè mẫu"]
    assert [(note.sheet, "very hidden" in note.en) for note in feed.notes] == [
        ("Kho", True)
    ]


def test_a_hidden_sheet_is_read_and_this_is_said() -> None:
    content = make_workbook({"Bảng": TEA, "Kho": OLD}, hidden_sheets=["Kho"])

    feed = opened(content)

    assert [row.cells["name"] for row in feed.rows] == ["Chè cũ mẫu"]
    assert "hidden and was read" in feed.notes[-1].en


@pytest.mark.parametrize("options", [{"sheets": ["Kho"]}, {}])
def test_where_only_a_very_hidden_sheet_is_left_it_is_named(
    options: dict[str, list[str]],
) -> None:
    sheets = {"Bìa": [["Danh mục"]], "Kho": OLD}
    content = make_workbook(sheets, very_hidden_sheets=["Kho"])

    with pytest.raises(FeedError, match='"Kho": the sheet is very hidden'):
        opened(content, **options)
