"""The tests left out on PostgreSQL, the refusals of SQLite instead, and the check."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, insert, text
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.db.database import Database
from tests.databases import is_left_out, missing

NUMBERS = Table(
    "numbers",
    MetaData(),
    Column("small", Integer),
    Column("big", BigInteger),
    Column("words", Text),
)
HERE = "tests/integration/test_x.py::test_y[sqlite]"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/mau.db")
    await database.write(lambda conn: conn.run_sync(NUMBERS.metadata.create_all))
    yield database
    await database.close()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"small": 2**31}, id="a number too big"),
        pytest.param({"big": -(2**63) - 1}, id="a number too small"),
        pytest.param({"small": "1"}, id="text for a number"),
        pytest.param({"words": 1}, id="a number for text"),
        pytest.param({"words": "a\0b"}, id="text with a NUL"),
    ],
)
async def test_sqlite_refuses_a_value_that_postgresql_would(
    database: Database, value: dict[str, Any]
) -> None:
    with pytest.raises(StatementError, match="NotForPostgresql"):
        await database.write(lambda conn: conn.execute(insert(NUMBERS), value))


async def test_sqlite_takes_what_postgresql_does(database: Database) -> None:
    value = {"small": 2**31 - 1, "big": 2**31, "words": "Măng"}

    await database.write(lambda conn: conn.execute(insert(NUMBERS), value))

    async with database.read() as conn:
        rows = await conn.execute(text("SELECT small, big, words FROM numbers"))
        assert rows.all() == [(2**31 - 1, 2**31, "Măng")]


async def _put(n: int, conn: AsyncConnection) -> None:
    await conn.execute(insert(NUMBERS), {"small": n})


async def test_rows_without_an_order_come_otherwise_than_they_went(
    database: Database,
) -> None:
    for n in range(3):
        await database.write(partial(_put, n))

    async with database.read() as conn:
        rows = await conn.execute(text("SELECT small FROM numbers"))

    assert [n for (n,) in rows.all()] == [2, 1, 0]


class TestOfBoth:
    @pytest.fixture(params=["sqlite", "postgresql"])
    def url(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def is_out(self, request: pytest.FixtureRequest, url: str) -> tuple[str, bool]:
        return url, is_left_out(request.node)

    def test_without_a_mark_it_runs_on_sqlite(self, is_out: tuple[str, bool]) -> None:
        assert is_out in {("sqlite", False), ("postgresql", True)}

    @pytest.mark.postgresql
    def test_with_the_mark_on_both(self, is_out: tuple[str, bool]) -> None:
        assert not is_out[1]

    @pytest.mark.parametrize("url", ["postgresql"], indirect=True)
    def test_and_where_it_says_itself(self, is_out: tuple[str, bool]) -> None:
        assert is_out == ("postgresql", False)


@pytest.mark.parametrize(
    ("postgresql", "expected"),
    [
        pytest.param({"SELECT 1": "", "SELECT 2": ""}, {}, id="both"),
        pytest.param({"SELECT 1": ""}, {"SELECT 2": HERE}, id="one alone"),
        pytest.param({}, {}, id="no server at all"),
    ],
)
def test_a_statement_that_only_sqlite_was_sent_is_missing(
    postgresql: dict[str, str], expected: dict[str, str]
) -> None:
    own = "INSERT INTO _alembic_tmp_listing (ref) VALUES (?)"
    one = {"sqlite": {"SELECT 1": HERE, own: HERE}, "postgresql": {}}
    other = {"sqlite": {"SELECT 2": HERE}, "postgresql": postgresql}

    assert missing([one, other]) == expected


def test_columns_that_were_written_apart_need_not_be_written_together() -> None:
    def update(columns: str) -> str:
        return f"UPDATE listing SET {columns} WHERE listing.id = ?"  # noqa: S608

    sqlite = {update("found=?, hold=?"): HERE, update("hold=?, ref=?"): HERE}
    postgresql = {update("found=?"): "", update("hold=?, until=?"): ""}

    found = missing([{"sqlite": sqlite, "postgresql": postgresql}])

    assert found == {update("ref=?"): HERE}
