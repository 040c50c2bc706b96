"""What calls ask of the figures of coverage."""

from typing import Annotated

from pydantic import Field

from ocop_sync.api.forms.coverage import FigureName
from ocop_sync.api.typed.values import WHOLE, Date, Identifier, Model, PageQuery
from ocop_sync.service.queries.coverage_figures import Dimension

Code = Annotated[str, Field(max_length=16, pattern=r"^[A-Za-z0-9._-]*$")]
"""A code of a commune, a product set or a legal form; empty where none is known."""


class FreshnessQuery(Model):
    """Which window."""

    days: Annotated[int, Field(ge=1, le=90), WHOLE] = 7
    """So many days back."""


class CoverageQuery(Model):
    """What is asked."""

    day: Date | None = None
    """The day in Vietnam at whose end is counted; now if left out."""
    by: Dimension | None = None
    """By what figures are told apart, besides the marketplace."""
    marketplace: Identifier | None = None
    """Only at this marketplace."""
    as_of: Date | None = None
    """A day ahead: counts who drops out by its end, too."""


class ListQuery(PageQuery):
    """The products that a figure counts."""

    marketplace: Identifier
    """At which marketplace."""
    figure: FigureName
    """Which figure."""
    day: Date | None = None
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

    first: Date
    """The first day."""
    last: Date
    """The last day; 92 days are told at once."""
    marketplace: Identifier | None = None
    """Only at this marketplace."""


class AsOfQuery(PageQuery):
    """A day ahead."""

    as_of: Date
    """The day in Vietnam at whose end is counted."""
