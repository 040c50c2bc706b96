"""CSV files with an open quote or a NUL byte: told as such, where they are."""

import io

import pytest

from catalog.errors import FeedError
from catalog.feed.rows.open_feed import open_feed
from catalog.feed.rows.reading import read_values
from tests.workbooks import HEADER, raw_workbook

HEAD = "name,source,stars,pack\n"


def read(content: str | bytes) -> tuple[list[int], list[tuple[int, str, str]]]:
    """Return the rows of *content* that are good, and the problems of the others."""
    binary = content if isinstance(content, bytes) else content.encode()
    good: list[int] = []
    wrong: list[tuple[int, str, str]] = []
    for row in open_feed(io.BytesIO(binary)).rows:
        problems = read_values(row)[1]
        wrong += [(each.row, each.place.letter, str(each)) for each in problems]
        if not problems:
            good.append(row.number)
    return good, wrong


@pytest.mark.parametrize(
    ("body", "where"),
    [
        pytest.param(
            'Chè,a,4,x\nGạo,"b,3,y\nMắm,c,3,z\n', "line 3, character 5 (cell B)"
        ),
        pytest.param('"Chè,a\nGạo,b\n"Mắm",c\n', "line 2, character 1 (cell A)"),
        pytest.param('"Chè\nxanh","a\nGạo,b\n', "line 3, character 7 (cell B)"),
        pytest.param('"Chè" xanh,a\n', "line 2, character 1 (cell A)"),
        pytest.param('"Ch""è","a\n', "line 2, character 9 (cell B)"),
    ],
    ids=["to the end", "to the next one", "the last one", "closed inside", "doubled"],
)
def test_an_open_quote_is_told_where_it_was_opened(body: str, where: str) -> None:
    with pytest.raises(FeedError) as caught:
        read(HEAD + body)

    assert where in str(caught.value)
    assert "dấu nháy kép" in str(caught.value)


def test_rows_that_fell_into_one_cell_are_told_and_the_others_go_in() -> None:
    swallowed = '"Gạo,b,4,d\nMắm,e,3,f\nCá",g,4,h\n'

    good, wrong = read(f"{HEAD}Chè,a,4,x\n{swallowed}Miến,i,3,k\n")

    assert good == [2, 4]
    assert [row for row, _, _ in wrong] == [3]
    assert "dấu nháy kép mở ở dòng văn bản 3 (ô A)" in wrong[0][2]
    assert "the lines down to 5 fall into one cell" in wrong[0][2]


def test_two_rows_that_became_one_are_told() -> None:
    good, wrong = read(HEAD + '"Gạo,b,4,d\nMắm",e,3,f\nMiến,i,3,k\n')

    assert (good, [row for row, _, _ in wrong]) == ([3], [2])


def test_a_text_of_several_lines_is_read_as_it_is() -> None:
    text = "Pha với nước nóng, để 5 phút\nUống ấm, hoặc lạnh, đều được\n- hết -"

    good, wrong = read(f'{HEAD}Chè,"{text}",4,x\nGạo,b,3,y\n')

    assert (good, wrong) == ([2, 3], [])


@pytest.mark.parametrize(
    "swallowed",
    [
        pytest.param('Gạo;b;"3;d\nMắm;e;4";f\n', id="in the same cell"),
        pytest.param('Gạo;b;3;"d\nMắm;e;4;f"\n', id="in the last cell"),
        pytest.param('Gạo;b;"3;d\nMắm;e";4;f\n', id="in a cell before"),
        pytest.param('Gạo;b;"3;d\r\nMắm;e;4;f"\r\n', id="in a cell behind"),
        pytest.param('Gạo;b;"3;d\nCá;g;3;h\nMắm;e;4";f\n', id="with a row between"),
    ],
)
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_one_row_that_fell_into_a_cell_is_told(swallowed: str, separator: str) -> None:
    body = f"name;source;stars;pack\nChè;a;4;x\n{swallowed}Miến;i;3;k\n"

    good, wrong = read(body.replace(";", separator))

    assert good == [2, 4]
    assert {row for row, _, _ in wrong} == {3}
    assert any("dấu nháy kép mở ở dòng văn bản 3" in said for _, _, said in wrong)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Thơm ngon\nđể nơi khô", id="no separators"),
        pytest.param("Thơm, ngon\nchua, cay, ngọt", id="a sentence's"),
        pytest.param("Từ 1,5 kg\nđến 2,5 hay 3,5 kg", id="a figure's"),
        pytest.param("Thơm,\nngon,bổ", id="not as many as a row has"),
    ],
)
def test_a_text_of_two_lines_is_read_as_it_is(text: str) -> None:
    good, wrong = read(f'name,source,description,pack\nChè,a,"{text}",4\nGạo,b,x,y\n')

    assert (good, wrong) == ([2, 3], [])


def test_a_nul_byte_of_a_csv_is_a_problem_of_its_cell() -> None:
    good, wrong = read("name,source\nChè,a\nGạ\0o,b\nMắm,c\n")

    assert good == [2, 4]
    assert [each[:2] for each in wrong] == [(3, "A")]
    assert 'dòng 3, cột A name "Gạo": ký tự thứ 3 của ô là NUL' in wrong[0][2]


def test_a_nul_byte_of_a_workbook_is_a_problem_of_its_cell() -> None:
    row = '<row r="2"><c r="A2" t="inlineStr"><is><t>Ch_x0000_è</t></is></c></row>'

    good, wrong = read(raw_workbook(HEADER + row))

    assert (good, [each[:2] for each in wrong]) == ([], [(2, "A")])


def test_a_nul_byte_where_nobody_reads_is_no_problem() -> None:
    assert read("name,Cột lạ\nChè,a\0\n") == ([2], [])
