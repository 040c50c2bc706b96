"""The listings that the kit makes: plainly made up, and with no more than has a place.

The category is the first of the adapter's mapping, titles and texts keep to its limits.
"""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from ocop_sync.marketplace.listing import Facet, Listing, StarClaim, Variant
from ocop_sync.marketplace.port import Marketplace

CLAIM: Final = StarClaim(stars=4, decision="001/QĐ-MẪU", valid_to=date(2027, 5, 10))

BOTTLE: Final = Variant(
    sku="", pack="Chai 500 ml", price_vnd=150_000, stock=12, gtin="2000000000015",
    weight_g=700,
)  # fmt: skip
LITRE: Final = replace(BOTTLE, pack="Chai 1 lít", price_vnd=280_000, stock=4, gtin="")
CASE: Final = replace(BOTTLE, pack="Thùng 12 chai", price_vnd=990_000, stock=3, gtin="")


def client_ref(number: int) -> str:
    """Return our reference of listing *number*."""
    return f"SP-{number:05d}"


def pack(number: int, which: int = 1, of: Variant = BOTTLE, **fields: Any) -> Variant:
    """Return a pack of listing *number*."""
    return replace(of, sku=f"{client_ref(number)}-{which}", **fields)


def category(adapter: type[Marketplace], place: int = 0) -> str:
    """Return a category of the adapter's mapping; "" if it has no such one."""
    mapping = adapter.mapping
    found = [*dict.fromkeys([*mapping.categories.values(), mapping.fallback_category])]
    known = [each for each in found if each]
    return known[place] if place < len(known) else ""


def listing(adapter: type[Marketplace], seller_ref: str, number: int) -> Listing:
    """Return listing *number*, as far as the marketplace has a place for it."""
    can = adapter.capabilities
    whole = Listing(
        client_ref=client_ref(number),
        seller_ref=seller_ref,
        title=f"Mật ong hoa rừng mẫu {number}"[: adapter.mapping.title.max_length],
        description="Mật ong nguyên chất, đóng chai thủy tinh.",
        category=category(adapter),
        attributes=(("Khối lượng tịnh", "500 ml"), ("Xuất xứ", "Việt Nam")),
        pictures=("https://anh.example/1.jpg",),
        trace_url="https://truyxuat.example/1" if can.has_trace_page else "",
        variants=(pack(number),),
        stars=CLAIM if Facet.STARS in can.facets else None,
    )
    if can.has_gtin:
        return whole
    return replace(whole, variants=tuple(replace(v, gtin="") for v in whole.variants))
