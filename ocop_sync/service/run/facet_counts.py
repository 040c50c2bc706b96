"""What a run has sent, counted by the part of a listing that it writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.features import FACET_OF
from ocop_sync.marketplace.listing import Facet
from ocop_sync.store.runs.ledger import Answer

OPEN: Final = "open"
"""The outcome of a change whose outcome nobody knows yet."""


class RunFacet(StrEnum):
    """The part of a listing that changes of a run write, or the seller."""

    LISTING = "listing"
    """Whether it is there at all: put on sale, taken off, put back."""
    STOCK = Facet.STOCK.value
    PRICE = Facet.PRICE.value
    STARS = Facet.STARS.value
    CONTENT = Facet.CONTENT.value
    SELLER = "seller"
    """The profile of a producer, or its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCount:
    """The changes of a run to one facet.

    Attributes:
        facet: The facet.
        sent: How many were sent, or refused with their whole call.
        applied: How many of them show, or are to show.
        in_review: How many wait for the marketplace's review.
        failed: How many were refused, have no answer, or could not be sent.
        open: How many have no outcome yet.
    """

    facet: RunFacet
    sent: int
    applied: int
    in_review: int
    failed: int
    open: int


def counted_by_facet(changes: Mapping[str, Mapping[str, int]]) -> list[FacetCount]:
    """Return what was sent of each facet, in the order of `RunFacet`.

    *changes* has, by kind of change, how many had which outcome. A facet of which
    nothing was sent is left out.
    """
    found: list[FacetCount] = []
    for facet in RunFacet:
        mine = [n for kind, n in changes.items() if _facet_of(Kind(kind)) is facet]
        if not mine:
            continue
        applied, in_review, open_ = (
            sum(n.get(outcome, 0) for n in mine)
            for outcome in (Answer.APPLIED.value, Answer.SUBMITTED.value, OPEN)
        )
        sent = sum(sum(n.values()) for n in mine)
        found.append(
            FacetCount(
                facet=facet,
                sent=sent,
                applied=applied,
                in_review=in_review,
                failed=sent - applied - in_review - open_,
                open=open_,
            )
        )
    return found


def _facet_of(kind: Kind) -> RunFacet:
    if kind in (Kind.PUT_SELLER, Kind.STOP_SELLER):
        return RunFacet.SELLER
    facet = FACET_OF.get(kind)
    return RunFacet.LISTING if facet is None else RunFacet(facet.value)
