"""The products of the department, as a list that can be searched and narrowed.

Names, codes and places are the catalog's as they are now. Stars and states at
marketplaces are those of the last sync: a product that none has looked at has neither.
No marketplace is called.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.db import reader
from catalog.model.reach import Reach
from catalog.values import replace
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.products import ProductPage
from ocop_sync.store.listings.coverage_days import CountedProduct, counted_among
from ocop_sync.store.listings.product_search import (
    FoundProduct,
    ProductSearch,
    Shown,
    count_products,
    found_products,
    product_ids,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """Which products are listed; what is left out narrows nothing.

    Attributes:
        text: Words, each of which stands in the name, in a code, or in the name of the
            producer, whatever its accents and case.
        producer: Of this producer.
        commune: Of this commune; "" is of none that is known.
        set: Of this product set.
        stars: With so many stars, 0 for none.
        shown_at: Buyers see it at this marketplace.
        not_shown_at: Buyers do not see it at this one.
        not_shown: Buyers see it at no marketplace.
    """

    text: str = ""
    producer: str | None = None
    commune: str | None = None
    set: str | None = None
    stars: int | None = None
    shown_at: str | None = None
    not_shown_at: str | None = None
    not_shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProduct:
    """A product of the list.

    Attributes:
        product: The product, with its producer.
        stars: Its stars, 0 for none; None if no sync has looked at it.
        there: How it is counted at each marketplace where a sync has looked at it.
    """

    product: FoundProduct
    stars: int | None
    there: Mapping[str, CountedProduct]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductList:
    """Some products of all that are meant, by id.

    Attributes:
        rows: The products.
        total: How many are meant in all.
        last: The id of the last one; None if no further page follows.
    """

    rows: Sequence[ListedProduct]
    total: int
    last: str | None


async def list_products(
    deployment: Deployment, chosen: ProductFilter, *, after: str = "", size: int
) -> ProductList:
    """Return the *size* products behind the id *after* that are meant."""
    now = deployment.clock()
    names = tuple(sorted(each.name for each in deployment.sites))
    search = _search(chosen, names)
    async with deployment.database.read() as conn:
        ids = await product_ids(conn, search, now, after=after, size=size + 1)
        total = await count_products(conn, search, now)
        found = await found_products(conn, ids[:size])
        counted = await counted_among(conn, names, ids[:size], now)
    return ProductList(
        rows=[_listed(each, names, counted) for each in found],
        total=total,
        last=ids[size - 1] if len(ids) > size else None,
    )


async def search_products(
    deployment: Deployment,
    chosen: ProductFilter,
    *,
    reach: Reach,
    after: str,
    limit: int,
) -> ProductPage:
    """Return at most *limit* products within *reach* behind an id that are meant."""
    now = deployment.clock()
    names = tuple(sorted(each.name for each in deployment.sites))
    within = None if reach.producers is None else tuple(sorted(reach.producers))
    search = replace(_search(chosen, names), within=within)
    async with deployment.database.read() as conn:
        ids = await product_ids(conn, search, now, after=after, size=limit + 1)
        found = await reader.get(conn, ids[:limit])
    return ProductPage(
        entries=[found[each] for each in ids[:limit] if each in found],
        last=ids[limit - 1] if len(ids) > limit else None,
    )


def _search(chosen: ProductFilter, names: tuple[str, ...]) -> ProductSearch:
    shown = None
    if chosen.shown_at is not None:
        shown = Shown(marketplaces=(chosen.shown_at,), is_shown=True)
    elif chosen.not_shown_at is not None:
        shown = Shown(marketplaces=(chosen.not_shown_at,), is_shown=False)
    elif chosen.not_shown:
        shown = Shown(marketplaces=names, is_shown=False)
    return ProductSearch(
        text=chosen.text,
        producer=chosen.producer,
        commune=chosen.commune,
        product_set=chosen.set,
        stars=chosen.stars,
        counted_at=names,
        shown=shown,
    )


def _listed(
    found: FoundProduct,
    names: Sequence[str],
    counted: Mapping[tuple[str, str], CountedProduct],
) -> ListedProduct:
    there = {n: counted[n, found.id] for n in names if (n, found.id) in counted}
    # Syncs at different marketplaces may lie apart: the latest one knows best.
    latest = max(there.values(), key=lambda each: each.began_at, default=None)
    return ListedProduct(
        product=found, stars=latest.stars if latest else None, there=there
    )
