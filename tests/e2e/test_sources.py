"""A file is of the source that it came from, under any name."""

import csv
from pathlib import Path

from openpyxl import load_workbook

from tests.e2e.served import Desk, good
from tests.workbooks import make_workbook

HEADS = ["Tên sản phẩm", "Chủ thể", "Hạng sao"]
ROWS = [["Chè mẫu", "HTX Mẫu", "4"], ["Gạo mẫu", "HTX Mẫu", "chín"]]


def saved_as_csv(path: Path) -> Path:
    """Return what a spreadsheet makes of a workbook that it saves as CSV."""
    page = load_workbook(path).worksheets[0]
    out = path.with_name("luu lai.csv")
    with out.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(page.iter_rows(values_only=True))
    return out


def test_what_was_exported_is_of_the_same_source_under_another_name(desk: Desk) -> None:
    desk.import_(good(1), good(2), good(3))
    out = desk.folder / "ra.xlsx"
    desk.run("export", str(out))
    book = load_workbook(out)
    book.worksheets[0].delete_rows(4)
    book.save(renamed := desk.folder / "ban sao (2).xlsx")

    report = desk.run_json("import", str(renamed))

    assert (report["source"], report["written"]) == ("danh-muc.csv", True)
    assert report["missing"] == ["SP-00003"]
    assert any("danh-muc.csv" in note["vi"] for note in report["notes"])


def test_an_annotated_copy_is_of_the_same_source_also_as_csv(desk: Desk) -> None:
    path, out = desk.folder / "bang.xlsx", desk.folder / "loi.xlsx"
    path.write_bytes(make_workbook({"Bảng": [HEADS, *ROWS]}))
    desk.run("import", str(path), "--annotate", str(out))
    book = load_workbook(out)
    book.worksheets[0]["C3"].value = "3"
    book.save(out)

    mended = desk.run_json("import", str(out))
    as_csv = desk.run_json("import", str(saved_as_csv(out)))
    first = desk.run_json("import", str(path))

    assert len(mended["created"]) == 1
    assert [each["source"] for each in (mended, as_csv, first)] == ["bang.xlsx"] * 3
    assert (as_csv["problems"], as_csv["changed"]) == ([], [])


def test_a_file_without_a_stamp_asks_once_which_source_it_is(desk: Desk) -> None:
    desk.import_(good(1))
    path = desk.write_catalog(good(1), good(2), name="gui lai.csv")

    asked = desk.run("import", str(path))
    checked = desk.run_json("import", str(path), "--check")
    answered = desk.run_json("import", str(path), "--source", "danh-muc.csv")
    again = desk.run_json("import", str(path))

    assert (asked.exit_code, checked["written"]) == (3, False)
    assert "CHƯA GHI GÌ" in asked.stdout
    assert "danh-muc.csv, " in asked.stderr
    assert f"import '{path}' --source 'gui lai.csv'" in asked.stderr
    assert [each["name"] for each in checked["sources"]] == ["danh-muc.csv"]
    assert (answered["source"], len(answered["created"])) == ("danh-muc.csv", 1)
    assert (again["source"], again["sources"]) == ("danh-muc.csv", [])


def test_a_copy_of_a_file_that_waits_for_its_source_names_none(desk: Desk) -> None:
    desk.import_(good(1))
    path = desk.write_catalog(good(1), name="gui lai.csv")
    out = desk.folder / "loi.xlsx"

    desk.run("import", str(path), "--annotate", str(out))
    report = desk.run_json("import", str(out), "--check")

    assert report["sources"]


def test_a_new_source_is_said(desk: Desk) -> None:
    desk.import_(good(1))
    path = desk.write_catalog(good(2), name="huyen.csv")

    result = desk.run("import", str(path))
    again = desk.run("import", str(path))

    assert result.exit_code == 0
    assert "nguồn mới “huyen.csv”" in result.stderr
    assert "nguồn mới" not in again.stderr


def test_that_a_person_says_otherwise_than_the_stamp_is_said(desk: Desk) -> None:
    desk.import_(good(1))
    out = desk.folder / "ra.csv"
    desk.run("export", str(out))

    result = desk.run("import", str(out), "--source", "khac.csv")

    assert "“danh-muc.csv”, nhưng nạp là “khac.csv”" in result.stderr


def test_a_worklist_misses_nothing_of_the_catalog(desk: Desk) -> None:
    desk.import_(*[good(n) for n in range(1, 4)])
    out = desk.folder / "viec.xlsx"
    desk.run("expiring", "--days", "3660", "--out", str(out))

    report = desk.run_json("import", str(out))

    assert (report["source"], report["missing"]) == ("Sắp hết hạn", [])


def test_a_copy_of_a_sheet_whose_headings_are_asked_about_claims_no_source(
    desk: Desk,
) -> None:
    desk.import_(good(1))
    path, out = desk.folder / "gui lai.xlsx", desk.folder / "loi.xlsx"
    path.write_bytes(make_workbook({"Bảng": [["Tên sản phẩn", "Giá bán"], ["x", 1]]}))

    desk.run("import", str(path), "--annotate", str(out))
    heads = [cell.value for cell in load_workbook(out)["Bảng"][1]]

    assert heads == ["Tên sản phẩn", "Giá bán", "Lỗi cần sửa"]


def test_a_sheet_with_an_answered_heading_keeps_its_layout(desk: Desk) -> None:
    path, out = desk.folder / "bang.xlsx", desk.folder / "loi.xlsx"
    rows = [["Tên sản phẩm", "Giá bánn"], ["Chè mẫu", "x"]]
    path.write_bytes(make_workbook({"Bảng": rows, "Giá": [["=1+1"]]}))
    words = ("--column", "Giá bánn=Giá bán", "--annotate", str(out))

    desk.run("import", str(path), *words)

    assert "Giá" in load_workbook(out).sheetnames
