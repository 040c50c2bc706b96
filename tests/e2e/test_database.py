"""A person asks how far the database is, and keeps a copy of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ocop_sync.cli import main
from ocop_sync.cli.app.one_server import beside_no_server
from ocop_sync.settings import load_settings
from ocop_sync.store.db.schema import VERSIONS
from tests.e2e.served import Desk, good
from tests.pictures import make_picture

PICTURES = "SELECT content FROM picture"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def set_version(version: str) -> None:
    with closing(sqlite3.connect("ocop-sync.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [version])


def test_a_database_that_is_up_to_date_says_so() -> None:
    assert run("db", "upgrade").exit_code == 0

    result = run("db", "current")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"cơ sở dữ liệu / database: {VERSIONS[-1]}",
        f"chương trình / program: {VERSIONS[-1]}",
    ]


def test_a_database_that_is_not_there_is_told_and_not_made() -> None:
    result = run("db", "current")

    assert result.exit_code == 2
    assert "database: -" in result.stdout
    assert "as on a fresh machine, which is no fault" in result.stderr
    assert "make them by `ocop-sync db upgrade`" in result.stderr
    assert "the first command makes those of SQLite" in result.stderr
    assert not Path("ocop-sync.db").exists()


@pytest.mark.parametrize(
    ("version", "tables", "todo"),
    [
        ("0002", "older", "keep a copy (SQLite: `ocop-sync db backup FILE`"),
        ("9999", "unknown", "install that one, or restore the copy"),
    ],
)
def test_versions_that_differ_say_what_to_do_and_change_nothing(
    version: str, tables: str, todo: str
) -> None:
    run("db", "upgrade")
    set_version(version)

    said, json = run("db", "current"), run("db", "current", "--json")

    assert (said.exit_code, json.exit_code) == (2, 2)
    assert f"database: {version}" in said.stdout
    assert todo in " ".join(said.stderr.split())
    assert f'"tables": "{tables}"' in json.stdout
    assert f'"program": "{VERSIONS[-1]}"' in json.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["mau.csv"], 0, id="behind the command"),
        pytest.param(["--out", "mau.csv"], 0, id="by --out"),
        pytest.param([], 2, id="none"),
        pytest.param(["mau.csv", "--out", "hai.csv"], 2, id="two"),
    ],
)
def test_generate_takes_its_file_either_way_and_says_so(
    words: list[str], code: int
) -> None:
    result = run("generate", *words, "--count", "3")

    assert result.exit_code == code
    assert Path("mau.csv").exists() is (code == 0)
    assert code == 0 or "generate mau.csv` or `--out mau.csv`" in " ".join(
        result.stderr.split()
    )
    assert "generate [OPTIONS] [FILE.csv]" in run("generate", "--help").stdout


def test_a_copy_can_be_worked_with() -> None:
    run("generate", "mau.csv", "--count", "3")
    run("import", "mau.csv")

    kept = run("db", "backup", "sao-luu.db")

    assert kept.exit_code == 0
    assert "sao-luu.db: đã giữ bản sao / copy kept" in kept.stdout
    Path("ocop-sync.db").unlink()
    Path("sao-luu.db").rename("ocop-sync.db")
    assert len(run("export", "-").stdout.splitlines()) > 3


def test_a_copy_that_cannot_be_made_is_wrong_use() -> None:
    result = run("db", "backup", "sao-luu.db")

    assert result.exit_code == 2
    assert "there is no file ocop-sync.db" in result.stderr


def rows_of_catalog() -> int:
    return len(run("export", "-").stdout.splitlines())


def test_a_backup_is_put_back_only_while_nothing_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run("generate", "mau.csv", "--count", "3")
    run("import", "mau.csv")
    assert run("backup", "sao-luu.db").exit_code == 0
    before = rows_of_catalog()
    run("generate", "mau.csv", "--count", "9", "--force")
    run("import", "mau.csv")
    after = rows_of_catalog()

    monkeypatch.setenv("OCOP_SYNC_DATABASE__URL", "sqlite:///ocop-sync.db")
    with beside_no_server(load_settings(None)):
        refused = run("restore", "sao-luu.db")
    unchanged = rows_of_catalog()
    done = run("restore", "sao-luu.db", "--by", "Lê B")

    assert refused.exit_code == 2
    assert "`ocop-sync worker` runs on this file: stop it" in refused.stderr
    assert unchanged == after > before
    assert done.exit_code == 0, done.output
    assert "sao-luu.db: đã khôi phục / restored" in done.stdout
    assert "are read whole before anything is written there" in done.stdout
    assert "the former database is kept: " in done.stdout
    assert rows_of_catalog() == before
    assert "restore_database" in run("audit", "list").stdout


def test_an_earlier_backup_is_written_over_only_when_told() -> None:
    run("db", "upgrade")
    run("backup", "sao-luu.db")

    assert run("backup", "sao-luu.db").exit_code == 2
    assert run("backup", "sao-luu.db", "--force").exit_code == 0


def test_a_database_can_be_told_that_it_was_put_back() -> None:
    run("db", "upgrade")

    done = run("db", "restored")

    assert done.exit_code == 0, done.output
    assert "0 sessions ended, 0 unused links voided" in done.stdout


def test_a_copy_in_the_place_of_the_database_serves_and_works_once_it_is_known(
    desk: Desk,
) -> None:
    desk.import_(good(1))
    desk.run("backup", str(desk.folder / "sao-luu.db"))
    for file in desk.folder.glob("ocop.db*"):
        file.unlink()
    (desk.folder / "sao-luu.db").rename(desk.folder / "ocop.db")

    refused = [desk.run(word) for word in ("sync", "worker", "serve")]
    known = desk.run("db", "moved", "--by", "Lê B")
    synced = desk.run("sync")

    assert [each.exit_code for each in refused] == [2, 2, 2]
    assert all("ocop-sync db moved --by NAME" in each.output for each in refused)
    assert known.stdout == "đã ghi nhận chỗ mới / its present place is noted\n"
    assert (known.exit_code, synced.exit_code) == (0, 0)
    assert "move_database" in desk.run("audit", "list").stdout


def pictures_in(file: Path) -> list[bytes]:
    with closing(sqlite3.connect(file)) as connection:
        found = [content for (content,) in connection.execute(PICTURES)]
    assert found
    return found


def test_pictures_come_back_with_a_backup(desk: Desk) -> None:
    desk.import_(good(1))
    (desk.folder / "a.jpg").write_bytes(make_picture())
    words = ("pictures", "add", "SP-00001", str(desk.folder / "a.jpg"), "--by", "Lê B")
    added = desk.run_json(*words)["pictures"]
    before = pictures_in(desk.folder / "ocop.db")
    copy = str(desk.folder / "sao-luu.db")
    assert desk.run("backup", copy).exit_code == 0
    for file in desk.folder.glob("ocop.db*"):
        file.unlink()

    done = desk.run("restore", copy)

    assert done.exit_code == 0, done.output
    assert desk.run_json("pictures", "list", "SP-00001")["pictures"] == added
    assert pictures_in(desk.folder / "ocop.db") == before
