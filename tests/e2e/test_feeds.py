"""Files that commands read and write: `import`, `export` and `generate`."""

from pathlib import Path

from tests.e2e.served import Desk, good


def test_a_bad_row_is_named_and_the_others_go_in(desk: Desk) -> None:
    path = desk.folder / "sai.csv"
    path.write_text("name,stars\nMăng khô Mẫu,4\nChè Mẫu,chín\n", "utf-8")

    result = desk.run("import", str(path))

    assert result.exit_code == 1
    assert "dòng 3, cột stars" in result.stderr
    assert "mới / new 1" in result.stdout


def test_what_is_exported_can_be_imported_again(desk: Desk) -> None:
    desk.import_(good(1), good(2))
    out = desk.folder / "ra.json"

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
