"""One history of versions makes the tables that the code works with.

A first start makes and upgrades SQLite by itself; with PostgreSQL a person does.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from ocop_sync.bootstrap.databases import ensure_tables
from ocop_sync.errors import ConfigurationError
from ocop_sync.store.db import schema, upgrade
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.schema import Tables
from tests.postgres import Server
from tests.world import make_tables

pytestmark = pytest.mark.postgresql

T = TypeVar("T")

OLDEST = "0001"


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """Address of an SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path}/new.db"


@pytest.fixture
async def postgresql(postgres: Server) -> AsyncIterator[str]:
    """Address of an empty PostgreSQL database."""
    with postgres.database() as address:
        empty = text("DROP SCHEMA public CASCADE")
        await inside(address, lambda conn: conn.execute(empty))
        await inside(address, lambda conn: conn.execute(text("CREATE SCHEMA public")))
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest) -> str:
    """Address of an empty database, on each of the two."""
    address: str = request.getfixturevalue(request.param)
    return address


async def inside(url: str, work: Callable[[Connection], T]) -> T:
    """Do *work* in one transaction of the database at *url*."""
    engine = schema.upgrading_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def go_back_to_the_oldest(url: str) -> None:
    def downgrade(connection: Connection) -> None:
        config = upgrade.configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, OLDEST)

    await inside(url, downgrade)


def names_in(connection: Connection) -> set[tuple[str, str]]:
    """Return what is defined there, with its definition on one line.

    SQLite puts the name of a table that was made anew in quotes, and its
    constraints in another order.
    """
    rows = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%'")
    )
    return {
        (name, " ".join(sorted((sql or "").replace('"', "").replace(",", " ").split())))
        for name, sql in rows
    }


async def test_the_versions_make_just_what_the_tables_say(empty: str) -> None:
    await schema.upgrade(empty)

    differences = await inside(
        empty,
        lambda conn: compare_metadata(
            MigrationContext.configure(conn),
            schema.METADATA,  # type: ignore[arg-type]  # several are taken, too
        ),
    )

    assert differences == []


async def test_the_versions_name_and_define_everything_as_the_code_would(
    sqlite: str, tmp_path: Path
) -> None:
    other = Database(f"sqlite:///{tmp_path}/other.db")
    await make_tables(other)
    await other.close()

    await schema.upgrade(sqlite)

    made = await inside(sqlite, names_in)
    assert made == await inside(f"sqlite:///{tmp_path}/other.db", names_in)


def test_the_history_is_one_line() -> None:
    scripts = ScriptDirectory.from_config(upgrade.configuration())

    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1


def test_the_versions_are_known_without_loading_them() -> None:
    scripts = ScriptDirectory.from_config(upgrade.configuration())

    newest_first = [script.revision for script in scripts.walk_revisions()]
    assert newest_first == list(reversed(schema.VERSIONS))


def test_a_command_does_not_load_what_only_an_upgrade_needs() -> None:
    loads = "import sys, ocop_sync.cli; sys.exit('alembic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", loads], check=False).returncode == 0


async def test_every_version_can_be_taken_back(empty: str) -> None:
    await schema.upgrade(empty)
    await go_back_to_the_oldest(empty)

    assert await schema.upgrade(empty)
    assert await schema.look(empty) is Tables.CURRENT


async def test_a_second_upgrade_finds_nothing_to_do(empty: str) -> None:
    assert await schema.upgrade(empty)
    assert not await schema.upgrade(empty)


async def test_two_first_starts_at_once_do_not_disturb_each_other(empty: str) -> None:
    done = await asyncio.gather(*(schema.upgrade(empty) for _ in range(3)))

    assert sorted(done) == [False, False, True]


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "older"])
async def test_sqlite_is_made_and_upgraded_without_being_asked(
    sqlite: str, is_new: bool
) -> None:
    if not is_new:
        await schema.upgrade(sqlite)
        await go_back_to_the_oldest(sqlite)

    await ensure_tables(sqlite)

    assert await schema.look(sqlite) is Tables.CURRENT


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "older"])
async def test_postgresql_is_upgraded_by_a_person(
    postgresql: str, is_new: bool
) -> None:
    if not is_new:
        await schema.upgrade(postgresql)
        await go_back_to_the_oldest(postgresql)
    before = await schema.look(postgresql)

    with pytest.raises(ConfigurationError, match="ocop-sync db upgrade"):
        await ensure_tables(postgresql)

    assert await schema.look(postgresql) is before


async def test_how_far_a_database_is_can_be_asked(empty: str) -> None:
    new = await schema.current(empty)
    await schema.upgrade(empty)
    upgraded = await schema.current(empty)
    await go_back_to_the_oldest(empty)
    older = await schema.current(empty)

    assert new == (Tables.NONE, "")
    assert upgraded == (Tables.CURRENT, schema.VERSIONS[-1])
    assert older == (Tables.OLDER, schema.VERSIONS[0])


async def test_an_upgrade_keeps_what_is_there(empty: str) -> None:
    await schema.upgrade(empty)
    await go_back_to_the_oldest(empty)
    insert = text("INSERT INTO catalog_counter (name, value) VALUES ('revision', 7)")
    await inside(empty, lambda conn: conn.execute(insert))

    await schema.upgrade(empty)

    value = text("SELECT value FROM catalog_counter")
    assert await inside(empty, lambda conn: conn.execute(value).scalar_one()) == 7


async def test_a_database_of_a_newer_version_is_left_alone(empty: str) -> None:
    await schema.upgrade(empty)
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    await inside(empty, lambda conn: conn.execute(newer))

    with pytest.raises(ConfigurationError, match=r"database\.url"):
        await ensure_tables(empty)
    with pytest.raises(ConfigurationError, match=r"database\.url"):
        await schema.upgrade(empty)


async def test_an_upgrade_that_fails_leaves_nothing_behind(sqlite: str) -> None:
    await inside(
        sqlite, lambda conn: conn.execute(text("CREATE TABLE twin (id INTEGER)"))
    )

    with pytest.raises(ConfigurationError, match="table twin already exists"):
        await ensure_tables(sqlite)

    assert {name for name, _ in await inside(sqlite, names_in)} == {"twin"}


@pytest.mark.parametrize("place", ["sqlite:////khong/co/ocop.db", "sqlite:///."])
async def test_a_database_that_cannot_be_opened_is_named(place: str) -> None:
    with pytest.raises(ConfigurationError, match=r"database\.url"):
        await ensure_tables(place)
