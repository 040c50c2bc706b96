"""How long changes take until they show, as it is shown."""

from dataclasses import asdict

from ocop_sync.api.typed.values import Instant, Model
from ocop_sync.service.queries.change_freshness import AllFreshness, ChangeFreshness


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
    """From the entry into the catalog, or a date, to the read that shows it."""
    taken: PercentilesForm
    """From that entry to the marketplace's answer."""
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

    since: Instant
    """The beginning of the window."""
    as_of: Instant
    """Its end: now."""
    marketplaces: tuple[MarketplaceFreshnessForm, ...]
    """By name."""


def freshness_form(found: AllFreshness) -> FreshnessForm:
    """Return how long changes took, as it is shown."""
    return FreshnessForm(
        since=found.since,
        as_of=found.as_of,
        marketplaces=tuple(map(_there, found.marketplaces)),
    )


def _there(each: ChangeFreshness) -> MarketplaceFreshnessForm:
    return MarketplaceFreshnessForm(
        marketplace=each.marketplace,
        simulated=each.simulated,
        confirmed=PercentilesForm(**asdict(each.confirmed)),
        taken=PercentilesForm(**asdict(each.taken)),
        by_facet=tuple(
            FacetFreshnessForm(facet=facet, **asdict(found))
            for facet, found in each.by_facet.items()
        ),
        superseded=each.superseded,
        overtaken=each.overtaken,
        open=each.open,
    )
