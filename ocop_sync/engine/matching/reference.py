"""Whether a listing that carries our reference is of the product that has it now.

Pure. A reference is a product's id, and ids can be given out anew: a database was lost,
and a sheet without ids numbered its products otherwise. So of a listing that we never
sent, the reference alone proves nothing, and neither does an SKU that is made of the
id, nor a producer's reference. It is ours if a GTIN is the same, or an SKU of another
making, or if the names are as alike as twins have to be
(`ocop_sync.engine.matching.similarity`); another seller counts against it. A
certificate's decision is no proof: one names dozens of products, and is replaced when a
certificate is renewed.

A listing that does not resemble is not adopted: it is nobody's listing, as far as we
know, until a person has said whose it is.
"""

from collections.abc import Iterable
from typing import Final

from catalog.model.producer import Producer
from catalog.model.product import Product
from ocop_sync.engine.matching.similarity import HOLDS, Offer, compare
from ocop_sync.marketplace.listing import RemoteListing

KEY: Final = "ref:"
"""How the key begins by which a listing with our reference is found."""

_MOST_KEPT: Final = 400
"""Characters of a key that are stored; a marketplace may show longer references."""


def key_of(product_id: str) -> str:
    """Return the key of listings that carry the reference of a product."""
    return f"{KEY}{product_id}"[:_MOST_KEPT]


def is_made_of(sku: str, product_id: str) -> bool:
    """Say whether an SKU says no more than the product's id."""
    return sku.startswith(f"{product_id}-")


def proves(key: str, product_id: str) -> bool:
    """Say whether a shared key ("sku:KHO-1") proves that it is of the product."""
    kind, _, number = key.partition(":")
    return kind == "gtin" or (kind == "sku" and not is_made_of(number, product_id))


def resembles(
    product_id: str, shared: Iterable[str], ours: Offer, theirs: Offer
) -> bool:
    """Say whether a listing with our reference is of the product.

    *shared* are the keys that both have, as `proves` takes them.
    """
    if any(proves(key, product_id) for key in shared):
        return True
    return likeness(ours, theirs) >= HOLDS


def likeness(ours: Offer, theirs: Offer) -> int:
    """Return how alike they are by name and maker, 0 to 100.

    Packs say nothing here. Nor does the same reference of a producer, which may have
    been given out anew as well; another one does where no name is shown.
    """
    is_other = bool(theirs.seller_ref) and theirs.seller_ref != ours.seller_ref
    ref = theirs.seller_ref if is_other and not theirs.maker else ""
    named = Offer(title=theirs.title, maker=theirs.maker, seller_ref=ref)
    mine = Offer(title=ours.title, maker=ours.maker, seller_ref=ours.seller_ref)
    return compare(mine, named).score


def is_of(product: Product, producer: Producer | None, found: RemoteListing) -> bool:
    """Say whether *found*, which carries the product's reference, is of it."""
    shown = found.shown
    skus = {f"sku:{each.sku}" for each in product.variants}
    gtins = {f"gtin:{each.gtin}" for each in product.variants if each.gtin}
    theirs = {f"sku:{each.sku}" for each in shown.variants}
    theirs |= {f"gtin:{each.gtin}" for each in shown.variants if each.gtin}
    return resembles(
        product.id,
        (skus | gtins) & theirs,
        Offer(
            title=product.name,
            maker=producer.name if producer else "",
            seller_ref=product.producer_id or "",
        ),
        Offer(title=shown.title, maker=found.seller_name, seller_ref=shown.seller_ref),
    )
