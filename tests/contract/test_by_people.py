"""A marketplace whose network is people: everything is submitted, and done later.

What is written waits until they have worked, and what is read is what they last told.
The kit must ask nothing of it that needs HTTP or speed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.change import Change, Withdraw
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.marketplace.port import (
    Context,
    Marketplace,
    Page,
    Refused,
    Result,
    Submitted,
    Unknown,
)
from ocop_sync.marketplace.read_age import NEVER_TOLD
from ocop_sync.testing.kit import Conformance
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.contract.shops import NOW, MemoryShop

Memory = InMemoryMarketplace.having(
    page_size=1_000,
    has_events=False,
    tells_sales=False,
    has_sellers=False,
    has_seller_stop=False,
    has_search=False,
    read_age_s=86_400.0,
)
CANCELLED = Refused.because("cancelled", "Đã hủy")
BLURRED = Refused.because("photo", "Ảnh mờ")


class ByPeople(Memory):  # type: ignore[misc, valid-type]
    """Its changes lie on a pile until people have carried them out."""

    events = Marketplace.events
    find = Marketplace.find
    put_sellers = Marketplace.put_sellers
    stop_sellers = Marketplace.stop_sellers

    def __init__(self, account: Account, context: Context) -> None:
        super().__init__(account, context)
        self.pile: dict[str, Change] = {}
        self.done: dict[str, Result] = {}
        self.told: Mapping[str, RemoteListing] = {}
        self.told_at = NEVER_TOLD

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

    async def page(self, cursor: str | None) -> Page:
        found: Page = await super().page(cursor)
        return replace(found, as_of=self.told_at)

    def _visible(self) -> Mapping[str, RemoteListing]:
        return self.told

    def work(self) -> None:
        """Carry everything out, and tell what is there."""
        for ticket, change in self.pile.items():
            self.done[ticket] = self.shelf.apply(change)
        self.pile.clear()
        self.told_at = self.context.clock()
        self.told = {
            ref: replace(each, read_at=self.told_at)
            for ref, each in self.shelf.listings.items()
        }


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
