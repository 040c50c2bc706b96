"""Give tests of both adapters mocks of either marketplace, and end them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.adapters.calls import Market, Open, open_market


@pytest.fixture(name="opened")
async def _opened() -> AsyncIterator[Open]:
    markets: list[Market] = []

    async def opened(name: str, **settings: Any) -> Market:
        markets.append(await open_market(name, **settings))
        return markets[-1]

    yield opened
    for market in markets:
        await market.support.close_bench([market.bench])
