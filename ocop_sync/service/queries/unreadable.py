"""What is at marketplaces and could not be read when it was read last."""

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
    """What could not be read when it was read last.

    Attributes:
        ours: How many listings of our products.
        others: How many others, by account.
        listings: The first ones of ours.
        in_review: How many submissions of which nobody could read what became.
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
    """Return what could not be read when it was read last."""
    async with deployment.database.read() as conn:
        return AllUnreadable(
            ours=await unreadable.count_ours(conn),
            others=await unreadable.count_others(conn),
            listings=await unreadable.of_ours(conn, _NAMED),
            in_review=await unreadable.count_reviews(conn),
            reviews=await unreadable.reviews(conn, _NAMED),
        )
