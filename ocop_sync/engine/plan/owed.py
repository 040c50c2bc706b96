"""The changes that still go while a person is asked about a listing.

One table: each hold, with the acts that it lets through, and why. Buyers are owed that
no more is on offer than there is, and the law that no claim and no listing stands that
a known verdict has ended: no question waits longer for an answer than that. Pure; the
budget's decision on owed changes is made in `ocop_sync.engine.approval.budget`, as
always.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ocop_sync.engine.facet import Value, Values, differing_fields
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.terms import Want
from ocop_sync.engine.wanted.claim import has_claim
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.listing import Facet

_TEXTS = ("title", "description", "attributes")


class Act(StrEnum):
    """The effect of a change on a listing that is on sale."""

    WITHDRAW = "withdraw"
    STOCK_TO_ZERO = "stock_to_zero"
    STOCK_DOWN = "stock_down"
    CLAIM_OFF = "claim_off"
    STARS_DOWN = "stars_down"
    """The claim stays, with fewer stars."""
    STARS_UP = "stars_up"
    """The claim comes, has more stars, or another certificate."""
    STOCK_UP = "stock_up"
    PRICE = "price"
    CONTENT = "content"


EVERYTHING = frozenset(Act)
NOTHING = frozenset[Act]()
LESS_STOCK = frozenset({Act.STOCK_TO_ZERO, Act.STOCK_DOWN})
OWED = LESS_STOCK | {Act.CLAIM_OFF, Act.STARS_DOWN, Act.WITHDRAW}
"""The acts that go under every hold about one listing or its data, but for exceptions.
"""


@dataclass(frozen=True, slots=True)
class OwedRow:
    """The acts that one hold lets through.

    Attributes:
        goes: The acts that changes may do.
        says: Why just that, as a sentence.
        of_part: It asks about a part of the listing alone, such as a facet or a
            pack; *goes* speaks of that part, and everything else goes.
    """

    goes: frozenset[Act]
    says: str
    of_part: bool = False


_NOT_ON_SALE = "It is not on sale: nothing can be taken from it that buyers see."
_CONTENT = OwedRow(
    EVERYTHING - {Act.CONTENT},
    "Its content cannot be composed; all else that is known is kept right.",
    of_part=True,
)

WHILE_HELD: Mapping[Hold, OwedRow] = {
    Hold.DOUBLED: OwedRow(
        OWED,
        "Two sell, and of the other nothing is known but that it is there: less goes."
        " Once it is known, the one that is proposed to stay is kept right.",
    ),
    Hold.MOVED: OwedRow(
        OWED, "Whose listing it is, is open: nothing is raised or written anew."
    ),
    Hold.OUT_OF_SCOPE: OwedRow(
        LESS_STOCK,
        "Whether it may be there at all is a person's to say, its claim included;"
        " more than there is must not be sold meanwhile.",
    ),
    Hold.ORPHAN: OwedRow(
        NOTHING, "The catalog says nothing of it, and absence is never a reason."
    ),
    Hold.UNKNOWN_FACT: OwedRow(
        EVERYTHING - {Act.WITHDRAW, Act.CLAIM_OFF},
        "What is not known ends neither a claim nor a sale; all else is kept right.",
    ),
    Hold.NO_ACCOUNT: OwedRow(
        OWED, "Its producer has no account here: nothing is built up through another."
    ),
    Hold.NO_PRICE: OwedRow(
        OWED,
        "What a pack costs is not known: it stays as it shows, and is never raised.",
        of_part=True,
    ),
    Hold.NO_STOCK_COUNT: OwedRow(
        OWED - LESS_STOCK,
        "How many there are is not known: there is no count to lower a pack to.",
        of_part=True,
    ),
    Hold.NO_CATEGORY: _CONTENT,
    Hold.TITLE_TOO_LONG: _CONTENT,
    Hold.DESCRIPTION_TOO_LONG: _CONTENT,
    Hold.NO_PICTURE: _CONTENT,
    Hold.PICTURE_TOO_SMALL: _CONTENT,
    Hold.CLAIM_IN_NAME: OwedRow(
        EVERYTHING,
        "Only the official name is asked about, and it is written as it is.",
        of_part=True,
    ),
    Hold.EDITED_THERE: OwedRow(
        OWED - {Act.STARS_DOWN},
        "What was edited is a person's to say, and so is how many stars it shows.",
        of_part=True,
    ),
    Hold.FOUGHT: OwedRow(
        OWED - {Act.STARS_DOWN},
        "What comes back again and again is a person's to say, as what was edited.",
        of_part=True,
    ),
    Hold.CHANGE_REFUSED: OwedRow(
        NOTHING,
        "The marketplace has refused this very value: it is not asked again.",
        of_part=True,
    ),
    Hold.QUARANTINED: OwedRow(
        NOTHING,
        "This very change fails again and again: it is left alone for a while.",
        of_part=True,
    ),
    Hold.BUDGET: OwedRow(
        EVERYTHING - {Act.WITHDRAW, Act.CLAIM_OFF},
        "What takes from buyers waits for the group's approval, and so does a zero"
        " that nobody has counted; what takes nothing goes.",
    ),
    Hold.VANISHED_MANY: OwedRow(NOTHING, _NOT_ON_SALE),
    Hold.TWIN: OwedRow(NOTHING, "Nothing of ours is there."),
    Hold.UNLIKE: OwedRow(
        NOTHING, "What is there is not known to be ours, and is another's on sale."
    ),
    Hold.REFUSED: OwedRow(NOTHING, _NOT_ON_SALE),
    Hold.TAKEN_DOWN: OwedRow(NOTHING, _NOT_ON_SALE),
    Hold.LEFT: OwedRow(NOTHING, _NOT_ON_SALE),
    Hold.BANNED: OwedRow(NOTHING, _NOT_ON_SALE),
    Hold.SELLER_REFUSED: OwedRow(NOTHING, _NOT_ON_SALE),
    Hold.UNREADABLE: OwedRow(NOTHING, "What stands there is not known."),
    Hold.FAULT: OwedRow(NOTHING, "What is to stand there could not be worked out."),
    Hold.UNFORESEEN: OwedRow(NOTHING, "Nothing is known of what is there."),
}
"""The acts that still go, by why a person is asked."""


def goes_under(holds: Iterable[Hold]) -> frozenset[Act]:
    """Return the acts that changes may do under all of *holds*.

    A question about a part alone is considered where that part is compared.
    """
    goes = EVERYTHING
    for hold in holds:
        row = WHILE_HELD[hold]
        goes = goes if row.of_part else goes & row.goes
    return goes


def kept_back(
    wanted: Wanted, values: Values, shown: Values, goes: frozenset[Act]
) -> Values:
    """Return the values to write if changes may do no more than *goes*.

    Values that they may not change are left as shown.
    """
    if goes == EVERYTHING:
        return values
    return {
        name: _facet(wanted, Facet(name), value, shown, goes)
        for name, value in values.items()
    }


def _facet(
    wanted: Wanted, facet: Facet, value: Value, shown: Values, goes: frozenset[Act]
) -> Value:
    there = shown.get(facet, {})
    match facet:
        case Facet.STOCK:
            return stock_kept_back(value, there, goes)
        case Facet.PRICE:
            return value if Act.PRICE in goes else there
        case Facet.STARS:
            return value if _act_of_stars(value, there) in goes else there
    if Act.CONTENT in goes:
        return value
    if wanted.want is not Want.WITHOUT_CLAIM or Act.CLAIM_OFF not in goes:
        return there
    over = [
        name
        for name in differing_fields(value, there)
        if claims(there, frozenset({name}), shown.get(Facet.STARS, {}))
    ]
    return {**there, **{name: value[name] for name in over}}


def stock_kept_back(value: Value, there: Value, goes: frozenset[Act]) -> Value:
    """Return the stock to write; unless it may go both ways, of shown packs only."""
    if Act.STOCK_UP in goes and goes >= LESS_STOCK:
        return value
    return {
        sku: n if _act_of_stock(n, there[sku]) in goes else there[sku]
        for sku, n in value.items()
        if sku in there
    }


def _act_of_stock(n: int, shown: int) -> Act:
    if n > shown:
        return Act.STOCK_UP
    return Act.STOCK_DOWN if n else Act.STOCK_TO_ZERO


def _act_of_stars(value: Value, there: Value) -> Act:
    if not value:
        return Act.CLAIM_OFF
    is_less = int(value["stars"]) < int(there.get("stars", 0))
    return Act.STARS_DOWN if is_less else Act.STARS_UP


def claims(before: Value, fields: frozenset[str], stars: Value) -> bool:
    """Say whether fields of a content can carry the OCOP claim *stars*.

    *before* is the content, and *stars* the claim that shows beside it.
    """
    texts = [str(before.get(name, "")) for name in _TEXTS if name in fields]
    end = stars.get("valid_to")
    ends_on = date.fromisoformat(end) if end else None
    number = stars.get("decision", "")
    return "pictures" in fields or any(
        has_claim(text, decision=number, ends_on=ends_on) for text in texts
    )
