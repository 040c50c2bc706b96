"""The list of products as a file: with a column for each marketplace."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from catalog.eligibility import Text
from ocop_sync.pages.figure_words import part_words, place_words, state_words
from ocop_sync.pages.written_list import CHUNK, Column, ListFile, ListRow
from ocop_sync.service.department.product_list import (
    ListedProduct,
    ProductFilter,
    list_products,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import Dimension


def _places(deployment: Deployment) -> list[str]:
    return sorted(each.name for each in deployment.sites)


def _columns(deployment: Deployment) -> Sequence[Column]:
    return (
        (Text("Mã sản phẩm", "Code"), 12),
        (Text("Sản phẩm", "Product"), 40),
        (Text("Mã cơ sở", "Producer's code"), 12),
        (Text("Cơ sở", "Producer"), 40),
        (Text("Xã, phường", "Commune"), 24),
        (Text("Bộ sản phẩm", "Product set"), 30),
        (Text("Sao", "Stars"), 8),
        *((place_words(deployment, each), 24) for each in _places(deployment)),
    )


async def _rows(
    deployment: Deployment, chosen: ProductFilter
) -> AsyncIterator[Sequence[ListRow]]:
    after: str | None = ""
    while after is not None:
        found = await list_products(deployment, chosen, after=after, size=CHUNK)
        yield [_row(deployment, each) for each in found.rows]
        after = found.last


def _row(deployment: Deployment, found: ListedProduct) -> ListRow:
    product, communes = found.product, deployment.communes
    cells = (
        product.id,
        product.name,
        product.producer_id,
        product.producer,
        part_words(Dimension.COMMUNE, product.commune or "", communes),
        part_words(Dimension.SET, product.product_set, communes),
        found.stars,
        *(
            state_words(there.counted)[0] if (there := found.there.get(name)) else None
            for name in _places(deployment)
        ),
    )
    return ListRow(cells, deployment.simulated)


PRODUCTS_FILE: Final = ListFile(
    name="san-pham", title=Text("Sản phẩm", "Products"), columns=_columns, rows=_rows
)
"""The products; chosen by a `ProductFilter`."""
