"""A marketplace that answers at once and costs next to nothing.

It keeps each sent listing and shows it back. It lives in this process, so that our own
work is measured beside it, and nobody else's.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from catalog.values import replace
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.change import Change, Create, Kind
from ocop_sync.marketplace.listing import Listing, RemoteListing, RemoteState
from ocop_sync.marketplace.mapping import ListingMapping
from ocop_sync.marketplace.port import Event, Events, Marketplace, Page
from ocop_sync.marketplace.registry import available
from ocop_sync.marketplace.result import Applied, Result

_LIKE = next(iter(available().values()))
"""It shows listings as the first installed marketplace does."""


class Stub(Marketplace):
    """Applies everything at once, in batches of 50."""

    name: ClassVar[str] = "stub"
    port_version: ClassVar[int] = 1
    capabilities: ClassVar[Capabilities] = replace(
        _LIKE.capabilities,
        calls_per_s=None,
        visible_within_s=0,
        write_batch=dict.fromkeys(Kind, 50),
    )
    mapping: ClassVar[ListingMapping] = _LIKE.mapping

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.shown: dict[str, RemoteListing] = {}

    async def page(self, cursor: str | None) -> Page:
        """Show nothing: the first contact finds an empty account."""
        del cursor
        return Page((), None)

    async def read(self, refs: Sequence[str]) -> Sequence[RemoteListing | None]:
        """Show the sent listings."""
        return [self.shown.get(ref) for ref in refs]

    async def find(
        self, *, client_refs: Sequence[str] = (), skus: Sequence[str] = ()
    ) -> Sequence[RemoteListing]:
        """Show the sent listings."""
        del skus
        return [self.shown[ref] for ref in client_refs if ref in self.shown]

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        """Keep listings."""
        for change in changes:
            self.shown[change.client_ref] = RemoteListing(
                ref=change.client_ref, state=RemoteState.LIVE, shown=change.listing
            )
        return [Applied(change.client_ref) for change in changes]

    async def _done(self, changes: Sequence[Any]) -> Sequence[Result]:
        return [Applied(change.client_ref) for change in changes]

    update = set_price = set_stock = set_stars = _done
    withdraw = republish = put_sellers = stop_sellers = _done

    async def follow(self, tickets: Sequence[str]) -> Sequence[Result]:
        """Nothing is ever in review here."""
        return [Applied(ticket) for ticket in tickets]

    async def events(self, cursor: str | None) -> Events:
        """Tell nothing."""
        return Events((), cursor or "")

    def verify_push(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Event, ...]:
        """Push nothing."""
        del url, headers, body
        return ()

    @classmethod
    def canonical(cls, listing: Listing) -> Listing:
        """Return *listing* as it will show."""
        return _LIKE.canonical(listing)

    @classmethod
    def calls(cls, changes: Sequence[Change]) -> int:
        """Return how many calls *changes* take."""
        return -(-len(changes) // 50)
