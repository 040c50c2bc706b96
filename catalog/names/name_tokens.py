"""A name taken apart into words, as it is spelled and without its accents.

Which parts two spellings have to share to be one name is decided by those who compare:
`catalog.feed.identify.fuzzy_names` within the catalog.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from catalog.text import clean, fold

_WORD: Final = re.compile(r"[^\W_]+")


class Spelling(NamedTuple):
    """A name, taken apart.

    Attributes:
        plain: Its words without accents.
        spelled: Its words with their accents, each word's at its end, so that
            "hoà" and "hòa" are one.
        accented: Whether it has any accent.
        marks: Its numbers and single letters.
        words: Its words without accents, in any order.
    """

    plain: tuple[str, ...]
    spelled: tuple[str, ...]
    accented: bool
    marks: tuple[str, ...]
    words: frozenset[str]


@lru_cache(maxsize=2048)
def spelling(name: str) -> Spelling:
    """Take *name* apart."""
    words = [_word(each) for each in _WORD.findall(clean(name).casefold())]
    plain = tuple([each.plain for each in words])
    spelled = tuple([each.spelled for each in words])
    return Spelling(
        plain=plain,
        spelled=spelled,
        accented=plain != spelled,
        marks=tuple(sorted([each.plain for each in words if each.is_mark])),
        words=frozenset(plain),
    )


class _Word(NamedTuple):
    """A word of a name."""

    plain: str
    spelled: str
    is_mark: bool


@lru_cache(maxsize=4096)  # names are made of few words
def _word(word: str) -> _Word:
    plain = fold(word)
    return _Word(plain, _accents_last(word), _is_mark(plain))


def told_apart(one: str, other: str) -> bool:
    """Say whether two names both carry accents, and not the same ones.

    They are another product's then ("kẹo dừa", "kẹo dứa"), or a misspelling: only a
    person knows.
    """
    return one != other and len(accented_ways((one, other))) > 1


def accented_ways(names: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """Return how *names* are spelled, each way once; those without accents no way."""
    ways = map(spelling, names)
    return frozenset(each.spelled for each in ways if each.accented)


def _accents_last(word: str) -> str:
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    letters = "".join(c for c in parts if not unicodedata.combining(c))
    return letters + "".join(sorted(c for c in parts if unicodedata.combining(c)))


def _is_mark(word: str) -> bool:
    return len(word) == 1 or any(c.isdigit() for c in word) or set(word) <= set("ivx")
