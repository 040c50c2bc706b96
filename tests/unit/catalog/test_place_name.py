"""Names of places with and without their kinds."""

import pytest

from catalog.places.commune import load_communes
from catalog.places.country import load_country
from catalog.places.place_name import (
    COMMUNE_KINDS,
    DISTRICT_KINDS,
    accents_agree,
    readings,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Phường Hà Tu", {("phuong", "ha tu")}),
        ("P. Hà Tu", {("phuong", "ha tu")}),
        ("Hà Tu", {("", "ha tu")}),
        ("Phương Nam", {("phuong", "nam"), ("", "phuong nam")}),
        ("phuong nam", {("phuong", "nam"), ("", "phuong nam")}),
        ("Phường Phương Nam", {("phuong", "phuong nam")}),
        ("TT Đầm Hà", {("thi tran", "dam ha")}),
        ("Xã", {("", "xa")}),
    ],
)
def test_a_kind_is_told_from_the_beginning_of_a_name_by_its_accents(
    text: str, found: set[tuple[str, str]]
) -> None:
    assert set(readings(text, COMMUNE_KINDS)) == found


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        ("Đồn Đạc", True),
        ("XA DON DAC", True),
        ("Đồn Đac", True),
        ("Đôn Đạc", False),
        ("Đồn Đắc", False),
    ],
)
def test_accents_may_lack_and_may_not_be_others(text: str, *, agrees: bool) -> None:
    assert accents_agree(text, "Xã Đồn Đạc", 2) is agrees


def test_the_place_of_a_tone_in_a_word_does_not_matter() -> None:
    assert accents_agree("Hải Hoà", "Phường Hải Hòa", 2)


def test_a_district_called_like_a_kind_keeps_its_name() -> None:
    assert ("", "quan son") in readings("Quan Sơn", DISTRICT_KINDS)
    assert [each.name for each in load_country().with_district("Quan Sơn")] == [
        "Thanh Hóa"
    ]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Phương Nam", ["06835"]),
        ("Phường Phương Nam", ["06835"]),
        ("phuong nam", ["06835"]),
        ("P. Phương Nam", ["06835"]),
        ("Phường Nam", []),
        ("Đầm Hà", ["06895", "06916"]),
        ("Xã Đầm Hà", ["06916"]),
    ],
)
def test_a_commune_is_found_by_its_bare_name_as_with_its_kind(
    name: str, codes: list[str]
) -> None:
    found = load_communes().old_named(name)

    assert sorted(each.code for each in found) == codes


@pytest.mark.parametrize(
    ("district", "codes"),
    [("Huyện Hoành Bồ", ["07048"]), ("TP Hạ Long", ["07048"]), ("Huyện Ba Chẽ", [])],
)
def test_a_district_that_was_merged_is_still_a_commune_s(
    district: str, codes: list[str]
) -> None:
    found = load_communes().old_named("Xã Vũ Oai", district)

    assert [each.code for each in found] == codes
