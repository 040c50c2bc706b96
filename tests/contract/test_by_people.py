"""A marketplace whose network is people: everything is submitted, and done later.

What is written waits until they have worked, and what is read is what they last told.
The kit must ask nothing of it that needs HTTP or speed.
"""

from collections.abc import Mapping, Sequence

from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.change import Change, Withdraw
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.marketplace.port import (
    Context,
    Marketplace,
    Refused,
    Result,
    Submitted,
    Unknown,
)
from ocop_sync.testing.kit import Conformance
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.contract.shops import MemoryShop

Memory = InMemoryMarketplace.having(
    page_size=1_000,
    has_events=False,
    tells_sales=False,
    has_sellers=False,
    has_seller_stop=False,
)
CANCELLED = Refused.because("cancelled", "Đã hủy")
BLURRED = Refused.because("photo", "Ảnh mờ")


class ByPeople(Memory):  # type: ignore[misc, valid-type]
    """Its changes lie on a pile until people have carried them out."""

    events = Marketplace.events
    put_sellers = Marketplace.put_sellers
    stop_sellers = Marketplace.stop_sellers

    def __init__(self, account: Account, context: Context) -> None:
        super().__init__(account, context)
        self.pile: dict[str, Change] = {}
        self.done: dict[str, Result] = {}
        self.told: Mapping[str, RemoteListing] = {}

    async def _write(self, method: str, changes: Sequence[Change]) -> list[Result]:
        del method
        for each in changes:
            if isinstance(each, Withdraw) and each.ticket in self.pile:
                del self.pile[each.ticket]
                self.done[each.ticket] = CANCELLED
        first = len(self.pile) + len(self.done)
        tickets = [f"P{first + n}" for n in range(len(changes))]
        self.pile |= dict(zip(tickets, changes, strict=True))
        return [Submitted(each) for each in tickets]

    async def follow(self, tickets: Sequence[str]) -> Sequence[Result | Unreadable]:
        waits = {each: Submitted(each) for each in self.pile}
        known = {**waits, **self.done}
        return [known.get(each, Unknown("no such slip")) for each in tickets]

    def _visible(self) -> Mapping[str, RemoteListing]:
        return self.told

    def work(self) -> None:
        """Carry everything out, and tell what is there."""
        for ticket, change in self.pile.items():
            self.done[ticket] = self.shelf.apply(change)
        self.pile.clear()
        self.told = dict(self.shelf.listings)


class PeopleShop(MemoryShop):
    adapter = ByPeople
    market: ByPeople

    def connect(self, account: Account, context: Context) -> Marketplace:
        found = super().connect(account, context)
        self.market.shelf.sellers[self.seller.client_ref] = self.seller
        return found

    async def settle(self) -> None:
        self.market.work()

    async def refuse(self, ref: str) -> None:
        del self.market.pile[ref]
        self.market.done[ref] = BLURRED


class TestByPeople(Conformance):
    shop = PeopleShop
