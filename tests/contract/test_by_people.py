"""A marketplace whose network is people keeps the port's promises.

The kit must ask nothing of it that needs HTTP or speed.
"""

from datetime import datetime, timedelta

from ocop_sync.testing.kit import Conformance
from tests.contract.shops import NOW, MemoryShop
from tests.people_marketplace import BLURRED, ByPeople


class Ticking:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class PeopleShop(MemoryShop):
    adapter = ByPeople
    market: ByPeople

    def __init__(self) -> None:
        self.clock = Ticking()

    async def settle(self) -> None:
        self.market.work()

    async def refuse(self, ref: str) -> None:
        del self.market.pile[ref]
        self.market.done[ref] = BLURRED


class TestByPeople(Conformance):
    shop = PeopleShop
