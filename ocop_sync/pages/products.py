"""All products of the department: searched without accents, and narrowed.

The address carries what narrows the list, so that it can be kept and passed on. A page
begins behind the last product of the page before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from catalog.model.product_set import SETS
from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import WHOLE, Model
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.figure_words import (
    PART_WORDS,
    known_parts,
    part_words,
    place_words,
    state_words,
)
from ocop_sync.pages.filters import Filter, filter_of, narrowed_address
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.navigation import IMPORTS, PRODUCTS, TEMPLATE
from ocop_sync.pages.product_rows import PRODUCTS_FILE
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.department.product_list import (
    ListedProduct,
    ProductFilter,
    list_products,
)
from ocop_sync.service.queries.coverage_figures import Dimension

_SIZE: Final = 50
"""Rows of one page."""
_AT: Final = "at."
_NOT_AT: Final = "not."
_NOWHERE: Final = "nowhere"
"""What a choice of where a product is shown begins with, or is."""

Code = Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]


class ProductsQuery(Model):
    """Which products."""

    q: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Words of names, or a code."""
    commune: Code | None = None
    """Only of this commune; empty of those of no known one."""
    stars: Annotated[int, Field(ge=0, le=5), WHOLE] | None = None
    """Only with so many stars."""
    set: Code | None = None
    """Only of this product set."""
    producer: Code | None = None
    """Only of this producer."""
    shown: Annotated[
        str, Field(max_length=80, pattern=r"^(nowhere|(at|not)\.[^\x00-\x1f\x7f]+)$")
    ] = ""
    """Where buyers see them, or do not."""
    after: Code = ""
    """The last product of the page before."""

    def chosen(self) -> ProductFilter:
        """Return the filter that is asked for."""
        begin, _, name = self.shown.partition(".")
        return ProductFilter(
            text=self.q,
            producer=self.producer,
            commune=self.commune,
            set=self.set,
            stars=self.stars,
            shown_at=name if begin == "at" else None,
            not_shown_at=name if begin == "not" else None,
            not_shown=begin == _NOWHERE,
        )

    @property
    def narrows(self) -> bool:
        """Say whether the list is narrowed."""
        return self.address() != PRODUCTS

    def address(self, **more: str) -> str:
        """Return the address of the first page of this list, or with *more*."""
        values = self.model_dump(exclude={"after"}, exclude_defaults=True) | more
        return f"{PRODUCTS}?{urlencode(values)}" if values else PRODUCTS


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """A product of the list, in words.

    Attributes:
        of: The product.
        commune: Its commune.
        set: Its product set.
        there: Each marketplace, and how the product stands there.
    """

    of: ListedProduct
    commune: Text
    set: Text
    there: Sequence[tuple[Text, tuple[Text, Kind]]]


async def show_products(visit: Visit) -> web.Response:
    """Show the products that are looked for."""
    ensure_whole(visit.asker)
    if address := narrowed_address(visit.request, texts=("q",)):
        return see(address)
    query, deployment = visit.query(ProductsQuery), visit.deployment
    found = await list_products(
        deployment, query.chosen(), after=query.after, size=_SIZE
    )
    following = ""
    if found.last is not None:
        following = query.address(after=found.last)
    values = {
        "query": query,
        "total": found.total,
        "rows": [_row(visit, each) for each in found.rows],
        "filters": _filters(visit, query),
        "first": query.address() if query.after else "",
        "following": following,
        "address": PRODUCTS,
        "imports": IMPORTS,
        "template": TEMPLATE,
        "files": file_links(visit),
    }
    return visit.page("products.html", simulated=deployment.simulated, values=values)


def _row(visit: Visit, found: ListedProduct) -> ProductRow:
    deployment, product = visit.deployment, found.product
    communes = deployment.communes
    return ProductRow(
        of=found,
        commune=part_words(Dimension.COMMUNE, product.commune or "", communes),
        set=part_words(Dimension.SET, product.product_set, communes),
        there=[
            (place_words(deployment, name), state_words(each.counted))
            for name, each in found.there.items()
        ],
    )


def _filters(visit: Visit, query: ProductsQuery) -> list[Filter]:
    communes = visit.deployment.communes
    parts: dict[Dimension, Sequence[str | int]] = {
        Dimension.COMMUNE: [*known_parts(Dimension.COMMUNE, communes), ""],
        Dimension.STARS: [*known_parts(Dimension.STARS, communes), 0],
        Dimension.SET: list(SETS),
    }
    return [
        *(
            filter_of(
                by.value,
                PART_WORDS[by],
                [(str(part), part_words(by, part, communes)) for part in found],
                getattr(query, by.value),
            )
            for by, found in parts.items()
        ),
        filter_of(
            "shown",
            Text("Người mua thấy ở", "Buyers see it at"),
            _places(visit),
            query.shown or None,
        ),
    ]


def _places(visit: Visit) -> list[tuple[str, Text]]:
    names = sorted(each.name for each in visit.deployment.sites)
    words = {name: place_words(visit.deployment, name) for name in names}
    return [
        *((f"{_AT}{name}", each) for name, each in words.items()),
        *(
            (f"{_NOT_AT}{name}", Text(f"không ở {each.vi}", f"not at {each.en}"))
            for name, each in words.items()
        ),
        (_NOWHERE, Text("không ở sàn nào", "not at any marketplace")),
    ]


PAGES: Final = (PageRoute("GET", PRODUCTS, STAFF, show_products),)


def _chosen_of(visit: Visit) -> ProductFilter:
    ensure_whole(visit.asker)
    return visit.query(ProductsQuery).chosen()


FILES: Final = list_routes(PRODUCTS, STAFF, PRODUCTS_FILE, _chosen_of)
"""The same list as files."""
