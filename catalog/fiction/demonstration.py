"""Give a real product the values that a demonstration may invent for it.

No public source states price, stock or pack of a certified product, so the
demonstration makes them up while it runs, and marks each one "mô phỏng". They are never
written to a file that ships. Nothing is made up about certificates, papers, consent or
the strength of a drink: those decide which products may be sold.
"""

from datetime import datetime
from typing import Final

from catalog.fiction.chance import chance
from catalog.fiction.tables import TABLES
from catalog.model.fact import Fact
from catalog.model.product import Picture, Product, Variant
from catalog.model.product_set import SETS, Sector
from catalog.values import replace

MARK: Final = "mô phỏng"
"""Stands in every text that is made up here."""

_SKU: Final = 9001
"""Number of the simulated pack: real ones are numbered from 1."""

_PACKS: Final[dict[str, str]] = TABLES["demonstration"]


def demonstration_values(
    product: Product, seed: int, *, counted_at: datetime | None = None
) -> Product:
    """Return *product* with a simulated pack, price, stock and clean picture.

    The same product and seed give the same values. Values of the catalog stay: a
    product that has packs is returned as it is, and so is one that is no goods for a
    marketplace (services, live plants and animals).
    """
    known = SETS.get(product.set_code)
    sector = Sector.FOOD if known is None else known.sector
    if product.variants or sector not in _PACKS:
        return product
    random = chance(seed, product.id)
    variant = Variant(
        sku=f"{product.id}-{_SKU}",
        pack=f"{_PACKS[sector]} ({MARK})",
        price_vnd=random.randrange(20, 400) * 1000,
        on_hand=random.randrange(20, 200),
        counted_at=counted_at,
    )
    picture = Picture(
        url=f"https://mo-phong.example/{product.id}.jpg", shows_ocop_mark=Fact.NO
    )
    return replace(
        product,
        variants=(variant,),
        pictures=product.pictures or (picture,),
        description=product.description or f"{product.name} ({MARK}).",
        source=f"{product.source}; giá, tồn kho, quy cách và ảnh: {MARK}",
    )
