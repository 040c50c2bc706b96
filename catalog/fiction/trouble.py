"""Which troubles the made-up products of `catalog.fiction.generate` have, and how many.

Each made-up product has one trouble at most, so that a count of products is a count of
troubles and each rule is seen to stop its own products. Their shares are data
(`fiction.toml`). The facts that show a trouble are decided in the other modules here;
their meaning, in `catalog.eligibility`.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import cycle, islice
from random import Random
from typing import Final

from catalog.fiction.chance import chance
from catalog.fiction.tables import TABLES


class Trouble(StrEnum):
    """The trouble of a made-up product."""

    NONE = "none"

    # The certificate
    ENDED = "ended"
    """Its term ended 2 to 400 days ago."""
    ENDING_IN_30 = "ending_in_30"
    """Valid today; its last day is 1 to 30 days away."""
    ENDING_IN_90 = "ending_in_90"
    """Valid today; its last day is 31 to 90 days away."""
    REVOKED = "revoked"
    """Within its term, and revoked by a decision."""
    WITHDRAWAL_PROPOSED = "withdrawal_proposed"
    """Valid; its withdrawal is proposed, which is not a revocation."""
    PUBLISHED_ONLY = "published_only"
    """A report names stars and the year of grant, last year: valid on every
    day of this year, where published evidence suffices."""
    VALIDITY_UNKNOWN = "validity_unknown"
    """A report names only a year in a way that leaves today's validity open."""
    STARS_UNSTATED = "stars_unstated"
    """Named as OCOP, the stars not stated."""
    BELOW_THREE_STARS = "below_three_stars"
    """Took part with two stars: never certified."""
    BODY_DOUBTFUL = "body_doubtful"
    """Three stars that the ministry is said to have granted."""
    REASSESSED = "reassessed"
    """An ended certificate, then one in force with other stars."""
    POTENTIAL_5 = "potential_5"
    """Four stars, waiting for the fifth."""

    # Papers
    PAPER_MISSING = "paper_missing"
    """Known to have no food-safety certificate, nor a substitute for it."""
    PAPER_UNKNOWN = "paper_unknown"
    """Nobody has said anything of its papers."""
    PAPER_EXPIRED = "paper_expired"
    """Its food-safety certificate expired."""
    DECLARATION_MISSING = "declaration_missing"
    """Known to have no self-declaration or registration."""
    ALCOHOL = "alcohol"
    """An alcoholic drink with licence, age gate and strength."""
    ALCOHOL_UNLICENSED = "alcohol_unlicensed"
    """Known to have no licence for alcohol."""
    ALCOHOL_LICENCE_UNKNOWN = "alcohol_licence_unknown"
    ALCOHOL_STRENGTH_UNKNOWN = "alcohol_strength_unknown"
    MEDICINE = "medicine"
    """Set III.1: a medicine with its licence, or a registered supplement."""
    PHARMACY_MISSING = "pharmacy_missing"
    """Set III.1, known to have neither licence nor registration."""
    LABEL_INCOMPLETE = "label_incomplete"

    # What it is
    SERVICE = "service"
    """Set VI: counted as certified, never on a marketplace for goods."""
    ORNAMENTAL = "ornamental"
    """Live plants and animals, group V."""
    CRAFT = "craft"
    """Group IV: needs no food papers."""
    HERBAL = "herbal"
    """Cosmetics, oils and other herbs: sets III.2 and III.3."""

    # Its producer
    SPLIT_COMMUNE = "split_commune"
    """The old commune went to several; `commune_code` is left empty if not settled."""
    NO_PRODUCER = "no_producer"
    CONSENT_REFUSED = "consent_refused"
    CONSENT_UNKNOWN = "consent_unknown"
    IDENTITY_NOT_READY = "identity_not_ready"
    PAUSED = "paused"

    # Its name, text and pictures
    TWIN = "twin"
    """Same name as the product before it, of another producer."""
    CLAIM_IN_TEXT = "claim_in_text"
    """The description claims OCOP, stars, the decision or the end date."""
    CLAIM_IN_NAME = "claim_in_name"
    """The official name contains "OCOP"."""
    PICTURE_MARKED = "picture_marked"
    """Every picture shows the OCOP mark."""
    PICTURE_UNKNOWN = "picture_unknown"
    """Nobody has looked for the mark on its pictures."""
    NO_PICTURE = "no_picture"

    # Price and stock
    NO_PRICE = "no_price"
    STOCK_ZERO = "stock_zero"
    NEVER_COUNTED = "never_counted"
    SEVERAL_VARIANTS = "several_variants"


OF_PRODUCER: Final = frozenset(
    {
        Trouble.SPLIT_COMMUNE,
        Trouble.CONSENT_REFUSED,
        Trouble.CONSENT_UNKNOWN,
        Trouble.IDENTITY_NOT_READY,
    }
)
"""Troubles of a producer: all its products share them."""

_Unit = tuple[Trouble, ...]
"""A trouble, or those of several products that stay together."""


def _unit(text: str) -> _Unit:
    return tuple(map(Trouble, text.split()))


_FIRST: Final = tuple(map(_unit, TABLES["first"]))
_REST: Final = tuple(
    unit for text, share in TABLES["rest"].items() for unit in [_unit(text)] * share
)


@lru_cache(maxsize=4)
def block_of(seed: int) -> tuple[Trouble, ...]:
    """Return the troubles of one block of 267 products, the main ones first.

    Every block has the same ones in the same order, so that any number of
    products has the same shares.
    """
    return tuple(
        trouble
        for part, units in (("first", _FIRST), ("rest", _REST))
        for unit in _shuffled(units, chance(seed, part))
        for trouble in unit
    )


def troubles(*, count: int, seed: int) -> Iterator[Trouble]:
    """Yield the troubles of the first *count* products, in their order.

    Exactly one for each entry that `catalog.fiction.generate.generate` yields for the
    same *seed*.
    """
    return islice(cycle(block_of(seed)), count)


def _shuffled(units: Iterable[_Unit], random: Random) -> list[_Unit]:
    shuffled = list(units)
    random.shuffle(shuffled)
    return shuffled
