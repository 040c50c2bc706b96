"""A sheet given back with its faults; and the template."""

import io
import re
from zipfile import ZipFile

import pytest

from catalog.feed.headings.column import COLUMNS
from catalog.feed.headings.heading import find_heading
from catalog.feed.rows.reading import read_values
from catalog.feed.rows.row import Problem
from catalog.feed.write.annotated import HEADING, annotate
from catalog.feed.write.template import write_template
from catalog.spreadsheet.workbook import open_workbook
from tests.workbooks import (
    Rows,
    cells_in,
    make_workbook,
    mark_here,
    opened,
    raw_workbook,
)

ROWS: Rows = [
    ["DANH SÁCH", None, None],
    ["Tên sản phẩm", "Giá bán", "Ngày quyết định"],
    ["THỰC PHẨM", None, None],
    ["Chè mẫu", 150_000, "6/4/2021"],
    ["Gạo mẫu", "liên hệ", "4/13/2021"],
    ["Tổng cộng", 150_000, None],
]
MERGED = ("A1:C1", "A3:C3")


def annotated(content: bytes) -> tuple[bytes, list[Problem]]:
    """Return what is given back for *content*, and the problems in it."""
    feed = opened(content)
    problems = [each for row in feed.rows for each in read_values(row)[1]]
    out = io.BytesIO()
    annotate(
        feed,
        [*feed.problems, *problems],
        out,
        original=io.BytesIO(content),
        write=mark_here,
    )
    return out.getvalue(), problems


def lines_of(content: bytes, sheet: int = 0) -> list[dict[int, str]]:
    """Return the cells of a sheet of a workbook."""
    return [
        dict(line.cells)
        for line in open_workbook(io.BytesIO(content)).sheets[sheet].lines()
    ]


def test_problems_stand_beside_their_cells_and_in_a_list() -> None:
    out, problems = annotated(make_workbook({"Bảng": ROWS}, merged=MERGED))

    first = lines_of(out)
    assert first[1][3] == HEADING
    assert [3 in cells for cells in first] == [False, True, False, False, True, False]
    assert problems[0].vi in first[4][3]
    assert problems[1].en in first[4][3]
    listed = lines_of(out, 1)
    assert listed[1][2] == "B"
    assert [cells[4] for cells in listed[1:]] == ["liên hệ", "4/13/2021"]


def test_wrong_cells_are_highlighted_and_commented() -> None:
    out, _ = annotated(make_workbook({"Bảng": ROWS}, merged=MERGED))

    with ZipFile(io.BytesIO(out)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        part = next(each for each in archive.namelist() if "/comment" in each)
        comments = archive.read(part).decode()
    styles = dict(re.findall('<c r="([A-Z]+5)"(?: s="([0-9]+)")?', sheet))
    assert styles["B5"] == styles["C5"] != styles["A5"]
    assert re.findall('<comment ref="([A-Z0-9]+)"', comments) == ["B5", "C5"]


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_given_back_can_be_imported_as_it_was(times: int) -> None:
    content = out = make_workbook(
        {"Bảng": ROWS}, merged=MERGED, hidden_rows=[4], hidden_columns=["C:C"]
    )
    for _ in range(times):
        out, _ = annotated(out)

    before, after = opened(content), opened(out)
    rows = [(row.number, row.cells) for row in before.rows]
    assert [(row.number, row.cells) for row in after.rows] == rows
    assert after.problems == []
    assert [note.vi for note in before.notes if note.sheet == "Bảng"] == [
        note.vi for note in after.notes if note.sheet == "Bảng"
    ]


def test_formulas_and_what_looks_like_one_are_given_back_as_text() -> None:
    texts = ["=1+1", "+84", "-5", "@x", "=cmd|' /C calc'!A0", "https://mau.example/"]
    csv = "\n".join(["name,source", *(f"Chè {n},{t}" for n, t in enumerate(texts))])

    out, _ = annotated(csv.encode())
    formula = raw_workbook(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
        '<row r="2"><c r="A2"><f>1+1</f><v>7</v></c></row>'
    )
    cached, _ = annotated(formula)

    assert [row["source"] for row in cells_in(out)] == texts
    assert cells_in(cached) == [{"name": "7"}]
    for content in (out, cached):
        with ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        assert b"<f>" not in parts["xl/worksheets/sheet1.xml"]
        assert b"hyperlink" not in b"".join(parts.values())
        assert not any("vba" in name or "external" in name for name in parts)


def test_a_json_feed_is_given_back_as_a_sheet() -> None:
    out, _ = annotated('[{"Tên sản phẩm": "Chè", "Giá bán": "liên hệ"}]'.encode())

    first = lines_of(out)
    assert first[0] == {0: "Tên sản phẩm", 1: "Giá bán", 2: HEADING}
    assert first[1][1] == "liên hệ"
    assert "names no number" in first[1][2]


def test_a_problem_of_a_whole_sheet_is_listed() -> None:
    rows = [["Tên sản phẩm", "Giá bánn"], ["Chè", "x"]]

    out, _ = annotated(make_workbook({"Bảng": rows}))

    assert lines_of(out, 1)[1][3] == "Giá bánn"


def template() -> bytes:
    out = io.BytesIO()
    write_template(out)
    return out.getvalue()


def test_the_template_has_headings_that_are_understood_and_one_example() -> None:
    heads, example = lines_of(template())

    found = [find_heading(text) for text in heads.values()]
    assert None not in found
    assert len(found) > 30
    assert example[0] == "VÍ DỤ"
    assert cells_in(template()) == []


def test_the_example_is_right_in_every_cell() -> None:
    content = make_workbook(
        {"Sản phẩm": [[*row.values()] for row in _example_as_row(template())]}
    )

    (row,) = opened(content).rows
    given, problems = read_values(row)
    assert problems == []
    assert given["price_vnd"] == 150_000
    assert given["old_commune_code"] == "06748"


def _example_as_row(content: bytes) -> list[dict[int, str]]:
    heads, example = lines_of(content)
    numbered = {**example, 0: "1"}
    return [heads, {n: numbered.get(n, "") for n in heads}]


def test_every_choice_of_the_template_is_understood() -> None:
    heads, *rows = lines_of(template(), 1)

    for place, heading in heads.items():
        found = find_heading(heading)
        assert found is not None
        choices = [cells[place] for cells in rows if place in cells]
        assert len(choices) >= 2
        for choice in choices:
            if found.column in COLUMNS:
                COLUMNS[found.column].read(choice)
            else:
                content = make_workbook(
                    {"x": [["Tên sản phẩm", heading], ["a", choice]]}
                )
                assert "commune_code" in cells_in(content)[0]


def test_the_template_offers_its_lists() -> None:
    with ZipFile(io.BytesIO(template())) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()

    assert sheet.count('type="list"') == 10
    assert "'Danh mục chọn'!$A$2:$A$27" in sheet
