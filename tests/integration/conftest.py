"""One world for each test: a database in a file and a marketplace in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World, open_world


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Address of a database that only this test uses."""
    return f"sqlite+aiosqlite:///{tmp_path}/ocop.db"


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
