"""The fields that a listing takes from the catalog as they are: those of equal name.

Fields that are composed are left out, and decided in `ocop_sync.engine.wanted.draft`.
"""

from collections.abc import Callable, Collection
from typing import Any

from catalog.model.product import Product
from catalog.model.product import Variant as Pack
from catalog.values import names_of
from ocop_sync.marketplace.listing import Listing, Variant


def _copying(
    source: Any, shown: Any, *, composed: Collection[str]
) -> Callable[[object], dict[str, Any]]:
    both = {*names_of(source)} & {*names_of(shown)}
    names = sorted(both - {*composed})
    return lambda owner: {name: getattr(owner, name) for name in names}


of_pack = _copying(Pack, Variant, composed={"gtin"})
"""Returns the copied fields of a pack, by name."""

of_product = _copying(
    Product, Listing, composed={"description", "pictures", "trace_url", "variants"}
)
"""Returns the copied fields of a product, by name."""
