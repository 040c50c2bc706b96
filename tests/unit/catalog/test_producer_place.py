"""A row's statements on its producer's place, each held against the others."""

import pytest

from catalog.feed.headings.heading import (
    COMMUNE_CODE,
    DISTRICT,
    NEW_COMMUNE,
    OLD_COMMUNE,
    PROVINCE,
    Heading,
    find_heading,
)
from catalog.feed.places.communes import NO_ANSWERS
from catalog.feed.rows.other_provinces import OtherProvinces
from catalog.feed.rows.row import FeedRow, Problem
from catalog.feed.rows.split_cells import spread
from tests.workbooks import cells_in, make_workbook, opened

CERTIFIED_HERE = {"certified_address": "xã Đồng Rui, huyện Tiên Yên, Quảng Ninh"}
CERTIFIED_ELSEWHERE = {"certified_address": "xã Mẫu, huyện Thanh Hà, Hải Dương"}


def placed(cells: dict[str, str]) -> tuple[FeedRow, list[str]]:
    """Return a row with its places read, and the columns asked about."""
    asked: list[Problem] = []
    row = spread(FeedRow(number=2, cells=cells), NO_ANSWERS, asked)
    return row, [each.column for each in asked]


def codes(row: FeedRow) -> tuple[str, str]:
    """Return the old and the present code of a row."""
    return row.cells.get("old_commune_code", ""), row.cells.get("commune_code", "")


@pytest.mark.parametrize(
    ("cells", "province"),
    [
        pytest.param(
            {"province": "Hải Dương", "commune": "Quảng Long"},
            "Hải Dương",
            id="a column, and a commune that ours has as well",
        ),
        pytest.param(
            {"district": "Quảng Trạch", "old_commune": "Quảng Long"},
            "Quảng Bình",
            id="a district",
        ),
        pytest.param(
            {"address": "Số 1, Hà Nội", "new_commune": "Xã Hải Lạng"},
            "Hà Nội",
            id="an address",
        ),
        pytest.param(
            {**CERTIFIED_ELSEWHERE, "address": "Thôn 1"},
            "Hải Dương",
            id="the address on the certificate, and nothing else",
        ),
        pytest.param(
            {"province": "Hải Dương", "commune": "Không Có", "commune_code": "99999"},
            "Hải Dương",
            id="whatever else is wrong",
        ),
    ],
)
def test_a_row_of_another_province_gets_no_commune_of_ours(
    cells: dict[str, str], province: str
) -> None:
    row, asked = placed(cells)

    assert row.other_province == province
    assert "old_commune_code" not in row.cells
    assert row.cells.get("commune_code") == cells.get("commune_code")
    assert (row.problems, asked) == ((), [])


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"province": "Quảng Ninh", "district": "Huyện Thanh Hà"}, "district"),
        ({"province": "Hải Dương", "district": "Tiên Yên"}, "district"),
        ({"province": "Hải Dương", "address": "xã Mẫu, TP Hạ Long"}, "province"),
        ({"province": "Hải Dương", "commune_code": "06652"}, "province"),
        ({"province": "Quảng Ninh", "address": "Số 1, Hà Nội"}, "address"),
        ({"commune_code": "06652", "address": "Số 1, Hà Nội"}, "address"),
        ({"province": "QN", "commune": "Đồng Rui"}, "province"),
    ],
)
def test_a_row_that_names_two_provinces_is_a_problem_of_that_row(
    cells: dict[str, str], column: str
) -> None:
    row, _ = placed(cells)

    assert row.other_province == ""
    assert [each.column for each in row.problems] == [column]
    assert "Quảng Ninh" in row.problems[0].vi


