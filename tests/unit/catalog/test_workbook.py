"""Workbooks: cells of every kind, merged blocks, hidden parts, the right sheet."""

from datetime import date, datetime

import pytest

from catalog.errors import FeedError
from tests.workbooks import (
    GOOD_ROW,
    HEADER,
    MAIN,
    cells_in,
    make_workbook,
    opened,
    raw_workbook,
)

HEADS = ["STT", "Tên sản phẩm", "Chủ thể", "Hạng sao", "Ngày quyết định", "Giá bán"]
TEA = [1, "Chè mẫu", "HTX Mẫu 001", "4 sao", date(2021, 4, 6), 150_000]
READ = {
    "name": "Chè mẫu",
    "producer_name": "HTX Mẫu 001",
    "stars": "4 sao",
    "decided_on": "2021-04-06",
    "price_vnd": "150000",
}


def cell(reference: str, value: str, attributes: str = "") -> str:
    return f'<row r="2"><c r="{reference}" {attributes}>{value}</c></row>'


def test_numbers_days_and_text_are_read() -> None:
    assert cells_in(make_workbook({"Bảng": [HEADS, TEA]})) == [READ]


@pytest.mark.parametrize("value", [date(2021, 4, 6), 42_830])
def test_a_day_counted_from_1904_is_the_same_day(value: object) -> None:
    content = make_workbook(
        {"Bảng": [HEADS, [1, "Chè mẫu", None, None, value]]}, from_1904=True
    )

    (row,) = cells_in(content)
    assert row["decided_on"] in {"2021-04-06", "44292"}


def test_a_time_of_day_is_kept() -> None:
    content = make_workbook(
        {
            "Bảng": [
                ["Tên sản phẩm", "Thời điểm đếm"],
                ["Chè mẫu", datetime(2026, 11, 24, 9, 30)],  # noqa: DTZ001 (a cell has no zone)
            ]
        }
    )

    assert cells_in(content)[0]["counted_at"] == "2026-11-24T09:30:00"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("<v>150000</v>", "150000"),
        ("<v>150000.0</v>", "150000"),
        ("<v>1.5E5</v>", "150000"),
        ("<v>4.4000000000000004</v>", "4.4"),
        ("<v>8938505974194</v>", "8938505974194"),
        ("<v>00123</v>", "00123"),
        ("<v>1E+20</v>", "1e+20"),
    ],
)
def test_a_number_is_read_as_a_spreadsheet_shows_it(written: str, text: str) -> None:
    content = raw_workbook(HEADER + cell("A2", written))

    assert cells_in(content) == [{"name": text}]


@pytest.mark.parametrize(
    ("attributes", "written", "text"),
    [
        ('t="inlineStr"', "<is><r><t>Chè </t></r><r><t>mẫu</t></r></is>", "Chè mẫu"),
        ('t="inlineStr"', "<is><t>Chè</t><rPh><t>x</t></rPh></is>", "Chè"),
        ('t="str"', "<f>A9</f><v>Chè_x000a_mẫu</v>", "Chè\nmẫu"),
        ('t="b"', "<v>1</v>", "TRUE"),
        ('t="d"', "<v>2021-04-06</v>", "2021-04-06"),
        ('t="s"', "<v>1</v>", "Mẫu"),
    ],
)
def test_text_of_every_kind_is_read(attributes: str, written: str, text: str) -> None:
    strings = f'<sst xmlns="{MAIN}"><si><t>Chè</t></si><si><t>Mẫu</t></si></sst>'
    content = raw_workbook(
        HEADER + cell("A2", written, attributes), sharedStrings__xml=strings
    )

    assert cells_in(content) == [{"name": text}]


def test_a_formula_gives_the_value_last_computed_and_is_not_evaluated() -> None:
    cached = raw_workbook(HEADER + cell("A2", "<f>1+1</f><v>7</v>"))
    without = raw_workbook(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Tên</t></is></c></row>'.replace(
            "Tên", "Tên sản phẩm"
        )
        + cell("A2", "<f>cmd|' /C calc'!A0</f>")
    )

    assert cells_in(cached) == [{"name": "7"}]
    (row,) = opened(without).rows
    assert row.cells == {}
    (said,) = (str(each) for each in row.problems)
    assert said.startswith('trang "Bảng", dòng 2, cột A Tên sản phẩm "=…": công thức')
    assert 'sheet "Bảng", row 2, column A Tên sản phẩm: a formula' in said


def test_an_error_value_is_a_problem_of_its_row() -> None:
    (row,) = opened(raw_workbook(HEADER + cell("A2", "<v>#N/A</v>", 't="e"'))).rows

    assert [each.value for each in row.problems] == ["#N/A"]


def test_a_merged_block_gives_its_value_to_each_of_its_cells() -> None:
    content = make_workbook(
        {
            "Bảng": [
                HEADS,
                TEA,
                [2, "Miến mẫu", None, None, None, 90_000],
                [3, "Gạo mẫu", "HTX Mẫu 002"],
            ]
        },
        merged=["C2:C3", "D2:D3"],
    )

    rows = cells_in(content)
    assert [row["producer_name"] for row in rows] == [
        *["HTX Mẫu 001"] * 2,
        "HTX Mẫu 002",
    ]
    assert [row.get("stars") for row in rows] == ["4 sao", "4 sao", None]


