"""One served world for each test, on SQLite: statements have their own tests."""

from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.app import make_app
from ocop_sync.store.db import database
from tests.api.doors import Door, open_door, serve_settings
from tests.api.served import PACE, Served, StandInAccess, ThroughFrames
from tests.kept_files import KeptFiles
from tests.world import World, open_world


@pytest.fixture(scope="module")
async def kept_files(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[KeptFiles]:
    """SQLite files that stay open from one test of a file to the next."""
    with TemporaryDirectory(dir=tmp_path_factory.getbasetemp()) as folder:
        kept = KeptFiles(Path(folder))
        yield kept
        await kept.close()


@pytest.fixture
async def world(
    kept_files: KeptFiles, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """One marketplace that publishes at once."""
    monkeypatch.setattr(database, "_sqlite", kept_files.open)
    with kept_files.database() as url:
        async with open_world(url) as world:
            yield world


@pytest.fixture
async def served(world: World, aiohttp_client: AiohttpClient) -> Served:
    """The API over a world; see `tests.api.served` for who calls."""
    long_work = ThroughFrames(world.deployment)
    app = make_app(world.deployment, StandInAccess(), pace=PACE, long_work=long_work)
    return Served(world, await aiohttp_client(app))


@pytest.fixture
async def door(world: World, aiohttp_client: AiohttpClient) -> Door:
    """The API with its real access; see `tests.api.doors`."""
    settings = serve_settings(public_figures=True)
    return await open_door(world, aiohttp_client, settings)
