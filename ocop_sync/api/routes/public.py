"""Figures and products for everybody: there only while `serve.public_figures` is on.

Nothing personal is told, and no address that asks for a key. Calls are limited by
address, and answers may be kept for a minute by whoever stands between.
"""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import hdrs

from ocop_sync.api.access.roles import EVERYBODY
from ocop_sync.api.context import deployment_of
from ocop_sync.api.forms.coverage import BeginningForm, FigureName
from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import Date, Identifier, Instant, Model, Page, PageQuery
from ocop_sync.service.queries.coverage_figures import (
    Cell,
    DayCoverage,
    Dimension,
    Figure,
    coverage_of,
)
from ocop_sync.service.queries.public_products import PublicProduct, public_products

TAG: Final = "public"
_CACHED: Final[Mapping[str, str]] = {hdrs.CACHE_CONTROL: "public, max-age=60"}


class PublicFigureForm(Model):
    """One figure."""

    name: FigureName
    """Its name."""
    value: int
    """How many products it counts."""
    of: int | None
    """Of how many certified ones; null if it is part of no sum."""
    share: float | None
    """The one divided by the other, to four places; null of nothing."""
    simulated: bool
    """The marketplace is a mock, or was one when something of this was counted."""
    definition: WordsForm
    """Which products it counts."""


class PublicCellForm(Model):
    """The figures of one part at one marketplace."""

    marketplace: str
    """Name of the marketplace."""
    part: str | int | None
    """The commune, stars, product set or legal form; null of the whole."""
    figures: tuple[PublicFigureForm, ...]
    """Its figures, in the order of the definitions."""


class PublicCoverageForm(Model):
    """The figures of now."""

    day: Date
    """Today in Vietnam."""
    at: Instant
    """The instant that is counted: now."""
    by: Dimension | None
    """By what they are told apart; null if by marketplace alone."""
    simulated: bool
    """A figure is of a mock."""
    history_began: tuple[BeginningForm, ...]
    """Since when is counted."""
    not_known: tuple[str, ...]
    """Marketplaces of which nothing is known; that is no 0."""
    cells: tuple[PublicCellForm, ...]
    """By marketplace and part."""


class PublicCoverageQuery(Model):
    """What is asked."""

    by: Dimension | None = None
    """By what figures are told apart, besides the marketplace."""
    marketplace: Identifier | None = None
    """Only at this marketplace."""


class OnSaleForm(Model):
    """A marketplace where a product is on sale."""

    marketplace: str
    """Its name."""
    simulated: bool
    """It is a mock, or was one when the product was counted: nobody can buy there."""


class PublicProductForm(Model):
    """A certified product."""

    name: str
    """Its name; empty if the catalog has it no more."""
    producer: str | None
    """The name of its producer, if that is a firm or a cooperative. Names of households
    and of groups are left out, as they are names of people: null."""
    commune: str
    """The code of its producer's commune; empty if not known."""
    stars: int
    """Its stars; 0 if none are proven."""
    on_sale: tuple[OnSaleForm, ...]
    """Where it is on sale, as a read of the last two days has shown."""


class PublicProductsPage(Page[PublicProductForm]):
    """A page of certified products."""

    simulated: bool
    """A marketplace is a mock, or was one when something of this page was counted."""


@operation(
    "GET",
    "/public/coverage",
    summary="The figures of now, for everybody",
    allowed=EVERYBODY,
    tag=TAG,
)
async def get_public_coverage(
    call: Call, query: PublicCoverageQuery
) -> Answer[PublicCoverageForm]:
    """Tell how many products are on sale, and of how many, as is known now."""
    names = (query.marketplace,) if query.marketplace else ()
    found = await coverage_of(
        deployment_of(call), by=query.by, names=names, evaluates=False
    )
    form = _coverage(found)
    version = form.model_dump_json(exclude={"at"})
    return Answer(value=form, version=version, headers=_CACHED)


@operation(
    "GET",
    "/public/products",
    summary="The certified products, for everybody",
    allowed=EVERYBODY,
    tag=TAG,
)
async def list_public_products(
    call: Call, query: PageQuery
) -> Answer[PublicProductsPage]:
    """List the certified products, and where each is on sale.

    A producer is named if it is a firm or a cooperative; names of households and of
    groups are left out, as they are names of people.
    """
    found = await public_products(
        deployment_of(call), after=call.position(query, str) or "", size=query.limit
    )
    page: Page[PublicProductForm] = call.page(
        tuple(map(_product, found.products)), found.last
    )
    form = PublicProductsPage(
        items=page.items, next=page.next, simulated=found.simulated
    )
    return Answer(value=form, headers=_CACHED)


OPERATIONS: Final = (get_public_coverage, list_public_products)


def _coverage(found: DayCoverage) -> PublicCoverageForm:
    return PublicCoverageForm(
        day=found.day,
        at=found.at,
        by=found.by,
        simulated=found.simulated,
        history_began=tuple(
            BeginningForm(marketplace=name, began_at=at)
            for name, at in found.history_began.items()
        ),
        not_known=tuple(found.not_known),
        cells=tuple(map(_cell, found.cells)),
    )


def _cell(cell: Cell) -> PublicCellForm:
    return PublicCellForm(
        marketplace=cell.marketplace,
        part=cell.part,
        figures=tuple(_figure(each, cell) for each in cell.figures.values()),
    )


def _figure(figure: Figure, cell: Cell) -> PublicFigureForm:
    name: Any = figure.name
    return PublicFigureForm(
        name=name,
        value=figure.value,
        of=figure.of,
        share=figure.share,
        simulated=cell.simulated,
        definition=words_form(figure.definition),
    )


def _product(each: PublicProduct) -> PublicProductForm:
    return PublicProductForm(
        name=each.name,
        producer=each.producer,
        commune=each.commune,
        stars=each.stars,
        on_sale=tuple(
            OnSaleForm(marketplace=at.marketplace, simulated=at.simulated)
            for at in each.on_sale
        ),
    )
