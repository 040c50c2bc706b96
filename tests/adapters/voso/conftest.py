"""Give each test a mock of its own, served on loopback, and an adapter for it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.adapters.voso.shop import Shop, open_shop
from tests.adapters.voso.support import Bench, close_bench, open_bench

OpenBench = Callable[..., Awaitable[Bench]]


@pytest.fixture(name="opened")
async def _opened() -> AsyncIterator[OpenBench]:
    benches: list[Bench] = []

    async def opened(**settings: Any) -> Bench:
        benches.append(await open_bench(**settings))
        return benches[-1]

    yield opened
    await close_bench(benches)


@pytest.fixture(name="bench")
async def _bench(opened: OpenBench) -> Bench:
    """Return an empty mock whose reviews take two seconds of its clock."""
    return await opened()


@pytest.fixture(name="shop")
async def _shop(opened: OpenBench) -> Shop:
    return await open_shop(opened)
