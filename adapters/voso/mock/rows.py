"""The rows of Mock V, as JSON in its own names.

Fields of products in capitals are shown to clients, the others never. Rows are written
to the file by `state` alone; `staff` and `seeds` change their values before that.
"""

from typing import TypedDict

from adapters.voso.mock.checks import Profile
from adapters.voso.mock.content import Content
from adapters.voso.mock.refusal import Problem


class Product(Content):
    """A product as it is kept.

    Attributes:
        ID: Running number over all shops.
        SHOP_CODE: Whose it is.
        RATING_AVERAGE: The rating by buyers, 1 to 5. Nothing in the API writes it.
        STATUS: 0 draft, 1 in review, 2 on sale, 3 refused, 4 stopped, 6 deleted,
            7 locked.
        REASONS: Why it is refused or locked.
        REASON: Why it was stopped, in the words of whoever did.
        REVISION: Grows with every change.
        CREATED_AT: Local time; so is UPDATED_AT.
        once_approved: A product that was approved needs no new review.
        flaws: The flaws of its pictures, as they were when they came in.
        reserved: The stock that running orders keep, by SKU.
        due: When its review ends, in seconds since 1970; None if only staff can
            end it.
        by_hand: Made by a person on the marketplace's own pages.
        api_writes: How many calls have changed it.
    """

    ID: int
    SHOP_CODE: str
    RATING_AVERAGE: float | None
    STATUS: int
    REASONS: list[Problem]
    REASON: str
    REVISION: int
    CREATED_AT: str
    UPDATED_AT: str
    once_approved: bool
    flaws: list[Problem]
    reserved: dict[str, int]
    due: float | None
    by_hand: bool
    api_writes: int


class Shop(Profile):
    """A shop, which is an account.

    Attributes:
        SHOP_ID: Running number.
        CODE: The marketplace's own code of it.
        STATE: NEW (no profile yet), OPEN or STOPPED.
        by_hand: Opened by a person on the marketplace's own pages.
        username: Who may sign in, "" if nobody; with *password*.
        secret: The secret that signs its calls.
    """

    SHOP_ID: int
    CODE: str
    STATE: str
    by_hand: bool
    username: str
    password: str
    secret: str


class Event(TypedDict):
    """Something that happened to a product; AT in local time."""

    ID: int
    SHOP_CODE: str
    TYPE: str
    PRODUCT_ID: int
    AT: str
    SKU: str
    QUANTITY: int
    ORDER_LINE: str
