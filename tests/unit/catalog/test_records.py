"""JSON files with a bad record: it is told, and keeps back no other."""

import io
import json

import pytest

from catalog.errors import FeedError
from catalog.feed.rows.open_feed import Feed, open_feed
from catalog.feed.rows.reading import read_values
from catalog.feed.rows.row import Problem

GOOD = {"name": "Gạo Mẫu", "producer_name": "Cơ sở Mẫu 001"}


def opened(text: str) -> Feed:
    """Open *text* as a file."""
    return open_feed(io.BytesIO(text.encode()))


def read(text: str) -> tuple[list[int], list[Problem]]:
    """Return the numbers of the good records of *text*, and what is wrong."""
    good: list[int] = []
    wrong: list[Problem] = []
    for row in opened(text).rows:
        _, problems = read_values(row)
        wrong += problems
        if not problems:
            good.append(row.number)
    return good, wrong


def among_others(record: str) -> str:
    """Return a file with *record* as its second, each on a line of its own."""
    good = json.dumps(GOOD, ensure_ascii=False)
    return f'{{"rows": [\n{good},\n{record},\n{good}\n]}}'


@pytest.mark.parametrize(
    ("record", "field", "vi", "en"),
    [
        pytest.param("7", "", "không phải bản ghi (7)", "no record (7)", id="number"),
        pytest.param(
            '["Chè"]', "", 'không phải bản ghi (["Chè"])', "no record", id="list"
        ),
        pytest.param("null", "", "không phải bản ghi (null)", "no record", id="null"),
        pytest.param(
            '{"name": {"vi": "Chè"}}', "name", "một nhóm {...}", "object", id="object"
        ),
        pytest.param(
            '{"name": ["Chè", "Trà"]}', "name", "danh sách [...]", "list", id="list in"
        ),
        pytest.param(
            '{"name": true}', "name", "true/false", "true or false", id="truth as name"
        ),
        pytest.param(
            '{"name": "Chè", "stars": NaN}',
            "stars",
            "NaN không phải số",
            "NaN is no number",
            id="NaN",
        ),
        pytest.param(
            '{"name": "Chè", "price_vnd": -Infinity}',
            "price_vnd",
            "-Infinity không phải số",
            "-Infinity is no number",
            id="infinity",
        ),
        pytest.param(
            f'{{"name": "Chè", "price_vnd": 1{"0" * 400}}}',
            "price_vnd",
            "không rõ là bao nhiêu",
            "not clear how much",
            id="a huge number",
        ),
        pytest.param(
            '{"name": "Chè", "price_vnd": 1e999999999}',
            "price_vnd",
            "không rõ là bao nhiêu",
            "not clear how much",
            id="a huge exponent",
        ),
        pytest.param(
            '{"name": "Chè", "pictures": ["https://mau.example/1.jpg", {"url": 1}]}',
            "pictures",
            "phần tử thứ 2 của danh sách ({url: 1})",
            "element 2 of the list",
            id="one bad picture",
        ),
        pytest.param(
            '{"name": "Chè", "stars": 3, "stars": 4}',
            "stars",
            "ghi hai lần trong một bản ghi, khác nhau (3; 4)",
            "stands twice in one record",
            id="a key twice",
        ),
        pytest.param(
            '{"name": "Chè", "stars": 3, "Hạng sao": 4}',
            "Hạng sao",
            "hai trường của bản ghi cùng nghĩa (“stars” và “Hạng sao”)",
            "two fields of the record (“stars” and “Hạng sao”)",
            id="one column by two names",
        ),
        pytest.param(
            '{"name": "Chè\\u0000xanh"}',
            "name",
            "ký tự thứ 4 của ô là NUL",
            "NUL",
            id="NUL",
        ),
        pytest.param(
            '{"name": "Chè",}', "", "dòng 3, cột 15", "line 3, column 15", id="a comma"
        ),
        pytest.param(
            '{"name" "Chè"}', "", "dòng 3, cột 9", "line 3, column 9", id="no colon"
        ),
        pytest.param(
            '{"name": Chè}', "", "không hiểu “C”", "“C” is not expected", id="no quotes"
        ),
        pytest.param(
            '{"name": "a\0"}', "", "cột 12 của tệp: ký tự NUL", "a NUL byte", id="raw"
        ),
        pytest.param(
            '{"name": "a\\q"}', "", "dấu “\\” phải viết", "a backslash", id="an escape"
        ),
        pytest.param(
            f'{{"name": {"[" * 99_999}{"]" * 99_999}}}',
            "",
            "lồng quá sâu",
            "nested too deep",
            id="too deep",
        ),
    ],
)
def test_one_bad_record_keeps_back_no_other(
    record: str, field: str, vi: str, en: str
) -> None:
    good, (problem, *others) = read(among_others(record))

    assert (good, others) == ([1, 3], [])
    assert (problem.row, problem.at, problem.place.heading) == (2, 3, field)
    assert (vi in problem.vi, en in problem.en) == (True, True), str(problem)


def test_a_problem_names_the_record_and_what_it_is_called() -> None:
    record = '{"sku": "SP-00001-1", "name": "Chè Mẫu", "stars": [4]}'

    (problem,) = read(among_others(record))[1]

    assert str(problem) == (
        'bản ghi 2 (dòng 3), trường stars "4" (SP-00001-1 Chè Mẫu): là danh sách [...],'
        " mà trường này chỉ nhận một giá trị: ghi một giá trị / record 2 (line 3),"
        " field stars (SP-00001-1 Chè Mẫu): is a list [...], but this field takes one"
        " value: write one"
    )


