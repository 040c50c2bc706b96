"""The features that a marketplace has and lacks, as its adapter declares.

The consequences for a sync are decided by the callers: a feature that is not offered is
never called, counted or reported.
"""

from collections.abc import Iterator

from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet
from ocop_sync.marketplace.port import Marketplace

FACET_OF = {
    Kind.UPDATE: Facet.CONTENT,
    Kind.SET_PRICE: Facet.PRICE,
    Kind.SET_STOCK: Facet.STOCK,
    Kind.SET_STARS: Facet.STARS,
}
"""The facet that a change writes, for those that write one."""

NAMES = {
    "search": "tìm tin / search",
    "sellers": "gian hàng / sellers",
    "seller_stop": "đóng gian hàng / closing sellers",
    "reviews": "duyệt tin / reviews",
    "events": "thông báo / events",
    "content": "nội dung / content",
    "price": "giá / prices",
    "stock": "tồn kho / stock",
    "stars": "sao OCOP / OCOP stars",
}
"""The names of the features that a marketplace may have or lack, for people."""


def features_of(can: Capabilities) -> dict[str, bool]:
    """Return which features of `NAMES` it has."""
    return {
        "search": can.has_search,
        "sellers": can.has_sellers,
        "seller_stop": can.has_sellers and can.has_seller_stop,
        "reviews": can.has_reviews,
        "events": can.has_events,
        **{facet.value: facet in can.facets for facet in Facet},
    }


def lacking_methods(adapter: type[Marketplace]) -> list[str]:
    """Return the methods that *adapter* leaves out though it says that it has them."""
    return [name for name in _asked(adapter.capabilities) if _is_left(adapter, name)]


def _asked(can: Capabilities) -> Iterator[str]:
    has = features_of(can)
    methods = {
        "search": "find",
        "sellers": "put_sellers",
        "seller_stop": "stop_sellers",
        "reviews": "follow",
        "events": "events",
        "price": "set_price",
        "stock": "set_stock",
        "stars": "set_stars",
    }
    return (method for name, method in methods.items() if has[name])


def _is_left(adapter: type[Marketplace], name: str) -> bool:
    return getattr(adapter, name) is getattr(Marketplace, name)
