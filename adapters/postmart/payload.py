"""Write the bodies of changes, but for those of listings: see `convert`."""

from collections.abc import Mapping

from pydantic_core import to_json

from adapters.postmart.convert import to_claim
from ocop_sync.marketplace.listing import Seller, StarClaim

_KIND = {
    "": "",
    "DN": "company",
    "HTX": "cooperative",
    "THT": "cooperative_group",
    "HO": "household",
}


def claim_body(claim: StarClaim) -> bytes:
    """Return the body that sets *claim*."""
    return to_claim(claim).model_dump_json().encode()


def prices_body(prices: Mapping[str, int]) -> bytes:
    """Return the body that sets *prices* in đồng by SKU."""
    lines = [{"sku": sku, "price": price} for sku, price in prices.items()]
    return to_json({"prices": lines})


def inventory_body(stocks: Mapping[str, int]) -> bytes:
    """Return the body that sets absolute *stocks* by SKU."""
    lines = [{"sku": sku, "quantity": stock} for sku, stock in stocks.items()]
    return to_json({"inventory": lines})


def reason_body(reason: str) -> bytes:
    """Return the body that gives *reason* for taking something down."""
    return to_json({"reason": reason})


def seller_body(seller: Seller) -> bytes:
    """Return the body that opens or updates *seller*; communes are those of 2025."""
    return to_json(
        {
            "name": seller.name,
            "kind": _KIND.get(seller.kind, seller.kind),
            "address": seller.address,
            "commune_code": seller.commune_code,
        }
    )
