"""Find names that are nearly the same: a slip of the pen, or a part of another.

Names are compared as they are spelled where both carry accents ("mứt dừa" is
not "mứt dâu"), and without accents where one of them has none. Numbers and
single letters tell products apart ("loại A", "29 độ") and are never a slip.

A name is compared only with those that share a word with it and belong to the
same owner, and a word that stands in more than fifty names of one owner
finds nothing: twenty thousand rows stay far from being compared each with each.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import fuzz

from catalog.db.overflow import Overflow, Several
from catalog.names.name_tokens import Spelling, spelling

_SLIP: Final = 90.0
"""Least likeness, of 100, of two spellings of one name: one letter of ten."""
_SLIP_OF_A_WORD: Final = 65.0
"""The same of two words in the same place: "tay" is not "máy"."""
_COMMON: Final = 50
"""Names of one owner beyond which a word they share finds nothing."""


def is_slip(one: Spelling, other: Spelling) -> bool:
    """Say whether two names are one, written otherwise by mistake."""
    if one.marks != other.marks:
        return False
    if one.words == other.words:
        return True
    accents = one.accented and other.accented
    ours, theirs = [each.spelled if accents else each.plain for each in (one, other)]
    if len(ours) == len(theirs) and not all(map(_is_slip_of, ours, theirs)):
        return False
    return fuzz.ratio(" ".join(ours), " ".join(theirs), score_cutoff=_SLIP) > 0


def is_part(one: Spelling, other: Spelling) -> bool:
    """Say whether one name is the other and as many words more at most.

    It may be the same product named in full, or another kind of it.
    """
    short, long = sorted((one.words, other.words), key=len)
    if one.marks and other.marks and one.marks != other.marks:
        return False
    return len(short) > 1 and len(long) <= 2 * len(short) and short < long


@dataclass(slots=True)
class Names:
    """Names by the words in them, each of one owner.

    They are sorted by their words when somebody first asks: most imports know
    every product by its id. A name is taken apart when it is compared: kept
    apart, the names of a large catalog take several times their size.
    """

    _waiting: Overflow[str, tuple[str, str]] = field(default_factory=Overflow)
    _names: Overflow[str, tuple[str, str]] = field(default_factory=Overflow)
    _places: Several[tuple[str, str], str] = field(default_factory=Several)

    def put(self, id_: str, owner: str, name: str) -> None:
        """Remember that *id_*, of *owner*, is called *name* from now on."""
        self._waiting[id_] = owner, name

    def sharing(self, owners: Iterable[str], name: str) -> Iterator[tuple[str, bool]]:
        """Return those of *owners* that are nearly called *name*.

        Returns:
            Ids, each with whether its name is a slip; else one is a part of
            the other.
        """
        self._sort()
        asked = spelling(name)
        found: dict[str, None] = {}
        for owner in owners:
            for word in asked.plain:  # in order, so that answers are always alike
                ids = self._places.get((owner, word), _COMMON + 1)
                if len(ids) <= _COMMON:
                    found |= dict.fromkeys(ids)
        for id_ in found:
            known = spelling(self._names[id_][1])
            if is_slip(asked, known):
                yield id_, True
            elif is_part(asked, known):
                yield id_, False

    def _sort(self) -> None:
        for id_, (owner, name) in self._waiting.items():
            old = self._names.get(id_)
            if old is not None:
                for word in spelling(old[1]).words:
                    self._places.discard((old[0], word), id_)
            self._names[id_] = owner, name
            for word in spelling(name).words:
                self._places.add((owner, word), id_)
        self._waiting.clear()


def _is_slip_of(word: str, other: str) -> bool:
    return word == other or fuzz.ratio(word, other) >= _SLIP_OF_A_WORD
