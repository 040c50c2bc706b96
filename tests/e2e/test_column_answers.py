"""A heading with a slip is asked about once, and the answer is remembered."""

import json

import pytest

from tests.e2e.served import Desk
from tests.workbooks import make_workbook

HEADS = ["Tên sản phẩm", "Chủ thể", "Giá bánn", "Ghi chú", "Cao độ"]
ROW = ["Chè mẫu", "Cơ sở Mẫu 001", "150k", "x", "120 m"]


def test_a_slip_in_a_heading_is_asked_once_for_each_source(desk: Desk) -> None:
    path = desk.folder / "bảng.xlsx"
    path.write_bytes(make_workbook({"Bảng": [HEADS, ROW]}))

    asked = desk.run("import", str(path))
    checked = desk.run("import", str(path), "--check", "--column", "Giá bánn=price_vnd")
    unanswered = desk.run("import", str(path))
    answered = desk.run("import", str(path), "--column", "giá  bánn=Giá bán")
    again = desk.run("import", str(path))
    other = desk.run("import", str(path), "--source", "khác")
    kept = json.loads(desk.run("import", "reports", "--json").stdout)["reports"]

    assert (asked.exit_code, checked.exit_code, unanswered.exit_code) == (3, 0, 3)
    assert 'cột C Giá bánn: tiêu đề gần giống "Giá bán"' in asked.stderr
    assert "mới / new 1" in asked.stdout
    assert 'không có cột này, bỏ qua: E "Cao độ"' in asked.stderr
    assert "Ghi chú" not in asked.stderr
    assert (answered.exit_code, again.exit_code, other.exit_code) == (0, 0, 3)
    assert "đổi / changed 1" in answered.stdout
    assert [each["answers"] for each in kept if each["answers"]] == [
        {"giá bánn": "price_vnd"}
    ]
    assert 'cột C "Giá bánn": hiểu là "Giá bán (đồng)"' in again.stderr


def test_an_answer_holds_for_a_copy_of_the_sheet_that_is_called_otherwise(
    desk: Desk,
) -> None:
    path, copy = desk.folder / "bảng.xlsx", desk.folder / "loi.xlsx"
    heads = ["Tên sản phẩn", *HEADS[1:]]
    path.write_bytes(make_workbook({"Bảng": [heads, ROW]}))
    answers = ("--column", "Tên sản phẩn=name", "--column", "Giá bánn=-")

    waiting = desk.run("import", str(path), "--annotate", str(copy))
    before = desk.run("import", str(copy))
    desk.run("import", str(path), *answers)
    after = desk.run("import", str(copy))

    assert (waiting.exit_code, before.exit_code, after.exit_code) == (3, 3, 0)


def test_nothing_goes_in_while_it_is_asked_what_the_name_is(desk: Desk) -> None:
    path = desk.folder / "bảng.xlsx"
    path.write_bytes(make_workbook({"Bảng": [["Tên sản phẩn", *HEADS[1:]], ROW]}))

    report = desk.run_json("import", str(path))
    answered = desk.run("import", str(path), "--column", "Tên sản phẩn=Tên sản phẩm")

    assert (report["written"], report["rows"]) == (False, 0)
    assert [each["column"] for each in report["problems"]] == ["name", "price_vnd"]
    assert "mới / new 1" in answered.stdout


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("Giá bánn", 2),
        ("Giá bánn=Giá vốn", 2),
        ("Giá bánn=Ghi chú", 2),
        ("=Giá bán", 2),
        ("Giá khác=Giá bán", 2),
    ],
)
def test_an_answer_that_is_of_no_use_is_refused_and_not_kept(
    desk: Desk, answer: str, code: int
) -> None:
    path = desk.folder / "bảng.xlsx"
    path.write_bytes(make_workbook({"Bảng": [HEADS, ROW]}))

    refused = desk.run("import", str(path), "--column", answer)

    assert refused.exit_code == code
    assert "--column" in refused.stderr
    assert desk.run("import", str(path)).exit_code == 3