def test_a_title_above_and_a_header_of_two_rows_are_understood() -> None:
    content = make_workbook(
        {
            "Bảng": [
                ["DANH SÁCH SẢN PHẨM OCOP", None, None, None],
                [],
                ["Tên sản phẩm", "Quyết định công nhận", None, "Giá bán"],
                [None, "Số", "Ngày", None],
                ["Chè mẫu", "1/QĐ-MẪU", "6/4/2021", "150k"],
            ]
        },
        merged=["A1:D1", "A3:A4", "B3:C3", "D3:D4"],
    )

    assert cells_in(content) == [
        {
            "name": "Chè mẫu",
            "decision": "1/QĐ-MẪU",
            "decided_on": "6/4/2021",
            "price_vnd": "150k",
        }
    ]


def test_hidden_rows_and_columns_are_read_and_named() -> None:
    content = make_workbook(
        {"Bảng": [HEADS, TEA, [2, "Gạo mẫu"]]}, hidden_rows=[3], hidden_columns=["F:F"]
    )

    feed = opened(content)
    rows = list(feed.rows)
    assert [row.cells["name"] for row in rows] == ["Chè mẫu", "Gạo mẫu"]
    assert rows[0].cells["price_vnd"] == "150000"
    assert [note.en for note in feed.notes] == [
        "rows 3: hidden, read all the same",
        "columns F: hidden, read all the same",
    ]


def test_the_sheet_whose_header_names_most_columns_is_the_catalog() -> None:
    content = make_workbook(
        {
            "Bìa": [["Sở Mẫu"]],
            "Tóm tắt": [HEADS[:3], TEA[:3]],
            "Chi tiết": [HEADS, TEA],
        }
    )

    feed = opened(content)
    assert [(row.sheet, dict(row.cells)) for row in feed.rows] == [("Chi tiết", READ)]
    assert [note.sheet for note in feed.notes] == ["Bìa"]
    assert [each.sheet for each in feed.problems] == ["Tóm tắt"]
    assert '--sheet "Tóm tắt"' in feed.problems[0].en


def test_sheets_that_tie_are_all_read_and_named() -> None:
    content = make_workbook(
        {"Ba Chẽ": [HEADS, TEA], "Cô Tô": [HEADS, [1, "Gạo mẫu"]]},
        hidden_sheets=["Cô Tô"],
    )

    feed = opened(content)
    assert [row.sheet for row in feed.rows] == ["Ba Chẽ", "Cô Tô"]
    assert [note.sheet for note in feed.notes] == ["Ba Chẽ", "Cô Tô", "Cô Tô"]
    assert "hidden" in feed.notes[2].en


def test_a_sheet_may_be_chosen_by_name() -> None:
    content = make_workbook({"Ba Chẽ": [HEADS, TEA], "Cô Tô": [HEADS, [1, "Gạo mẫu"]]})

    assert cells_in(content, sheets=["cô tô"]) == [{"name": "Gạo mẫu"}]
    with pytest.raises(FeedError, match='no sheet "Hạ Long" but: "Ba Chẽ", "Cô Tô"'):
        opened(content, sheets=["Hạ Long"])


def test_cells_beside_the_table_are_named_and_hold_no_row_back() -> None:
    feed = opened(make_workbook({"Bảng": [HEADS, [*TEA, None, "xem lại"]]}))

    assert [row.problems for row in feed.rows] == [()]
    assert feed.problems == []
    assert "no such columns, passed over: H" in feed.notes[-1].en


def test_rows_and_cells_without_a_place_follow_one_another() -> None:
    content = raw_workbook(
        '<row><c t="inlineStr"><is><t>Tên sản phẩm</t></is></c>'
        '<c t="inlineStr"><is><t>Nguồn</t></is></c></row>'
        '<row><c t="inlineStr"><is><t>Chè</t></is></c>'
        '<c t="inlineStr"><is><t>a</t></is></c></row>'
    )

    assert cells_in(content) == [{"name": "Chè", "source": "a"}]


def test_tags_of_another_prefix_are_the_same_tags() -> None:
    rows = (HEADER + GOOD_ROW).replace("</", "</x:").replace("<", "<x:")
    rows = rows.replace("<x:/x:", "</x:")
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData><x:mergeCells>'
        '<x:mergeCell ref="A2:A3"/></x:mergeCells></x:worksheet>'
    )
    content = raw_workbook(**{"worksheets/sheet1__xml": sheet})

    assert cells_in(content) == [{"name": "Chè mẫu"}]


def test_macros_and_links_are_named_and_not_opened() -> None:
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="r1" Type="{kinds}/worksheet" Target='
        f'"worksheets/sheet1.xml"/><Relationship Id="r2" Type="{kinds}/vbaProject"'
        f' Target="vbaProject.bin"/><Relationship Id="r3" Type="{kinds}/externalLink"'
        ' Target="externalLinks/1.xml"/></Relationships>'
    )
    content = raw_workbook(**{"_rels/workbook__xml__rels": relations})

    feed = opened(content)
    assert [row.cells["name"] for row in feed.rows] == ["Chè mẫu"]
    assert [note.en.split(":")[0] for note in feed.notes] == [
        "the file has macros",
        "the file links to others",
    ]