@pytest.mark.parametrize(
    ("cells", "elsewhere", "old_code"),
    [
        ({"district": "Tiên Yên", "commune": "Đồng Rui"}, "", "06892"),
        ({"address": "xã Đồng Rui, huyện Tiên Yên"}, "", "06892"),
        ({"old_commune_code": "06892"}, "", "06892"),
        ({"district": "Thanh Hà", "commune": "Đồng Rui"}, "Hải Dương", ""),
    ],
)
def test_a_province_that_cannot_be_read_matters_only_where_nothing_else_tells(
    cells: dict[str, str], elsewhere: str, old_code: str
) -> None:
    row, _ = placed({"province": "QN", **cells})

    assert (row.other_province, row.problems) == (elsewhere, ())
    assert codes(row) == (old_code, "")


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({**CERTIFIED_HERE, "address": "Số 1, Hà Nội"}, id="an office"),
        pytest.param({**CERTIFIED_ELSEWHERE, "address": "Quảng Ninh"}, id="moved here"),
    ],
)
def test_a_producer_with_one_of_its_two_addresses_elsewhere_is_ours(
    cells: dict[str, str],
) -> None:
    row, asked = placed(cells)

    assert (row.other_province, row.problems, asked) == ("", (), [])
    assert codes(row) == ("", "")


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"commune": "Phương Nam"}, ("06835", "")),
        ({"commune": "Phường Phương Nam"}, ("06835", "")),
        ({"address": "Thôn 3, Phương Nam, TP Uông Bí"}, ("06835", "")),
        ({"address": "Phương Nam, Uông Bí"}, ("06835", "")),
        ({"address": "phường Phương Nam, tỉnh Quảng Ninh"}, ("06835", "")),
        ({"address": "Thôn 1, xã Đồn Đạc", "district": "Ba Chẽ"}, ("06988", "")),
        ({"address": "Số 3, Phương Nam, TP Uông Bí"}, ("", "")),
        ({"commune": "Đồng Rui", "new_commune": "Xã Hải Lạng"}, ("06892", "06886")),
        ({"address": "Phường Cao Xanh, Hạ Long, Quảng Ninh"}, ("06658", "")),
        ({"commune": "Hải Hòa", "address": "Thôn 1, TP Móng Cái"}, ("06742", "")),
    ],
)
def test_communes_are_found_without_their_kind_where_that_is_certain(
    cells: dict[str, str], found: tuple[str, str]
) -> None:
    row, asked = placed(cells)

    assert codes(row) == found
    assert (row.problems, asked) == ((), [])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("xã Đồn Đạcc, huyện Ba Chẽ", "xã Đồn Đạcc"),
        ("xã Đồn Đạc, huyện Ba Chẽẽ", "huyện Ba Chẽẽ"),
        ("xã Đồng Rui, huyện Ba Chẽ", "xã Đồng Rui"),
        ("xã Tân Trường, tỉnh Quảng Ninh", "xã Tân Trường"),
        ("Xã Đồn Đạc", "Xã Đồn Đạc"),
        ("Phường Hà Tu, phường Hà Phong, TP Hạ Long", "Phường Hà Tu, phường Hà Phong"),
        ("Khu 3, Tân Trường, Cẩm Giàng", "Cẩm Giàng"),
        ("xã Tân Trường, huyện Cẩm Giàngg, tỉnh Quảng Ninh", "huyện Cẩm Giàngg"),
        ("Thôn 3", ""),
        ("Số 5 đường Trần Phú, TP Hạ Long", ""),
        ("P. 302, tòa nhà Mẫu, TP Hạ Long", ""),
        ("huyện Ba Chẽ, Quảng Ninh", ""),
    ],
)
def test_what_an_address_names_in_vain_is_kept_and_is_no_problem(
    address: str, said: str
) -> None:
    row, asked = placed({"address": address})

    assert row.unplaced == said
    assert (codes(row), row.problems, asked) == (("", ""), (), [])


