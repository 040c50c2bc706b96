"""A mapping is read from its file, or its faults are named."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from catalog.model.product_set import SETS
from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace.mapping import (
    SET_CODES,
    ListingMapping,
    PictureRules,
    TextRules,
    parse_mapping,
    read_mapping,
)

GOOD = """
marketplace = "mau"
mapping_version = 3
fallback_category = "M-0"

[title]
max_length = 80

[description]
max_length = 900

[pictures]
required = true
max_count = 4
min_width_px = 500
min_height_px = 400

[categories]
"I.5.a" = "M-1"
"""
SHIPPED = entry_points(group="ocop_sync.marketplaces")


def parse(text: str) -> ListingMapping:
    return parse_mapping(text, marketplace="mau", where="tep.toml")


def test_a_mapping_says_what_its_file_says() -> None:
    found = parse(GOOD)

    assert found == ListingMapping(
        marketplace="mau",
        mapping_version=3,
        fallback_category="M-0",
        title=TextRules(max_length=80),
        description=TextRules(max_length=900),
        pictures=PictureRules(
            required=True, max_count=4, min_width_px=500, min_height_px=400
        ),
        categories={"I.5.a": "M-1"},
    )


def test_a_set_has_its_category_and_an_unknown_one_the_fallback() -> None:
    found = parse(GOOD)

    assert found.category_of("I.5.a") == "M-1"
    assert found.category_of("I.5.b") is None
    assert found.category_of("") == "M-0"
    assert parse(GOOD.replace("fallback_c", "#")).category_of("") is None


WRONG = {
    "no TOML": ("[title", "tep.toml: không phải TOML / not TOML: Expected"),
    "another marketplace's": (
        GOOD.replace('"mau"', '"voso"'),
        "tep.toml: marketplace: .*of another marketplace: voso",
    ),
    "a set that is none": (
        GOOD.replace("I.5.a", "I.5.z"),
        r"tep.toml: categories\.I\.5\.z: .*no such product set",
    ),
    "an empty category": (
        GOOD.replace('"M-1"', '""'),
        r"tep.toml: categories\.I\.5\.a: giá trị không hợp lệ / ",
    ),
    "a number for a category": (
        GOOD.replace('"M-1"', "1"),
        r"tep.toml: categories\.I\.5\.a: ",
    ),
    "a key that is unknown": (
        GOOD.replace("max_length = 80", "max_lenght = 80"),
        "tep.toml: title.max_lenght: không có mục này / ",
    ),
    "a key that is missing": (
        GOOD.replace("max_length = 80", ""),
        "tep.toml: title.max_length: chưa khai báo / ",
    ),
    "a limit of nothing": (
        GOOD.replace("max_length = 80", "max_length = 0"),
        "tep.toml: title.max_length: ",
    ),
    "a text for a limit": (
        GOOD.replace("max_length = 80", 'max_length = "80"'),
        "tep.toml: title.max_length: ",
    ),
    "no version": (
        GOOD.replace("mapping_version = 3", ""),
        "tep.toml: mapping_version: chưa khai báo / ",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_mapping_is_refused_with_its_place_and_key(what: str) -> None:
    text, words = WRONG[what]

    with pytest.raises(ConfigurationError, match=words):
        parse(text)


def test_all_that_is_wrong_is_named_at_once() -> None:
    text = GOOD.replace("= 80", "= 0").replace("max_count = 4", "max_count = 0")

    with pytest.raises(ConfigurationError) as caught:
        parse(text)

    assert str(caught.value).count("tep.toml: ") == 2


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"marketplace = '\xe9'")

    with pytest.raises(ConfigurationError, match=r"khong-co\.toml: không đọc được"):
        read_mapping(tmp_path / "khong-co.toml", "mau")
    with pytest.raises(ConfigurationError, match=r"latin\.toml: không phải UTF-8"):
        read_mapping(latin, "mau")


def test_the_sets_are_those_of_the_catalog() -> None:
    assert tuple(SETS) == SET_CODES


@pytest.mark.parametrize("point", SHIPPED, ids=lambda point: point.name)
def test_what_is_shipped_has_a_place_for_every_set(point: object) -> None:
    mapping = point.load().mapping  # type: ignore[attr-defined]

    assert tuple(mapping.categories) == SET_CODES
    assert mapping.fallback_category
