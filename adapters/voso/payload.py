"""Write changes in Voso's terms: the content of one item of a call.

Whole listings are said in `adapters.voso.convert`. Which call carries an item is
decided in `adapters.voso.adapter`.
"""

from collections.abc import Mapping
from typing import Any

from adapters.voso.convert import CONTENT_FIELDS, Payload, claim_to_wire, to_wire
from ocop_sync.marketplace.change import SetPrice, SetStars, SetStock, Update
from ocop_sync.marketplace.listing import Seller


def update_to_wire(change: Update) -> Payload:
    """Return the fields of *change* with their mask.

    The mask is empty if Voso has a place for none of them. VARIANTS carries
    prices and stocks too: Voso takes them for SKUs that it does not have yet,
    leaves those of the others alone, and drops the SKUs that are not named.
    """
    whole = to_wire(change.listing)
    mask = [name for field, name in CONTENT_FIELDS.items() if field in change.fields]
    named = {name: whole[name] for name in mask}
    return {"ID": int(change.ref), "FIELD_MASK": mask, **named}


def price_to_wire(change: SetPrice) -> Payload:
    """Return the new prices of a listing's variants."""
    variants = [{"SKU": sku, "PRICE": price} for sku, price in change.prices.items()]
    return _masked(change.ref, "VARIANTS.PRICE", variants)


def stock_to_wire(change: SetStock) -> Payload:
    """Return the new absolute counts of a listing's variants.

    With its version, if that is known: Voso then sets them only if nothing, such
    as a sale, has happened to the listing since.
    """
    variants = [{"SKU": sku, "STOCK": count} for sku, count in change.stocks.items()]
    masked = _masked(change.ref, "VARIANTS.STOCK", variants)
    if change.version.isascii() and change.version.isdecimal():
        masked["REVISION"] = int(change.version)
    return masked


def stars_to_wire(change: SetStars) -> Payload:
    """Return the new claim of a listing; null clears it."""
    claim = claim_to_wire(change.stars)
    return {"ID": int(change.ref), "FIELD_MASK": ["OCOP"], "OCOP": claim}


def seller_to_wire(seller: Seller) -> Mapping[str, str]:
    """Return the profile of a shop; Voso still wants the old districts and wards."""
    return {
        "CLIENT_CODE": seller.client_ref,
        "NAME": seller.name,
        "KIND": seller.kind,
        "ADDRESS": seller.address,
        "OLD_DISTRICT_CODE": seller.old_district_code,
        "OLD_WARD_CODE": seller.old_commune_code,
    }


def _masked(ref: str, mask: str, variants: list[dict[str, Any]]) -> Payload:
    return {"ID": int(ref), "FIELD_MASK": [mask], "VARIANTS": variants}
