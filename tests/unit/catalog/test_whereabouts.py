"""Which province addresses and cells are of, as far as they say it for certain."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.feed.cells.cell import CellError
from catalog.feed.places.communes import localities_of, shipped_localities
from catalog.feed.places.whereabouts import NamedProvince
from catalog.places.commune import load_communes
from tests.communes import ROWS, write_table

LOCALITIES = shipped_localities()
HERE = LOCALITIES.whereabouts


@pytest.mark.parametrize(
    "address",
    [
        "Thôn 3, xã Đồng Rui, huyện Tiên Yên, tỉnh Quảng Ninh",
        "Thôn 3 xã Đồng Rui huyện Tiên Yên tỉnh Quảng Ninh",
        "Thôn 3 xã Đồng Rui huyện Tiên Yên Quảng Ninh",
        "thon 3, xa dong rui, h. tien yen, quang ninh",
        "Xã Đồng Rui, H. Tiên Yên, T. Quảng Ninh, Việt Nam",
    ],
)
def test_commune_district_and_province_are_read_in_an_address(address: str) -> None:
    where = HERE.of_address(address)
    found = LOCALITIES.in_text(address)

    assert (where.ours, where.other_province) == (True, "")
    assert found.old is not None
    assert found.old.code == "06892"


@pytest.mark.parametrize(
    "address",
    ["P. Hà Tu, TP. Hạ Long", "TX. Quảng Yên", "Thôn 1, Quảng Ninh", "tp.hạ long"],
)
def test_a_district_or_the_province_alone_says_ours(address: str) -> None:
    assert HERE.of_address(address).ours


@pytest.mark.parametrize(
    ("address", "province"),
    [
        ("xã Mẫu, huyện Thanh Hà, tỉnh Hải Dương", "Hải Dương"),
        ("xã Mẫu, huyện Thanh Hà", "Hải Dương"),
        ("xã Mẫu huyện Thanh Hà tỉnh Hải Dương", "Hải Dương"),
        ("xã Mẫu, huyện Thanh Hà, TP Hải Phòng", "Hải Phòng"),
        ("Phường Mẫu, TP. Hải Phòng", "Hải Phòng"),
        ("12 đường Mẫu, Hà Nội, Việt Nam", "Hà Nội"),
        ("Số 1, Bà Rịa - Vũng Tàu", "Bà Rịa - Vũng Tàu"),
        ("xã Mẫu, huyện Quảng Ninh", "Quảng Bình"),
        ("xã Mẫu, huyện Quảng Ninh, Quảng Bình", "Quảng Bình"),
        ("xã Mẫu, tỉnh Bình Dương", "Bình Dương"),
        ("xã Quảng Long, huyện Quảng Trạch", "Quảng Bình"),
    ],
)
def test_another_province_is_told_by_its_name_or_by_a_district_that_ours_never_had(
    address: str, province: str
) -> None:
    found = HERE.of_address(address)

    assert found.names_other_province
    assert found.other_province == province
    assert LOCALITIES.in_text(address).old is None


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("Thôn Mẫu, Bình Dương", id="a commune of ours, too"),
        pytest.param("xã Thanh Hồng", id="a commune alone"),
        pytest.param("xã Mẫu, Thanh Hà", id="a district without its kind"),
        pytest.param("xã Mẫu, huyện Không Có", id="no district"),
        pytest.param("đường Hà Nội, tổ 5", id="a street"),
        pytest.param("xã Hải Dương", id="a commune called like a province"),
        pytest.param("xã Mẫu, huyện Hải Hậ", id="misspelt"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_not_certain_says_no_province(address: str) -> None:
    assert HERE.of_address(address).other_province == ""


def test_an_address_of_two_places_is_not_elsewhere() -> None:
    text = "Văn phòng: Hà Nội; xưởng: xã Đồng Rui, huyện Tiên Yên, Quảng Ninh"

    assert not HERE.of_address(text).names_other_province


@pytest.mark.parametrize(
    ("cell", "ours", "elsewhere", "district"),
    [
        ("TP. Hạ Long", True, "", "TP. Hạ Long"),
        ("Tiên Yên", True, "", "Tiên Yên"),
        ("Hạ Long, Quảng Ninh", True, "", "Hạ Long"),
        ("Quảng Ninh", True, "", ""),
        ("Huyện Quảng Ninh", False, "Quảng Bình", "Huyện Quảng Ninh"),
        ("Thanh Hà", False, "Hải Dương", ""),
        ("Hải Dương", False, "Hải Dương", ""),
        ("Kim Sơn", False, "", "Kim Sơn"),
        ("Huyện Kim Sơn", False, "Ninh Bình", "Huyện Kim Sơn"),
        ("Huyện Không Có", False, "", "Huyện Không Có"),
        ("", False, "", ""),
    ],
)
def test_a_column_for_districts_is_read(
    cell: str, ours: bool, elsewhere: str, district: str
) -> None:
    found = HERE.of_district(cell)

    assert (found.ours, found.other_province, found.district) == (
        ours,
        elsewhere,
        district,
    )


@pytest.mark.parametrize(
    ("cell", "ours", "elsewhere"),
    [
        ("Quảng Ninh", True, ""),
        ("tinh quang ninh", True, ""),
        ("Hòa Bình", False, "Hòa Bình"),
        ("Thừa Thiên - Huế", False, "Huế"),
        ("-", False, ""),
    ],
)
def test_a_column_for_provinces_is_read(cell: str, ours: bool, elsewhere: str) -> None:
    found = HERE.of_province(cell)

    assert (found.ours, found.other_province) == (ours, elsewhere)


@pytest.mark.parametrize("cell", ["QN", "nt", "Quảng Nin"])
def test_a_province_that_cannot_be_read_is_a_problem(cell: str) -> None:
    with pytest.raises(CellError):
        HERE.of_province(cell)


def test_what_was_merged_into_a_province_is_of_it(tmp_path: Path) -> None:
    rows = [row.replace("Tỉnh Mẫu", "Tỉnh Bắc Ninh") for row in ROWS]
    merged = localities_of(load_communes(write_table(tmp_path, rows=rows))).whereabouts

    for address in ("xã Mẫu, tỉnh Bắc Giang", "xã Mẫu, tỉnh Bắc Ninh"):
        assert merged.of_address(address).ours
    # The table lacks this district of the old Bắc Giang: nothing is certain.
    assert merged.of_address("xã Mẫu, huyện Yên Thế") == NamedProvince(
        district="huyện Yên Thế"
    )
    assert merged.of_address("xã Mẫu, tỉnh Quảng Ninh").other_province == "Quảng Ninh"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_somewhere_or_nowhere(one: str, other: str) -> None:
    for text in (one, f"xã {one}, huyện {other}, tỉnh {one}"):
        assert not (
            HERE.of_address(text).names_other_province and LOCALITIES.in_text(text).old
        )
        HERE.of_district(text)
        with suppress(CellError):
            HERE.of_province(text)
