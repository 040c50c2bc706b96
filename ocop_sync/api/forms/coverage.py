"""The figures of coverage, as they are shown."""

from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import urlencode

from ocop_sync.api.forms.read_ages import ReadAgeForm, read_age_forms
from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.typed.values import Date, Instant, Model, Page
from ocop_sync.engine.figure_words import PublishedFigure
from ocop_sync.service.queries.coverage_figures import (
    Cell,
    DayCoverage,
    Dimension,
    Figure,
    ListedProduct,
)
from ocop_sync.service.queries.coverage_outlook import ClaimsEnded

COVERAGE: Final = "/api/v1/coverage"
"""The address of the figures; those of their lists begin with it."""

FigureName = Literal[
    "certified",
    "listable",
    "listed",
    "unconfirmed",
    "in_review",
    "refused",
    "held",
    "pending",
    "blocked",
    "validity_unknown",
    "not_certified",
    "live_not_listable",
]
"""The figures, by name."""


class FigureForm(Model):
    """One figure."""

    name: FigureName
    """Its name."""
    value: int
    """How many products it counts."""
    of: int | None
    """Of how many certified ones; null if it is part of no sum."""
    share: float | None
    """The one divided by the other, to four places; null of nothing."""
    definition: WordsForm
    """Which products it counts."""
    list: str
    """The address of the list of these products."""


class CellForm(Model):
    """The figures of one part at one marketplace."""

    marketplace: str
    """Name of the marketplace; "-" where none was ever set."""
    simulated: bool
    """It is a mock, or was one when something of this was counted."""
    part: str | int | None
    """The commune, stars, product set or legal form; null of the whole."""
    figures: tuple[FigureForm, ...]
    """Its figures, in the order of the definitions."""


class BeginningForm(Model):
    """Since when a marketplace has been counted."""

    marketplace: str
    """Name of the marketplace."""
    began_at: Instant
    """When its first product was counted."""


class DayForm(Model):
    """The figures of one day."""

    day: Date
    """The day in Vietnam."""
    at: Instant
    """The instant that is counted: the last one of the day, or now."""
    simulated: bool
    """A figure is of a mock."""
    history_began: tuple[BeginningForm, ...]
    """Since when is counted; nothing is known of days before."""
    not_known: tuple[str, ...]
    """Marketplaces of which nothing is known on that day; that is no 0."""
    cells: tuple[CellForm, ...]
    """By marketplace and part."""


class ApartForm(Model):
    """A figure beside those of coverage."""

    value: int
    """How many there are."""
    definition: WordsForm
    """What is counted."""
    list: str
    """The address of the list."""


class CoverageForm(DayForm):
    """The figures of a day, with what is asked of now alone."""

    by: Dimension | None
    """By what they are told apart; null if by marketplace alone."""
    claims_ended: ApartForm | None
    """Listings on sale that claim what has ended; it must be 0. Null of a past day."""
    drops_out: ApartForm | None
    """With `as_of`: who drops out by the end of that day; else null."""
    read_ages: tuple[ReadAgeForm, ...]
    """How old reads are where people carry a marketplace's lists to us; now alone."""


class HistoryForm(Model):
    """Days, one after the other."""

    days: tuple[DayForm, ...]
    """The first one first."""


class CountedProductForm(Model):
    """A product that a figure counts."""

    marketplace: str
    """The marketplace at which it is counted."""
    product: str
    """Its code."""
    name: str
    """Its name now; empty if the catalog has it no more."""
    producer: str
    """Its producer's name now, or empty."""
    counted: str
    """How it was counted."""
    live: bool
    """It was on sale as far as was known."""
    reason: str | None
    """Code of the strongest reason: a rule, or a hold."""
    commune: str
    """The commune then."""
    stars: int
    """The stars then; 0 if none were proven."""
    set: str
    """The product set then."""
    kind: str
    """The producer's legal form then."""
    since: Instant
    """Since when it was counted by these facts."""
    until: Instant | None
    """Until when; null if that still lasts."""


class ListHeadForm(Model):
    """The whole of a list of products."""

    simulated: bool
    """The marketplace is a mock, or was one when something of this was counted."""


class CountedPage(ListHeadForm, Page[CountedProductForm]):
    """A page of the products that a figure counts."""


class PublishedForm(Model):
    """A figure that somebody has published; its rule of counting is not known."""

    when: str
    """A month such as 2022-06, or years such as 2023-2024."""
    listed: int
    """The number that was called on sale."""
    of: int
    """The number of which that is a part."""
    where: WordsForm
    """Where they were on sale."""
    rule: WordsForm
    """Why it is joined to nothing that is measured here."""


class PublishedList(Model):
    """Published figures."""

    published: tuple[PublishedForm, ...]
    """The oldest first."""


def day_form(found: DayCoverage) -> DayForm:
    """Return the figures of a day as they are shown."""
    return DayForm(**_day(found))


def coverage_form(
    found: DayCoverage, claims: ClaimsEnded | None, drops_out: ApartForm | None = None
) -> CoverageForm:
    """Return the figures of a day as they are shown, with what is asked of now."""
    return CoverageForm(
        **_day(found),
        by=found.by,
        claims_ended=None if claims is None else _claims(claims),
        drops_out=drops_out,
        read_ages=read_age_forms(found.read_ages),
    )


def address(path: str, values: Mapping[str, object]) -> str:
    """Return the address of a list of products over the API."""
    return f"{COVERAGE}/{path}" + (f"?{urlencode(values)}" if values else "")


def counted_form(marketplace: str, found: ListedProduct) -> CountedProductForm:
    """Return a product that a figure counts, as it is shown."""
    of = found.counted
    return CountedProductForm(
        marketplace=marketplace,
        product=of.product_id,
        name=found.name,
        producer=found.producer,
        counted=of.counted,
        live=of.live,
        reason=of.reason or None,
        commune=of.commune,
        stars=of.stars,
        set=of.product_set,
        kind=of.producer_kind,
        since=of.began_at,
        until=of.ended_at,
    )


def published_form(found: PublishedFigure) -> PublishedForm:
    """Return a published figure as it is shown."""
    return PublishedForm(
        when=found.when,
        listed=found.listed,
        of=found.of,
        where=words_form(found.where),
        rule=words_form(found.rule),
    )


def _day(found: DayCoverage) -> dict[str, Any]:
    return {
        "day": found.day,
        "at": found.at,
        "simulated": found.simulated,
        "history_began": tuple(
            BeginningForm(marketplace=name, began_at=at)
            for name, at in found.history_began.items()
        ),
        "not_known": tuple(found.not_known),
        "cells": tuple(map(_cell, found.cells)),
    }


def _cell(cell: Cell) -> CellForm:
    return CellForm(
        marketplace=cell.marketplace,
        simulated=cell.simulated,
        part=cell.part,
        figures=tuple(map(_figure, cell.figures.values())),
    )


def _figure(figure: Figure) -> FigureForm:
    name: Any = figure.name
    return FigureForm(
        name=name,
        value=figure.value,
        of=figure.of,
        share=figure.share,
        definition=words_form(figure.definition),
        list=address("products", figure.list.parameters),
    )


def _claims(found: ClaimsEnded) -> ApartForm:
    return ApartForm(
        value=len(found.listings),
        definition=words_form(found.definition),
        list=address("claims-ended", {}),
    )
