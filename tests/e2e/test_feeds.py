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
