"""The rows of Mock P, as JSON in its own names.

The content of products is in `content`. Rows are written to the file by `state` alone;
`staff` and `seeds` change their values before that.
"""

from typing import TypedDict

from adapters.postmart.mock.content import Submission
from adapters.postmart.mock.refusal import Problem


class Product(Submission):
    """A product as it is kept.

    Attributes:
        id: Given when it is submitted; the answer to that call does not tell it.
        track_id: Of its latest review.
        seller_name: As shown; the seller of a product made by hand may have no
            external id.
        rating_average: The rating by buyers, 1 to 5. Nothing in the API writes it.
        state: in_review, approved, rejected, unpublished, cancelled or banned.
        reasons: Why it is rejected or banned.
        flaws: The flaws of its pictures, as they were when they came in.
        once_approved: A product that was approved needs no new review.
        submitted: When its latest review began, in seconds since 1970.
        due: When that review ends; None if only staff can end it.
        version: Grows with every change.
        by_hand: Made by a person on the marketplace's own pages.
        api_writes: How many calls have changed it.
        key: The idempotency key that it came with, or "".
        digest: Of the body that it came with.
    """

    id: int
    track_id: str
    seller_name: str
    rating_average: float | None
    state: str
    reasons: list[Problem]
    flaws: list[Problem]
    once_approved: bool
    submitted: float
    due: float | None
    version: int
    by_hand: bool
    api_writes: int
    key: str
    digest: str


class Seller(TypedDict):
    """A seller; `state` is active or stopped."""

    external_id: str
    name: str
    kind: str
    address: str
    commune_code: str
    state: str
    by_hand: bool


class Event(TypedDict):
    """An event of the feed; `at` is an instant, ISO 8601, in UTC."""

    id: int
    type: str
    product_id: int
    at: str
    sku: str
    quantity: int
    order_line: str


class Ended(TypedDict):
    """A review that is over and no longer the latest of its product."""

    product_id: int
    state: str
    reasons: list[Problem]
