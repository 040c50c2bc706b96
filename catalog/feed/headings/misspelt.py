"""Headings that are nearly known ones: a slip of the pen, to be asked about.

A slip is a letter too many, too few or another one, or two that changed places, in
one word of three letters at least; in a long word two. Words of three letters that
differ by a letter are two words ("bán", "bao"), and numbers are never a slip. A
space that lacks, or is too many, is one.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

from rapidfuzz.distance import OSA

from catalog.feed.headings.heading import (
    MAX_HEADING,
    PASSED_OVER,
    Heading,
    find_heading,
    spellings,
    with_meaning,
    without_brackets,
)
from catalog.text import fold_words

_LONG: Final = 8
"""Letters of a word from which two slips may be in it."""
_LONGEST: Final = 80
_SHORT: Final = 3
_LEAST: Final = 5
"""Letters that a heading needs in all: "Hạn" is not "Hạng"."""


@dataclass(frozen=True, slots=True)
class Nearly:
    """A known heading that is nearly the one of a sheet.

    Attributes:
        known: That heading, as it is known.
        means: Its meaning.
    """

    known: str
    means: Heading


@lru_cache(maxsize=4096)
def nearly(text: str) -> Nearly | None:
    """Return the known heading that *text* is nearly; None if it is none.

    A heading that is known, or unknown for its unit alone, is no slip. Nor is one
    of a column that is passed over anyway.
    """
    if len(text) > MAX_HEADING:
        return None
    bare = fold_words(without_brackets(text))
    if not _LEAST <= len(bare) <= _LONGEST or find_heading(without_brackets(text)):
        return None
    best = min(_found(bare), default=None)
    if best is None:
        return None
    _, _, known, column = best
    means = with_meaning(text, column)
    return None if column == PASSED_OVER or means is None else Nearly(known, means)


def _found(bare: str) -> list[tuple[int, int, str, str]]:
    """Return known headings that *bare* nearly is: the likeliest is the least."""
    places, known = _by_word(), _known()
    words = bare.split()
    near = {n for word in words for n in places.get(word, ())}
    near |= set(places.get("".join(words), ())) | set(places.get("", ()))
    found = []
    for n in near:
        folded, text, column = known[n]
        slips = _slips(words, folded.split())
        if slips is not None:
            found.append((slips, n, text, column))
    return found


def _slips(ours: list[str], theirs: list[str]) -> int | None:
    """Return how many slips lie between two headings; None if they are two."""
    if "".join(ours) == "".join(theirs):
        return 1
    if len(ours) != len(theirs):
        return None
    wrong = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    if len(wrong) > max(1, len(ours) // 3) or not all(
        _is_slip(*each) for each in wrong
    ):
        return None
    return sum(OSA.distance(a, b) for a, b in wrong)


def _is_slip(ours: str, theirs: str) -> bool:
    if any(c.isdigit() for c in ours + theirs):
        return False
    if max(len(ours), len(theirs)) <= _SHORT:
        return len(ours) == _SHORT and sorted(ours) == sorted(theirs)
    most = 2 if min(len(ours), len(theirs)) >= _LONG else 1
    return OSA.distance(ours, theirs, score_cutoff=most) <= most


@cache
def _known() -> tuple[tuple[str, str, str], ...]:
    """Return every known heading: its folded words, itself, its column."""
    return tuple((fold_words(text), text, column) for column, text in spellings())


@cache
def _by_word() -> Mapping[str, tuple[int, ...]]:
    """Return the known headings by each of their words, and as one word.

    Those of a single word share none with their slips: they stand under "".
    """
    found: defaultdict[str, list[int]] = defaultdict(list)
    for n, (folded, _, _) in enumerate(_known()):
        words = folded.split()
        for key in {*words, "".join(words), *([""] if len(words) == 1 else [])}:
            found[key].append(n)
    return MappingProxyType({key: tuple(each) for key, each in found.items()})