def test_a_flag_is_shown_as_the_file_has_it() -> None:
    (problem,) = read(among_others('{"name": true}'))[1]

    assert (problem.column, problem.value) == ("name", "true")


def test_a_damaged_record_is_called_by_what_can_be_made_out() -> None:
    (problem,) = read(among_others('{"sku": "SP-00001-1", "name": "Chè", x}'))[1]

    assert problem.called == "SP-00001-1 Chè"


def test_all_that_is_wrong_with_a_record_is_told_at_once() -> None:
    record = '{"name": "Chè", "stars": {"x": 1}, "price_vnd": NaN, "paused": "?"}'

    wrong = read(among_others(record))[1]

    assert {each.column for each in wrong} == {"stars", "price_vnd", "paused"}


def test_an_unknown_field_is_named_and_passed_over_whatever_it_holds() -> None:
    fields = '"bundles": [{"sku": {}}], "other": NaN'
    feed = opened(among_others(f'{{"name": "Chè", {fields}}}'))

    rows = list(feed.rows)

    assert [row.problems for row in rows] == [(), (), ()]
    assert feed.problems == []
    said = "".join(map(str, feed.notes))
    assert ("bundles" in said, "other" in said) == (True, True)


def test_an_unknown_field_that_is_nearly_a_known_one_is_asked_about() -> None:
    feed = opened(among_others('{"name": "Chè", "packs": [{"sku": {}}]}'))

    assert list(feed.rows) == []
    assert [each.place.heading for each in feed.problems] == ["packs"]


def test_what_stands_beside_the_records_is_named() -> None:
    feed = opened('{"total": 1, "rows": [{"name": "Chè"}], "meta": {}}')

    assert len(list(feed.rows)) == 1
    assert any("“total”, “meta”" in each.vi for each in feed.notes)


def test_each_record_may_call_a_column_as_it_likes() -> None:
    text = (
        '[{"name": "Chè"}, {"Tên sản phẩm": "Gạo"}, {"name": "x", "Product name": "x"}]'
    )

    rows = list(opened(text).rows)

    assert [row.cells["name"] for row in rows] == ["Chè", "Gạo", "x"]
    assert [row.problems for row in rows] == [(), (), ()]


def test_numbers_of_every_form_are_read_as_what_they_are() -> None:
    text = '[{"name": "Chè", "price_vnd": 1.5e5, "on_hand": 20.0, "weight_g": 5E2}]'

    (row,) = opened(text).rows

    given, problems = read_values(row)
    assert (given["price_vnd"], given["on_hand"], given["weight_g"]) == (
        150_000,
        20,
        500,
    )
    assert problems == []


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        pytest.param('[\n{"name": "a"}', "line 2, column 14", "cut off", id="cut off"),
        pytest.param(
            '[\n{"name": "a',
            "record 1, line 2, column 10",
            "is not closed",
            id="cut in",
        ),
        pytest.param(
            '[\n{"name": "a,\n"stars": 4},\n{"name": "b"}]',
            "record 1, line 2, column 10",
            "the double quote opened here is not closed",
            id="an open quote",
        ),
        pytest.param(
            '[{"name": "a, "stars": 4}, {"name": "b"}]',
            "record 1, line 1, column 16",
            "check double quotes",
            id="an odd quote",
        ),
        pytest.param(
            '[{"name": "a, "stars": 4}, {"name": "b"}, {"name": "c, "x": 1}, {"x": 1}]',
            "record 1, line 1, column 16",
            "check double quotes",
            id="two odd quotes, with a record between them",
        ),
        pytest.param(
            '[{"name": "a"},\n]', "line 1, column 15", "a comma too many", id="a comma"
        ),
        pytest.param(
            '[{"name": "a"}\n{"name": "b"}]',
            "line 2, column 1",
            "a comma must",
            id="no comma",
        ),
        pytest.param(
            '[{"name": "a"}]\n\nx', "line 3, column 1", "behind the end", id="garbage"
        ),
        pytest.param(
            '{"name": "a"}\n{"name": "b"}', "line 1, column 1", "no list", id="lines"
        ),
        pytest.param(
            '{"name": "a", "x": 1}', "line 1", "only: “name”, “x”", id="one object"
        ),
        pytest.param(
            '{"rows":\n {"name": "a"}}',
            "line 2, column 2",
            "must be a list",
            id="object",
        ),
        pytest.param(
            '{"rows": [],\n"rows": []}',
            "line 2, column 1",
            "stands twice",
            id="two lists",
        ),
        pytest.param(
            "[1, 2]", "no record has a field name", "no record (1)", id="none"
        ),
        pytest.param(
            '{"a": 1\0}', "line 1, column 8", "a NUL byte", id="a NUL byte around"
        ),
    ],
)
def test_what_spoils_the_file_is_told_with_line_and_column(
    text: str, where: str, words: str
) -> None:
    with pytest.raises(FeedError) as caught:
        read(text)

    assert (where in str(caught.value), words in str(caught.value)) == (True, True), (
        str(caught.value)
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_of_the_encoding_is_no_part_of_the_text(encoding: str) -> None:
    content = '[{"name": "Chè"}]'.encode(encoding)

    (row,) = open_feed(io.BytesIO(content)).rows

    assert row.cells == {"name": "Chè"}


def test_a_line_that_is_no_text_is_named() -> None:
    with pytest.raises(FeedError, match="line 2: no text in UTF-8"):
        open_feed(io.BytesIO(b'[{"name":\n"b\xff"}]'))
