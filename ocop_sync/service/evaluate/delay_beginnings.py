"""From when on a change waits to be shown: since the entry that asks for it.

Of a facet that is the oldest of its entries into the catalog that stand and have not
been asked for. Where content or stars have none, the verdict has changed: by an entry,
or by a date. What takes a product off sale counts from the first
of these, what puts it there from the last: until then something else forbade it.

No entry leads to an edit there, a new mapping, a sale elsewhere or a decision of a
person: these changes begin with the evaluation that finds them. None begins before the
first whole sync at a marketplace: a new one is not late with all of the catalog. Pure.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct

from catalog.db.field_changes import WHOLE, Entity
from ocop_sync.marketplace.listing import Facet
from ocop_sync.store.listings.pending_entries import Pending, PendingEntry

SALE: Final = "sale"
"""Whether a listing is on sale at all: as a facet, though it is none."""

_VERDICT_ENTITIES: Final = frozenset(
    {Entity.CERTIFICATE, Entity.PAPER, Entity.NAMING, Entity.EFFECT}
)
_VERDICT_FIELDS: Final = frozenset(
    {
        *((Entity.PRODUCT, name) for name in (WHOLE, "paused", "undone_import")),
        (Entity.PRODUCT, "producer_id"),
        *((Entity.PRODUCER, name) for name in (WHOLE, "consent", "identity_ready")),
    }
)
_NUMBERS: Final = {
    (Entity.VARIANT, "price_vnd"): Facet.PRICE,
    (Entity.PRODUCT, "stock_policy"): Facet.STOCK,
    **{
        (Entity.VARIANT, name): Facet.STOCK
        for name in ("count", "adjustment", "reserved", "buffer")
    },
}
_ONE_COUNT: Final = frozenset({"count", "adjustment"})
_OF_VERDICT: Final = frozenset({Facet.CONTENT.value, Facet.STARS.value})
_OF_PACKS: Final = frozenset({Facet.PRICE.value, Facet.STOCK.value, Facet.CONTENT})


class Beginning(Struct, frozen=True):
    """The beginning of a change.

    Attributes:
        at: Since when it waits, in UTC.
        superseded: Earlier values of the same fields that were never asked for: when
            each was entered, and when the next one was.
    """

    at: datetime
    superseded: tuple[tuple[datetime, datetime], ...] = ()


def beginning_of(
    facet: str,
    pending: Pending | None,
    *,
    turned_at: datetime | None,
    goes_up: bool,
    first: datetime | None,
    now: datetime,
) -> Beginning:
    """Return since when a change of *facet* waits, found at *now*.

    Args:
        facet: A facet, or `SALE`.
        pending: The entries about its product; None if it is in no catalog.
        turned_at: When its verdict changed by itself since the last evaluation, if it
            has.
        goes_up: The product is to be on sale; of `SALE` alone.
        first: When the marketplace was first synced whole; None if it never was.
        now: The instant of the evaluation.
    """
    if pending is None or first is None:
        return Beginning(now)
    own = [each for each in pending.entries if _is_of(each, facet)]
    last, superseded = _standing(own)
    turned = [] if turned_at is None else [turned_at]
    if facet == SALE:
        ends = [*last, *turned] or _standing(pending.entries)[0]
    elif facet in _OF_VERDICT:
        verdict = (each for each in pending.entries if _is_of(each, SALE))
        ends = last or [*_standing(verdict)[0], *turned]
    else:
        ends = last
    at = (max if goes_up else min)(ends, default=now)
    return Beginning(min(max(at, first), now), tuple(superseded))


def _is_of(entry: PendingEntry, facet: str) -> bool:
    place = entry.entity, entry.field
    if facet == SALE:
        return entry.entity in _VERDICT_ENTITIES or place in _VERDICT_FIELDS
    if facet == Facet.STARS:
        return entry.entity is Entity.CERTIFICATE
    if place == (Entity.VARIANT, WHOLE):
        return facet in _OF_PACKS
    if facet == Facet.CONTENT:
        return place not in _NUMBERS and not _is_of(entry, SALE)
    return _NUMBERS.get(place) == facet


def _standing(
    entries: Iterable[PendingEntry],
) -> tuple[list[datetime], list[tuple[datetime, datetime]]]:
    """Return when the last value of each field was entered, and the superseded ones."""
    last: dict[tuple[str, str, str], datetime] = {}
    superseded: list[tuple[datetime, datetime]] = []
    for entity, key, name, at in entries:
        place = entity, key, "count" if name in _ONE_COUNT else name
        if place in last:
            superseded.append((last[place], at))
        last[place] = at
    return [*last.values()], superseded
