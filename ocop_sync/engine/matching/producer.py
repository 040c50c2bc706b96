"""Whether a seller shown at a marketplace is the maker of our product.

A shop's name seldom is a firm's full name, and a shop may sell the goods of others:
only a name with a legal form says for certain that somebody else is meant.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from catalog.names.producer_name import fold_producer_name

_FORMS: Final = {
    "cty": "firm",
    "dn": "firm",
    "htx": "cooperative",
    "tht": "group",
    "ho": "household",
    "cs": "household",
}
"""The legal form that a folded name begins with; a workshop may be a household."""

_COMMON: Final = frozenset(_FORMS) | {
    *("tnhh", "mtv", "cp", "tn", "sx", "kd", "tm", "dv", "xnk", "nn", "va"),
    *("shop", "store", "official", "mall", "online"),
}
"""Words that many names share: of a legal form, a trade, a shop."""

_SHOP: Final = re.compile(
    r"\b(?:gian hang|cua hang|dac san|nong san|chinh hang|sieu thi)\b"
)
_BRACKETS: Final = re.compile(r"[()\[\]]")
_SAME: Final = 85.0
"""Least likeness, of 100, of two spellings of one name."""
_OTHER: Final = 60.0
"""Likeness below which two names are not one, abbreviated."""
_PART: Final = 0.4
"""Least share of a name's words by which it may be called."""
_FEW: Final = 3
"""Words that two long names must share at least to be one, with any other words."""


class Kinship(Enum):
    """The relation of two makers, by their names."""

    SAME = auto()
    UNKNOWN = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Maker:
    """A maker's name, taken apart.

    Attributes:
        form: Its legal form, or "".
        cores: The distinctive words in each of its names, without form and trade.
    """

    form: str
    cores: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=8192)
def maker_of(name: str) -> Maker:
    """Take a maker's or a shop's name apart; a brand in brackets is a second name."""
    folded = [fold_producer_name(part) for part in _BRACKETS.split(name[:300])]
    first = folded[0].split()
    cores = [_core(part) for part in folded]
    return Maker(
        form=_FORMS.get(first[0], "") if first else "",
        cores=tuple([core for core in cores if core]),
    )


def _core(folded: str) -> tuple[str, ...]:
    words = [w for w in _SHOP.sub(" ", folded).split() if w not in _COMMON]
    return tuple(words)


def kinship(ours: str, theirs: str) -> Kinship:
    """Say whether the seller *theirs* is our maker *ours*."""
    mine, found = maker_of(ours), maker_of(theirs)
    if not mine.cores or not found.cores:
        return Kinship.UNKNOWN
    pairs = [(one, other) for one in mine.cores for other in found.cores]
    clash = bool(mine.form and found.form and mine.form != found.form)
    if any(_is_one(*pair) for pair in pairs):
        return Kinship.UNKNOWN if clash else Kinship.SAME
    is_other = found.form and all(_is_other(*pair) for pair in pairs)
    return Kinship.OTHER if is_other else Kinship.UNKNOWN


def _is_one(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Say whether two names are one, perhaps shortened: "Lâm sản Ba Chẽ"."""
    if _ratio(one, other) >= _SAME:
        return True
    shared = len(set(one) & set(other))
    short, long = sorted((len(set(one)), len(set(other))))
    is_part = shared == short > 1 and short >= _PART * long
    return is_part or (shared >= _FEW and shared >= 0.75 * short)


def _is_other(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    return not set(theirs) <= set(ours) and _ratio(ours, theirs) < _OTHER


def _ratio(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    return fuzz.token_sort_ratio(" ".join(one), " ".join(other))
