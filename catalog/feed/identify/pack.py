"""Which pack of a product a row is about."""

from collections.abc import Iterable
from operator import attrgetter

from catalog.feed.identify.code_spelling import alike
from catalog.feed.rows.reading import Given, RowError
from catalog.feed.rows.row import ProblemKind
from catalog.model.product import Product, Variant


def find_variant(product: Product, given: Given) -> Variant | None:
    """Return the variant of *product* that *given* is about; None if it is new."""
    if "sku" in given:
        known = {each.sku: each for each in product.variants}
        return known.get(str(given["sku"]))
    if "pack" not in given and len(product.variants) == 1:
        return product.variants[0]
    pack = str(given.get("pack", ""))
    found = alike(product.variants, pack, attrgetter("pack"))
    if len(found) > 1 or ("pack" not in given and product.variants and not found):
        raise _which_pack(product.variants, product.id)
    return found[0] if found else None


def _which_pack(known: Iterable[Variant], product_id: str) -> RowError:
    """Return the question which pack is meant; new ones have no SKU yet."""
    some = ", ".join(f"“{each.pack or each.sku}”" for each in known)
    return RowError(
        column="pack",
        vi=f"sản phẩm có các quy cách {some}: ghi đúng quy cách vào [[pack]], hoặc mã"
        " hàng vào [[sku]]",
        en=f"the product has the packs {some}: write which one in [[pack]], or its SKU"
        " in [[sku]]",
        kind=ProblemKind.QUESTION,
        about=[product_id],
    )
