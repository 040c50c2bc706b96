"""One cell that says several things, and communes in words."""

import pytest

from catalog.feed.headings.sheet_names import ColumnPlace
from catalog.feed.places.communes import NO_ANSWERS, address_key, maker_key
from catalog.feed.rows.row import FeedRow, Problem
from catalog.feed.rows.split_cells import spread


def spread_out(
    cells: dict[str, str], answers: dict[tuple[str, str, str], str] | None = None
) -> tuple[dict[str, str], list[Problem], list[Problem]]:
    """Return the cells of a row, what is wrong with it, and what is asked."""
    questions: list[Problem] = []
    row = spread(FeedRow(number=2, cells=cells), answers or NO_ANSWERS, questions)
    return dict(row.cells), list(row.problems), questions


@pytest.mark.parametrize(
    ("cell", "number", "day", "body"),
    [
        ("1114/QĐ-UBND ngày 06/4/2021", "1114/QĐ-UBND", "2021-04-06", None),
        ("QĐ số 1114/QĐ-UBND, ngày 6/4/2021", "1114/QĐ-UBND", "2021-04-06", None),
        ("1114/QĐ-UBND (06/4/2021)", "1114/QĐ-UBND", "2021-04-06", None),
        ("1114/QĐ-UBND 2021-04-06", "1114/QĐ-UBND", "2021-04-06", None),
        (
            "Quyết định số 1114/QĐ-UBND ngày 6 tháng 4 năm 2021 của UBND tỉnh Mẫu",
            "1114/QĐ-UBND",
            "2021-04-06",
            "tỉnh",
        ),
        ("377/QĐ-BNN-VPĐP 17/1/2025", "377/QĐ-BNN-VPĐP", "2025-01-17", None),
        ("Số 377/QĐ-BNN-VPĐP", "377/QĐ-BNN-VPĐP", None, None),
        ("1114/QĐ-UBND", "1114/QĐ-UBND", None, None),
        ("1114-QĐ/UBND ngày 06/4/2021", "1114-QĐ/UBND", "2021-04-06", None),
        ("1114/QĐ - UBND ngày 06/4/2021", "1114/QĐ-UBND", "2021-04-06", None),
        ("06/4/2021", "06/4/2021", None, None),
        ("theo danh sách", "theo danh sách", None, None),
    ],
)
def test_a_decision_is_taken_apart(
    cell: str, number: str, day: str | None, body: str | None
) -> None:
    cells, wrong, _ = spread_out({"decision": cell})

    said = {"decision": number, "decided_on": day, "body": body}
    assert cells == {name: text for name, text in said.items() if text}
    assert wrong == []


@pytest.mark.parametrize(
    "cells",
    [
        {"decision": "1114/QĐ-UBND ngày 31/02/2021"},
        {"decision": "1114/QĐ-UBND ngày 6/4/21"},
        {"decision": "1114/QĐ-UBND ngày 06/4/2021", "decided_on": "7/4/2021"},
        {"stars": "tiềm năng 5 sao", "potential_5": "không"},
        {"new_commune": "Xã Không Có"},
        {"commune": "Xã Không Có"},
        {"commune": "Xã Đồng Rui", "district": "Huyện Ba Chẽ"},
        {"old_commune": "Xã Không Có"},
        {"old_commune": "Xã Đồng Rui", "district": "Huyện Ba Chẽ"},
        {"old_commune": "Xã Đồng Lâm", "new_commune": "Phường Hạ Long"},
    ],
)
def test_what_contradicts_or_does_not_exist_is_a_problem(cells: dict[str, str]) -> None:
    _, wrong, _ = spread_out(cells)

    assert [bool(each.vi and each.en) for each in wrong] == [True]


def test_a_revoking_decision_is_taken_apart_too() -> None:
    cells, wrong, _ = spread_out({"revoked_by": "QĐ số 9/QĐ-UBND ngày 06/4/2021"})

    assert cells == {"revoked_by": "9/QĐ-UBND", "revoked_on": "2021-04-06"}
    assert wrong == []


def test_a_body_that_is_stated_stays() -> None:
    cells, _, _ = spread_out({"decision": "377/QĐ-BNN", "body": "tỉnh"})

    assert cells["body"] == "tỉnh"


def test_potential_5_is_four_stars_and_a_flag() -> None:
    cells, wrong, _ = spread_out({"stars": "Tiềm năng 5 sao"})

    assert cells == {"stars": "4", "potential_5": "yes"}
    assert wrong == []
    assert spread_out({"stars": "5 sao"})[0] == {"stars": "5 sao"}


@pytest.mark.parametrize(
    ("cell", "stars", "body"),
    [
        ("4 sao cấp tỉnh", "4", "tỉnh"),
        ("3 sao cấp huyện", "3", "huyện"),
        ("5 sao quốc gia", "5", "trung ương"),
        ("4 sao trung ương", "4", "trung ương"),
        ("OCOP cấp tỉnh: 4 sao", "4", "tỉnh"),
        ("4 sao (UBND tỉnh Mẫu)", "4", "tỉnh"),
    ],
)
def test_stars_may_say_who_granted_them(cell: str, stars: str, body: str) -> None:
    cells, wrong, _ = spread_out({"stars": cell})

    assert cells == {"stars": stars, "body": body}
    assert wrong == []