def test_addresses_that_tell_no_commune_are_said_once_with_their_rows() -> None:
    sheet = [
        ["Tên sản phẩm", "Địa chỉ"],
        ["Chè mẫu", "xã Đồn Đạcc, huyện Ba Chẽ"],
        ["Gạo mẫu", "xã Đồn Đạc, huyện Ba Chẽ"],
        ["Mật mẫu", "xã Đồn Đạc, huyện Ba Chẽẽ"],
    ]

    feed = opened(make_workbook({"Bảng": sheet}))
    assert len(list(feed.rows)) == 3

    (note,) = feed.notes
    assert "2 dòng" in note.vi
    assert "2 (“xã Đồn Đạcc”), 4 (“huyện Ba Chẽẽ”)" in note.en
    assert feed.problems == []


@pytest.mark.parametrize(
    "cell", ["Vân Đồnn", "xyz", "Huyện Không Có", "Vân Đồnn, Quảng Ninh"]
)
def test_a_district_that_nobody_knows_is_a_problem_unless_codes_tell(cell: str) -> None:
    row, _ = placed({"district": cell})
    beside, _ = placed({"district": cell, "commune": "Hạ Long"})
    coded, _ = placed({"district": cell, "old_commune_code": "06892"})

    assert [each.column for each in row.problems] == ["district"]
    assert [each.column for each in beside.problems] == ["district"]
    assert (coded.problems, codes(coded)) == ((), ("06892", ""))


@pytest.mark.parametrize("cell", ["-", "Kim Sơn", "Quảng Ninh", "H. Tiên Yên"])
def test_a_column_for_districts_may_name_another_place_or_none(cell: str) -> None:
    assert placed({"district": cell})[0].problems == ()


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"commune": "Hạ Lông", "district": "Vân Đồn"}, "Xã Hạ Long"),
        ({"commune": "Quán Lân"}, "Xã Quan Lạn"),
        ({"old_commune": "Xã Đôn Đắc", "district": "Ba Chẽ"}, "Xã Đồn Đạc"),
        ({"new_commune": "Xã Hải Lãng"}, "Xã Hải Lạng"),
    ],
)
def test_other_accents_are_another_name_and_a_problem_that_names_the_likely_one(
    cells: dict[str, str], name: str
) -> None:
    row, _ = placed(cells)

    (problem,) = row.problems
    assert problem.column in cells
    assert f"“{name}”" in problem.vi
    assert f"“{name}”" in problem.en
    assert codes(row) == ("", "")


def test_an_address_with_other_accents_tells_no_commune() -> None:
    row, _ = placed({"address": "xã Đôn Đắc, huyện Ba Chẽ"})

    assert (row.unplaced, codes(row)) == ("xã Đôn Đắc", ("", ""))


def test_rows_in_a_section_of_another_province_are_of_it() -> None:
    sheet = [
        ["TT", "Tên sản phẩm", "Tên cơ sở", "Xã", "Huyện"],
        ["I", "Huyện Cẩm Giàng, tỉnh Hải Dương"],
        ["1", "Chè mẫu", "Cơ sở Mẫu 001", "Đông Hải"],
        ["A", "Thực phẩm"],
        ["2", "Gạo mẫu", "Cơ sở Mẫu 002", "Đông Hải"],
        ["3", "Tỏi mẫu", "Cơ sở Mẫu 004", "Đông Hải", "Tiên Yên"],
        ["II", "Ba Chẽ"],
        ["4", "Mật mẫu", "Cơ sở Mẫu 003", "Đồn Đạc"],
    ]

    one, two, both, ours = opened(make_workbook({"Bảng": sheet})).rows

    assert (one.other_province, codes(one)) == ("Hải Dương", ("", ""))
    assert (two.other_province, codes(two)) == ("Hải Dương", ("", ""))
    assert [each.column for each in both.problems] == ["district"]
    assert (ours.other_province, codes(ours)) == ("", ("06988", ""))


