"""One world for each test, on each database: marketplaces are in memory."""

from collections.abc import AsyncIterator, Iterator
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from ocop_sync.store.db import database
from tests.kept_engines import KeptEngines
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


@pytest.fixture(scope="module")
async def kept_engines() -> AsyncIterator[KeptEngines]:
    """Engines that stay open from one test of a file to the next."""
    kept = KeptEngines()
    yield kept
    await kept.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Address of a database that only this test uses; PostgreSQL's has its tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/ocop.db"
        return
    server: Server = request.getfixturevalue("postgres")
    if iscoroutinefunction(request.function):  # its loop is that of its file
        kept: KeptEngines = request.getfixturevalue("kept_engines")
        kept.begin_test()
        monkeypatch.setattr(database, "_postgresql", kept.open)
        monkeypatch.setattr(PGDialect_asyncpg, "do_ping", kept.ping)
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
