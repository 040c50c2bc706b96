"""Pages of one small world, as browsers get them, and a browser that is one."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.api.conftest import door, kept_files, world
from tests.pages.chromium import GET_ONE, Chromium, chromium_here
from tests.pages.open_service import OpenService, open_service
from tests.world import World, entry

__all__ = ["door", "kept_files", "world"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One browser for all tests of this process; without one they are skipped."""
    path = chromium_here()
    if not path:
        pytest.skip(GET_ONE)
    running = Chromium(path)
    yield running
    running.close()


@pytest.fixture
async def service(world: World) -> AsyncIterator[OpenService]:
    """The service, open to that browser, with three products on sale."""
    await world.save(*(entry(n) for n in (1, 2, 3)))
    await world.sync()
    async with open_service(world.deployment) as service:
        yield service
