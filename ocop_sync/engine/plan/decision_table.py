"""The decision table: the decision on one product at one marketplace.

It is data: rows, tried in order, each a sentence that leads to a decision, or to the
hold under which a person is asked. It decides from a `Situation` and nothing else. How
a situation comes about is read in `ocop_sync.engine.plan.situation`; which changes a
decision needs, `ocop_sync.engine.plan.evaluate` works out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from catalog.values import replace
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.terms import (
    ON_SALE,
    Base,
    Decision,
    Differs,
    Found,
    Situation,
    Twin,
    Want,
)

_SITUATIONS = 1_000
"""Situations of which the decision is remembered: nearly all listings are in a few."""

_KEPT = frozenset({Want.LISTED, Want.WITHOUT_CLAIM, Want.UNKNOWN})
"""A live listing of this want is kept right."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One row of the table.

    Attributes:
        says: The row as a sentence.
        when: Whether it fits a situation.
        then: The decision if it does, or why a person is asked.
    """

    says: str
    when: Callable[[Situation], bool]
    then: Decision | Hold


def _unmade(s: Situation) -> bool:
    """Whether nothing of ours is there, and nothing was sent."""
    return s.base is Base.NEVER_SENT and s.found in (Found.UNREAD, Found.ABSENT)


def _is_off_sale(s: Situation) -> bool:
    """Whether it is known not to be on sale."""
    return s.found not in (*ON_SALE, Found.UNREAD)


def _ours(s: Situation, *found: Found) -> bool:
    return s.base is Base.OURS and s.found in found


def _missing(s: Situation) -> bool:
    """Whether a listing of ours would have to be made."""
    gone = _ours(s, Found.ABSENT) and s.absent_twice
    return s.base is Base.NEVER_SENT or gone


def _may_be_there(s: Situation) -> bool:
    """Whether a listing not known to be ours may be the one that we look for."""
    if s.base is Base.NEVER_SENT:
        return s.want is not Want.NO_PRODUCT
    return s.want is Want.LISTED and _missing(s)


def _unclaimed_in_review(s: Situation) -> bool:
    return s.want is Want.WITHOUT_CLAIM and _ours(s, Found.IN_REVIEW)


TABLE: tuple[DecisionRow, ...] = (
    DecisionRow(
        "It is there and cannot be read: a person looks, and nothing is written.",
        lambda s: s.found is Found.UNREADABLE,
        Hold.UNREADABLE,
    ),
    DecisionRow(
        "Sent without an outcome, and it may not show yet: wait.",
        lambda s: s.base is Base.UNANSWERED and not s.lag_over,
        Decision.WAIT,
    ),
    DecisionRow(
        "Sent without an outcome: read back before anything else.",
        lambda s: s.base is Base.UNANSWERED,
        Decision.READ_BACK,
    ),
    DecisionRow(
        "Two listings of ours: one is kept right, and a person says which one stays.",
        lambda s: s.doubled,
        Hold.DOUBLED,
    ),
    DecisionRow(
        "Out of scope, but on sale through us: a person decides.",
        lambda s: s.want is Want.OUT_OF_SCOPE and _ours(s, *ON_SALE),
        Hold.OUT_OF_SCOPE,
    ),
    DecisionRow(
        "On sale through us, but not in the catalog: absence is never a reason.",
        lambda s: s.want is Want.NO_PRODUCT and _ours(s, *ON_SALE),
        Hold.ORPHAN,
    ),
    DecisionRow(
        "Ours, and not found once: believe nothing before a second look.",
        lambda s: _ours(s, Found.ABSENT) and not s.absent_twice,
        Decision.READ_AGAIN,
    ),
    DecisionRow(
        "A listing carries our reference and does not resemble it: a person decides.",
        lambda s: s.twin is Twin.UNLIKE and _may_be_there(s),
        Hold.UNLIKE,
    ),
    DecisionRow(
        "Nothing of ours is on sale, and a fact is unknown: nothing is put there.",
        lambda s: s.want is Want.UNKNOWN and (_unmade(s) or _is_off_sale(s)),
        Hold.UNKNOWN_FACT,
    ),
    DecisionRow(
        "A verdict says that it must not be on sale: withdraw, or cancel.",
        lambda s: s.want is Want.NOT_LISTED and _ours(s, *ON_SALE),
        Decision.WITHDRAW,
    ),
    DecisionRow(
        "It need not be on sale, and is not: nothing to do.",
        lambda s: s.want is not Want.LISTED and (_unmade(s) or _is_off_sale(s)),
        Decision.NOTHING,
    ),
    DecisionRow(
        "It stands there under another producer: a person decides.",
        lambda s: (
            s.moved
            and s.want in _KEPT
            and s.base is Base.OURS
            and s.found is not Found.ABSENT
        ),
        Hold.MOVED,
    ),
    DecisionRow(
        "It is not ours, and there is no product for it: never touched.",
        lambda s: s.want is Want.NO_PRODUCT and s.base is Base.NEVER_SENT,
        Decision.FOREIGN,
    ),
    DecisionRow(
        "It is new here, and nobody has looked: read the account first.",
        lambda s: _unmade(s) and not (s.read_whole and s.found is Found.ABSENT),
        Decision.READ_WHOLE,
    ),
    DecisionRow(
        "A listing with the same SKU and seller is there: adopt it.",
        lambda s: s.want is Want.LISTED and _missing(s) and s.twin is Twin.SURE,
        Decision.ADOPT,
    ),
    DecisionRow(
        "A listing that may be the same product is there: a person decides.",
        lambda s: s.want is Want.LISTED and _missing(s) and s.twin is Twin.POSSIBLE,
        Hold.TWIN,
    ),
    DecisionRow("It is new: create it.", _unmade, Decision.CREATE),
    DecisionRow(
        "Ours, and gone for certain: drift; create it anew.",
        lambda s: _ours(s, Found.ABSENT),
        Decision.CREATE_ANEW,
    ),
    DecisionRow(
        "Without a claim, and in its first review: cancel it.",
        lambda s: _unclaimed_in_review(s) and not s.was_on_sale,
        Decision.WITHDRAW,
    ),
    DecisionRow(
        "Without a claim, and a change is in review: take the claim off meanwhile.",
        lambda s: _unclaimed_in_review(s) and s.differs is not Differs.EQUAL,
        Decision.CHANGE,
    ),
    DecisionRow(
        "In review: follow it.",
        lambda s: _ours(s, Found.IN_REVIEW),
        Decision.FOLLOW,
    ),
    DecisionRow(
        "Live and as wanted: in sync.",
        lambda s: (
            s.want in _KEPT and _ours(s, Found.LIVE) and s.differs is Differs.EQUAL
        ),
        Decision.IN_SYNC,
    ),
    DecisionRow(
        "Live, and the wanted listing has changed: change what differs.",
        lambda s: (
            s.want in _KEPT
            and _ours(s, Found.LIVE)
            and s.differs is Differs.FROM_WANTED
        ),
        Decision.CHANGE,
    ),
    DecisionRow(
        "Live, and edited there: drift.",
        lambda s: s.want in _KEPT and _ours(s, Found.LIVE),
        Decision.REPAIR,
    ),
    DecisionRow(
        "We took it down ourselves: republish it, never create it.",
        lambda s: _ours(s, Found.DOWN_BY_US),
        Decision.REPUBLISH,
    ),
    DecisionRow(
        "A person took it down: a person decides.",
        lambda s: _ours(s, Found.DOWN_BY_PERSON),
        Hold.TAKEN_DOWN,
    ),
    DecisionRow(
        "The marketplace has banned it: a person decides.",
        lambda s: _ours(s, Found.BANNED),
        Hold.BANNED,
    ),
    DecisionRow(
        "Refused, and what was refused has changed: submit it again.",
        lambda s: _ours(s, Found.REFUSED) and s.cured,
        Decision.RESUBMIT,
    ),
    DecisionRow(
        "Refused, and nothing has changed: a person decides.",
        lambda s: _ours(s, Found.REFUSED),
        Hold.REFUSED,
    ),
)


_BUT_FOR: Mapping[Hold, Mapping[str, Any]] = {
    Hold.DOUBLED: {"doubled": False},
    Hold.MOVED: {"moved": False},
    Hold.OUT_OF_SCOPE: {"want": Want.NOT_LISTED},
}
"""The parts of a situation that a person is asked about, as if they were settled."""


def beneath(situation: Situation) -> tuple[frozenset[Hold], Decision | Hold]:
    """Return why a person is asked, and the decision if nobody were.

    Where nothing of a listing would be known if nobody were asked, the second is
    a hold as well.
    """
    asked = set[Hold]()
    while isinstance(decision := decide(situation), Hold) and decision in _BUT_FOR:
        asked.add(decision)
        situation = replace(situation, **_BUT_FOR[decision])
    return frozenset(asked), decision


def decide(
    situation: Situation, table: tuple[DecisionRow, ...] = TABLE
) -> Decision | Hold:
    """Return the decision in *situation*: the first row that fits decides.

    A situation that no row foresees is held for a person.
    """
    return _decided(situation) if table is TABLE else _first_fitting(situation, table)


@lru_cache(_SITUATIONS)
def _decided(situation: Situation) -> Decision | Hold:
    return _first_fitting(situation, TABLE)


def _first_fitting(
    situation: Situation, table: tuple[DecisionRow, ...]
) -> Decision | Hold:
    for row in table:
        if row.when(situation):
            return row.then
    return Hold.UNFORESEEN
