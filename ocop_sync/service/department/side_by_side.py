"""What a marketplace shows of a product beside what it should show, item by item. Pure.

Items are compared as syncs compare them (`ocop_sync.engine.facet`): a price or a stock
for packs that both sides have, and a field only where both know it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ocop_sync.engine.facet import PACKS, Values, is_same_field
from ocop_sync.marketplace.listing import Facet

_CONTENT: Final = Facet.CONTENT.value
_COUNTED: Final = (Facet.PRICE.value, Facet.STOCK.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a listing.

    Attributes:
        facet: The facet, as "price".
        field: The field of it; "" of a price or a stock.
        sku: The pack; "" of the whole.
        wanted: As it should be; None for nothing.
        shown: As it is shown; None for nothing.
        differs: Both are known, and differ.
    """

    facet: str
    field: str = ""
    sku: str = ""
    wanted: Any
    shown: Any
    differs: bool


def side_by_side(wanted: Values, shown: Values) -> list[Item]:
    """Return every item of both, in the order of the wanted ones.

    A facet that is not managed there is left out.
    """
    return [
        item
        for facet, value in wanted.items()
        for item in _items(facet, value, shown.get(facet) or {})
    ]


def _items(facet: str, wanted: dict[str, Any], shown: dict[str, Any]) -> Iterator[Item]:
    if facet in _COUNTED:
        for sku in dict.fromkeys([*wanted, *shown]):
            one, other = wanted.get(sku), shown.get(sku)
            differs = one is not None and other is not None and one != other
            yield Item(facet=facet, sku=sku, wanted=one, shown=other, differs=differs)
        return
    for name in dict.fromkeys([*wanted, *shown]):
        one, other = wanted.get(name), shown.get(name)
        if facet == _CONTENT and name == PACKS:
            yield from _packs(one or {}, other or {})
            continue
        # Of content nobody knows a field that was not read; claims are known whole.
        is_known = facet != _CONTENT or (name in wanted and name in shown)
        yield Item(
            facet=facet,
            field=name,
            wanted=one,
            shown=other,
            differs=is_known and not is_same_field(name, one, other),
        )


def _packs(wanted: dict[str, Any], shown: dict[str, Any]) -> Iterator[Item]:
    for sku in dict.fromkeys([*wanted, *shown]):
        one, other = wanted.get(sku, {}), shown.get(sku, {})
        for name in dict.fromkeys([*one, *other]):
            is_known = not (one and other) or (name in one and name in other)
            yield Item(
                facet=_CONTENT,
                field=name,
                sku=sku,
                wanted=one.get(name),
                shown=other.get(name),
                differs=is_known and one.get(name) != other.get(name),
            )