@pytest.mark.parametrize(
    ("cell", "body"),
    [
        ("4 sao cấp tỉnh, tiềm năng 5 sao", {"body": "tỉnh"}),
        ("tiềm năng 5 sao quốc gia", {}),
    ],
)
def test_the_level_of_the_fifth_star_is_not_that_of_the_four(
    cell: str, body: dict[str, str]
) -> None:
    cells, _, _ = spread_out({"stars": cell})

    assert cells == {"stars": "4", "potential_5": "yes", **body}


def test_stars_and_the_column_for_it_must_agree_on_who_granted_them() -> None:
    _, wrong, _ = spread_out({"stars": "3 sao cấp huyện", "body": "UBND tỉnh Mẫu"})

    assert [each.column for each in wrong] == ["stars"]


def test_a_problem_of_a_filled_column_stands_where_it_was_filled_from() -> None:
    row = FeedRow(
        number=2,
        cells={"decision": "1/QĐ-MẪU ngày 06/4/2021"},
        places={"decision": ColumnPlace("C", "Quyết định")},
    )

    filled = spread(row, NO_ANSWERS, [])

    assert filled.problem(column="decided_on", vi="", en="").place.letter == "C"
    assert filled.problem(column="stars", vi="", en="").place == ColumnPlace()


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ({"old_commune": "Đồng Rui", "district": "Tiên Yên"}, {"old": "06892"}),
        ({"old_commune": "xa dong rui", "district": "H. Tiên Yên"}, {"old": "06892"}),
        ({"commune": "P. Hà Phong", "district": "TP Hạ Long"}, {"old": "06652"}),
        ({"commune": "Phường Tuần Châu"}, {"old": "06700"}),
        ({"commune": "Đặc khu Vân Đồn"}, {"new": "06994"}),
        ({"new_commune": "Phường Móng Cái 2"}, {"new": "06709"}),
        (
            {"address": "Thôn 3, xã Đồng Rui, huyện Tiên Yên, Quảng Ninh"},
            {"old": "06892"},
        ),
        ({"address": "Thôn 3 xã Đồng Rui huyện Tiên Yên"}, {"old": "06892"}),
        ({"address": "Xã Hạ Long, huyện Vân Đồn"}, {"old": "07012"}),
        ({"address": "Phường Hạ Long, Quảng Ninh"}, {}),
        ({"address": "Xã Đồng Rui, huyện Ba Chẽ"}, {}),
        (
            {"address": "Xã Đồng Rui, huyện Tiên Yên", "commune_code": "06652"},
            {"new": "06652"},
        ),
        (
            {"old_commune": "Đồng Lâm", "new_commune": "Xã Thống Nhất"},
            {"old": "07042", "new": "07060"},
        ),
        ({"new_commune": "XÓA"}, {"new": "XÓA"}),
    ],
)
def test_communes_in_words_become_codes(
    cells: dict[str, str], codes: dict[str, str]
) -> None:
    found, wrong, asked = spread_out(cells)

    names = {"old": "old_commune_code", "new": "commune_code"}
    assert {key: found[name] for key, name in names.items() if name in found} == codes
    assert (wrong, asked) == ([], [])


def test_a_split_commune_is_asked_about_and_holds_no_row_back() -> None:
    cells = {"old_commune": "Đồng Lâm", "district": "Hạ Long", "address": "Thôn 1"}

    found, wrong, asked = spread_out(cells)

    assert found == {"address": "Thôn 1", "old_commune_code": "07042"}
    assert wrong == []
    assert [each.column for each in asked] == ["old_commune"]
    assert "Phường Hoành Bồ, Xã Thống Nhất" in asked[0].en


def test_an_answer_is_kept_for_its_address() -> None:
    maker = maker_key("Cơ sở Mẫu 001")
    answers = {address_key(maker, "Thôn 1", "07042"): "07060"}
    cells = {
        "producer_name": "CƠ SỞ MẪU 001",
        "old_commune": "Đồng Lâm",
        "district": "Hạ Long",
        "address": " THÔN 1 ",
    }

    found, _, asked = spread_out(cells, answers)

    assert found["commune_code"] == "07060"
    assert asked == []
    assert spread_out({**cells, "address": "Thôn 2"}, answers)[2] != []


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"producer_name": "Cơ sở Mẫu 002"}, id="another name"),
        pytest.param({"producer_id": "CS-0002"}, id="another id"),
        pytest.param(
            {"producer_id": "CS-0002", "producer_name": "Cơ sở Mẫu 001"},
            id="another id, though of the same name",
        ),
        pytest.param({}, id="nobody"),
    ],
)
def test_an_answer_for_one_makers_address_decides_for_no_other(
    other: dict[str, str],
) -> None:
    answers = {
        address_key("CS-0001", "Thôn 1", "07042"): "07060",
        address_key(maker_key("Cơ sở Mẫu 001"), "Thôn 1", "07042"): "07060",
    }
    place = {"old_commune": "Đồng Lâm", "district": "Hạ Long", "address": "Thôn 1"}

    same, _, nothing = spread_out({"producer_id": "CS-0001", **place}, answers)
    found, _, asked = spread_out({**other, **place}, answers)

    assert (same["commune_code"], nothing) == ("07060", [])
    assert "commune_code" not in found
    assert [each.column for each in asked] == ["old_commune"]


def test_a_name_that_is_old_and_new_is_a_question_of_its_row() -> None:
    # The old Hải Hòa was split; a new one is part of it.
    _, wrong, _ = spread_out({"commune": "Hải Hòa"})

    assert [each.column for each in wrong] == ["commune"]
