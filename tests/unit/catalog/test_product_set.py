"""The 26 product sets; which rule asks what of them is in test_eligibility.py."""

from collections import Counter

import pytest

from catalog.product_set import SETS, Sector, find_set


def test_there_are_26_sets_in_six_sectors() -> None:
    counts = Counter(each.sector for each in SETS.values())

    assert counts == {
        Sector.FOOD: 13,
        Sector.DRINK: 4,
        Sector.HERBAL: 3,
        Sector.CRAFT: 2,
        Sector.ORNAMENTAL: 3,
        Sector.SERVICE: 1,
    }


def test_two_sets_are_alcoholic() -> None:
    assert [each.code for each in SETS.values() if each.alcohol] == ["II.1.a", "II.1.b"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        pytest.param("I.3.c", "I.3.c", id="code"),
        pytest.param("i.3.C", "I.3.c", id="code in another case"),
        pytest.param("Rượu trắng", "II.1.a", id="same name in both tables"),
        pytest.param("RUOU TRANG", "II.1.a", id="no accents"),
        pytest.param("Chế biến từ thủy, hải sản", "I.3.d", id="2020: merged"),
        pytest.param("Các sản phẩm khác từ chè, trà", "I.5.b", id="2020: renamed"),
        pytest.param("Thủ công mỹ nghệ gia dụng", "IV.1", id="2020: half of one"),
        pytest.param(
            "Dịch vụ du lịch cộng đồng và điểm du lịch", "VI", id="2020: tours"
        ),
        pytest.param("Cà phê, Ca cao", "I.6", id="2020: other case"),
    ],
)
def test_a_set_is_found_by_its_code_and_by_names_of_both_tables(
    written: str, code: str
) -> None:
    found = find_set(written)

    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("name", [each.name for each in SETS.values()])
def test_each_set_is_found_by_its_own_name(name: str) -> None:
    found = find_set(name)

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("written", ["", "I", "I.7", "Trang thiết bị, dụng cụ y tế"])
def test_nothing_is_guessed(written: str) -> None:
    assert find_set(written) is None
