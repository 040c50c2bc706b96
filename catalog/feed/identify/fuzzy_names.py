"""Find names that are nearly the same: a slip of the pen, or a part of another.

Names are compared as they are spelled where both carry accents ("mứt dừa" is
not "mứt dâu"), and without accents where one of them has none. Numbers and
single letters tell products apart ("loại A", "29 độ") and are never a slip.

A name is compared only with those that share a word with it and belong to the
same owner, and a word that stands in more than fifty names of one owner
finds nothing: twenty thousand rows stay far from being compared each with each. Of
names with marks only those with the same ones are looked up, by a mark.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
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
_BETWEEN: Final = "\n"
"""Parts an id and what is told of its name beside it; no word has it."""


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


_Place = tuple[Several[str, str], str, str]


@dataclass(slots=True)
class Names:
    """Names by the words in them, each of one owner.

    They are taken apart and sorted by their words when somebody first asks: most
    imports know every product by its id.
    """

    _names: Overflow[str, tuple[str, str]] = field(default_factory=Overflow)
    """Owner and name, by id."""
    _is_sorted: bool = False
    _plain: Several[str, str] = field(default_factory=Several)
    """Names without marks by owner and word."""
    _marked: Several[str, str] = field(default_factory=Several)
    """Those with marks, likewise; each mark is one of its words."""

    def put(self, id_: str, owner: str, name: str) -> None:
        """Remember that *id_*, of *owner*, is called *name* from now on."""
        if self._is_sorted:
            if (old := self._names.get(id_)) is not None:
                for places, key, value in self._places_of(id_, *old):
                    places.discard(key, value)
            self._sort(id_, owner, name)
        self._names[id_] = owner, name

    def sharing(self, owners: Iterable[str], name: str) -> Iterator[tuple[str, bool]]:
        """Return those of *owners* that are nearly called *name*.

        Returns:
            Ids, each with whether its name is a slip; else one is a part of
            the other.
        """
        if not self._is_sorted:
            self._is_sorted = True
            for id_, (owner, known) in self._names.items():
                self._sort(id_, owner, known)
        asked = spelling(name)
        for id_ in chain.from_iterable(self._perhaps(each, asked) for each in owners):
            found = spelling(self._names[id_][1])
            if is_slip(asked, found):
                yield id_, True
            elif is_part(asked, found):
                yield id_, False

    def _perhaps(self, owner: str, asked: Spelling) -> Iterator[str]:
        """Yield those of *owner* whose names have to be looked at."""
        shared: dict[str, int] = {}
        common = 0
        for word in dict.fromkeys(asked.plain):  # in order: answers are always alike
            key = _at(owner, word)
            briefs = self._plain.get(key, _COMMON + 1)
            if not asked.marks:
                briefs += self._marked.get(key, _COMMON + 1)
            if briefs and not self._finds(key):
                common += 1
                continue
            for each in briefs:
                shared[each] = shared.get(each, 0) + 1
        marks, count = _brief(asked)
        for each, in_both in shared.items():
            id_, theirs, of_words = each.split(_BETWEEN)
            # Of other marks, one has none, and may be a part of the other.
            least = 1 if marks == theirs else min(int(count), int(of_words))
            if in_both + common >= least:
                yield id_
        if marks:
            yield from self._of_marks(owner, asked)

    def _of_marks(self, owner: str, asked: Spelling) -> Iterable[str]:
        """Return those of *owner* that have the marks of *asked*, of which it has some.

        All of them stand at each of these marks: one that finds anything is enough.
        """
        rare = [word for word in asked.marks if self._finds(_at(owner, word))][:1]
        marks, _ = _brief(asked)
        found: dict[str, None] = {}
        for word in rare or asked.plain:
            key = _at(owner, word)
            for each in self._marked.get(key, _COMMON + 1):
                id_, theirs, _ = each.split(_BETWEEN)
                if theirs == marks and (rare or self._finds(key)):
                    found[id_] = None
        return found

    def _finds(self, key: str) -> bool:
        """Say whether few enough names of one owner have a word."""
        most = _COMMON + 1
        return self._plain.count(key, most) + self._marked.count(key, most) < most

    def _sort(self, id_: str, owner: str, name: str) -> None:
        for places, key, value in self._places_of(id_, owner, name):
            places.add(key, value)

    def _places_of(self, id_: str, owner: str, name: str) -> Iterator[_Place]:
        """Yield where a name stands: at each of its words."""
        known = spelling(name)
        places = self._marked if known.marks else self._plain
        value = _BETWEEN.join((id_, *_brief(known)))
        for word in known.words:
            yield places, _at(owner, word), value


def _at(owner: str, word: str) -> str:
    """Return the place of a word in the names of one owner; neither has a space."""
    return f"{owner} {word}"


def _brief(name: Spelling) -> tuple[str, str]:
    """Return what rules most names out: the marks, and how many words there are."""
    return " ".join(name.marks), str(len(name.words))


def _is_slip_of(word: str, other: str) -> bool:
    return word == other or fuzz.ratio(word, other) >= _SLIP_OF_A_WORD
