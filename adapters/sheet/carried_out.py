"""How a listing shows once a row is carried out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.sheet.state import Row
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Listing, Variant


def carried_out(shown: Listing, row: Row) -> Listing:
    """Return *shown* with what *row* asks for; its state is another matter.

    A pack that stays keeps the price and the stock that show there.
    """
    if row.kind is Kind.SET_PRICE:
        return replace(shown, variants=_with(shown, "price_vnd", row.prices))
    if row.kind is Kind.SET_STOCK:
        return replace(shown, variants=_with(shown, "stock", row.stocks))
    if row.kind is Kind.SET_STARS:
        return replace(shown, stars=row.stars)
    if row.listing is None:
        return shown
    if row.kind is not Kind.UPDATE:
        return row.listing
    anew: dict[str, Any] = {name: getattr(row.listing, name) for name in row.fields}
    if "variants" in anew:
        anew["variants"] = _packs(shown, row.listing)
    return replace(shown, **anew)


def _with(shown: Listing, name: str, numbers: Mapping[str, int]) -> tuple[Variant, ...]:
    anew = list[Variant]()
    for pack in shown.variants:
        values: dict[str, Any] = (
            {name: numbers[pack.sku]} if pack.sku in numbers else {}
        )
        anew.append(replace(pack, **values))
    return tuple(anew)


def _packs(shown: Listing, wanted: Listing) -> tuple[Variant, ...]:
    there = {pack.sku: pack for pack in shown.variants}
    return tuple(
        replace(
            pack,
            price_vnd=there.get(pack.sku, pack).price_vnd,
            stock=there.get(pack.sku, pack).stock,
        )
        for pack in wanted.variants
    )
