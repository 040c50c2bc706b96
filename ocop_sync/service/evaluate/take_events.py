"""Take events of a marketplace in: the one place for the feed and for pushes.

Sales are written down. Every other event is a hint to read the listing that it names,
also one that cannot be read: only a read tells the facts. So the names of listings of
ours are kept, in the transaction that acknowledges the events. Who reads them is
`ocop_sync.service.observe.reread`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import sell
from catalog.model.sale import Sale
from catalog.values import replace
from ocop_sync.engine.state.stock import CLOCKS_DIFFER
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.port import Event, EventKind, Events, UnreadableEvent
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.drift_ledger import note_sales
from ocop_sync.store.listings import event_mentions, own_refs
from ocop_sync.store.listings.event_mentions import Named

_TOLD = {
    EventKind.APPROVED: frozenset({Found.LIVE}),
    EventKind.REFUSED: frozenset({Found.REFUSED}),
    EventKind.BANNED: frozenset({Found.BANNED}),
    EventKind.DOWN: frozenset({Found.DOWN_BY_US, Found.DOWN_BY_PERSON, Found.ABSENT}),
}
"""The states of a listing to which an event adds nothing."""


@dataclass(slots=True)
class Taken:
    """The result of some events.

    Attributes:
        sold: Products of which a sale has become known.
        named: Listings of ours that are to be read.
        foreign: Events about listings that are not ours: left alone.
        other: Events of a kind that the marketplace's documents do not name.
        unreadable: Events that cannot be read.
    """

    sold: Sequence[str] = ()
    named: set[str] = field(default_factory=set)
    foreign: int = 0
    other: int = 0
    unreadable: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Return how many there were of each, sales left out."""
        return {
            "named": len(self.named),
            "foreign": self.foreign,
            "other": self.other,
            "unreadable": self.unreadable,
        }

    def add(self, more: "Taken") -> None:
        """Count *more* in."""
        self.sold = (*self.sold, *more.sold)
        self.named |= more.named
        self.foreign += more.foreign
        self.other += more.other
        self.unreadable += more.unreadable


def believed(site: Site, events: Events) -> Events:
    """Return *events* in the meaning that the marketplace gives them.

    Where not each sale is told, one that is told is a hint to read its listing:
    the stock that shows lower counts as sold, and would be counted twice.
    """
    if site.adapter.capabilities.tells_sales:
        return events
    return replace(
        events,
        items=tuple(
            replace(each, kind=EventKind.EDITED)
            if each.kind is EventKind.SOLD
            else each
            for each in events.items
        ),
        unreadable=tuple(
            replace(each, may_be_sale=False) for each in events.unreadable
        ),
    )


def sales_of(events: Events) -> tuple[list[Sale], str]:
    """Return the sales, and why they may not be all, or "".

    With a sale that does not name its goods, or an event that may be a sale, nobody
    could tell the remaining stock.
    """
    told = [_sale_of(each) for each in events.items if each.kind is EventKind.SOLD]
    sales = [sale for sale in told if sale is not None]
    odd = [each.reason for each in events.unreadable if each.may_be_sale]
    if not odd and len(sales) == len(told):
        return sales, ""
    return sales, ": ".join((_NO_SALE, *odd[:1]))


_NO_SALE = "thông báo bán hàng thiếu thông tin / a sale does not say of what"


def _sale_of(event: Event) -> Sale | None:
    is_named = 0 < len(event.order_line) <= sell.LONGEST_LINE
    is_counted = 0 < event.quantity <= sell.MAX_QUANTITY
    if not (is_named and is_counted and event.sku and event.order_line.isprintable()):
        return None
    return Sale(
        order_line=event.order_line,
        sku=event.sku,
        quantity=event.quantity,
        sold_at=event.at,
    )


async def take_in(
    conn: AsyncConnection,
    deployment: Deployment,
    key: str,
    events: Sequence[Event],
    sales: Sequence[Sale],
    *,
    unreadable: Sequence[UnreadableEvent] = (),
) -> Taken:
    """Write down the sales and hints in *events* of account *key*.

    They may come more than once, and in any order.

    *sales* are those in *events*, as `sales_of` returns them.
    """
    now, name = deployment.clock(), deployment.account(key).marketplace
    taken = Taken(
        other=sum(each.kind is EventKind.OTHER for each in events),
        unreadable=len(unreadable),
    )
    taken.sold = await sell.record_sales(conn, key, sales, now=now)
    if taken.sold:
        await note_sales(conn, name, key, taken.sold, now)
    others = [each for each in events if each.kind is not EventKind.SOLD]
    others += [
        Event(kind=EventKind.OTHER, ref=each.ref, at=now)
        for each in unreadable
        if each.ref
    ]
    refs = sorted({each.ref for each in others})
    found = await own_refs.found_of(conn, name, key, refs)
    taken.foreign = sum(each.ref not in found for each in others)
    to_read = _to_read(others, found, now, deployment.site(name).lag)
    await event_mentions.note(conn, key, to_read)
    taken.named = {each.ref for each in to_read}
    return taken


def _to_read(
    events: Sequence[Event],
    found: Mapping[str, Found],
    now: datetime,
    lag: timedelta,
) -> list[Named]:
    """Return the listings of *found* to read, each once."""
    to_read: dict[str, Named] = {}
    for event in events:
        if event.ref not in found or is_known(event.kind, found[event.ref]):
            continue
        # Their clock may be behind ours: an event of just now shows later.
        shows_from = min(now, event.at + CLOCKS_DIFFER) + lag
        known = to_read.get(event.ref)
        several = known is not None and known.kind is not event.kind
        to_read[event.ref] = Named(
            ref=event.ref,
            kind=EventKind.EDITED if several else event.kind,
            shows_from=max(shows_from, known.shows_from) if known else shows_from,
        )
    return list(to_read.values())


def is_known(kind: EventKind, found: Found) -> bool:
    """Say whether an event tells no more than the known state of its listing."""
    return found in _TOLD.get(kind, ())
