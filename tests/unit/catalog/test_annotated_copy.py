"""An annotated copy is the clerk's own sheet: its content stays."""

import io
from datetime import date, datetime
from functools import partial
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText
from xlsxwriter import Workbook

from catalog.feed.rows.problem_list import NAME
from catalog.feed.rows.reading import read_values
from catalog.feed.rows.row import FeedRow
from catalog.feed.rows.table import Note
from catalog.feed.write.annotated import HEADING, annotate
from catalog.spreadsheet import unkept
from catalog.spreadsheet.confined import ConfinedError, annotate_confined
from tests.workbooks import (
    GOOD_ROW,
    HEADER,
    cells_in,
    make_workbook,
    mark_here,
    opened,
    raw_workbook,
    zipped,
)

HEADS = ["Tên sản phẩm", "Chủ thể", "Giá bán", "Ngày quyết định", "Hạng sao", "Lạ"]


def clerks_workbook() -> bytes:
    """Return a workbook as a clerk has laid it out over the years."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        bold, red = book.add_format({"bold": True}), book.add_format({"color": "red"})
        yellow = book.add_format({"bg_color": "#FFFF00", "border": 1})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        page = book.add_worksheet("Sản phẩm")
        page.merge_range("A1:F1", "DANH SÁCH SẢN PHẨM", bold)
        page.write_row(1, 0, HEADS, bold)
        page.set_column("A:A", 42)
        page.set_column("E:H", 7.5)
        page.set_column("F:F", 7.5, None, {"hidden": True})
        page.set_row(2, 33)
        page.freeze_panes(2, 1)
        page.autofilter("A2:F6")
        page.write_row(2, 0, ["Chè mẫu", "HTX Mẫu"], yellow)
        page.write_formula("C3", "=Giá!A1*1000", None, 150_000)
        page.write_datetime("D3", datetime(2021, 4, 6), day)  # noqa: DTZ001 (as sheets have them)
        page.write("E3", "4 sao")
        page.write_rich_string("A4", "Gạo ", red, "mẫu")
        page.write("B4", "HTX Mẫu")
        page.write("C4", "không rõ", yellow)
        page.write_comment("C4", "Hỏi lại cơ sở", {"author": "Cán bộ Mẫu"})
        page.merge_range("B5:B6", "Hộ Mẫu")
        page.write("A5", "Mật mẫu")
        page.write("A6", "Miến mẫu")
        page.write_formula("E5", '=IF(1,"9 sao","")', None, "9 sao")
        page.data_validation(
            "E3:E9", {"validate": "list", "source": ["3 sao", "4 sao"]}
        )
        page.data_validation("C3:C9", {"validate": "list", "source": "=Giá!$A$1:$A$2"})
        page.conditional_format(
            "C3:C9", {"type": "cell", "criteria": ">", "value": 5, "format": red}
        )
        prices = book.add_worksheet("Giá")
        prices.write_column("A1", [150, 90])
        prices.write_formula("A3", "=SUM(A1:A2)", None, 240)
        book.add_worksheet("Ẩn").hide()
        book.define_name("Các_giá", "=Giá!$A$1:$A$2")
    return out.getvalue()


def annotated(content: bytes, **options: Any) -> tuple[bytes, list[Note]]:
    """Return the annotated copy of *content*, and what is said of it."""
    feed = opened(content)
    problems = [each for row in feed.rows for each in read_values(row)[1]]
    out = io.BytesIO()
    options = {"write": mark_here, **options}
    notes = annotate(
        feed,
        [*feed.problems, *problems],
        out,
        original=io.BytesIO(content),
        **options,
    )
    return out.getvalue(), notes


def loaded(content: bytes) -> Book:
    """Return *content* as a library that is not ours sees it."""
    return load_workbook(io.BytesIO(content), rich_text=True)


def what_is_read(content: bytes) -> list[tuple[object, ...]]:
    """Return all that an import takes from *content*."""

    def of(row: FeedRow) -> tuple[object, ...]:
        told = [(each.column, each.vi) for each in row.problems]
        return row.sheet, row.number, row.cells, row.surplus, told

    return [of(row) for row in opened(content).rows]


def test_the_layout_of_the_sheet_stays() -> None:
    copy, _ = annotated(clerks_workbook())

    page = loaded(copy)["Sản phẩm"]
    assert page.freeze_panes == "B3"
    assert page.auto_filter.ref == "A2:F6"
    assert page.column_dimensions["A"].width == pytest.approx(42, abs=1)
    assert page.row_dimensions[3].height == 33
    assert page.column_dimensions["F"].hidden
    assert {str(each) for each in page.merged_cells.ranges} == {"A1:F1", "B5:B6"}
    assert [str(each.sqref) for each in page.conditional_formatting] == ["C3:C9"]
    assert page["A2"].font.b
    assert page["A3"].fill.fgColor.rgb == "FFFFFF00"
    assert page["D3"].value == datetime(2021, 4, 6)  # noqa: DTZ001 (as sheets have them)
    assert page["D3"].number_format == "dd/mm/yyyy"
    assert isinstance(page["A4"].value, CellRichText)


def test_lists_to_choose_from_stay() -> None:
    copy, _ = annotated(clerks_workbook())

    rules = loaded(copy)["Sản phẩm"].data_validations.dataValidation
    assert {(str(each.sqref), each.formula1) for each in rules} == {
        ("E3:E9", '"3 sao,4 sao"'),
        ("C3:C9", "Giá!$A$1:$A$2"),
    }


def test_other_sheets_and_their_formulas_stay() -> None:
    copy, _ = annotated(clerks_workbook())

    book = loaded(copy)
    assert book.sheetnames == ["Sản phẩm", "Giá", "Ẩn", NAME]
    assert book["Giá"]["A3"].value == "=SUM(A1:A2)"
    assert book["Ẩn"].sheet_state == "hidden"
    assert list(book.defined_names) == ["Các_giá"]


def test_formulas_of_the_sheet_become_their_values_and_that_is_said() -> None:
    copy, notes = annotated(clerks_workbook())

    page = loaded(copy)["Sản phẩm"]
    assert (page["C3"].value, page["E5"].value) == (150_000, "9 sao")
    assert "2 công thức" in notes[0].vi
    assert "2 formulas" in notes[0].en


def test_importing_the_copy_gives_what_importing_the_sheet_gives() -> None:
    content = clerks_workbook()

    once, _ = annotated(content)
    twice, _ = annotated(once)

    assert what_is_read(once) == what_is_read(content)
    assert what_is_read(twice) == what_is_read(content)
    before, after = opened(content), opened(twice)
    assert len(list(before.rows)) == len(list(after.rows)) == 4
    assert [each.vi for each in after.notes] == [each.vi for each in before.notes]


def test_problems_stand_beside_their_cells_and_name_the_column() -> None:
    copy, _ = annotated(clerks_workbook())

    page = loaded(copy)["Sản phẩm"]
    assert page["G2"].value == HEADING
    assert str(page["G4"].value).startswith("“Giá bán” (C): ")
    assert str(page["G5"].value).startswith("“Hạng sao” (E): ")
    assert page["G3"].value is None
    assert page["C4"].fill.fgColor.rgb == page["E5"].fill.fgColor.rgb == "FFFFC7CE"
    said = page["C4"].comment
    assert said is not None
    assert said.text.startswith("Hỏi lại cơ sở\n\n")
    assert "“Giá bán”" in said.text
    assert page["C4"].border.left.style == "thin"


def test_an_unknown_column_is_marked_at_its_heading() -> None:
    content = make_workbook({"Bảng": [["Tên sản phẩm", "Lạ"], ["Chè", "x"]]})
    feed = opened(content)
    wrong = [each.problem(column="name", vi="x", en="y") for each in feed.rows]
    out = io.BytesIO()
    of_sheet = [
        type(wrong[0])(
            sheet="Bảng", row=0, column="name", place=wrong[0].place, vi="a", en="b"
        )
    ]

    annotate(feed, of_sheet, out, original=io.BytesIO(content), write=mark_here)

    page = loaded(out.getvalue())["Bảng"]
    assert page["A1"].comment is not None
    assert page["C2"].value is None


def test_annotating_a_copy_again_adds_nothing_and_forgets_what_was_mended() -> None:
    once, _ = annotated(clerks_workbook())
    book = loaded(once)
    book["Sản phẩm"]["C4"].value = 90_000
    mended = io.BytesIO()
    book.save(mended)

    twice, _ = annotated(mended.getvalue())

    book = loaded(twice)
    page = book["Sản phẩm"]
    assert book.sheetnames == ["Sản phẩm", "Giá", "Ẩn", NAME]
    headings = [cell.value for cell in page[2]]
    assert headings.count(HEADING) == 1
    assert page["G4"].value is None
    assert page["C4"].comment is not None
    assert page["C4"].comment.text == "Hỏi lại cơ sở"
    assert page["C4"].fill.fill_type is None
    assert "“Hạng sao”" in str(page["G5"].value)
    assert book[NAME].max_row == 2


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_no_text_of_ours_is_a_formula(sign: str) -> None:
    content = make_workbook({"Bảng": [["Tên sản phẩm", "Giá bán"], ["Chè", "x"]]})
    feed = opened(content)
    text = f"{sign}cmd|' /C calc'!A0"
    (row,) = feed.rows
    problem = row.problem(vi=text, en="y")
    out = io.BytesIO()

    annotate(feed, [problem], out, original=io.BytesIO(content), write=mark_here)

    cell = loaded(out.getvalue())["Bảng"]["C2"]
    assert (cell.data_type, str(cell.value)[:1]) == ("s", sign)
    with ZipFile(io.BytesIO(out.getvalue())) as archive:
        assert b"<f>" not in b"".join(map(archive.read, archive.namelist()))


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    content = raw_workbook(
        HEADER + '<row r="2"><c r="A2" t="inlineStr"><is><t>=1+1</t></is></c></row>'
    )

    copy, notes = annotated(content)

    assert cells_in(copy) == [{"name": "=1+1"}]
    assert notes == []


def test_columns_that_share_a_width_are_parted_for_the_new_one() -> None:
    content = raw_workbook(
        before='<cols><col min="1" max="16384" width="9" hidden="1"/></cols>'
    )

    copy, _ = annotated(content)

    with ZipFile(io.BytesIO(copy)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    columns = [part.split('"') for part in sheet.split("<col ")[1:]]
    spans = sorted((int(_of(each, "min")), int(_of(each, "max"))) for each in columns)
    assert spans == [(1, 1), (2, 2), (3, 16384)]


def _of(words: list[str], name: str) -> str:
    return words[
        next(n for n, each in enumerate(words) if each.strip() == f"{name}=") + 1
    ]


def test_lists_that_excel_keeps_in_an_extension_stay() -> None:
    x14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    xm = "http://schemas.microsoft.com/office/excel/2006/main"
    content = raw_workbook(
        after=f'<extLst><ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}"'
        f' xmlns:x14="{x14}"><x14:dataValidations xmlns:xm="{xm}" count="1">'
        '<x14:dataValidation type="list" allowBlank="1" showErrorMessage="1">'
        "<x14:formula1><xm:f>'Danh mục chọn'!$A$2:$A$27</xm:f></x14:formula1>"
        "<xm:sqref>A2:A99 C2</xm:sqref></x14:dataValidation></x14:dataValidations>"
        "</ext></extLst>"
    )

    copy, notes = annotated(content)

    (rule,) = loaded(copy)["Bảng"].data_validations.dataValidation
    assert (rule.type, rule.formula1) == ("list", "'Danh mục chọn'!$A$2:$A$27")
    assert {str(each) for each in rule.sqref.ranges} == {"A2:A99", "C2"}
    assert (rule.allow_blank, rule.showErrorMessage) == (True, True)
    assert notes == []


def with_parts(content: bytes, **parts: str) -> bytes:
    """Return *content* with further parts, whose names have "_" for "/"."""
    with ZipFile(io.BytesIO(content)) as archive:
        found: dict[str, str | bytes] = {
            name: archive.read(name) for name in archive.namelist()
        }
    named = {
        f"xl/{n.replace('_', '/', 1).replace('__', '.')}": t for n, t in parts.items()
    }
    return zipped({**found, **named})


def test_what_cannot_be_kept_is_named() -> None:
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
    content = with_parts(
        make_workbook({"Bảng": [["Tên sản phẩm"], ["Chè"]]}),
        drawings_drawing1__xml=f'<xdr:wsDr xmlns:xdr="{drawing}"><xdr:sp/></xdr:wsDr>',
        printerSettings_printerSettings1__bin="x",
    )

    _, notes = annotated(content)

    (note,) = notes
    assert "hình vẽ" in note.vi
    assert "máy in" in note.vi
    assert "shapes" in note.en


def test_a_picture_stays_and_a_chart_is_named() -> None:
    out, png = io.BytesIO(), io.BytesIO()
    from PIL import Image  # noqa: PLC0415 (this test alone)

    Image.new("RGB", (2, 2)).save(png, "PNG")
    with Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("Bảng")
        page.write_column("A1", ["Tên sản phẩm", "Chè"])
        page.insert_image("C5", "x.png", {"image_data": png})
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Bảng!$A$1:$A$2"})
        page.insert_chart("C9", chart)

    copy, notes = annotated(out.getvalue())

    names = ZipFile(io.BytesIO(copy)).namelist()
    assert any(name.startswith("xl/media/") for name in names)
    assert any(name.startswith("xl/charts/") for name in names)
    assert [("biểu đồ" in note.vi, "ảnh" in note.vi) for note in notes] == [
        (True, False)
    ]


def test_above_the_bound_a_copy_holds_values_only_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unkept, "MOST_KEPT", 1_000)
    content = clerks_workbook()

    copy, (note,) = annotated(content)

    assert "chỉ có giá trị" in note.vi
    assert loaded(copy).sheetnames == ["Sản phẩm", NAME]
    assert what_is_read(copy) == what_is_read(content)


def test_a_csv_comes_back_as_values_and_says_so() -> None:
    _, (note,) = annotated("name,price_vnd\nChè,x".encode())

    assert "không phải Excel" in note.vi


def test_a_copy_that_would_read_otherwise_holds_values_only() -> None:
    def spoil(source: Any, out: Any, annotations: Any) -> int:  # noqa: ARG001 (the arguments of `annotate`)
        out.write(make_workbook({"Bảng": [["Tên sản phẩm"], ["Chè khác"]]}))
        return 0

    copy, (note,) = annotated(raw_workbook(), write=spoil)

    assert "đọc ra khác" in note.vi
    assert cells_in(copy) == [{"name": "Chè mẫu"}]


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        pytest.param(
            raw_workbook(
                HEADER + '<row r="2"><c r="A2"><f>1+1</f></c></row>',
            ),
            True,
            id="a formula without a value",
        ),
        pytest.param(
            raw_workbook(
                HEADER
                + '<row r="2"><c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>',
            ),
            True,
            id="an error",
        ),
        pytest.param(
            raw_workbook(
                HEADER + '<row r="2"><c r="A2" s="1"><v>99999999</v></c></row>',
                styles__xml="<styleSheet xmlns="
                '"http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/>'
                "</fill></fills>"
                '<borders count="1"><border/></borders>'
                '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
                '<cellXfs count="2"><xf/><xf numFmtId="14"/></cellXfs></styleSheet>',
            ),
            True,
            id="a day that is none",
        ),
        pytest.param(
            raw_workbook(
                HEADER
                + '<row r="2"><c r="A2" t="inlineStr"><is><t>_x005F_x0041_</t></is></c>'
                "</row>"
            ),
            False,
            id="an escaped escape",
        ),
        pytest.param(
            make_workbook(
                {"Bảng": [HEADS, ["Chè", "", 1, date(2021, 4, 6)]]}, from_1904=True
            ),
            True,
            id="days from 1904",
        ),
        pytest.param(
            raw_workbook(HEADER + GOOD_ROW.replace("Chè mẫu", "<![CDATA[ Chè ]]>")),
            True,
            id="spaces around",
        ),
    ],
)
def test_odd_cells_are_read_from_the_copy_as_from_the_sheet(
    content: bytes, kept: bool
) -> None:
    copy, notes = annotated(content)
    values, _ = annotated(content, write=refuse)

    assert what_is_read(copy) == what_is_read(values) == what_is_read(content)
    assert any("chỉ có giá trị" in each.vi for each in notes) is not kept


def refuse(source: Any, out: Any, annotations: Any) -> int:  # noqa: ARG001 (the arguments of `annotate`)
    """Mark nothing, as where openpyxl cannot read a workbook."""
    message = "không đọc được"
    raise ConfinedError(message)


BILLIONS = "A2:XFD1048576"


def test_a_workbook_that_names_too_many_cells_ends_alone_and_comes_as_values() -> None:
    content = raw_workbook(
        after=f'<mergeCells><mergeCell ref="{BILLIONS}"/></mergeCells>'
    )

    copy, (note,) = annotated(
        content, write=partial(annotate_confined, memory=120_000_000)
    )

    assert "chỉ có giá trị" in note.vi
    assert opened(copy).tables


def test_a_part_with_a_document_type_is_never_given_to_the_library() -> None:
    content = with_parts(
        raw_workbook(),
        theme_theme1__xml='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    )
    given: list[object] = []

    def mark(source: Any, out: Any, annotations: Any) -> int:
        given.append(source)
        return mark_here(source, out, annotations)

    copy, (note,) = annotated(content, write=mark)

    assert "DOCTYPE" in note.vi
    assert not given
    assert cells_in(copy) == [{"name": "Chè mẫu"}]


def test_a_copy_says_of_which_source_it_is() -> None:
    copy, _ = annotated(clerks_workbook(), source="danh-muc (1).xlsx")
    again, _ = annotated(copy)
    values, _ = annotated(clerks_workbook(), source="danh-muc (1).xlsx", write=refuse)
    records, _ = annotated(b'[{"name": "x", "price_vnd": "?"}]', source="a.json")

    for each in (copy, again, values):
        feed = opened(each)
        assert (feed.stamp, feed.source) == (None, "danh-muc (1).xlsx")
        assert what_is_read(each) == what_is_read(clerks_workbook())
    assert opened(records).source == "a.json"


def test_a_stamped_sheet_keeps_its_stamp_and_gets_its_source_once() -> None:
    stamp = "2026-11-24T02:00:00+00:00"
    rows = [["Tên sản phẩm", "Thời điểm xuất"], ["Chè", stamp], ["Gạo"], ["Mật", "x"]]
    content = make_workbook({"Bảng": rows})

    copy, _ = annotated(content, source="nguon.xlsx")
    again, _ = annotated(copy, source="nguon.xlsx")

    page = loaded(again)["Bảng"]
    assert [cell.value for cell in page["B"]] == [
        "Thời điểm xuất",
        "2026-11-24T09:00:00+07:00 nguon.xlsx",
        None,
        "x",
    ]
    feed, before = opened(again), opened(content)
    assert (feed.stamp, feed.source) == (before.stamp, "nguon.xlsx")
    assert what_is_read(again) == what_is_read(content)
