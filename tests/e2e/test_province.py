"""Another province than the one whose communes ship, from its table to its export."""

from pathlib import Path

import pytest

from tests.communes import ROWS, write_table
from tests.e2e.served import Desk, good
from tests.workbooks import cells_in, make_workbook

HEADS = ["Tên sản phẩm", "Chủ thể", "Địa chỉ", "Xã cũ", "Huyện", "Tỉnh", "Mã xã mới"]
OURS = ["Chè Mẫu", "Cơ sở Mẫu 001", "Thôn 1", "Mẫu Tây", "TX. Mẫu Bắc", "Mẫu"]
SPLIT = ["Gạo Mẫu", "Cơ sở Mẫu 002", "Thôn 2", "Xã Mẫu Đông", "H. Mẫu", "Tỉnh Mẫu"]
THEIRS = ["Mật Mẫu", "Cơ sở Mẫu 003", "Thôn 3", "Đồng Rui", "Tiên Yên", "Quảng Ninh"]


@pytest.fixture
def elsewhere(desk: Desk) -> Desk:
    """A desk of a fictitious province."""
    table = write_table(desk.folder)
    desk.write_settings(more=f'province.communes = "{table}"')
    return desk


def write_sheet(desk: Desk, *rows: list[str], name: str = "bang.xlsx") -> str:
    path = desk.folder / name
    path.write_bytes(make_workbook({"Bảng": [HEADS, *rows]}))
    return str(path)


def test_a_sheet_of_another_province_is_read_by_its_own_table(elsewhere: Desk) -> None:
    sheet = write_sheet(elsewhere, OURS, SPLIT, THEIRS)

    asked = elsewhere.run_json("import", sheet)
    answered = elsewhere.run_json(
        "import", write_sheet(elsewhere, OURS, [*SPLIT, "90004"], THEIRS)
    )
    out = elsewhere.folder / "ra.xlsx"
    elsewhere.run("export", str(out))
    again = elsewhere.run_json("import", str(out), "--source", "bang.xlsx")

    assert [each["column"] for each in asked["problems"]] == ["old_commune"]
    assert "Xã Mẫu Một, Xã Mẫu Bốn" in asked["problems"][0]["vi"]
    assert (asked["totals"]["created"], asked["counted"]["elsewhere"]) == (2, 1)
    assert any("4 (Quảng Ninh 1)" in each["vi"] for each in asked["notes"])
    assert (answered["problems"], answered["totals"]["changed"]) == ([], 1)
    found = cells_in(out.read_bytes())
    codes = {(row["old_commune_code"], row.get("commune_code")) for row in found}
    assert codes == {("90003", None), ("90002", "90004")}
    # The export is read with the same table, and changes nothing.
    assert (again["problems"], again["changed"], again["missing"]) == ([], [], [])


def test_rows_of_other_provinces_alone_end_with_0(elsewhere: Desk) -> None:
    result = elsewhere.run("import", write_sheet(elsewhere, OURS, THEIRS))

    assert result.exit_code == 0
    assert "1 dòng thuộc tỉnh khác, không nạp" in result.stderr
    assert "Đọc 2 dòng = nhận 1 (mới 1) + của tỉnh khác 1" in result.stdout


def test_template_and_fiction_are_of_the_province(elsewhere: Desk) -> None:
    sheet, made = elsewhere.folder / "mau.xlsx", elsewhere.folder / "mau.csv"

    elsewhere.run("template", "--out", str(sheet))
    elsewhere.run("generate", str(made), "--count", "12")
    report = elsewhere.run_json("import", str(made))

    text = made.read_text("utf-8-sig")
    assert "Huyện Mẫu, Mẫu" in text
    assert "Quảng Ninh" not in text
    assert report["totals"]["created"] == 12
    assert {each["column"] for each in report["problems"]} <= {"old_commune_code"}
    assert cells_in(sheet.read_bytes()) == []


@pytest.mark.parametrize("command", [("plan",), ("import", "danh-muc.csv")])
def test_a_wrong_table_ends_every_command_that_needs_it_at_its_start(
    desk: Desk, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = write_table(desk.folder, rows=(*ROWS, ROWS[0].replace("Mẫu Một", "Một")))
    desk.write_settings(more=f'province.communes = "{table}"')
    desk.write_catalog(good(1))
    monkeypatch.chdir(desk.folder)

    result = desk.run(*command)

    assert result.exit_code == 2
    assert str(table) in result.stderr
    assert "90001 Xã Một: mã của hai xã / the code of two communes" in result.stderr


def test_a_table_that_is_not_there_is_named(desk: Desk) -> None:
    missing = Path("khong-co.csv")
    desk.write_settings(more=f'province.communes = "{missing}"')

    result = desk.run("template", "--out", str(desk.folder / "mau.xlsx"))

    assert (result.exit_code, "khong-co.csv" in result.stderr) == (2, True)
