"""The 26 product sets; the rules' demands on them are in test_eligibility.py."""

from collections import Counter

import pytest

from catalog.model.product_set import SETS, Sector, find_set


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


OF_2020 = {
    "Chè tươi, chế biến": "I.5.a",
    "Chế biến từ gạo, ngũ cốc": "I.3.b",
    "Chế biến từ rau, củ, quả, hạt": "I.3.c",
    "Chế biến từ thịt, trứng, sữa": "I.3.d",
    "Chế biến từ thủy, hải sản": "I.3.d",
    "Cà phê, Ca cao": "I.6",
    "Các sản phẩm khác từ chè, trà": "I.5.b",
    "Dịch vụ du lịch cộng đồng và điểm du lịch": "VI",
    "Gia vị khác": "I.4.b",
    "Gạo, ngũ cốc": "I.2.a",
    "Mật ong, các sản phẩm từ mật ong, mật khác": "I.2.b",
    "Mỹ phẩm": "III.2",
    "Ngành vải, may mặc": "IV.2",
    "Nước khoáng thiên nhiên, nước uống tinh khiết": "II.2.a",
    "Rau, củ, quả, hạt tươi": "I.1.a",
    "Rượu trắng": "II.1.a",
    "Thảo dược khác": "III.3",
    "Thịt, trứng, sữa tươi": "I.1.b",
    "Thủ công mỹ nghệ gia dụng": "IV.1",
    "Thủ công mỹ nghệ, trang trí": "IV.1",
    "Thực phẩm chức năng, thuốc từ dược liệu, thuốc Y học cổ truyền": "III.1",
    "Trang thiết bị, dụng cụ y tế": None,  # has no place in the table of 2023
    "Tương, nước mắm, gia vị dạng lỏng khác": "I.4.a",
    "Đồ uống có cồn khác": "II.1.b",
    "Đồ uống không cồn": "II.2.b",
    "Đồ ăn nhanh": "I.3.a",
}
"""The 26 names of the table of Decision 781/QĐ-TTg (2020)."""


@pytest.mark.parametrize("name", OF_2020)
def test_each_name_of_2020_is_known(name: str) -> None:
    assert len(OF_2020) == 26
    found = find_set(name)

    assert (found and found.code) == OF_2020[name]


@pytest.mark.parametrize("written", ["", "I", "I.7", "Trang thiết bị, dụng cụ y tế"])
def test_nothing_is_guessed(written: str) -> None:
    assert find_set(written) is None
