"""The unreadable listings and reviews at marketplaces, as they were read last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocop_sync.service.deployment import Deployment
from ocop_sync.store.listings import unreadable
from ocop_sync.store.listings.unreadable import UnreadableListing

_NAMED = 100
"""Listings that are named; all of them are counted."""


@dataclass(frozen=True, slots=True)
class AllUnreadable:
    """All that nobody could read when it was read last.

    Attributes:
        ours: How many listings of our products.
        others: How many others, by account.
        listings: The first ones of ours.
        in_review: How many submissions whose outcome nobody could read.
        reviews: The first ones of those.
    """

    ours: int
    others: Mapping[str, int]
    listings: Sequence[UnreadableListing]
    in_review: int = 0
    reviews: Sequence[UnreadableListing] = ()

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {
            "ours": self.ours,
            "others": sum(self.others.values()),
            "listings": self.listings,
            "in_review": self.in_review,
            "reviews": self.reviews,
        }


async def all_unreadable(deployment: Deployment) -> AllUnreadable:
    """Return the unreadable listings and reviews of all marketplaces."""
    async with deployment.database.read() as conn:
        return AllUnreadable(
            ours=await unreadable.count_ours(conn),
            others=await unreadable.count_others(conn),
            listings=await unreadable.of_ours(conn, _NAMED),
            in_review=await unreadable.count_reviews(conn),
            reviews=await unreadable.reviews(conn, _NAMED),
        )
