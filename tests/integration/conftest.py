"""One world for each test, on each database: marketplaces are in memory."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from tests.postgres import NoServerError, Server, running_server
from tests.world import World, open_world


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server for all tests of this process; without one, they are skipped."""
    try:
        with running_server() as server:
            yield server
    except NoServerError as error:
        pytest.skip(str(error))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Address of a database that only this test uses; PostgreSQL's has its tables.

    Its server is there to the end, so no connection is asked whether it still
    stands, which is a third of all round trips; `test_postgres_restart.py` has a
    server of its own, and has them asked.
    """
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/ocop.db"
        return
    server: Server = request.getfixturevalue("postgres")
    monkeypatch.setattr(PGDialect_asyncpg, "do_ping", lambda *_: True)
    with server.database() as address:
        yield address


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    """One marketplace that publishes at once."""
    async with open_world(url) as world:
        yield world


@pytest.fixture
async def moderated(url: str) -> AsyncIterator[World]:
    """One marketplace that reviews first."""
    async with open_world(url, moderated=True) as world:
        yield world


@pytest.fixture
async def two(url: str) -> AsyncIterator[World]:
    """Two marketplaces that publish at once."""
    async with open_world(url, ("memory", "other")) as world:
        yield world
