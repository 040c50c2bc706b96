"""The provinces of Vietnam before and since 1 July 2025, and their districts."""

import pytest

from catalog.places.country import load_country

COUNTRY = load_country()


def test_63_provinces_became_34() -> None:
    found = set(COUNTRY.provinces.values())

    assert len(found) == 63
    assert len({each.present for each in found}) == 34
    assert {each.present for each in found} <= {each.name for each in found}


def test_nothing_was_merged_into_quang_ninh() -> None:
    provinces = COUNTRY.provinces.values()

    found = {each.name for each in provinces if each.present == "Quảng Ninh"}

    assert found == {"Quảng Ninh"}


@pytest.mark.parametrize(
    ("text", "name", "present"),
    [
        ("Tỉnh Hải Dương", "Hải Dương", "Hải Phòng"),
        ("T. Hải Dương", "Hải Dương", "Hải Phòng"),
        ("hai phong", "Hải Phòng", "Hải Phòng"),
        ("TP.HCM", "Hồ Chí Minh", "Hồ Chí Minh"),
        ("Bắc Giang", "Bắc Giang", "Bắc Ninh"),
        ("Bà Rịa-Vũng Tàu", "Bà Rịa - Vũng Tàu", "Hồ Chí Minh"),
        ("Thừa Thiên Huế", "Huế", "Huế"),
        ("Đắc Lắc", "Đắk Lắk", "Đắk Lắk"),
    ],
)
def test_a_province_is_found_by_the_names_that_offices_write(
    text: str, name: str, present: str
) -> None:
    found = COUNTRY.province(text)

    assert found is not None
    assert (found.name, found.present) == (name, present)


@pytest.mark.parametrize("text", ["QN", "Tỉnh Mẫu", "huyện Quảng Ninh", ""])
def test_what_is_no_name_of_a_province_is_none(text: str) -> None:
    assert COUNTRY.province(text) is None


def test_a_district_names_every_province_that_had_one() -> None:
    found = COUNTRY.with_district("huyện Châu Thành")

    assert {"An Giang", "Tiền Giang"} < {each.name for each in found}
    assert [each.name for each in COUNTRY.with_district("H. Quảng Ninh")] == [
        "Quảng Bình"
    ]
    assert COUNTRY.with_district("Huyện Mẫu") == ()
