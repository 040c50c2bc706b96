"""Unreadable listings at a marketplace, to people and to machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocop_sync.cli.views.tables import console, indented, plain
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.listings import unreadable
from ocop_sync.store.listings.unreadable import OddListing

_NAMED = 100
"""Listings that are named; all of them are counted."""

ODD = (
    "tin không đọc được, không gửi gì tới các tin đó; các tin khác vẫn đọc"
    " / listings cannot be read, and nothing is sent to them; all others were read"
)

ODD_REVIEWS = (
    "tin chờ duyệt mà không đọc được kết quả, vẫn theo dõi tiếp"
    " / listings in review of which the end cannot be read, and are followed on"
)


@dataclass(frozen=True, slots=True)
class AllOdd:
    """The listings and reviews that the last read could not read.

    Attributes:
        ours: How many listings of our products.
        others: How many others, by account.
        listings: The first ones of ours.
        in_review: How many submissions have an unreadable outcome.
        reviews: The first ones of those.
    """

    ours: int
    others: Mapping[str, int]
    listings: Sequence[OddListing]
    in_review: int = 0
    reviews: Sequence[OddListing] = ()


async def gather_odd(deployment: Deployment) -> AllOdd:
    """Return the listings and reviews that the last read could not read."""
    async with deployment.database.read() as conn:
        return AllOdd(
            ours=await unreadable.count_ours(conn),
            others=await unreadable.count_others(conn),
            listings=await unreadable.of_ours(conn, _NAMED),
            in_review=await unreadable.count_reviews(conn),
            reviews=await unreadable.reviews(conn, _NAMED),
        )


def show_odd(found: AllOdd) -> None:
    """Show the unreadable listings, with reference and reason."""
    out = console()
    _show_some(found.ours, ODD, found.listings)
    _show_some(found.in_review, ODD_REVIEWS, found.reviews)
    for key, n in found.others.items():
        out.print(
            f"{plain(key)}: {n} tin khác không đọc được khi đọc hết lần gần nhất"
            f" / {n} other listings could not be read by the last whole read"
        )


def _show_some(n: int, words: str, named: Sequence[OddListing]) -> None:
    out = console()
    if n:
        out.print(f"{n} {words}")
    for each in named:
        where = f"{each.account}: {each.ref or '?'} ({each.product_id})"
        out.print(indented(f"{where}: {each.reason}"))
    if n > len(named):
        out.print(indented(f"… +{n - len(named)}"))


def odd_value(found: AllOdd) -> dict[str, Any]:
    """Return the unreadable listings as JSON's values."""
    return {
        "ours": found.ours,
        "others": sum(found.others.values()),
        "listings": [_value(each) for each in found.listings],
        "in_review": found.in_review,
        "reviews": [_value(each) for each in found.reviews],
    }


def _value(each: OddListing) -> dict[str, Any]:
    return {
        "marketplace": each.marketplace,
        "account": each.account,
        "product": each.product_id,
        "ref": each.ref,
        "reason": each.reason,
    }
