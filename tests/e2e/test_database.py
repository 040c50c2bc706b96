"""A person asks how far the database is, and keeps a copy of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ocop_sync.cli import main
from ocop_sync.store.db.schema import VERSIONS


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