@pytest.mark.parametrize(
    "name",
    [
        "I. Cẩm Giàng",
        "II. HUYỆN CẨM GIÀNG - TỈNH HẢI DƯƠNG",
        "A. TỈNH HẢI DƯƠNG (2 sản phẩm)",
    ],
)
def test_a_section_names_another_province_in_several_ways(name: str) -> None:
    sheet = [["Tên sản phẩm", "Tên cơ sở", "Xã"]]
    sheet += [[name], ["Chè mẫu", "Cơ sở Mẫu 001", "Đông Hải"]]

    (row,) = opened(make_workbook({"Bảng": sheet})).rows

    assert row.other_province == "Hải Dương"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            {"commune": "Phương Nam", "district": "Hạ Long"},
            "Phường Phương Nam (Thành phố Uông Bí)",
        ),
        (
            {"old_commune": "Đồng Rui", "district": "Ba Chẽ"},
            "Xã Đồng Rui (Huyện Tiên Yên)",
        ),
        ({"commune": "Phường Móng Cái 2", "district": "Ba Chẽ"}, "đất nào của huyện"),
        ({"commune": "Hạ Long", "district": "Ba Chẽ"}, "Xã Hạ Long (Huyện Vân Đồn)"),
    ],
)
def test_a_commune_that_its_district_never_had_is_a_problem_that_says_where_it_is(
    cells: dict[str, str], said: str
) -> None:
    row, _ = placed(cells)

    (problem,) = row.problems
    assert said in problem.vi
    assert codes(row) == ("", "")


def test_a_present_commune_may_stand_beside_the_district_whose_land_it_has() -> None:
    row, _ = placed({"commune": "Phường Móng Cái 2", "district": "TP Móng Cái"})

    assert (codes(row), row.problems) == (("", "06709"), ())


def split_rows(*rows: tuple[str, str]) -> tuple[list[str], list[int]]:
    """Return the present communes of rows of a split one, and the rows that ask.

    Args:
        rows: Maker and new commune; the address is the same.
    """
    place = "Thôn 1, Phường Hà Khẩu, Thành phố Hạ Long, tỉnh Quảng Ninh"
    sheet = [["Tên sản phẩm", "Tên cơ sở", "Địa chỉ", "Xã mới"]]
    sheet += [[f"Chè mẫu {n}", who, place, new] for n, (who, new) in enumerate(rows)]

    feed = opened(make_workbook({"Bảng": sheet}))
    found = [row.cells.get("commune_code", "") for row in feed.rows]
    return found, [each.row for each in feed.problems]


def test_a_row_answers_the_others_of_its_maker_and_address() -> None:
    one, two = "Cơ sở Mẫu 001", "Cơ sở Mẫu 002"

    after = split_rows((one, "Phường Việt Hưng"), (two, ""), (one, ""))
    before = split_rows((one, ""), (two, ""), (one, "Phường Việt Hưng"))

    assert after == (["06661", "", "06661"], [3])
    assert before == (["", "", "06661"], [3])


def test_two_rows_that_say_otherwise_answer_no_third() -> None:
    one, said = "Cơ sở Mẫu 001", ("Phường Việt Hưng", "Phường Tuần Châu", "")

    found, asking = split_rows(*((one, each) for each in said))

    assert (found, asking) == (["06661", "06706", ""], [4])


def test_a_name_of_a_town_and_a_commune_of_one_district_asks_for_its_kind() -> None:
    row, _ = placed({"commune": "Đầm Hà", "district": "Huyện Đầm Hà"})

    (problem,) = row.problems
    assert "Thị trấn Đầm Hà" in problem.vi
    assert "write its kind" in problem.en


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"old_commune_code": "06664", "commune_code": "06661"}, "old_commune_code"),
        ({"old_commune_code": "6664", "new_commune": "Việt Hưng"}, "new_commune"),
        ({"old_commune": "Hà Tu", "commune_code": "06661"}, "old_commune"),
        (
            {
                "certified_old_commune_code": "06664",
                "certified_commune_code": "06661",
            },
            "certified_commune_code",
        ),
    ],
)
def test_an_old_and_a_new_commune_that_do_not_agree_are_named_both(
    cells: dict[str, str], column: str
) -> None:
    row, _ = placed(cells)

    (problem,) = row.problems
    assert problem.column == column
    for name in ("Phường Hà Tu (06664)", "Phường Việt Hưng (06661)"):
        assert name in problem.vi
        assert name in problem.en


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"old_commune": "Hà Tu", "old_commune_code": "06652"}, "old_commune"),
        ({"new_commune": "Hà Tu", "commune_code": "06661"}, "new_commune"),
        ({"old_commune_code": "99999"}, "old_commune_code"),
        ({"commune_code": "06664"}, "commune_code"),
        ({"any_commune_code": "99999"}, "any_commune_code"),
        (
            {
                "any_commune_code": "06661",
                "old_commune_code": "06664",
                "commune_code": "06652",
            },
            "any_commune_code",
        ),
    ],
)
def test_a_code_of_another_commune_or_of_none_is_a_problem(
    cells: dict[str, str], column: str
) -> None:
    row, _ = placed(cells)

    assert [each.column for each in row.problems] == [column]


