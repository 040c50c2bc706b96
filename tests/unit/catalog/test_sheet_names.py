"""Columns in messages: as the sheet calls them, wherever it has them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import catalog
from catalog.feed.headings.column import COLUMNS
from catalog.feed.headings.sheet_names import ColumnPlace, in_english, in_vietnamese
from catalog.feed.rows.row import FeedRow

SHEET = {"counted_at": ColumnPlace("F", "Ngày giờ kiểm kê")}
TEXT = "ghi vào [[counted_at]]"


def test_a_column_is_called_as_the_sheet_calls_it() -> None:
    assert in_vietnamese(TEXT, SHEET) == "ghi vào cột F “Ngày giờ kiểm kê”"
    assert in_english("in [[counted_at]]", SHEET) == "in column F “Ngày giờ kiểm kê”"


def test_a_column_that_the_sheet_lacks_is_called_as_in_ours() -> None:
    assert in_vietnamese(TEXT) == "ghi vào cột “Thời điểm đếm”"
    other = {"name": ColumnPlace("A", "Tên hàng")}
    assert in_vietnamese(TEXT, other) == "ghi vào cột “Thời điểm đếm” (thêm cột này)"


def test_a_record_has_fields() -> None:
    row = FeedRow(number=3, cells={}, at=17)

    said = row.problem(column="on_hand", vi=TEXT, en="in [[counted_at]]")

    assert str(said) == (
        "bản ghi 3 (dòng 17), trường on_hand: ghi vào trường “counted_at”"
        " / record 3 (line 17), field on_hand: in field “counted_at”"
    )


def test_a_product_may_be_called_like_a_column_that_is_none() -> None:
    assert in_vietnamese("“[[chè]]” và [[che]]") == "“[[chè]]” và [[che]]"


WORDS = frozenset({"granted", "split", "mirror", "published", "household", "yes", "no"})
"""Words of the machine that stand in no Vietnamese sentence."""
OURS = frozenset(name for name in COLUMNS if "_" in name)


def _is_vietnamese(value: str) -> bool:
    """Say whether *value* is a sentence for people, and no docstring of ours."""
    return (
        len(re.findall(r"[à-ỹđ]", value)) > value.count(" ") / 2
        and not value.rstrip().endswith(".")
        and "bản ghi" not in value  # fields of JSON are called so
    )


def texts() -> Iterator[tuple[str, str, str]]:
    """Yield each text of the import that people read: module, language, text."""
    folder = Path(catalog.__file__).parent
    for path in [*folder.glob("*.py"), *(folder / "feed").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and _is_vietnamese(node.value)
            ):
                yield path.name, "vi", node.value.partition(" / ")[0]
            if isinstance(node, ast.keyword) and node.arg in {"vi", "en"}:
                said = [
                    each.value
                    for each in ast.walk(node.value)
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                ]
                yield path.name, node.arg, "".join(said)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_message_names_a_column_as_only_we_do(language: str) -> None:
    found = [
        (module, text)
        for module, of, text in texts()
        if of == language
        and OURS.intersection(
            re.findall(r"[a-z_0-9]+", re.sub(r"\[\[\w+\]\]", "", text))
        )
    ]

    assert found == []


def test_no_vietnamese_message_has_a_word_of_the_machine() -> None:
    found = [
        (module, text)
        for module, of, text in texts()
        if of == "vi" and WORDS.intersection(re.findall(r"(?<!-)\b[a-z]+\b", text))
    ]

    assert found == []
