"""One world for each test, on each database: marketplaces are in memory."""

from collections.abc import AsyncIterator, Iterator
from inspect import iscoroutinefunction
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.db import database
from tests.catalog_database import open_catalog
from tests.kept_engines import KeptEngines
from tests.kept_files import KeptFiles
from tests.postgres import Server
from tests.world import World, open_world


@pytest.fixture(scope="module")
async def kept_engines() -> AsyncIterator[KeptEngines]:
    """Engines that stay open from one test of a file to the next."""
    kept = KeptEngines()
    yield kept
    await kept.close()


@pytest.fixture(scope="module")
async def kept_files(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[KeptFiles]:
    """SQLite files that stay open from one test of a file to the next."""
    with TemporaryDirectory(dir=tmp_path_factory.getbasetemp()) as folder:
        kept = KeptFiles(Path(folder))
        yield kept
        await kept.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Address of a database that only this test uses, with all tables.

    The file of a test that asks for its folder, or has no event loop of its file, is
    made by the test itself, in that folder.
    """
    is_async = iscoroutinefunction(request.function)
    if request.param == "sqlite":
        if not is_async or "tmp_path" in request.fixturenames:
            yield f"sqlite:///{request.getfixturevalue('tmp_path')}/ocop.db"
            return
        files: KeptFiles = request.getfixturevalue("kept_files")
        monkeypatch.setattr(database, "_sqlite", files.open)
        with files.database() as address:
            yield address
        return
    server: Server = request.getfixturevalue("postgres")
    if is_async:  # its loop is that of its file
        request.getfixturevalue("kept_engines").begin_test(monkeypatch)
    with server.database() as address:
        yield address


@pytest.fixture
async def conn(url: str) -> AsyncIterator[AsyncConnection]:
    """An empty catalog, in a transaction."""
    async with open_catalog(url) as conn:
        yield conn


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
