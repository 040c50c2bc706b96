"""The values of the figures of coverage, as calls send and get them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from ocop_sync.api.routes.words import WordsForm
from ocop_sync.api.typed.values import WHOLE, Identifier, Model, Page, PageQuery
from ocop_sync.service.queries.coverage_figures import (
    Dimension,
)

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

Code = Annotated[str, Field(max_length=16, pattern=r"^[A-Za-z0-9._-]*$")]
"""A code of a commune, a product set or a legal form; empty where none is known."""


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
    """Name of the marketplace."""
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
    began_at: datetime
    """When its first product was counted."""


class DayForm(Model):
    """The figures of one day."""

    day: date
    """The day in Vietnam."""
    at: datetime
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


class HistoryForm(Model):
    """Days, one after the other."""

    days: tuple[DayForm, ...]
    """The first one first."""


class CountedProductForm(Model):
    """A product that a figure counts."""

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
    since: datetime
    """Since when it was counted by these facts."""
    until: datetime | None
    """Until when; null if that still lasts."""


class CountedPage(Page[CountedProductForm]):
    """A page of the products that a figure counts."""

    simulated: bool
    """The marketplace is a mock, or was one when something of this page was counted."""


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


class EndForm(Model):
    """A certificate that ends soon."""

    ends_on: date
    """Its last day in Vietnam."""
    days_left: int
    """Days until then; 0 on the last day."""
    product: str
    """The product's code."""
    name: str
    """Its name."""
    producer: str
    """Its producer's name, or empty."""
    stars: int
    """The stars."""
    decision: str
    """Number of the decision, or empty."""


class WithinForm(Model):
    """How many certificates end soon."""

    days: int
    """Within so many days."""
    value: int
    """How many."""


class EndsPage(Page[EndForm]):
    """A page of ends, and how many there are in all."""

    simulated: bool
    """A marketplace is a mock."""

    within: tuple[WithinForm, ...]
    """How many end within 30, 60 and 90 days."""
    definition: WordsForm
    """What is counted."""


class DropsOutForm(Model):
    """A product that is listable now and will not be so."""

    product: str
    """Its code."""
    name: str
    """Its name."""
    producer: str
    """Its producer's name, or empty."""
    later: str
    """How it is counted then."""
    rule: str | None
    """The rule that decides then."""
    on_sale_at: tuple[str, ...]
    """The marketplaces where it is on sale now."""


class DropsOutPage(Page[DropsOutForm]):
    """A page of products that drop out."""

    simulated: bool
    """A marketplace is a mock."""


class ClaimShownForm(Model):
    """A listing on sale that claims OCOP with nothing behind it any more."""

    marketplace: str
    """Name of the marketplace."""
    product: str
    """The product's code."""
    ends_on: str
    """ISO day on which the claim ended, or empty."""
    stars: int
    """The stars that it shows; 0 if only its text claims."""


class ClaimsEndedForm(Model):
    """All listings on sale with a claim that has ended."""

    simulated: bool
    """A marketplace is a mock."""
    listings: tuple[ClaimShownForm, ...]
    """By marketplace and product; there should be none."""


class PercentilesForm(Model):
    """How long changes took, in seconds; null of no change."""

    count: int
    """How many changes."""
    p50_s: float | None
    """Half of them took so long at most."""
    p95_s: float | None
    """95 of 100."""
    p99_s: float | None
    """99 of 100."""


class FacetFreshnessForm(PercentilesForm):
    """The same of one facet."""

    facet: str
    """A facet; `sale` is to be on sale or not."""


class MarketplaceFreshnessForm(Model):
    """The changes of one marketplace that have ended in the window."""

    marketplace: str
    """Its name."""
    simulated: bool
    """It is a mock."""
    confirmed: PercentilesForm
    """From the evaluation that found a change to the read that shows it."""
    taken: PercentilesForm
    """From that evaluation to the marketplace's answer."""
    by_facet: tuple[FacetFreshnessForm, ...]
    """`confirmed`, for each facet."""
    superseded: int
    """Changes whose value was replaced before it was sent."""
    overtaken: int
    """Changes whose value was replaced when it was sent, before a read."""
    open: int
    """Changes that no read has shown yet, as of now."""


class FreshnessForm(Model):
    """How long changes take until they show."""

    since: datetime
    """The beginning of the window."""
    as_of: datetime
    """Its end: now."""
    marketplaces: tuple[MarketplaceFreshnessForm, ...]
    """By name."""


class FreshnessQuery(Model):
    """Which window."""

    days: Annotated[int, Field(ge=1, le=90), WHOLE] = 7
    """So many days back."""


class CoverageQuery(Model):
    """What is asked."""

    day: date | None = None
    """The day in Vietnam at whose end is counted; now if left out."""
    by: Dimension | None = None
    """By what figures are told apart, besides the marketplace."""
    marketplace: Identifier | None = None
    """Only at this marketplace."""
    as_of: date | None = None
    """A day ahead: counts who drops out by its end, too."""


class ListQuery(PageQuery):
    """The products that a figure counts."""

    marketplace: Identifier
    """At which marketplace."""
    figure: FigureName
    """Which figure."""
    day: date | None = None
    """At the end of which day; now if left out."""
    commune: Code | None = None
    """Only of this commune; empty of those of no known one."""
    stars: Annotated[int, Field(ge=0, le=5), WHOLE] | None = None
    """Only with so many stars."""
    set: Code | None = None
    """Only of this product set."""
    kind: Code | None = None
    """Only of producers of this legal form."""


class HistoryQuery(Model):
    """Which days."""

    first: date
    """The first day."""
    last: date
    """The last day; 92 days are told at once."""
    marketplace: Identifier | None = None
    """Only at this marketplace."""


class AsOfQuery(PageQuery):
    """A day ahead."""

    as_of: date
    """The day in Vietnam at whose end is counted."""
