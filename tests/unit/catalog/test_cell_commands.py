"""Words that ask for something: XÓA empties a cell, MỚI makes something new."""

import unicodedata

import pytest

from catalog.feed.headings.cell_commands import NEW_PRODUCER, NEW_PRODUCT
from catalog.feed.headings.column import COLUMNS
from catalog.feed.rows.reading import read_values
from catalog.feed.rows.row import FeedRow
from catalog.model.fact import Fact

KEPT = {
    "product_id",
    "sku",
    "ocop_code",
    "name",
    "producer_id",
    "producer_name",
    "evidence",
    "decision",
    "decided_on",
    "year",
    "year_means",
    "decision_is",
    "pack",
    "counted_at",
    "pictures_show_mark",
    "pictures_px",
    "stock_policy",
    "not_in_source_since",
}


@pytest.mark.parametrize(
    "word",
    [
        "XÓA",
        "xóa",
        "XOÁ",
        "XOA",
        "CLEAR",
        " Xóa\u200b",
        unicodedata.normalize("NFD", "XÓA"),
    ],
)
def test_a_cell_is_cleared_in_every_spelling(word: str) -> None:
    given, problems = read_values(FeedRow(number=2, cells={"price_vnd": word}))

    assert (given, problems) == ({"price_vnd": None}, [])


@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_a_column_is_cleared_or_says_that_it_cannot_be(column: str) -> None:
    given, problems = read_values(FeedRow(number=2, cells={column: "XÓA"}))

    if column in KEPT:
        assert given == {}
        assert [each.column for each in problems] == [column]
    else:
        assert problems == []
        assert given[column] in (None, "", (), 0, Fact.UNKNOWN)


def test_a_text_that_begins_so_is_a_text() -> None:
    given, _ = read_values(FeedRow(number=2, cells={"description": "Xóa tan cơn khát"}))

    assert given == {"description": "Xóa tan cơn khát"}


@pytest.mark.parametrize(
    ("column", "new"),
    [
        ("sku", NEW_PRODUCT),
        ("product_id", NEW_PRODUCT),
        ("producer_id", NEW_PRODUCER),
    ],
)
@pytest.mark.parametrize("word", ["MỚI", "mới", "NEW"])
def test_an_id_may_say_new(column: str, new: str, word: str) -> None:
    given, problems = read_values(FeedRow(number=2, cells={column: word}))

    assert (given, problems) == ({new: True}, [])
