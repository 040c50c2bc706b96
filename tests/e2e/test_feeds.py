"""Files that commands read and write: `import`, `export` and `generate`."""

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.e2e.served import Desk, good
from tests.workbooks import Rows, make_workbook, opened


def test_a_bad_row_is_named_and_the_others_go_in(desk: Desk) -> None:
    path = desk.folder / "sai.csv"
    path.write_text("name,stars\nMăng khô Mẫu,4\nChè Mẫu,chín\n", "utf-8")

    result = desk.run("import", str(path))

    assert result.exit_code == 1
    assert "dòng 3, cột B stars" in result.stderr
    assert "mới / new 1" in result.stdout


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_what_is_exported_can_be_imported_again(desk: Desk, form: str) -> None:
    desk.import_(good(1), good(2))
    out = desk.folder / f"ra.{form}"

    exported = desk.run("export", str(out))
    again = desk.run_json("import", str(out), "--source", "danh-muc.csv")

    assert exported.exit_code == 0
    assert (again["rows"], again["created"], again["changed"]) == (2, [], [])


def test_generating_twice_gives_the_same_file_and_overwrites_none(desk: Desk) -> None:
    one, other = str(desk.folder / "a.csv"), str(desk.folder / "b.csv")
    words = ("--count", "20", "--seed", "7", "--as-of", "2026-11-24")

    desk.run("generate", one, *words)
    desk.run("generate", other, *words)
    refused = desk.run("generate", one, *words)

    assert Path(one).read_bytes() == Path(other).read_bytes()
    assert refused.exit_code == 2


def test_an_import_ends_with_its_totals(desk: Desk) -> None:
    path = desk.folder / "mẫu.csv"
    path.write_text("name,stars\nChè A,4\nChè B,3\nChè C,4\n", "utf-8")
    desk.run("import", str(path))
    path.write_text("name,stars\nChè A,4\nChè B,4\nChè D,4\nChè E,chín\n", "utf-8")

    result = desk.run("import", str(path))

    assert result.stdout.splitlines()[-1] == (
        "Tổng cộng / total: 4 dòng / rows; sản phẩm / products: mới / new 1, đổi"
        " / changed 1, không đổi / unchanged 1; dòng có lỗi / rows with problems 1"
    )


def test_a_question_is_not_counted_as_an_error(desk: Desk) -> None:
    path = desk.folder / "bang.csv"
    rows = ("Chè mẫu,HTX Mẫu,4", "Chè mẫuu,HTX Mẫu,4", "Gạo mẫu,HTX Mẫu,chín")
    path.write_text("\n".join(["name,producer_name,stars", *rows]), "utf-8")

    said = desk.run("import", str(path))

    assert said.stdout.splitlines()[-1].endswith(
        "dòng có lỗi / rows with problems 1; dòng có câu hỏi / rows with questions 1"
    )


def test_what_is_not_shown_of_many_questions_is_not_called_an_error(desk: Desk) -> None:
    path = desk.folder / "bang.csv"
    near = ["Chè mẫuu,HTX Mẫu"] * 52
    path.write_text(
        "\n".join(["name,producer_name", "Chè mẫu,HTX Mẫu", *near]), "utf-8"
    )

    said = desk.run("import", str(path))

    assert "… và 2 điều nữa (--json) / and 2 more" in said.stderr


def test_an_import_counts_products_and_rows_for_machines(desk: Desk) -> None:
    path = desk.write_catalog(good(1), good(2))
    desk.run("import", str(path))

    report = desk.run_json("import", str(path))

    assert report["totals"] == {
        "rows": 2,
        "created": 0,
        "changed": 0,
        "unchanged": 2,
        "rows_with_problems": 0,
    }


