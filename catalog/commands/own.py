"""The products and packs that somebody may act upon: one place decides that.

What is out of reach is not in the catalog, as far as it is told. Functions over a
connection that the caller opened; none of them commits.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certificate_history import named_product
from catalog.db.packs import Pack, packs_by_sku
from catalog.db.reader import get_producers
from catalog.errors import NotInCatalogError
from catalog.model.producer import Producer
from catalog.model.product import Product
from catalog.model.reach import Reach


async def own_product(conn: AsyncConnection, code: str, reach: Reach) -> Product:
    """Return the product with this id, or of this SKU, if *reach* holds it.

    Raises:
        NotInCatalogError: There is none within *reach*.
    """
    found = await named_product(conn, code)
    if not reach.holds(found.producer_id):
        raise NotInCatalogError([code])
    return found


async def own_packs(
    conn: AsyncConnection, skus: Sequence[str], reach: Reach
) -> dict[str, Pack]:
    """Return those of *skus* that *reach* holds, by SKU; all others are left out."""
    found = await packs_by_sku(conn, skus)
    return {sku: it for sku, it in found.items() if reach.holds(it.producer_id)}


async def own_pack(conn: AsyncConnection, sku: str, reach: Reach) -> Pack:
    """Return a pack that *reach* holds.

    Raises:
        NotInCatalogError: There is none within *reach*.
    """
    found = await own_packs(conn, [sku], reach)
    if sku not in found:
        raise NotInCatalogError([sku])
    return found[sku]


async def own_producer(
    conn: AsyncConnection, producer_id: str, reach: Reach
) -> Producer:
    """Return a producer whose products *reach* holds.

    Raises:
        NotInCatalogError: There is none within *reach*.
    """
    found = await get_producers(conn, [producer_id])
    if producer_id not in found or not reach.holds(producer_id):
        raise NotInCatalogError([producer_id])
    return found[producer_id]
