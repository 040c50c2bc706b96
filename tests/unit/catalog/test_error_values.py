"""Cells that nobody wrote: the 0 of a formula, error values, broken characters."""

import io
import json
from collections.abc import Mapping

import pytest

from catalog.feed.cells.cell import CellError
from catalog.feed.headings.column import COLUMNS
from catalog.feed.rows.open_feed import Feed
from catalog.feed.rows.reading import read_values
from catalog.feed.rows.row import Problem
from catalog.feed.write.annotated import annotate
from catalog.spreadsheet.workbook import open_workbook
from catalog.text import is_broken
from tests.workbooks import HEADER, cells_in, opened, raw_workbook

HALF = "Chè \ud800 mẫu"
NO_CHARACTER = "Chè \ufffe mẫu"


def problems_of(feed: Feed) -> list[Problem]:
    """Return what is wrong with the cells of *feed*."""
    return [each for row in feed.rows for each in read_values(row)[1]]


def as_json(row: Mapping[str, object]) -> bytes:
    return json.dumps([row]).encode()


def formula(cached: str, kind: str = "n") -> bytes:
    """Return a workbook whose product is called by a formula, last computed so."""
    cell = f'<c r="A2" t="{kind}"><f>Sheet2!B5</f><v>{cached}</v></c>'
    return raw_workbook(f'{HEADER}<row r="2">{cell}</row>')


@pytest.mark.parametrize(
    ("content", "value", "words"),
    [
        (formula("0"), "0", "looks at an empty cell"),
        (formula("#N/A", "e"), "#N/A", "an error value"),
        (formula("#REF!", "str"), "#REF!", "an error value"),
        ("Tên sản phẩm\n0\n".encode(), "0", "looks at an empty cell"),
        ("Tên sản phẩm\n#VALUE!\n".encode(), "#VALUE!", "an error value"),
        ("Tên sản phẩm,Số sao\n#TÊN?,3\n".encode(), "#TÊN?", "an error value"),
        (formula("#GIÁ_TRỊ!", "str"), "#GIÁ_TRỊ!", "an error value"),
        ("Tên sản phẩm,Số sao\nN/A,3\n".encode(), "N/A", "N/A is no value"),
        (as_json({"name": "n/a"}), "n/a", "N/A is no value"),
        (as_json({"name": "Err:502"}), "Err:502", "an error value"),
        (as_json({"name": 0}), "0", "looks at an empty cell"),
        (as_json({"name": HALF}), "Chè \ufffd mẫu", "broken character"),
        (as_json({"name": NO_CHARACTER}), "Chè \ufffd mẫu", "broken character"),
        (formula("Chè _xD800_ mẫu", "str"), "Chè \ufffd mẫu", "broken character"),
        (
            b"\xff\xfe" + f"name\n{HALF}\n".encode("utf-16-le", "surrogatepass"),
            "Chè \ufffd mẫu",
            "broken character",
        ),
        (f"name\n{HALF}\n".encode(errors="surrogatepass"), "Chè \ufffd mẫu", "broken"),
    ],
)
def test_a_name_that_nobody_wrote_is_a_problem_of_its_cell(
    content: bytes, value: str, words: str
) -> None:
    (problem,) = problems_of(opened(content))

    assert words in problem.en
    assert (problem.row > 0, problem.column, problem.value) == (True, "name", value)
    assert not is_broken(str(problem))


@pytest.mark.parametrize(
    "column",
    [
        "name",
        "producer_name",
        "ocop_code",
        "body",
        "pack",
        "address",
        "certified_address",
        "consent_by",
        "food_safety_by",
        "voided_by",
        "void_reason",
        "ingredients",
        "description",
        "source",
    ],
)
@pytest.mark.parametrize("zero", ["0", "0.0", "0,00"])
def test_no_column_of_words_takes_a_zero(column: str, zero: str) -> None:
    with pytest.raises(CellError, match="chỉ có số 0"):
        COLUMNS[column].read(zero)


@pytest.mark.parametrize("column", ["on_hand", "reserved", "buffer", "alcohol_percent"])
def test_a_number_may_be_zero(column: str) -> None:
    assert COLUMNS[column].read("0") == 0


@pytest.mark.parametrize("heading", ["Xã", "Xã cũ", "Xã mới", "Huyện"])
def test_no_place_is_called_zero(heading: str) -> None:
    feed = opened(as_json({"name": "Chè mẫu", "Địa chỉ": "Thôn Mẫu", heading: 0}))

    assert ["looks at an empty cell" in each.en for each in problems_of(feed)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        *("Chè 0 độ", "#1 Chè mẫu", "Err: 502 mẫu", "007", "Ơ"),
        *("#Chè ngon!", "#CHÈ MẪU", "N/A Chè mẫu", "Na"),
    ],
)
def test_words_with_a_zero_or_a_sign_are_words(text: str) -> None:
    assert problems_of(opened(as_json({"name": text}))) == []


def test_two_halves_that_are_written_apart_are_one_character() -> None:
    assert cells_in(formula("Chè _xD83C__xDF75_", "str")) == [{"name": "Chè 🍵"}]


def test_a_command_to_a_terminal_is_not_shown_to_it() -> None:
    content = as_json({"name": "Chè mẫu", "Giá bán": "\x1b[2J\x00liên hệ"})

    (problem,) = problems_of(opened(content))

    assert problem.value == "[2Jliên hệ"


def test_broken_characters_are_given_back_as_such() -> None:
    content = as_json({"name": HALF, "Ghi chú": NO_CHARACTER, f"cột {HALF}": "\udfff"})
    feed = opened(content)
    problems = problems_of(feed)
    out = io.BytesIO()

    told = [*feed.problems, *problems]
    annotate(feed, told, out, original=io.BytesIO(content))

    sheet, _ = open_workbook(out).sheets
    heads, row = (list(line.cells.values()) for line in sheet.lines())
    assert heads[2] == "cột Chè \ufffd mẫu"
    assert row[:3] == ["Chè \ufffd mẫu", "Chè \ufffd mẫu", "\ufffd"]
    assert "broken character" in row[3]


def test_a_price_of_nothing_is_told_to_be_left_empty() -> None:
    (problem,) = problems_of(opened(as_json({"name": "Chè mẫu", "Giá bán": 0})))

    assert "để trống" in problem.vi
    assert "leave it empty" in problem.en


def test_words_in_place_of_a_price_are_told_to_leave_it_empty() -> None:
    with pytest.raises(CellError, match="để trống ô này") as caught:
        COLUMNS["price_vnd"].read("liên hệ")

    assert "leave the cell empty" in caught.value.en


@pytest.mark.parametrize("said", ["Công ty/HTX", "HTX/hộ", "Công ty/cá nhân"])
def test_two_legal_forms_in_one_cell_are_none(said: str) -> None:
    with pytest.raises(CellError):
        COLUMNS["producer_kind"].read(said)
