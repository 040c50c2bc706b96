"""Where a problem is, in the words of whoever has the sheet open."""

from catalog.feed.headings.sheet_names import ColumnPlace
from catalog.feed.rows.reading import read_values
from catalog.feed.rows.row import FeedRow, Problem

PLACES = {"price_vnd": ColumnPlace("E", "Giá bán (đ)")}


def test_a_problem_says_sheet_row_column_and_value() -> None:
    row = FeedRow(number=7, cells={"price_vnd": "x"}, sheet="Ba Chẽ", places=PLACES)

    problem = row.problem(column="price_vnd", vi="sai", en="wrong")

    assert str(problem) == (
        'trang "Ba Chẽ", dòng 7, cột E Giá bán (đ) "x": sai'
        ' / sheet "Ba Chẽ", row 7, column E Giá bán (đ): wrong'
    )


def test_a_column_that_a_sheet_does_not_have_is_called_as_in_ours() -> None:
    problem = FeedRow(number=2, cells={"stars": "9"}).problem(
        column="stars", vi="sai", en="wrong"
    )

    assert str(problem) == (
        'dòng 2, cột Hạng sao "9": sai / row 2, column Hạng sao: wrong'
    )


def test_a_problem_of_the_whole_feed_says_so() -> None:
    assert str(Problem(row=0, vi="sai", en="wrong")) == "tệp nhập: sai / feed: wrong"


def test_a_row_carries_what_was_wrong_before_its_cells_were_read() -> None:
    found = Problem(row=3, vi="sai", en="wrong")

    _, problems = read_values(FeedRow(number=3, cells={"name": "a"}, problems=(found,)))

    assert problems == [found]