def test_of_many_provinces_that_a_row_may_be_of_a_few_are_named() -> None:
    said = OtherProvinces()
    said.add(FeedRow(number=2, cells={}, other_province="Bến Tre / An Giang / Long An"))
    said.add(FeedRow(number=3, cells={}, other_province="A / B / C / D / E"))

    [note] = said.notes()

    assert "(Bến Tre / An Giang / Long An 1, A / B / C / … (+2) 1)" in note.vi


def test_the_old_code_of_a_split_commune_asks_as_its_name_does() -> None:
    row, asked = placed({"old_commune_code": "07042"})
    answered, nothing = placed({"old_commune_code": "07042", "commune_code": "07060"})

    assert (row.problems, asked) == ((), ["old_commune_code"])
    assert (answered.problems, nothing) == ((), [])


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Mã xã (cũ)", "old_commune_code"),
        ("Mã xã (cũ, trước 1/7/2025)", "old_commune_code"),
        ("Mã xã (trước sáp nhập)", "old_commune_code"),
        ("Mã xã cũ", "old_commune_code"),
        ("Mã xã mới", "commune_code"),
        ("Mã xã (mới)", "commune_code"),
        ("Mã xã (sau 1/7/2025)", "commune_code"),
    ],
)
def test_a_heading_says_of_which_time_its_codes_are(heading: str, column: str) -> None:
    sheet = [["Tên sản phẩm", heading], ["Chè mẫu", "06652"]]

    (found,) = cells_in(make_workbook({"Bảng": sheet}))

    assert found == {"name": "Chè mẫu", column: "06652"}


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Tỉnh", PROVINCE),
        ("Tỉnh/Thành phố", PROVINCE),
        ("Huyện/thành phố", DISTRICT),
        ("Huyện, thị xã, thành phố", DISTRICT),
        ("Xã (cũ)", OLD_COMMUNE),
        ("Xã, phường (sau sáp nhập)", NEW_COMMUNE),
        ("Mã xã", COMMUNE_CODE),
        ("Mã xã (cũ và mới)", COMMUNE_CODE),
    ],
)
def test_headings_of_places_are_understood(heading: str, column: str) -> None:
    assert find_heading(heading) == Heading(column)


def test_the_values_tell_of_which_time_the_codes_of_a_bare_heading_are() -> None:
    # 06664 was given up in 2025; 06886 was split and is a present code as well.
    old = [["Tên sản phẩm", "Mã xã"], ["Chè mẫu", "06664"], ["Gạo mẫu", "06886"]]
    new = [["Tên sản phẩm", "Mã xã"], ["Chè mẫu", "06652"], ["Gạo mẫu", "06886"]]

    feed = opened(make_workbook({"Bảng": old}))
    found = [row.cells.get("old_commune_code") for row in feed.rows]
    fresh = cells_in(make_workbook({"Bảng": new}))

    assert found == ["06664", "06886"]
    asked = [(each.row, each.column) for each in feed.problems]
    assert asked == [(3, "old_commune_code")]
    assert [each.get("commune_code") for each in fresh] == ["06652", "06886"]
