"""What the kit must know of a marketplace: the part that an adapter's author writes.

Three things are needed: `open`, `holds` and the class of the adapter. All else has a
default, or lets more be proved: each act of people over there that a shop cannot play
leaves the checks out that need it, with that as their reason.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NoReturn

from ocop_sync.clock import Clock, system_clock
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.listing import Listing, RemoteListing, Seller
from ocop_sync.marketplace.port import Context, Marketplace
from ocop_sync.testing.kit.check import NotTriedError


class NotOffered(NotTriedError):  # noqa: N818 - it is no error
    """The shop cannot play that act."""


class Shop(ABC):
    """A fresh shop at a marketplace, for one check.

    Attributes:
        adapter: The adapter to prove.
        secrets: The secrets of the account, by the adapter's names.
        seller: The producer whose listings are made; its `client_ref` is
            `Account.seller_ref` where an account serves one producer.
        has_wire: False where the adapter makes no HTTP calls to
            `Account.base_url`: nothing can be broken on the way then.
        most_listings: How many listings the check of all pages makes at most.
        patience_s: Seconds after which a call without an answer is given up while the
            kit keeps answers back. Short, as it waits that long.
        clock: The clock of the adapter.
    """

    adapter: ClassVar[type[Marketplace]]
    secrets: Mapping[str, str] = {}
    seller: Seller = Seller(client_ref="CS-0001", name="Cơ sở Mẫu 001", kind="HTX")
    has_wire: ClassVar[bool] = True
    most_listings: ClassVar[int] = 250
    patience_s: ClassVar[float] = 0.3
    clock: Clock = staticmethod(system_clock)

    @abstractmethod
    async def open(self) -> Account:
        """Make a fresh shop without listings, and return the account for it."""

    @abstractmethod
    async def holds(self) -> Sequence[RemoteListing]:
        """Return the listings that the marketplace really holds, read by other means.

        Not through the adapter: by a page for staff, a database, a mock's state. Of
        `shown` these are compared: `client_ref`, `title`, `category`, `variants` with
        their SKUs, prices and stocks, and `stars`. `seller_ref`, packs and all
        other fields may be left empty.
        """

    async def close(self) -> None:
        """Leave the shop; nothing to do by default."""
        return

    async def settle(self) -> None:
        """Let all that is under way there come to its end, reviews approved.

        By default the declared lag is waited out. A mock moves its clock, people do
        their work.
        """
        await asyncio.sleep(self.adapter.capabilities.visible_within_s)

    def connect(self, account: Account, context: Context) -> Marketplace:
        """Open the adapter."""
        return self.adapter(account, context)

    def is_write(self, method: str, path: str) -> bool:
        """Say whether an HTTP call may change a listing or a seller.

        By its method; an API that posts its reads, or its sign-in, says which.
        """
        del path
        return method not in {"GET", "HEAD", "OPTIONS"}

    def listing(self, listing: Listing) -> Listing:
        """Return a listing of the kit's as this marketplace would take it."""
        return listing

    # Acts of people over there. A shop that cannot play one leaves it out.

    async def make_by_hand(self, title: str) -> str:
        """Make a listing without reference, as a producer would; return its ref."""
        self._cannot("a listing made by hand", title)

    async def sell(self, ref: str, sku: str, quantity: int) -> None:
        """Sell some of a pack to a buyer."""
        self._cannot("a sale", ref, sku, quantity)

    async def remove(self, ref: str) -> None:
        """Make a listing vanish."""
        self._cannot("a listing that vanishes", ref)

    async def refuse(self, ref: str) -> None:
        """End the review of the listing *ref* badly, with words for why.

        *ref* is the ticket where the marketplace holds nothing before the end.
        """
        self._cannot("a refusal by a moderator", ref)

    async def end_sign_in(self) -> None:
        """Let all that was signed in be signed in no longer."""
        self._cannot("a sign-in that ends")

    async def garble(self, ref: str) -> None:
        """Let a listing come unreadable from now on, as one in an unknown state."""
        self._cannot("a listing that cannot be read", ref)

    async def push(self, url: str) -> tuple[Mapping[str, str], bytes]:
        """Return headers and body of a push of an event that *url* would get."""
        self._cannot("a push", url)

    async def raw(self, ref: str) -> Any:
        """Return all that is stored of a listing, in the marketplace's own form."""
        return [each for each in await self.holds() if each.ref == ref]

    def _cannot(self, act: str, *_: object) -> NoReturn:
        message = f"the shop cannot play: {act}"
        raise NotOffered(message)
