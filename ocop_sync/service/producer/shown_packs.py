"""What a marketplace shows of each pack, and what has come of a price or a count.

Prices are compared with the catalog's own. Stock is shared among marketplaces: what is
wanted of it at one is what was last sent there, once the product as it is was looked
at. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.model.product import Product, Variant
from ocop_sync.engine.facet import Values
from ocop_sync.engine.state.state import State
from ocop_sync.marketplace.listing import Facet
from ocop_sync.store.listings.records import Record


class Arrival(StrEnum):
    """What has come of a value at a marketplace."""

    WAITING = "waiting"
    """It comes with the next sync."""
    SENT = "sent"
    """It was sent, and is not confirmed."""
    REFUSED = "refused"
    """The marketplace has refused it."""
    DIFFERS = "differs"
    """It was confirmed, and the last read has found another one there."""
    CONFIRMED = "confirmed"
    """The marketplace shows it: it has said so, or was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPack:
    """A pack as a marketplace shows it.

    Attributes:
        price_vnd: The price there.
        stock: How many may be ordered there.
        price: What has come of the present price.
        count: What has come of the present stock.
        at: Of when that is known: the last answer or the last read, in UTC.
    """

    price_vnd: int
    stock: int
    price: Arrival
    count: Arrival
    at: datetime | None


def shown_packs(record: Record | None, product: Product) -> Mapping[str, ShownPack]:
    """Return the packs of *product* that a marketplace shows, by SKU."""
    if record is None:
        return {}
    shown = record.state.edited or record.state.confirmed or {}
    return {
        pack.sku: _shown(record, product, pack, shown)
        for pack in product.variants
        if pack.sku in shown.get(Facet.PRICE.value, {})
        and pack.sku in shown.get(Facet.STOCK.value, {})
    }


def _shown(record: Record, product: Product, pack: Variant, shown: Values) -> ShownPack:
    state, sku = record.state, pack.sku
    is_asked = record.evaluated_revision >= product.revision
    # The catalog's own stock is that of all marketplaces.
    stock = _value(state.sent, Facet.STOCK, sku) if is_asked else None
    return ShownPack(
        price_vnd=shown[Facet.PRICE.value][sku],
        stock=shown[Facet.STOCK.value][sku],
        price=_arrival(state, Facet.PRICE, sku, pack.price_vnd, is_asked=is_asked),
        count=_arrival(state, Facet.STOCK, sku, stock, is_asked=is_asked),
        at=_known_at(state),
    )


def _known_at(state: State) -> datetime | None:
    """Return when the marketplace last said what it shows: not by a call unanswered."""
    answered_at = None if state.awaiting else state.sent_at
    told = [each for each in (answered_at, state.read_at) if each]
    return max(told, default=None)


def _value(values: Values | None, facet: Facet, sku: str) -> int | None:
    found: int | None = (values or {}).get(facet.value, {}).get(sku)
    return found


def _arrival(
    state: State, facet: Facet, sku: str, wanted: int | None, *, is_asked: bool
) -> Arrival:
    if wanted is None:
        return Arrival.WAITING
    sent = _value(state.sent, facet, sku)
    if state.awaiting is not None and sent not in {None, wanted}:
        return Arrival.WAITING  # another value may still come there
    if _value(state.edited or state.confirmed, facet, sku) == wanted:
        return Arrival.CONFIRMED
    if facet.value in state.refused:
        # What was entered since is another request, and may be taken.
        return Arrival.REFUSED if is_asked else Arrival.WAITING
    if _value(state.confirmed, facet, sku) == wanted:
        return Arrival.DIFFERS
    return Arrival.SENT if sent == wanted else Arrival.WAITING
