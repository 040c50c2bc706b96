"""The wanted listing of a product at a marketplace, as data.

How it is composed is decided in `ocop_sync.engine.wanted.draft`; which products may be
listed, in `catalog.eligibility`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct, field

from catalog.eligibility import Outlook, Reason, Text, Verdict
from catalog.values import replace
from ocop_sync.engine.facet import Values, fingerprint
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.terms import NOT_CERTIFIED, NOT_COUNTED, CountedAs, Want
from ocop_sync.engine.wanted.catalog_part import CatalogPart
from ocop_sync.engine.wanted.origin import CATALOG, Cause
from ocop_sync.marketplace.listing import Facet, Listing, Problem, StarClaim


class Demand(Struct, frozen=True, kw_only=True):
    """The demands of a verdict on the listings of its product.

    Attributes:
        want: The demand of the verdict.
        problem: Why it cannot be shown as it should, if so; of a draft, anywhere.
        reason: The verdict's decisive reason, if it has one.
        cause: Its cause, for the budget: removals by one cause are counted together.
        counted: How the product is counted.
        ends_on: ISO day on which the claim ends or has ended, or "".
        until: When the verdict may change with the facts as they are, in UTC.
        by_person: A named person stopped this very product: it was revoked by
            a decision, paused by its producer, or consent was withdrawn. A sheet
            says so only once a named person has confirmed its import.
        end_confirmed: The same of the end of its certificate.
        part: The part of the catalog that it is counted in; None if nobody knows.
        verdict: The verdict; the same.
        outlook: What becomes of it by itself; the same.
    """

    want: Want
    problem: Hold | None
    reason: Reason | None
    cause: Cause
    counted: CountedAs
    ends_on: str
    until: datetime | None
    by_person: bool = False
    end_confirmed: bool = False
    part: CatalogPart | None = None
    verdict: Verdict | None = None
    outlook: Outlook | None = None


class Obstacle(NamedTuple):
    """Why a product cannot be listed as it should be at one marketplace.

    Attributes:
        hold: Why.
        measured: The excess or the gap, in figures and codes that no language needs to
            translate; or "".
        problems: The marketplace's words, if it has refused something.
        todo: The advice, where it differs from that of the hold.
    """

    hold: Hold
    measured: str = ""
    problems: tuple[Problem, ...] = ()
    todo: Text | None = None


class Wanted(Demand, frozen=True, kw_only=True):
    """The wanted listing of one product at one marketplace.

    Attributes:
        seller_ref: Its producer, or ""; "" where there are no sellers.
        values: The wanted value of each facet that is managed; None if there
            is nothing to show.
        listing: The same, whole, as the marketplace will show it; None if it
            cannot be composed whole.
        stars: The claim that it should carry.
        uncounted: SKUs whose stock nobody stands for: it is no count with a
            time, or a sheet left none and nobody has confirmed that.
        emptied: Those that a sheet left without stock, with its import.
        lacking: Packs that cannot be offered anew, by SKU, with the hold of each; those
            on sale are decided in `ocop_sync.engine.plan.packs`.
        at_most: How many may be on offer of packs that have a count, and for which
            *values* has none: those that lack a price, or all of them.
        fingerprint: Stands for all of this.
        mapping_version: Of the mapping by which it was made; 0 for none.
        unplaced: Facets that the marketplace has no place for: they are never written.
    """

    product_id: str
    seller_ref: str
    values: Values | None
    listing: Listing | None
    stars: StarClaim | None
    fingerprint: str
    mapping_version: int = 0
    uncounted: frozenset[str] = frozenset()
    lacking: Mapping[str, Hold] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)
    emptied: Mapping[str, int] = field(default_factory=dict)
    unplaced: frozenset[Facet] = frozenset()


def faulty(product_id: str, counted: CountedAs = NOT_COUNTED) -> Wanted:
    """Return the stand-in for a wanted listing that could not be evaluated.

    It counts as it was counted last, unless that is known.
    """
    return replace(
        no_product(product_id),
        want=Want.UNKNOWN,
        problem=Hold.FAULT,
        counted=counted,
        fingerprint=Hold.FAULT.value,
    )


def no_product(product_id: str) -> Wanted:
    """Return the wanted listing of a product that the catalog does not have."""
    return Wanted(
        product_id=product_id,
        seller_ref="",
        want=Want.NO_PRODUCT,
        values=None,
        listing=None,
        stars=None,
        problem=None,
        reason=None,
        cause=CATALOG,
        counted=NOT_CERTIFIED,
        ends_on="",
        until=None,
        fingerprint=fingerprint(Want.NO_PRODUCT.value),
    )
