"""A marketplace whose network is people: everything is submitted, and done later.

What is written waits until they have worked, and what is read is what they last told,
as it was then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ocop_sync.errors import OutcomeUnknownError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.change import Change, Create, Withdraw
from ocop_sync.marketplace.listing import RemoteListing, Seller, Unreadable
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
from ocop_sync.testing.memory import InMemoryMarketplace

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
    """Its changes lie on a pile until people have carried them out.

    Attributes:
        pile: What nobody has done yet, by ticket.
        done: What came of the rest.
        told: The listings that people have last told of.
        told_at: When that was so.
        seen: Listings of which they have told one by one since, by ref.
        loses: How many of the next changes are not answered; people get them.
    """

    events = Marketplace.events
    find = Marketplace.find
    put_sellers = Marketplace.put_sellers
    stop_sellers = Marketplace.stop_sellers

    def __init__(self, account: Account, context: Context, **options: Any) -> None:
        super().__init__(account, context, **options)
        self.pile: dict[str, Change] = {}
        self.done: dict[str, Result] = {}
        self.told: Mapping[str, RemoteListing] = {}
        self.told_at = NEVER_TOLD
        self.seen: dict[str, RemoteListing] = {}
        self.loses = 0

    async def _write(self, method: str, changes: Sequence[Change]) -> list[Result]:
        del method
        for each in changes:
            if isinstance(each, Withdraw) and each.ticket in self.pile:
                del self.pile[each.ticket]
                self.done[each.ticket] = CANCELLED
        first = len(self.pile) + len(self.done)
        tickets = [f"P{first + n}" for n in range(len(changes))]
        self.pile |= dict(zip(tickets, changes, strict=True))
        if self.loses:
            self.loses -= 1
            message = "the slip was not seen again"
            raise OutcomeUnknownError(message)
        return [Submitted(each) for each in tickets]

    async def follow(self, tickets: Sequence[str]) -> Sequence[Result | Unreadable]:
        waits = {each: Submitted(each) for each in self.pile}
        known = {**waits, **self.done}
        return [known.get(each, Unknown("no such slip")) for each in tickets]

    async def page(self, cursor: str | None) -> Page:
        found: Page = await super().page(cursor)
        return replace(found, as_of=self.told_at)

    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        found = await super().read(refs)
        pairs = zip(refs, found, strict=True)
        return [self.seen.get(ref, each) for ref, each in pairs]

    def _visible(self) -> Mapping[str, RemoteListing]:
        return self.told

    def carry_out(self) -> None:
        """Carry everything out, and tell of nothing."""
        for ticket, change in self.pile.items():
            if isinstance(change, Create):
                seller = change.listing.seller_ref
                self.shelf.sellers[seller] = Seller(client_ref=seller, name=seller)
            self.done[ticket] = self.shelf.apply(change)
        self.pile.clear()

    def tell(self) -> None:
        """Tell of all that is there now."""
        self.told_at = self.context.clock()
        self.told = {
            ref: replace(each, read_at=self.told_at)
            for ref, each in self.shelf.listings.items()
        }
        self.seen = {}

    def fill_in(self) -> None:
        """Carry everything out, and tell of that alone."""
        self.carry_out()
        now = self.context.clock()
        self.seen = {
            ref: replace(each, read_at=now)
            for ref, each in self.shelf.listings.items()
            if ref not in self.told
        }

    def work(self) -> None:
        """Carry everything out, and tell what is there."""
        self.carry_out()
        self.tell()
