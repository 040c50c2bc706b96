"""The terms of the engine: wanted, found, base, differences and decisions.

All rooms of the engine speak of them. Which decision a situation leads to is in
`ocop_sync.engine.plan.decision_table`.
"""

from enum import StrEnum

from msgspec import Struct


class Want(StrEnum):
    """The demand of the catalog's verdict on a listing."""

    LISTED = "listed"
    WITHOUT_CLAIM = "without_claim"
    """An existing listing stays without any OCOP claim; no new one is made."""
    NOT_LISTED = "not_listed"
    OUT_OF_SCOPE = "out_of_scope"
    UNKNOWN = "unknown"
    """A decisive fact is not known: it holds new listings, and no more."""
    NO_PRODUCT = "no_product"
    """The catalog does not have the product at all."""


BLOCKED = frozenset({Want.NOT_LISTED, Want.OUT_OF_SCOPE})
"""By these a product may not be on sale at all."""


class Found(StrEnum):
    """The known state of the listing at the marketplace."""

    UNREAD = "unread"
    ABSENT = "absent"
    IN_REVIEW = "in_review"
    REFUSED = "refused"
    LIVE = "live"
    DOWN_BY_US = "down_by_us"
    DOWN_BY_PERSON = "down_by_person"
    BANNED = "banned"
    UNREADABLE = "unreadable"
    """It is there, in any state; its content could not be read."""


ON_SALE = frozenset({Found.LIVE, Found.IN_REVIEW})
"""Buyers may see it; a change of a listing on sale may be in review."""


class Base(StrEnum):
    """Our own part in that listing."""

    NEVER_SENT = "never_sent"
    UNANSWERED = "unanswered"
    """Something was sent, and its outcome is not known."""
    OURS = "ours"


class Twin(StrEnum):
    """Whether a listing that is not ours may be of the same product."""

    NONE = "none"
    POSSIBLE = "possible"
    """Same SKU, GTIN or folded name, or names that are alike."""
    SURE = "sure"
    """SKU and seller agree, a person said so, or our reference and a resemblance."""
    UNLIKE = "unlike"
    """One carries our reference and does not resemble the product."""
    TAKING_OVER = "taking_over"
    """Such a one is known, and is not ours yet: `ocop_sync.engine.plan.adoption`."""


class Differs(StrEnum):
    """The relation of the found listing to the wanted one, and to the base."""

    EQUAL = "equal"
    FROM_WANTED = "from_wanted"
    """Found equals the base: the wanted listing has changed."""
    FROM_BOTH = "from_both"
    """Somebody edited it there."""


_BLOCKED = "blocked:"


class CountedAs(str):
    """How a product is counted; certified ones are either listable or blocked.

    It is stored and shown as its text: "blocked:" and the code of the rule, or one of
    the constants below.
    """

    __slots__ = ()

    @classmethod
    def blocked(cls, rule: str) -> "CountedAs":
        """Return that of products that *rule* blocks."""
        return cls(f"{_BLOCKED}{rule}")

    @property
    def blocked_by(self) -> str | None:
        """Return the code of the rule that blocks it; None if none does."""
        return self.removeprefix(_BLOCKED) if self.startswith(_BLOCKED) else None


LISTABLE = CountedAs("listable")
VALIDITY_UNKNOWN = CountedAs("validity_unknown")
NOT_CERTIFIED = CountedAs("not_certified")
NOT_COUNTED = CountedAs()
"""That of a product that nobody could evaluate: it stays counted as it was."""


class Situation(Struct, frozen=True, kw_only=True):
    """All that the decision depends on.

    Attributes:
        want: The demand of the verdict.
        found: The known state of the listing; confirmed values count as found until it
            is read again.
        base: Our own part in it.
        differs: How found relates to wanted and base; only for a live listing,
            and for one in review.
        twin: Whether another listing may be the same product.
        doubled: Two listings there carry our reference.
        moved: It stands there under another producer than the product's.
        read_whole: The whole account was read lately (`sync.read_whole_every_h`).
        absent_twice: Two reads in a row did not find it.
        lag_over: The marketplace's declared lag and the call's time-out have passed
            since an unanswered change was sent.
        cured: The refused content, or the mapping, has changed since.
        was_on_sale: It has been on sale; a submission in review may be a change.
    """

    want: Want
    found: Found
    base: Base
    differs: Differs = Differs.EQUAL
    twin: Twin = Twin.NONE
    doubled: bool = False
    moved: bool = False
    read_whole: bool = True
    absent_twice: bool = False
    lag_over: bool = True
    cured: bool = False
    was_on_sale: bool = True


class Decision(StrEnum):
    """A decision of the table; where it asks a person, that is a `Hold` instead."""

    WAIT = "wait"
    READ_BACK = "read_back"
    READ_WHOLE = "read_whole"
    READ_AGAIN = "read_again"
    ADOPT = "adopt"
    CREATE = "create"
    CREATE_ANEW = "create_anew"
    RESUBMIT = "resubmit"
    CHANGE = "change"
    REPAIR = "repair"
    """Edited there: the answer is a policy per facet."""
    WITHDRAW = "withdraw"
    REPUBLISH = "republish"
    FOLLOW = "follow"
    IN_SYNC = "in_sync"
    NOTHING = "nothing"
    FOREIGN = "foreign"