def test_a_sheet_is_checked_annotated_and_not_taken_in(desk: Desk) -> None:
    path, out = desk.folder / "bang.xlsx", desk.folder / "loi.xlsx"
    heads = ["Tên sản phẩm", "Chủ thể", "Giá bán"]
    rows = [["Chè mẫu", "HTX Mẫu", "150k"], ["Gạo mẫu", "HTX Mẫu", "liên hệ"]]
    sheets = {"Bảng": [["SỞ MẪU"], heads, *rows], "Giá": [["=1+1"]]}
    path.write_bytes(make_workbook(sheets))

    checked = desk.run("import", str(path), "--check", "--annotate", str(out))
    after = desk.run_json("import", str(path))

    assert checked.exit_code == 1
    assert 'trang "Bảng", dòng 4, cột C Giá bán "liên hệ"' in checked.stderr
    assert len(after["created"]) == 1
    feed = opened(out.read_bytes())
    assert [row.number for row in feed.rows] == [3, 4]
    assert load_workbook(out)["Giá"]["A1"].value == "=1+1"


def test_a_sheet_is_never_annotated_over_itself(desk: Desk) -> None:
    path = desk.folder / "bang.xlsx"
    path.write_bytes(content := make_workbook({"Bảng": [["Tên sản phẩm"], ["Chè"]]}))

    result = desk.run("import", str(path), "--check", "--annotate", str(path))

    assert (result.exit_code, "name another" in result.stderr) == (2, True)
    assert path.read_bytes() == content


def test_the_answer_to_a_split_commune_is_asked_for_once(desk: Desk) -> None:
    heads = ["Tên sản phẩm", "Chủ thể", "Địa chỉ", "Xã cũ", "Huyện", "Xã mới"]
    row = ["Chè mẫu", "HTX Mẫu", "Thôn 1", "Đồng Lâm", "Hạ Long"]
    files = {"hoi.xlsx": row, "dap.xlsx": [*row, "Xã Thống Nhất"]}
    for name, cells in files.items():
        content = make_workbook({"Bảng": [heads, cells]})
        (desk.folder / name).write_bytes(content)
    asking, answering = (str(desk.folder / name) for name in files)

    first = desk.run_json("import", asking)
    second = desk.run_json("import", answering, "--source", "hoi.xlsx")
    third = desk.run_json("import", asking)

    asked = [[each["column"] for each in said["problems"]] for said in (first, second)]
    assert asked == [["old_commune"], []]
    assert len(first["created"]) == 1
    assert (third["problems"], third["changed"]) == ([], [])


def test_a_template_is_a_workbook(desk: Desk) -> None:
    result = desk.run("template", "--out", str(desk.folder / "mau.pdf"))

    assert (result.exit_code, "an .xlsx file is needed" in result.stderr) == (2, True)
    assert not (desk.folder / "mau.pdf").exists()


def test_a_template_is_written_once(desk: Desk) -> None:
    path = str(desk.folder / "mau.xlsx")

    first, second = (desk.run("template", "--out", path) for _ in range(2))
    empty = desk.run_json("import", path)

    assert (first.exit_code, second.exit_code) == (0, 2)
    assert (empty["rows"], empty["created"]) == (0, [])


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        pytest.param(("sku", "price_vnd", "export_stamp"), 0, id="stamped"),
        pytest.param(("sku", "price_vnd"), 3, id="without its stamp"),
    ],
)
def test_a_producers_price_follows_only_a_sheet_that_knows_the_present_one(
    desk: Desk, columns: tuple[str, ...], code: int
) -> None:
    desk.import_(good(1))
    out, edited = desk.folder / "ra.csv", desk.folder / "sua.csv"
    desk.run("export", str(out))
    (row,) = csv.DictReader(io.StringIO(out.read_text("utf-8-sig")))
    row["price_vnd"] = str(int(row["price_vnd"]) + 1000)
    lines = [columns, [row[name] for name in columns]]
    edited.write_text("\n".join(",".join(each) for each in lines), "utf-8")

    result = desk.run("import", str(edited), "--source", "khac.csv")

    assert result.exit_code == code, result.output


def test_problems_come_in_the_order_of_the_rows(desk: Desk) -> None:
    heads = ["Tên sản phẩm", "Chủ thể", "Hạng sao", "Xã cũ", "Huyện"]
    rows = [
        ["Chè mẫu", "HTX Mẫu", "chín"],
        ["Gạo mẫu", "HTX Mẫu", "4", "Đồng Lâm", "Hạ Long"],
        ["Mật mẫu", "HTX Mẫu", "x"],
    ]
    path = desk.folder / "bang.xlsx"
    path.write_bytes(make_workbook({"Bảng": [heads, *rows]}))

    report = desk.run_json("import", str(path))

    assert [(each["row"], each["kind"]) for each in report["problems"]] == [
        (2, "wrong"),
        (3, "question"),
        (4, "wrong"),
    ]


@pytest.mark.parametrize(
    ("records", "code"),
    [
        pytest.param('{"name": "Gạo Mẫu", "ghi chú riêng": "x"}', 0, id="only said"),
        pytest.param('{"name": "Gạo Mẫu", "stars": {}}', 1, id="a bad record"),
        pytest.param('{"name": "Gạo Mẫu", "price_vnd": 150}', 3, id="a question"),
        pytest.param(
            '{"name": "Gạo Mẫu", "price_vnd": 150}, {"name": 7, "stars": {}}',
            3,
            id="a question and a bad record",
        ),
        pytest.param('{"name": "Gạo Mẫu"', 2, id="cut off"),
    ],
)
def test_an_import_fails_only_for_a_bad_row(
    desk: Desk, records: str, code: int
) -> None:
    path = desk.folder / "danh-muc.json"
    path.write_text(f'[{{"name": "Chè Mẫu"}}, {records}]', "utf-8")

    result = desk.run("import", str(path))

    assert result.exit_code == code, result.output


def test_an_import_says_what_became_of_each_row(desk: Desk) -> None:
    heads = ["STT", "Tên sản phẩm", "Chủ thể", "Hạng sao"]
    tea = [1, "Chè mẫu", "HTX Mẫu", "4 sao"]
    near = [5, "Chè mẫuu", "HTX Mẫu", "4 sao"]
    bad = [4, "Gạo mẫu", "HTX Mẫu", "chín"]
    rows: Rows = [["I", "Nhóm chè"], tea, tea, bad, near, [None, "Tổng cộng", None, 5]]
    path = desk.folder / "bang.xlsx"
    path.write_bytes(make_workbook({"Bảng": [heads, *rows]}))

    said = desk.run("import", str(path))
    again = desk.run_json("import", str(path))

    assert (
        "Đọc 6 dòng = nhận 1 (mới 1) + lặp lại dòng trước 1 + bỏ lại vì lỗi 1 + chờ"
        " trả lời 1 + không phải dòng sản phẩm 2 / 6 rows read = 1 taken (new 1) + 1"
        " repeated + 1 left out as wrong + 1 waiting for an answer + 2 passed over"
    ) in said.stdout
    assert again["counted"] == {
        "read": 6,
        "new": 0,
        "changed": 0,
        "unchanged": 1,
        "repeated": 1,
        "wrong": 1,
        "waiting": 1,
        "elsewhere": 0,
        "passed_over": 2,
    }


def test_a_generated_catalog_asks_nothing_and_names_no_page_of_the_sample(
    desk: Desk,
) -> None:
    made = desk.folder / "mau.csv"
    desk.run("generate", str(made), "--count", "80")

    done = desk.run("import", str(made))

    assert done.exit_code == 0, done.output
    assert "truyxuat.example" not in made.read_text("utf-8-sig")
    assert "nhiều cơ quan" not in done.output


def test_a_generated_catalog_has_its_pages_and_open_questions_if_that_is_said(
    desk: Desk,
) -> None:
    desk.write_settings(more='rules.trace_hosts = ["truyxuat.example"]')
    made = desk.folder / "mau.csv"
    desk.run("generate", str(made), "--count", "3", "--unsettled")

    assert "truyxuat.example" in made.read_text("utf-8-sig")
    assert desk.run("import", str(made)).exit_code == 3
